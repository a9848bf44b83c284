//! The system that a cluster, topic or group is of, and the commands of it that print what an output leaves open. It knows no
//! output.

/// The system that a broker set, topic or group is of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(super) enum System {
    #[default]
    RocketMq,
    Kafka,
    RabbitMq,
}

/// Hints for remarks beside a guess: which command prints what is not known.
impl System {
    pub(super) const fn hint_on_queues(self) -> &'static str {
        match self {
            Self::RocketMq => "`mqadmin topicRoute` says how many",
            Self::Kafka => "`kafka-topics --describe` says how many",
            Self::RabbitMq => "`rabbitmqctl export_definitions` says which there are",
        }
    }

    pub(super) const fn hint_on_consumers(self) -> &'static str {
        match self {
            Self::RocketMq => "`mqadmin consumerProgress` says how many",
            Self::Kafka => "`kafka-consumer-groups --describe --members` says how many",
            Self::RabbitMq => "`rabbitmqctl list_queues name consumers` says how many",
        }
    }

    pub(super) const fn hint_on_readers(self) -> &'static str {
        match self {
            Self::RocketMq => "`mqadmin topicList -c` and `mqadmin consumerProgress -g` say who reads what",
            Self::Kafka => "`kafka-consumer-groups --describe --all-groups` says who reads what",
            Self::RabbitMq => "`rabbitmqctl list_queues name consumers` says how many read each",
        }
    }
}
