//! What is inside of a run at one moment: nodes with their logs, locks and beliefs, packets on their way, timers that run. For
//! those who show it, as the window does.
//!
//! A [`World`] is the whole simulation, and plain data: a clone of it is a snapshot, and can be run on by itself. Mostly it comes
//! from a [`crate::session::Scene`]. It changes with the model; all that a run *comes to* is in records and reports.
//!
//! How far is each group with each queue, and what is on its way, twenty seconds into the first lesson:
//!
//! ```
//! use std::sync::Arc;
//! use queuescope::inspect::{Node, Packet};
//! use queuescope::kernel::{Span, Time};
//! use queuescope::scenario;
//! use queuescope::session::{Aim, Session};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let lesson = scenario::lesson("01-first-message").expect("it is built in");
//! let plan = Arc::new(scenario::read(lesson.name, lesson.text)?);
//! let mut session = Session::new(Arc::clone(&plan), plan.seed, 1_000_000);
//! session.aim(Aim::Time(Time::ZERO + Span::from_secs(20)));
//! while !session.is_there() {
//!     session.work(10_000);
//! }
//!
//! let world = session.scene().world();
//! for queue in &plan.queues {
//!     let master = plan.sets[queue.set].first_master();
//!     let Node::Broker(broker) = &world.nodes()[master] else { continue };
//!     for group in &plan.topics[queue.topic].groups {
//!         let committed = broker.group_state(queue.slot, plan.groups[*group].slot).committed;
//!         assert!(committed <= broker.log(queue.slot).end(), "{}", queue.name);
//!     }
//! }
//! let pulls = world.flights().filter(|flight| matches!(flight.packet, Packet::Pull { .. }));
//! assert!(pulls.count() <= plan.queues.len(), "a consumer has one pull of each queue under way");
//! # Ok(())
//! # }
//! ```

pub use crate::network::Topology;
pub use crate::node::broker::{Broker, OpenPull, Stamp};
pub use crate::node::client::{Belief, Client};
pub use crate::node::consumer::assignment::assign;
pub use crate::node::consumer::{Consumer, Doing};
pub use crate::node::nameserver::Nameserver;
pub use crate::node::producer::Producer;
pub use crate::node::service::Service;
pub use crate::node::{HeldMessage, HoldState, Node, Timer, WorkTime};
pub use crate::protocol::{
    BrokerStatus, Copied, CopySerial, Delivery, Departure, EndedLives, GroupProgress, Heartbeat, HeartbeatStatus, Join,
    JoinId, KnownVersions, Members, Outcome, Packet, Pull, ReadLease, ReplicaProgress, Replicas, RoleChange, Route,
    SendOutcome, SetLeader, Term, Version, Welcome, WelcomeQueue,
};
pub use crate::storage::{
    Epochs, FailureChange, FailureId, GroupState, Log, LogEntry, MessageMap, MessageRef, PullId, ReportId, Retries,
    Retry,
};
pub use crate::world::audit::Left;
pub use crate::world::sight::{Clock, Flight};
pub use crate::world::{Halt, Presence, Step, World};
