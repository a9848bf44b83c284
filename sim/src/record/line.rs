//! A record as a line of the trace: JSON with names instead of ids.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::{Kind, Record, Seq};
use crate::plan::{GroupId, MessageId, Plan, QueueId};

/// A record as a line of the trace: names instead of ids.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// What happened.
    pub record: &'a Record,
    /// Where the names are.
    pub plan: &'a Plan,
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let Record { at, seq, cause, node, kind } = self.record;
        map.serialize_entry("at_ns", &at.0)?;
        map.serialize_entry("seq", &seq.number())?;
        map.serialize_entry("cause", &cause.map(Seq::number))?;
        map.serialize_entry("node", self.plan.name(*node))?;
        map.serialize_entry("kind", kind.name())?;
        self.particulars(kind, &mut map)?;
        map.end()
    }
}

impl Line<'_> {
    fn particulars<M: SerializeMap>(&self, kind: &Kind, map: &mut M) -> Result<(), M::Error> {
        let plan = self.plan;
        match kind {
            Kind::Sent { message, queue, attempt, key } => {
                self.message(map, *message)?;
                self.queue(map, *queue)?;
                map.serialize_entry("attempt", attempt)?;
                key.map_or(Ok(()), |key| map.serialize_entry("key", &key))
            }
            Kind::Stored { message, queue, offset, epoch } | Kind::Replicated { message, queue, offset, epoch } => {
                self.message(map, *message)?;
                self.queue(map, *queue)?;
                map.serialize_entry("offset", offset)?;
                map.serialize_entry("epoch", epoch)
            }
            Kind::Unrouted { message } | Kind::Accepted { message } | Kind::Rejected { message } => {
                self.message(map, *message)
            }
            Kind::Dropped { from, to, what, why } => {
                map.serialize_entry("from", plan.name(*from))?;
                map.serialize_entry("to", plan.name(*to))?;
                map.serialize_entry("what", what)?;
                map.serialize_entry("why", why)
            }
            Kind::Assigned { group, queues } => {
                self.group(map, *group)?;
                let names: Vec<&str> = queues.iter().map(|queue| plan.queues[*queue].name.as_str()).collect();
                map.serialize_entry("queues", &names)
            }
            Kind::Held { group, queue } | Kind::Woken { group, queue } => {
                self.group(map, *group)?;
                self.queue(map, *queue)
            }
            Kind::Delivered { group, queue, from, to } => {
                self.group(map, *group)?;
                self.queue(map, *queue)?;
                map.serialize_entry("from", from)?;
                map.serialize_entry("to", to)
            }
            Kind::Started { group, message, queue, offset }
            | Kind::Finished { group, message, queue, offset }
            | Kind::Failed { group, message, queue, offset }
            | Kind::Deduplicated { group, message, queue, offset } => {
                self.group(map, *group)?;
                self.message(map, *message)?;
                self.queue(map, *queue)?;
                map.serialize_entry("offset", offset)
            }
            Kind::Committed { group, queue, offset } | Kind::Begun { group, queue, offset } => {
                self.group(map, *group)?;
                self.queue(map, *queue)?;
                map.serialize_entry("offset", offset)
            }
            Kind::Deleted { queue, offset } => {
                self.queue(map, *queue)?;
                map.serialize_entry("offset", offset)
            }
            Kind::Retried { group, message }
            | Kind::DeadLettered { group, message }
            | Kind::Lost { group, message }
            | Kind::Expired { group, message }
            | Kind::Skipped { group, message } => {
                self.group(map, *group)?;
                self.message(map, *message)
            }
            Kind::Truncated { queue, from, to } => {
                self.queue(map, *queue)?;
                map.serialize_entry("from", from)?;
                map.serialize_entry("to", to)
            }
            Kind::Registered { of } | Kind::DeclaredDead { of } => {
                map.serialize_entry("of", plan.name(*of))?;
                map.serialize_entry("address", &plan.address(*of))
            }
            Kind::Elected { set, epoch } => {
                map.serialize_entry("broker_set", &plan.sets[*set].name)?;
                map.serialize_entry("epoch", epoch)
            }
            Kind::Crashed { mode } => map.serialize_entry("mode", mode),
            Kind::Changed { change } => {
                map.serialize_entry("set", change.key())?;
                map.serialize_entry("to", &change.value(plan))
            }
            Kind::Called { call, service }
            | Kind::Answered { call, service }
            | Kind::Refused { call, service }
            | Kind::Unanswered { call, service } => {
                map.serialize_entry("call", &plan.message(*call))?;
                map.serialize_entry("service", plan.name(*service))
            }
            Kind::Serving { call } | Kind::Served { call } => map.serialize_entry("call", &plan.message(*call)),
            Kind::Joined | Kind::Left | Kind::Restarted | Kind::Paused | Kind::Resumed => Ok(()),
        }
    }

    fn message<M: SerializeMap>(&self, map: &mut M, message: MessageId) -> Result<(), M::Error> {
        map.serialize_entry("message", &self.plan.message(message))
    }

    fn queue<M: SerializeMap>(&self, map: &mut M, queue: QueueId) -> Result<(), M::Error> {
        map.serialize_entry("queue", &self.plan.queues[queue].name)
    }

    fn group<M: SerializeMap>(&self, map: &mut M, group: GroupId) -> Result<(), M::Error> {
        map.serialize_entry("group", &self.plan.groups[group].name)
    }
}
