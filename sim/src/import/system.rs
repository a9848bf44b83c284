//! Which system a thing is of, and which of its commands says what an output left open.

/// The system that a thing is of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(super) enum System {
    #[default]
    RocketMq,
    Kafka,
    RabbitMq,
}

/// Which command says what is not known here.
impl System {
    pub(super) const fn says_queues(self) -> &'static str {
        match self {
            Self::RocketMq => "`mqadmin topicRoute` says how many",
            Self::Kafka => "`kafka-topics --describe` says how many",
            Self::RabbitMq => "`rabbitmqctl export_definitions` says which there are",
        }
    }

    pub(super) const fn says_consumers(self) -> &'static str {
        match self {
            Self::RocketMq => "`mqadmin consumerProgress` says how many",
            Self::Kafka => "`kafka-consumer-groups --describe --members` says how many",
            Self::RabbitMq => "`rabbitmqctl list_queues name consumers` says how many",
        }
    }

    pub(super) const fn says_readers(self) -> &'static str {
        match self {
            Self::RocketMq => "`mqadmin topicList -c` and `mqadmin consumerProgress -g` say who reads what",
            Self::Kafka => "`kafka-consumer-groups --describe --all-groups` says who reads what",
            Self::RabbitMq => "`rabbitmqctl list_queues name consumers` says how many read each",
        }
    }
}
