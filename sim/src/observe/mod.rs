//! Folds over records: metrics, ledger, expectations, fingerprint. They know nothing of how a record came about.

pub mod metric;
