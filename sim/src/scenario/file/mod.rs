//! The file as the contract describes it: every section with its keys, their kinds, defaults and meaning.
//!
//! Declarations only. Reading, schema and "did you mean" follow from them; what the keys mean together is looked after
//! in `compile`.

mod events;
mod nodes;
mod story;

pub(crate) use events::{Anything, Change, ChangeableKey, FaultSection, FaultTimes};
pub(crate) use nodes::{Broker, Consumer, Group, Nameserver, Producer, RETRIES, Service, Topic, send_timeout};
pub(crate) use story::{Against, AnswerFrom, Expect, FigureKeys, NoteAt, QuestionAt, When};

use self::nodes::every;
use super::profile::Profile;
use super::section::section;
use super::value::Probability;
use crate::kernel::{Distribution, Span};
use crate::plan::{RouteRefresh, Text};
use crate::scenario::duration::Period;

section! {
    /// A scenario: who takes part, what happens to them and what is expected.
    File, "the file" {
        /// What the scenario is called.
        required title: Text;
        /// What to watch, to predict and to try.
        optional summary: Text;
        /// Where all randomness begins.
        default seed: u64 = 1;
        /// Virtual time during which producers send.
        required duration: Period;
        /// After `duration`: producers have stopped and what is left drains; ends early when nothing is left.
        default settle: Span = Span::ZERO;
        /// The set of defaults.
        default profile: Profile = Profile::Classroom, rocketmq Profile::RocketMq;
        /// What lies between the nodes.
        table network: Network;
        /// Periods and patience.
        table timers: Timers;
        /// The registries; left out altogether: one, named `nameserver`. The first in the file elects.
        optional nameservers: Vec<Nameserver>;
        /// The broker sets.
        default brokers: Vec<Broker> = Vec::new();
        /// The topics.
        default topics: Vec<Topic> = Vec::new();
        /// Who sends.
        default producers: Vec<Producer> = Vec::new();
        /// The groups of consumers.
        default groups: Vec<Group> = Vec::new();
        /// Who processes.
        default consumers: Vec<Consumer> = Vec::new();
        /// What answers calls.
        default services: Vec<Service> = Vec::new();
        /// Settings that change while the run goes on.
        default changes: Vec<Change> = Vec::new();
        /// What breaks.
        default faults: Vec<FaultSection> = Vec::new();
        /// What must hold.
        default expect: Vec<Expect> = Vec::new();
        /// Narration.
        default notes: Vec<NoteAt> = Vec::new();
        /// The learner predicts, the run gives the answer.
        default questions: Vec<QuestionAt> = Vec::new();
    }
}

section! {
    /// What lies between the nodes.
    Network, "[network]" {
        /// One way, between any two nodes; two messages from one node to another never overtake.
        default latency: Distribution = Distribution::Constant(Span::from_millis(1));
        /// Probability that a message between two nodes is dropped.
        default loss: Probability = Probability(0.0);
    }
}

section! {
    /// Periods and patience.
    Timers, "[timers]" {
        /// Every broker, producer and consumer to every nameserver; the first at once when it starts.
        default heartbeat: Period = every(1), rocketmq every(30);
        /// A node silent for longer is dead to the nameserver.
        default expire: Period = every(3), rocketmq every(120);
        /// How often the nameserver looks.
        default scan: Period = every(1), rocketmq every(5);
        /// "push": the nameserver tells its clients of changes at once; a duration: they ask that often.
        default route_refresh: RouteRefresh = RouteRefresh::Push, rocketmq RouteRefresh::Poll(Span::from_secs(30));
        /// A consumer recomputes its assignment this often, and at once on each change it hears of.
        default rebalance: Period = every(1), rocketmq every(20);
        /// How long a broker holds a pull open.
        default long_poll: Period = every(15);
        /// How often a consumer sends what it is done with; "0s": after each message.
        default commit: Span = Span::ZERO, rocketmq Span::from_secs(5);
        /// How often a master tells its slaves the committed offsets; "0s": with each commit.
        default offset_sync: Span = Span::ZERO, rocketmq Span::from_secs(10);
        /// Any other request without an answer is repeated after this.
        default call: Period = every(1);
    }
}
