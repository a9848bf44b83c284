//! Builds the report of a run from the findings of the observer.

use super::{
    ConsumerReport, ExpectationReport, FailoverReport, GroupReport, ProducerCounts, ProducerReport, QueueReport,
    Report, RunOutcome, SendCounts, ServiceReport, Times, TopicReport,
};
use crate::kernel::Time;
use crate::observe::expectation::name;
use crate::observe::{ExpectationResult, Findings, Place, Value};
use crate::plan::{GroupId, NodeId, ProducerPlan, QueueId, Role, Selector, Target, TopicId};

impl Findings {
    /// The report of the run. The caller passes `events` and `seed`, because records contain neither.
    #[must_use]
    pub fn report(&self, events: u64, seed: u64) -> Report {
        let plan = &self.plan;
        let expectations: Vec<ExpectationReport> =
            plan.expectations.iter().map(|expectation| self.expectation(self.verdict(expectation))).collect();
        let passed = expectations.iter().all(|expected| expected.passed);
        let nodes = || (0..plan.nodes.len()).map(NodeId::from);
        Report {
            scenario: plan.scenario.clone(),
            title: plan.title.en.clone(),
            seed,
            fingerprint: self.fingerprint.to_string(),
            virtual_time_s: self.end.seconds(),
            events,
            outcome: if passed { RunOutcome::Passed } else { RunOutcome::Failed },
            expectations,
            messages: self.sent(Selector::Any),
            topics: plan.topics.keys().map(|topic| self.topic(topic)).collect(),
            producers: nodes().filter_map(|node| Some(self.producer(node, plan.producer(node)?))).collect(),
            queues: plan.queues.keys().map(|queue| self.queue(queue)).collect(),
            groups: (0..plan.groups.len()).map(|group| self.group(group.into())).collect(),
            services: plan
                .nodes_where(|role| matches!(role, Role::Service(_)))
                .map(|node| self.service(node))
                .collect(),
            failovers: self.failovers().iter().map(|failover| self.failover(failover)).collect(),
            timeline: self.timeline.clone(),
            // The world knows them, and records do not: `run::report` fills them in.
            idle_faults: Vec::new(),
        }
    }

    fn expectation(&self, result: ExpectationResult) -> ExpectationReport {
        let ExpectationResult { metric, subject, bound, value, passed } = result;
        ExpectationReport { metric, of: name(&self.plan, subject).map(str::to_owned), bound, value, passed }
    }

    fn count(&self, metric: &str, subject: Selector) -> u64 {
        match self.figure(metric, subject) {
            Some(Value::Count(count)) => count,
            _ => 0,
        }
    }

    fn seconds(&self, metric: &str, subject: Selector) -> Option<f64> {
        self.figure(metric, subject).map(Value::number)
    }

    fn sent(&self, subject: Selector) -> SendCounts {
        SendCounts {
            sent: self.count("sent", subject),
            accepted: self.count("accepted", subject),
            rejected: self.count("rejected", subject),
            unanswered: self.count("unanswered", subject),
        }
    }

    fn topic(&self, topic: TopicId) -> TopicReport {
        let subject = Selector::Topic(topic);
        TopicReport {
            topic: self.plan.topics[topic].name.clone(),
            sent: self.sent(subject),
            outage_max_s: self.seconds("outage_max", subject),
        }
    }

    fn producer(&self, node: NodeId, producer: &ProducerPlan) -> ProducerReport {
        let subject = Selector::Producer(node);
        let work = match producer.target {
            Target::Topic(_) => ProducerCounts::Sends(self.sent(subject)),
            Target::Service(_) => ProducerCounts::Calls {
                calls: self.count("calls", subject),
                answered: self.count("answered", subject),
                refused: self.count("refused", subject),
            },
        };
        ProducerReport {
            producer: self.plan.name(node).to_owned(),
            work,
            response_s: Times::of(self.responses(node).as_ref()),
        }
    }

    fn queue(&self, queue: QueueId) -> QueueReport {
        let subject = Selector::Queue(queue);
        QueueReport {
            queue: self.plan.queues[queue].name.clone(),
            end_offset: self.count("end_offset", subject),
            depth: self.count("depth", subject),
        }
    }

    fn group(&self, group: GroupId) -> GroupReport {
        let plan = &self.plan.groups[group];
        let balance = self.balance(group);
        GroupReport {
            group: plan.name.clone(),
            topic: self.plan.topics[plan.topic].name.clone(),
            done: balance.count(Place::Done),
            in_process: balance.count(Place::InProcess),
            waiting: balance.count(Place::Waiting),
            dead_lettered: balance.count(Place::DeadLettered),
            expired: balance.count(Place::Expired),
            skipped: balance.count(Place::Skipped),
            lost: balance.count(Place::Lost),
            unconfirmed: balance.unconfirmed,
            duplicates: balance.duplicates,
            out_of_order: balance.out_of_order,
            max_lag: self.count("max_lag", Selector::Group(group)),
            latency_s: Times::of(self.latencies(group).as_ref()),
            consumers: plan.consumers.iter().map(|node| self.consumer_of(*node)).collect(),
        }
    }

    fn consumer_of(&self, node: NodeId) -> ConsumerReport {
        let (alive, queues, done) = self.consumer(node);
        ConsumerReport {
            consumer: self.plan.name(node).to_owned(),
            alive,
            queues: queues.iter().map(|queue| self.plan.queues[*queue].name.clone()).collect(),
            done,
            utilization: self.figure("utilization", Selector::Consumer(node)),
        }
    }

    fn service(&self, node: NodeId) -> ServiceReport {
        let subject = Selector::Service(node);
        ServiceReport {
            service: self.plan.name(node).to_owned(),
            calls: self.count("calls", subject),
            refused: self.count("refused", subject),
            utilization: self.figure("utilization", subject),
        }
    }

    fn failover(&self, failover: &crate::observe::Failover) -> FailoverReport {
        FailoverReport {
            broker_set: self.plan.sets[failover.set].name.clone(),
            old_master: self.plan.name(failover.old).to_owned(),
            new_master: self.plan.name(failover.new).to_owned(),
            down_s: failover.down.map(Time::seconds),
            elected_s: failover.elected.seconds(),
            accepted_again_s: failover.accepted_again.map(Time::seconds),
            consumed_again_s: failover.consumed_again.map(Time::seconds),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::sample::{self, CALLER, FIRST, OTHER, expectations, plan, run_with_failover};

    /// A complete report, as the documentation shows it.
    const EXAMPLE: &str = r#"
{"scenario":"failover","title":"Failover","seed":7,"fingerprint":"9f2c6d0e8b1a7755","virtual_time_s":31.2,"events":48211,
 "outcome":"passed",
 "expectations":[{"metric":"failover_max","of":null,"bound":"<= 5s","value":3.1,"passed":true}],
 "messages":{"sent":300,"accepted":290,"rejected":10,"unanswered":0},
 "topics":[{"topic":"orders","sent":300,"accepted":290,"rejected":10,"unanswered":0,"outage_max_s":3.1}],
 "producers":[{"producer":"shop","sent":300,"accepted":290,"rejected":10,"unanswered":0,"response_s":{"mean":0.002,"p50":0.002,"p90":0.002,"p99":0.002,"max":3.0}}],
 "queues":[{"queue":"orders/broker-1/0","end_offset":145,"depth":0}],
 "groups":[{"group":"order-service","topic":"orders","done":290,"in_process":0,"waiting":0,"dead_lettered":0,"expired":0,"skipped":0,"lost":0,
   "unconfirmed":0,"duplicates":0,"out_of_order":0,"max_lag":31,"latency_s":{"mean":0.01,"p50":0.01,"p90":0.02,"p99":0.05,"max":3.1},
   "consumers":[{"consumer":"order-1","alive":true,"queues":["orders/broker-1/0"],"done":145,"utilization":0.25}]}],
 "services":[{"service":"db","calls":0,"refused":0,"utilization":0.0}],
 "failovers":[{"broker_set":"broker-1","old_master":"broker-1","new_master":"broker-2","down_s":10.0,"elected_s":13.0,"accepted_again_s":13.1,"consumed_again_s":13.1}]}"#;

    /// The JSON without its values: only keys, in their order, and brackets.
    fn shape(json: &str) -> Vec<&str> {
        let mut shape = Vec::new();
        let mut rest = json;
        while let Some(start) = rest.find(['"', '{', '}', '[', ']']) {
            let end = if rest[start..].starts_with('"') {
                start + 2 + rest[start + 1..].find('"').unwrap_or_default()
            } else {
                start + 1
            };
            if !rest[start..].starts_with('"') || rest[end..].starts_with(':') {
                shape.push(&rest[start..end]);
            }
            rest = &rest[end..];
        }
        shape
    }

    #[test]
    fn the_json_has_the_shape_of_the_documentation() {
        let mut plan = plan();
        plan.nodes[CALLER].role = Role::Nameserver;
        plan.groups[GroupId(0)].consumers = vec![FIRST];
        plan.queues.truncate(OTHER.index());
        plan.topics[TopicId(0)].queues.truncate(OTHER.index());
        plan.sets[crate::plan::SetId(0)].queues.truncate(OTHER.index());
        plan.expectations = expectations()[..1].to_vec();
        let report = run_with_failover(plan).report(48_211, 7);
        let json = serde_json::to_string(&report).expect("a report is JSON");
        assert_eq!(shape(&json), shape(EXAMPLE));
        assert!(json.contains(r#"{"metric":"failover_max","of":null,"bound":"<= 5s","value":3.102,"passed":true}"#));
        assert!(json.contains(r#""down_s":2.0,"elected_s":5.001,"accepted_again_s":5.102,"consumed_again_s":5.3"#));
    }

    #[test]
    fn a_count_is_a_whole_number_and_a_missing_value_is_null() {
        let mut plan = plan();
        plan.expectations = expectations();
        let report = run_with_failover(plan).report(1, 7);
        let json = serde_json::to_value(&report).expect("a report is JSON");
        assert_eq!(json["expectations"][1]["value"].to_string(), "1");
        assert_eq!(json["outcome"], "failed");
        assert_eq!(json["producers"][1]["calls"], 1);
        assert!(json["producers"][1].get("sent").is_none(), "a caller has calls instead");
        let empty = serde_json::to_value(sample::ScriptedRun::of(sample::plan()).end(0).report(0, 7)).expect("JSON");
        assert!(empty["groups"][0]["latency_s"]["p99"].is_null());
        assert!(empty["topics"][0]["outage_max_s"].is_null());
    }

    #[test]
    fn the_places_of_a_group_add_up_to_the_accepted_messages() {
        let report = run_with_failover(plan()).report(1, 7);
        let group = &report.groups[0];
        let places = [group.done, group.in_process, group.waiting, group.dead_lettered, group.expired, group.skipped];
        assert_eq!(places.iter().sum::<u64>() + group.lost, report.messages.accepted);
        assert_eq!((group.done, group.waiting, group.dead_lettered, group.lost), (11, 1, 1, 1));
        let SendCounts { sent, accepted, rejected, unanswered } = report.messages;
        assert_eq!((sent, accepted, rejected, unanswered), (16, 14, 1, 1));
        let [ProducerCounts::Sends(sends), ProducerCounts::Calls { calls, answered, refused }] =
            [0, 1].map(|i| &report.producers[i].work)
        else {
            panic!("one sends, the other calls: {:?}", report.producers)
        };
        assert_eq!(*sends, report.messages, "nobody else sends");
        assert_eq!((*calls, *answered, *refused), (1, 1, 0));
        let times = [&report.producers[0].response_s, &report.producers[1].response_s, &group.latency_s];
        assert!(
            times.iter().all(|times| times.max >= times.mean && times.mean > Some(0.0)),
            "each has its times: {times:?}"
        );
    }
}
