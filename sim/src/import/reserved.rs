//! What RocketMQ keeps for itself: topics and groups that nobody's application reads or writes.
//!
//! From the classes `TopicValidator` and `MixAll` of `apache/rocketmq`, 4.2 to 5.3; both spellings of the prefix are in use.

use std::collections::BTreeSet;

const TOPICS: [&str; 7] = [
    "TBW102",
    "SCHEDULE_TOPIC_XXXX",
    "SCHEDULE_TOPIC_XXXX_V2",
    "BenchmarkTest",
    "SELF_TEST_TOPIC",
    "OFFSET_MOVED_EVENT",
    "TRANS_CHECK_MAX_TIME_TOPIC",
];

/// `%LMQ%`: the light queues of MQTT.
const TOPIC_PREFIXES: [&str; 5] = ["RMQ_SYS_", "rmq_sys_", RETRY, "%DLQ%", "%LMQ%"];

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

/// What the name of a group's topic of retries begins with.
pub(super) const RETRY: &str = "%RETRY%";

/// Whether a topic is one of RocketMQ's own. A topic that bears the name of a cluster or of a broker is, as is that for
/// answers in each cluster.
pub(super) fn is_reserved_topic(name: &str, clusters: &BTreeSet<String>, is_broker: impl Fn(&str) -> bool) -> bool {
    TOPICS.contains(&name)
        || TOPIC_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || name.strip_suffix("_REPLY_TOPIC").is_some_and(|cluster| clusters.contains(cluster))
        || clusters.contains(name)
        || is_broker(name)
}

/// Whether a group is one of RocketMQ's own.
pub(super) fn is_reserved_group(name: &str) -> bool {
    GROUPS.contains(&name) || GROUP_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_rocketmqs_own_is_told_from_what_looks_like_it() {
        let clusters = BTreeSet::from(["DefaultCluster".to_owned()]);
        let is_reserved = |name| is_reserved_topic(name, &clusters, |broker| broker == "broker-a");
        let own = ["TBW102", "RMQ_SYS_TRACE_TOPIC", "rmq_sys_wheel_timer", "%RETRY%g", "%DLQ%g", "DefaultCluster"];
        for name in own.into_iter().chain(["broker-a", "DefaultCluster_REPLY_TOPIC", "OFFSET_MOVED_EVENT"]) {
            assert!(is_reserved(name), "{name}");
        }
        for name in ["orders", "broker-b", "Other_REPLY_TOPIC", "TBW1020", "my_RMQ_SYS_topic", "MQ_INST_1%RETRY"] {
            assert!(!is_reserved(name), "{name}");
        }
        assert!(is_reserved_group("TOOLS_CONSUMER") && is_reserved_group("CID_RMQ_SYS_TRANS"));
        assert!(!is_reserved_group("order-service"));
    }
}
