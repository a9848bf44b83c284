//! Nodes: services, producers and consumers with their settings.

use super::super::file::{Consumer, Producer, Service};
use super::super::value::NodeCount;
use super::names::NodeKind;
use super::{Compiler, all};
use crate::kernel::Time;
use crate::plan::{Attempts, Burst, ConsumerPlan, NodePlan, ProducerPlan, Role, Select, ServicePlan, SetId, Target};

impl Compiler<'_, '_, '_> {
    /// Every node, in the order in which names were given ids.
    pub(super) fn nodes(&mut self) -> Option<Vec<NodePlan>> {
        let file = self.file;
        let mut roles: Vec<Option<Role>> = Vec::new();
        let nameservers = if file.nameservers.is_written() { file.nameservers.list().len() } else { 1 };
        roles.resize(nameservers, Some(Role::Nameserver));
        for (index, set) in file.brokers.list().iter().enumerate() {
            let replicas = 1 + set.slaves.list().len();
            roles.resize(roles.len() + replicas, Some(Role::Broker { set: SetId::from(index) }));
        }
        for service in file.services.list() {
            roles.push(service_plan(service).map(Role::Service));
        }
        for producer in file.producers.list() {
            let role = self.producer(producer).map(Role::Producer);
            several(&mut roles, role, producer.count.get());
        }
        for consumer in file.consumers.list() {
            let role = self.consumer(consumer).map(Role::Consumer);
            several(&mut roles, role, consumer.count.get());
        }
        let roles = all(roles.into_iter())?;
        let names = self.names.order.iter().cloned();
        // They differ in number only where a name could not be read, or there are too many: that has been reported.
        (roles.len() == names.len()).then(|| names.zip(roles).map(|(name, role)| NodePlan { name, role }).collect())
    }

    fn producer(&mut self, producer: &Producer) -> Option<ProducerPlan> {
        let target = self.target(producer);
        if !producer.interval.is_written() && producer.bursts.list().is_empty() && !producer.bursts.is_broken() {
            let message = "`interval` is missing in [[producers]] without `bursts`";
            self.reader.absent(producer.place, message, "expected `interval` or `bursts` here", None);
        }
        if let (Some((Select::KeyHash, place)), Some(0)) = (producer.select.placed(), producer.keys.get().map(|k| k.0))
        {
            let help = "say how many keys there are, like `keys = 10`";
            self.report(place, "`select` is \"key_hash\", but messages bear no key", "needs `keys`", Some(help));
        }
        let times = self.sending_times(producer);
        let bursts = self.bursts(producer, times);
        let (starts, stops) = times?;
        let retries = match target? {
            Target::Topic(_) => producer.retries.get()?.0,
            Target::Service(_) => 0,
        };
        Some(ProducerPlan {
            target: target?,
            interval: producer.interval.get().map(|gap| gap.0),
            messages: producer.messages.get().map(|messages| messages.0),
            bursts: bursts?,
            select: producer.select.get()?,
            keys: producer.keys.get()?.0,
            attempts: Attempts { timeout: producer.send_timeout.get()?.0, retries },
            starts,
            stops,
        })
    }

    fn target(&mut self, producer: &Producer) -> Option<Target> {
        let topic = producer.topic.value.as_ref().map(|topic| self.names.topic_of("topic", topic, self.reader));
        let service = producer
            .calls
            .value
            .as_ref()
            .map(|service| self.names.node_of("calls", service, &[NodeKind::Service], self.reader));
        match topic {
            Some(topic) => topic.map(Target::Topic),
            None => service?.map(|(node, _)| Target::Service(node)),
        }
    }

    /// When a producer starts and stops; nothing where that is not in order.
    fn sending_times(&mut self, producer: &Producer) -> Option<(Time, Time)> {
        let (stop, starts) = (self.stop?, producer.starts.get()?);
        if producer.stops.is_broken() {
            return None;
        }
        let stops = producer.stops.get().unwrap_or(stop).min(stop);
        if starts < stops {
            return Some((starts, stops));
        }
        let (starts, stops) = (starts.since(Time::ZERO), stops.since(Time::ZERO));
        let place = producer.starts.place.or(producer.stops.place).unwrap_or(producer.place);
        let message = format!("`starts` is {starts}, expected a time before it stops, at {stops}");
        self.report(place, message, "stops before it starts", None);
        None
    }

    fn bursts(&mut self, producer: &Producer, times: Option<(Time, Time)>) -> Option<Vec<Burst>> {
        let mut whole = !producer.bursts.is_broken();
        let mut bursts = Vec::new();
        for burst in producer.bursts.list() {
            let (Some((at, place)), Some(count)) = (burst.at.placed(), burst.count.get()) else {
                whole = false;
                continue;
            };
            whole &= self.in_time("at", *at, place, self.stop, false, "when producers stop (`duration`)");
            if let Some((starts, stops)) = times
                && Some(*at) < self.stop
                && !(starts..stops).contains(at)
            {
                let message = format!("a burst at {}, but its producer does not send then", at.since(Time::ZERO));
                let help = format!("it sends from {} to {}", starts.since(Time::ZERO), stops.since(Time::ZERO));
                self.report(place, message, "not between `starts` and `stops`", Some(&help));
                whole = false;
            }
            bursts.push(Burst { at: *at, count: count.0 });
        }
        whole.then_some(bursts)
    }

    fn consumer(&mut self, consumer: &Consumer) -> Option<ConsumerPlan> {
        let group = consumer.group.value.as_ref().map(|group| self.names.group_of("group", group, self.reader));
        let service = consumer
            .calls
            .value
            .as_ref()
            .map(|service| self.names.node_of("calls", service, &[NodeKind::Service], self.reader));
        let publishes =
            consumer.publishes.value.as_ref().map(|topic| self.names.topic_of("publishes", topic, self.reader));
        if let (Some(joins), Some((leaves, place))) = (consumer.joins.get(), consumer.leaves.placed())
            && *leaves <= joins
        {
            let (leaves, joins) = (leaves.since(Time::ZERO), joins.since(Time::ZERO));
            let message = format!("`leaves` is {leaves}, expected a time after it joins, at {joins}");
            self.report(place, message, "leaves before it joins", None);
        }
        Some(ConsumerPlan {
            group: group??,
            threads: consumer.threads.get()?.0,
            service_time: consumer.service_time.get()?,
            failure_rate: consumer.failure_rate.get()?.0,
            poison_rate: consumer.poison_rate.get()?.0,
            calls: present(service)?.map(|(node, _)| node),
            call_timeout: consumer.call_timeout.get()?.0,
            publishes: present(publishes)?,
            joins: consumer.joins.get()?,
            leaves: consumer.leaves.get(),
        })
    }
}

/// A reference that may be left out, resolved; nothing where it leads nowhere.
fn present<T>(resolved: Option<Option<T>>) -> Option<Option<T>> {
    match resolved {
        Some(None) => None,
        Some(found) => Some(found),
        None => Some(None),
    }
}

fn service_plan(service: &Service) -> Option<ServicePlan> {
    Some(ServicePlan {
        workers: service.workers.get()?.0,
        service_time: service.service_time.get()?,
        queue_limit: service.queue_limit.get()?.0,
    })
}

/// The same role as often as the count says, within the limit on nodes.
fn several(roles: &mut Vec<Option<Role>>, role: Option<Role>, count: Option<NodeCount>) {
    let room = crate::limit::NODES.saturating_sub(roles.len());
    let count = count.map_or(1, |count| count.0 as usize).min(room + 1);
    roles.resize(roles.len() + count, role);
}
