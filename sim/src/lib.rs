//! Queuescope: a deterministic simulator of message queues.

pub mod kernel;
pub mod limit;
pub mod network;
pub mod node;
pub mod observe;
pub mod plan;
pub mod protocol;
pub mod record;
pub mod report;
pub mod run;
pub mod scenario;
pub mod world;
