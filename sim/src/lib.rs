//! Queuescope: a deterministic simulator of message queues.

pub mod kernel;
pub mod observe;
pub mod plan;
pub mod record;
