//! Makes a report of what has been found out about a run.

use super::{
    Consumer, Expected, Failover, Group, Outcome, Produced, Producer, Queue, Report, Sent, Service, Times, Topic,
};
use crate::kernel::Time;
use crate::observe::expectation::name;
use crate::observe::{Findings, Place, Value, Verdict};
use crate::plan::{GroupId, NodeId, ProducerPlan, Role, Selector, Target};

impl Findings {
    /// The report of the run. `events` and `seed` are what only the one who ran it knows.
    #[must_use]
    pub fn report(&self, events: u64, seed: u64) -> Report {
        let plan = &self.plan;
        let expectations: Vec<Expected> =
            plan.expectations.iter().map(|expectation| self.expected(self.verdict(expectation))).collect();
        let passed = expectations.iter().all(|expected| expected.passed);
        let nodes = || (0..plan.nodes.len()).map(NodeId::from);
        Report {
            scenario: plan.scenario.clone(),
            title: plan.title.en.clone(),
            seed,
            fingerprint: self.fingerprint.to_string(),
            virtual_time_s: self.end.seconds(),
            events,
            outcome: if passed { Outcome::Passed } else { Outcome::Failed },
            expectations,
            messages: self.sent(Selector::Any),
            topics: (0..plan.topics.len()).map(|topic| self.topic(topic)).collect(),
            producers: nodes().filter_map(|node| Some(self.producer(node, plan.producer(node)?))).collect(),
            queues: (0..plan.queues.len()).map(|queue| self.queue(queue)).collect(),
            groups: (0..plan.groups.len()).map(|group| self.group(group.into())).collect(),
            services: plan
                .nodes_where(|role| matches!(role, Role::Service(_)))
                .map(|node| self.service(node))
                .collect(),
            failovers: self.failovers().iter().map(|failover| self.failover(failover)).collect(),
            timeline: self.timeline.clone(),
        }
    }

    fn expected(&self, verdict: Verdict) -> Expected {
        let Verdict { metric, of, bound, value, passed } = verdict;
        Expected { metric, of: name(&self.plan, of).map(str::to_owned), bound, value, passed }
    }

    fn count(&self, metric: &str, of: Selector) -> u64 {
        match self.figure(metric, of) {
            Some(Value::Count(count)) => count,
            _ => 0,
        }
    }

    fn seconds(&self, metric: &str, of: Selector) -> Option<f64> {
        self.figure(metric, of).map(Value::number)
    }

    fn sent(&self, of: Selector) -> Sent {
        Sent {
            sent: self.count("sent", of),
            accepted: self.count("accepted", of),
            rejected: self.count("rejected", of),
            unanswered: self.count("unanswered", of),
        }
    }

    fn topic(&self, topic: usize) -> Topic {
        let of = Selector::Topic(topic.into());
        Topic {
            topic: self.plan.topics[topic].name.clone(),
            sent: self.sent(of),
            outage_max_s: self.seconds("outage_max", of),
        }
    }

    fn producer(&self, node: NodeId, producer: &ProducerPlan) -> Producer {
        let of = Selector::Producer(node);
        let work = match producer.target {
            Target::Topic(_) => Produced::Sends(self.sent(of)),
            Target::Service(_) => Produced::Calls {
                calls: self.count("calls", of),
                answered: self.count("answered", of),
                refused: self.count("refused", of),
            },
        };
        Producer {
            producer: self.plan.name(node).to_owned(),
            work,
            response_s: Times::of(self.responses(node).as_ref()),
        }
    }

    fn queue(&self, queue: usize) -> Queue {
        let of = Selector::Queue(queue.into());
        Queue {
            queue: self.plan.queues[queue].name.clone(),
            end_offset: self.count("end_offset", of),
            depth: self.count("depth", of),
        }
    }

    fn group(&self, group: GroupId) -> Group {
        let plan = &self.plan.groups[group.index()];
        let balance = self.balance(group);
        Group {
            group: plan.name.clone(),
            topic: self.plan.topics[plan.topic.index()].name.clone(),
            done: balance.at(Place::Done),
            in_process: balance.at(Place::InProcess),
            waiting: balance.at(Place::Waiting),
            dead_lettered: balance.at(Place::DeadLettered),
            expired: balance.at(Place::Expired),
            skipped: balance.at(Place::Skipped),
            lost: balance.at(Place::Lost),
            unconfirmed: balance.unconfirmed,
            duplicates: balance.duplicates,
            out_of_order: balance.out_of_order,
            max_lag: self.count("max_lag", Selector::Group(group)),
            latency_s: Times::of(self.latencies(group).as_ref()),
            consumers: plan.consumers.iter().map(|node| self.consumer_of(*node)).collect(),
        }
    }

    fn consumer_of(&self, node: NodeId) -> Consumer {
        let (alive, queues, done) = self.consumer(node);
        Consumer {
            consumer: self.plan.name(node).to_owned(),
            alive,
            queues: queues.iter().map(|queue| self.plan.queues[queue.index()].name.clone()).collect(),
            done,
            utilization: self.figure("utilization", Selector::Consumer(node)),
        }
    }

    fn service(&self, node: NodeId) -> Service {
        let of = Selector::Service(node);
        Service {
            service: self.plan.name(node).to_owned(),
            calls: self.count("calls", of),
            refused: self.count("refused", of),
            utilization: self.figure("utilization", of),
        }
    }

    fn failover(&self, failover: &crate::observe::Failover) -> Failover {
        Failover {
            broker_set: self.plan.sets[failover.set.index()].name.clone(),
            old_master: self.plan.name(failover.old).to_owned(),
            new_master: self.plan.name(failover.new).to_owned(),
            down_s: failover.down.map(Time::seconds),
            elected_s: failover.elected.seconds(),
            accepted_again_s: failover.accepted_again.map(Time::seconds),
            consumed_again_s: failover.consumed_again.map(Time::seconds),
        }
    }
}
