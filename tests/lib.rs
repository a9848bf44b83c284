//! What the whole-program tests share: a run with all its records, random clusters, and an independent reading of a
//! trace to hold against the report.

pub mod oracle;
pub mod random;
pub mod real;
pub mod run;
pub mod verdict;
