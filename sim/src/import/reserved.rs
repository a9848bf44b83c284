//! Topics and groups that RocketMQ and Kafka keep for themselves: no application reads or writes them.
//!
//! From the classes `TopicValidator` and `MixAll` of `apache/rocketmq`, 4.2 to 5.3; both spellings of the prefix are in use.

use std::collections::BTreeSet;

use super::retry::RETRY;
use super::system::System;

const TOPICS: [&str; 7] = [
    "TBW102",
    "SCHEDULE_TOPIC_XXXX",
    "SCHEDULE_TOPIC_XXXX_V2",
    "BenchmarkTest",
    "SELF_TEST_TOPIC",
    "OFFSET_MOVED_EVENT",
    "TRANS_CHECK_MAX_TIME_TOPIC",
];

/// The end of the name of a topic for replies.
const REPLY: &str = "_REPLY_TOPIC";

/// `%LMQ%`: the light queues of MQTT.
const TOPIC_PREFIXES: [&str; 5] = ["RMQ_SYS_", "rmq_sys_", RETRY, "%DLQ%", "%LMQ%"];

/// Those that Kafka makes (`Topic.isInternal`).
const KAFKA: [&str; 3] = ["__consumer_offsets", "__transaction_state", "__share_group_state"];

const GROUPS: [&str; 7] = [
    "TOOLS_CONSUMER",
    "FILTERSRV_CONSUMER",
    "__MONITOR_CONSUMER",
    "SELF_TEST_C_GROUP",
    "CID_ONS-HTTP-PROXY",
    "CID_ONSAPI_PERMISSION",
    "CID_ONSAPI_OWNER",
];

const GROUP_PREFIXES: [&str; 2] = ["CID_RMQ_SYS_", "CID_ONSAPI_PULL"];

/// Whether a word has only the characters that RocketMQ allows in the names of topics and groups.
pub(super) fn is_name_of_rocketmq(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '%' | '|' | '_' | '-'))
}

/// Whether a name is that of a topic that RocketMQ makes, whatever the cluster: a list of names with it is one of topics.
pub(super) fn is_certainly_reserved(name: &str) -> bool {
    TOPICS.contains(&name) || KAFKA.contains(&name) || TOPIC_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Whether a topic is one of its system's own. With RocketMQ a topic that bears the name of a cluster or of a broker is, as
/// is that for answers in each cluster.
pub(super) fn is_reserved_topic(
    system: System,
    name: &str,
    clusters: &BTreeSet<String>,
    is_broker: impl Fn(&str) -> bool,
) -> bool {
    match system {
        System::RocketMq => {
            is_certainly_reserved(name)
                || name.strip_suffix(REPLY).is_some_and(|cluster| clusters.contains(cluster))
                || clusters.contains(name)
                || is_broker(name)
        }
        System::Kafka => KAFKA.contains(&name),
        System::RabbitMq => false,
    }
}

/// The name of a cluster that a topic of RocketMQ's own bears in its name: each has one for answers, since 4.6.
pub(super) fn cluster_of(topic: &str) -> Option<&str> {
    topic.strip_suffix(REPLY).or_else(|| topic.strip_prefix("rmq_sys_REVIVE_LOG_")).filter(|name| !name.is_empty())
}

/// The name of a broker that a topic of its own bears in its name, since 5.0.
pub(super) fn broker_of(topic: &str) -> Option<&str> {
    topic.strip_prefix("rmq_sys_SYNC_BROKER_MEMBER_").filter(|name| !name.is_empty())
}

/// Whether a group is one of RocketMQ's own.
pub(super) fn is_reserved_group(name: &str) -> bool {
    GROUPS.contains(&name) || GROUP_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rocketmqs_own_topics_are_told_from_those_that_look_like_them() {
        let clusters = BTreeSet::from(["DefaultCluster".to_owned()]);
        let is_reserved = |name| is_reserved_topic(System::RocketMq, name, &clusters, |broker| broker == "broker-a");
        let own = ["TBW102", "RMQ_SYS_TRACE_TOPIC", "rmq_sys_wheel_timer", "%RETRY%g", "%DLQ%g", "DefaultCluster"];
        for name in own.into_iter().chain(["broker-a", "DefaultCluster_REPLY_TOPIC", "OFFSET_MOVED_EVENT"]) {
            assert!(is_reserved(name), "{name}");
        }
        for name in ["orders", "broker-b", "Other_REPLY_TOPIC", "TBW1020", "my_RMQ_SYS_topic", "MQ_INST_1%RETRY"] {
            assert!(!is_reserved(name), "{name}");
        }
        assert!(is_reserved_topic(System::Kafka, "__consumer_offsets", &clusters, |_| false));
        assert!(!is_reserved_topic(System::Kafka, "DefaultCluster", &clusters, |_| false));
        assert_eq!(
            [cluster_of("C_REPLY_TOPIC"), cluster_of("rmq_sys_REVIVE_LOG_C"), cluster_of("C")],
            [Some("C"), Some("C"), None]
        );
        assert_eq!(broker_of("rmq_sys_SYNC_BROKER_MEMBER_broker-a"), Some("broker-a"));
        assert!(is_reserved_group("TOOLS_CONSUMER") && is_reserved_group("CID_RMQ_SYS_TRANS"));
        assert!(!is_reserved_group("order-service"));
    }
}
