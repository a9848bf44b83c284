//! Queuescope: a deterministic simulator of message queues.
//!
//! A scenario is a text that says who takes part, what breaks and what must hold. It is read into a plan, the plan is run
//! with a seed, and what it came to is a report: plain data. The same scenario and seed give the same report, always.
//!
//! The model is Apache RocketMQ's: nameservers; broker sets of a master and its slaves, with elections as its controller holds them;
//! topics of queues; consumer groups that pull. Where it is simpler, the documentation of the code concerned says so.
//!
//! ```
//! use std::sync::Arc;
//! use queuescope::{run, scenario};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let text = r#"
//!     title = "A slow minute"
//!     duration = "60s"
//!     settle = "60s"
//!     brokers = [{ name = "broker-1" }]
//!     topics = [{ name = "orders", queues = { broker-1 = 2 } }]
//!     producers = [{ name = "shop", topic = "orders", interval = "100ms" }]
//!     groups = [{ name = "order-service", topic = "orders" }]
//!     consumers = [{ name = "order", group = "order-service", service_time = "50ms" }]
//!     faults = [{ at = "20s", for = "10s", kind = "slow", node = "order", factor = 4 }]
//!     expect = [{ metric = "lost", equals = 0 }]
//! "#;
//! let plan = Arc::new(scenario::read("slow.toml", text)?);
//! let report = run::run(Arc::clone(&plan), plan.seed)?;
//! let group = &report.groups[0];
//! assert!(report.passed());
//! assert_eq!(group.done, report.messages.accepted);
//! assert!(group.max_lag > 40, "200 ms for each, while ten a second come in");
//! assert_eq!(report, run::run(plan, 1)?);
//! # Ok(())
//! # }
//! ```
//!
//! # What to use for what
//!
//! | you want to | |
//! |---|---|
//! | read a scenario, with every problem of it located | [`scenario::read`] |
//! | run it and have the report | [`run::run`] |
//! | know what the numbers of a report mean | [`report`] |
//! | have a progress bar, a trace, a metric of your own | [`run::Run`], which gives each [`record::Record`] to a [`record::Sink`] |
//! | look at any moment of a run, go back, try what happens if | [`session`] |
//! | know what is inside at that moment: logs, locks, beliefs, packets on their way | [`inspect`] |
//! | make a scenario of what is known of a real cluster | [`import::scenario`] |
//! | know what names and settings the ids of a record stand for | [`plan::Plan`] |
//! | tell people what happens, in English or Chinese | [`words`](mod@words): a record as a sentence, figures, tables of words of your own |
//! | show texts that are not yours on a terminal | [`printable`] |
//!
//! # Words
//!
//! - A *broker set* is a master and its slaves. It bears the name of its first broker.
//! - An *epoch* is the number of an election: RocketMQ's `masterEpoch`, Kafka's leader epoch.
//! - A *life* of a node lasts from its start to its crash.
//! - *Done* is a message of which a consumer of the group has finished the processing once.
//! - A *record* is one thing that happened; a *fault* what the scenario breaks, an *expectation* what it wants to hold.
//!
//! # Units
//!
//! Virtual time is a whole number of nanoseconds since the start of the run: [`kernel::Time`] is a moment, [`kernel::Span`] a
//! length. In reports it is in seconds, and the field's name ends in `_s`. Shares, as utilization and loss on links, go from 0
//! to 1. All else is counted: messages, calls, events.
//!
//! # Errors
//!
//! - A file that is no sound scenario is [`scenario::Diagnostics`]: all of its problems in one go, each with its place.
//! - A run that asks for too much stops with [`limit::LimitPassed`]: which limit, and at what virtual time.
//! - An expectation that does not hold is no error but a result: [`report::Report::passed`].
//! - A panic is a bug of ours, whatever the file says.
//!
//! # Features
//!
//! `text`: reports for people, [`report`]`::human`. `files`: what programs do with files. `cli`, on by default: the command line
//! `queuescope`, which has the other two and JUnit reports. A program that uses the library does without: `default-features =
//! false`. So it builds for `wasm32-unknown-unknown`, too.
//!
//! # Inside
//!
//! The library does no I/O, but for `files`; it starts no thread and looks at no clock. A scenario is read into a plan, the world
//! runs it and tells what happens in records, and everything that is found out is a fold over them. The public modules, in the order
//! in which they know each other:
//!
//! - [`kernel`]: time, the agenda of what is to come, distributions
//! - [`plan`]: a scenario compiled to ids and integers, fixed before the first event
//! - [`record`]: what can happen, as data; a line of the trace
//! - [`words`](mod@words): words for people, in both languages: tables of them, figures, a record as a sentence
//! - [`printable`]: text that is not ours, made safe to show
//! - [`limit`]: how much a file and a run may ask for
//! - [`inspect`]: what is inside of a run at one moment. Behind it are the nodes, which are state machines from inputs to effects,
//!   and the world, which gives each its turn and alone decides what the network does
//! - [`observe`]: folds over records: ledger, metrics, expectations, timeline, fingerprint
//! - [`report`]: what a run came to: as data, for people, for CI
//! - [`run`](mod@run): a plan from its first event to its report
//! - [`session`]: a run that can be looked at, at any moment, forwards and backwards
//! - [`scenario`]: from the text of a file to a plan, with every problem located; the lessons that are built in
//! - [`import`]: from what is known of a real cluster to the text of a scenario
//! - `files`, behind the feature of that name: what programs do with files
//!
//! [`inspect`] is for those who show what is inside of a run, as a window does, and changes with the model. The others are meant to
//! stay.

#[cfg(feature = "files")]
pub mod files;
pub mod import;
pub mod inspect;
pub mod kernel;
pub mod limit;
mod network;
mod node;
pub mod observe;
pub mod plan;
pub mod printable;
mod protocol;
pub mod record;
pub mod report;
pub mod run;
pub mod scenario;
pub mod session;
mod storage;
pub mod words;
mod world;
