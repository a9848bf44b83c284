//! Where messages lie and who reads them: broker sets, topics and groups.

use super::super::file::{Broker, Group, Topic};
use super::super::value::FlushMode;
use super::{Compiler, all};
use crate::limit;
use crate::plan::{Flush, GroupId, GroupPlan, GroupSlot, NodeId, NodePlan, QueueId, Role, SetPlan, TopicId, TopicPlan};

impl Compiler<'_, '_, '_> {
    pub(super) fn sets(&mut self, nodes: &[NodePlan]) -> Option<Vec<SetPlan>> {
        let sets = self.file.brokers.list();
        let mut replicas: Vec<Vec<NodeId>> = vec![Vec::new(); sets.len()];
        for (index, node) in nodes.iter().enumerate() {
            if let Role::Broker { set } = node.role {
                replicas[set.index()].push(NodeId::from(index));
            }
        }
        let mut queues: Vec<Vec<QueueId>> = vec![Vec::new(); sets.len()];
        for (index, queue) in self.names.queue_plans.iter().enumerate() {
            queues[queue.set.index()].push(QueueId::from(index));
        }
        all(sets.iter().zip(replicas).zip(queues).map(|((set, replicas), queues)| self.set(set, replicas, queues)))
    }

    fn set(&mut self, set: &Broker, replicas: Vec<NodeId>, queues: Vec<QueueId>) -> Option<SetPlan> {
        let name = set.name.value.as_ref()?;
        if queues.is_empty() && self.names.has_all_queues() {
            let message = format!("the broker set `{}` holds no queue, expected at least one", name.name);
            let help = format!("give a topic queues on it, like `queues = {{ {} = 1 }}`", name.name);
            self.report(name.place, message, "holds no queue", Some(&help));
        }
        let (interval, time) = (set.flush_interval.get()?.0, set.flush_time.get()?);
        Some(SetPlan {
            name: name.name.clone(),
            replicas: replicas.into(),
            replication: set.replication.get()?,
            replication_delay: set.replication_delay.get()?,
            store_time: set.store_time.get()?,
            store_limit: set.store_limit.get()?.0,
            flush: match set.flush.get()? {
                FlushMode::Sync => Flush::Sync(time),
                FlushMode::Async => Flush::Async(interval),
            },
            queues: queues.into(),
            joins: set.joins.get()?,
        })
    }

    pub(super) fn topics(&self, groups: &[GroupPlan]) -> Option<Vec<TopicPlan>> {
        let topics = self.file.topics.list();
        let mut queues: Vec<Vec<QueueId>> = vec![Vec::new(); topics.len()];
        for (index, queue) in self.names.queue_plans.iter().enumerate() {
            queues[queue.topic.index()].push(QueueId::from(index));
        }
        let mut readers: Vec<Vec<GroupId>> = vec![Vec::new(); topics.len()];
        for (index, group) in groups.iter().enumerate() {
            readers[group.topic.index()].push(GroupId::from(index));
        }
        let plans = topics.iter().zip(queues).zip(readers);
        all(plans.map(|((topic, queues), groups)| topic_plan(topic, queues, groups)))
    }

    pub(super) fn groups(&mut self, nodes: &[NodePlan]) -> Option<Vec<GroupPlan>> {
        let groups = self.file.groups.list();
        let mut consumers: Vec<Vec<NodeId>> = vec![Vec::new(); groups.len()];
        for (index, node) in nodes.iter().enumerate() {
            if let Role::Consumer(consumer) = &node.role {
                consumers[consumer.group.index()].push(NodeId::from(index));
            }
        }
        let mut slots = vec![0; self.file.topics.list().len()];
        let reads_of = self.reads_of_a_group();
        let mut reads = 0_usize;
        all(groups.iter().zip(consumers).map(|(group, consumers)| {
            let topic = self.names.topic_of("topic", group.topic.value.as_ref()?, self.reader)?;
            let slot = GroupSlot(slots[topic.index()]);
            slots[topic.index()] += 1;
            let before = reads;
            reads = reads.saturating_add(reads_of[topic.index()]);
            if let (true, true, Some(place)) = (before <= limit::READS, reads > limit::READS, group.topic.place) {
                let message = format!(
                    "groups read more than {} queues, each on each replica, expected at most that (limit `reads`)",
                    limit::READS
                );
                let help = "have fewer groups, queues or slaves".to_owned();
                self.reader.report(place, message, "beyond that with this one", Some(help));
            }
            group_plan(group, topic, slot, consumers)
        }))
    }
}

impl Compiler<'_, '_, '_> {
    /// By topic: at how many places one group's reading of it is kept, each queue on each replica.
    fn reads_of_a_group(&self) -> Vec<usize> {
        let brokers = self.file.brokers.list();
        let mut reads = vec![0; self.file.topics.list().len()];
        for queue in &self.names.queue_plans {
            reads[queue.topic.index()] += 1 + brokers[queue.set.index()].slaves.list().len();
        }
        reads
    }
}

fn topic_plan(topic: &Topic, queues: Vec<QueueId>, groups: Vec<GroupId>) -> Option<TopicPlan> {
    let name = topic.name.value.as_ref()?.name.clone();
    Some(TopicPlan { name, queues, retention: topic.retention.get()?, groups: groups.into() })
}

fn group_plan(group: &Group, topic: TopicId, slot: GroupSlot, consumers: Vec<NodeId>) -> Option<GroupPlan> {
    Some(GroupPlan {
        name: group.name.value.as_ref()?.name.clone(),
        topic,
        slot,
        assignment: group.assignment.get()?,
        queue_lock: group.queue_lock.get()?,
        ack: group.ack.get()?,
        batch: group.batch.get()?.0,
        from: group.from.get()?,
        ordered: group.ordered.get()?,
        deduplicate: group.deduplicate.get()?,
        max_retries: group.max_retries.get()?.0,
        retry_delay: group.retry_delay.value.clone()?,
        consumers,
    })
}
