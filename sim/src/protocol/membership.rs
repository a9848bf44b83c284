//! Who lives, who leads a broker set and who is in a group: what nodes tell nameservers, and nameservers tell nodes.
//!
//! It knows nothing of how a nameserver decides.

use super::replication::Replicas;
use crate::kernel::{Time, counted};
use crate::plan::{Epoch, GroupId, Life, NodeId, SetId, TopicId};

counted! {
    /// A version of a route, or of the members of a group, as one nameserver counts them.
    Version;
}

/// A node says that it is alive, and what it knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Heartbeat {
    /// Which life of the node this is.
    pub life: Life,
    /// When it was sent.
    pub sent_at: Time,
    /// The rest depends on who sends it, and to whom.
    pub status: HeartbeatStatus,
}

/// What a heartbeat tells beyond that its sender is alive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HeartbeatStatus {
    /// From a broker.
    Broker(BrokerStatus),
    /// From a client to its home, the one nameserver whose pushes it acts on.
    Client(KnownVersions),
    /// From a client to any other nameserver, which need not tell it anything.
    ListensElsewhere,
}

/// The role of a broker, as it believes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct BrokerStatus {
    /// The epoch in which it is master; none: it does not lead.
    pub leads: Option<Epoch>,
    /// The epoch in which it follows a master; none: it follows none.
    pub follows: Option<Epoch>,
    /// The highest epoch on its disk.
    pub last_epoch: Option<Epoch>,
    /// Master: the live replicas of its set, as it was told last.
    pub alive: Replicas,
    /// The last departure that it heard of.
    pub last_departure: Option<Departure>,
}

/// The versions that a client was told last by its home.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct KnownVersions {
    /// Of the routes of its first and second topic.
    pub routes: [Option<Version>; 2],
    /// Consumer: of its group's members.
    pub members: Option<Version>,
}

/// The number of a departure, counted in each life of the nameserver that elects.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Departure {
    /// The nameserver's life.
    pub life: Life,
    /// From 1.
    pub number: u32,
}

impl Departure {
    /// Whether it is the next one after the last that was heard of, with none missing in between.
    #[must_use]
    pub fn follows(self, last: Option<Self>) -> bool {
        match last {
            Some(last) if last.life == self.life => self.number == last.number + 1,
            _ => last.is_none_or(|last| last.life < self.life) && self.number == 1,
        }
    }
}

/// Lives of a consumer that have ended, as a nameserver has found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EndedLives {
    /// The last of them; none: the nameserver does not know which, and means all.
    pub last: Option<Life>,
    /// When the nameserver found that: requests sent after this are not covered.
    pub at: Time,
}

impl EndedLives {
    /// Whether a request of this life, sent at this time, is void.
    #[must_use]
    pub fn cover(self, life: Life, asked_at: Time) -> bool {
        self.last.is_none_or(|last| life <= last) && asked_at <= self.at
    }
}

/// Where a topic is, as a nameserver knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route {
    /// The topic.
    pub topic: TopicId,
    /// Counted by the nameserver.
    pub version: Version,
    /// Every broker set of the topic.
    pub sets: Vec<SetLeader>,
    /// The only one that differs from the version before; none: any may differ.
    pub changed: Option<SetId>,
}

/// Who leads a broker set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SetLeader {
    /// Which set.
    pub set: SetId,
    /// Its last epoch; none: nobody was elected yet.
    pub epoch: Option<Epoch>,
    /// Its master, where one has confirmed.
    pub master: Option<NodeId>,
}

/// Who is in a group, as a nameserver knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Members {
    /// The consumer group.
    pub group: GroupId,
    /// Counted by the nameserver; none: nobody has ever been in it.
    pub version: Option<Version>,
    /// In the order of the bytes of their names.
    pub consumers: Vec<NodeId>,
}
