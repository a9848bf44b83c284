//! The other outputs that are read: JSON of RocketMQ and its dashboard, Kafka's tools, RabbitMQ's definitions, the small JSON.

use super::{assert_known, imported, known, line_of, plan, sample, scenario_of};

#[test]
fn a_cluster_is_read_alone_and_as_the_dashboard_wraps_it() {
    assert_known(&[sample!("clusterInfo.json")], "set store-1: 2\n set store-2: 1");
    assert_known(&[sample!("dashboard-cluster.json")], "set store-1: 2, 12.34/s");
    let text = scenario_of(&[sample!("dashboard-cluster.json")]);
    assert!(text.contains("title = \"shop\"") && text.contains("slaves = [\"store-1-s1\"]"), "{text}");
}

#[test]
fn lists_of_the_dashboard_say_topics_and_groups() {
    let files = [sample!("dashboard-topics.json"), sample!("dashboard-groups.json")];
    assert_known(
        &files,
        "topic invoices:\n topic trades:\n group price-cache: 2 broadcasting\n group trade-service: 3",
    );
    assert_known(&[sample!("dashboard-topicConfig.json")], "set store-1: 0\n topic trades: store-1=8");
    assert_known(&[sample!("topicStats.json")], "set store-1: 0\n topic trades: store-1~2");
}

#[test]
fn the_groups_of_a_topic_and_the_topics_of_a_group_are_read() {
    assert_known(
        &[sample!("dashboard-readers-of-trades.json")],
        "set store-1: 0\n topic trades: store-1~2\n group price-cache: ?, trades 0\n group trade-service: ?, trades 14",
    );
    assert_known(
        &[sample!("trade-service.json")],
        "set store-1: 0\n topic trades: store-1~2\n group trade-service: ? on 2 hosts, trades 10",
    );
    let (_, by_group) = sample!("trade-service.json");
    let asked =
        format!("$ curl -s 'http://x:8080/consumer/queryTopicByConsumer.query?consumerGroup=clearing'\n{by_group}");
    assert!(known(&[("-", &asked)]).contains("group clearing: ? on 2 hosts, trades 10\n"));
    assert_known(&[sample!("dashboard-connection.json")], "topic trades:\n group trade-service: 2, trades");
    let readers = "{\"groupList\":[\"trade-service\",\"bookie\"]}";
    assert_known(
        &[("trades.json", readers)],
        "topic trades:\n group bookie: ?, trades\n group trade-service: ?, trades",
    );
}

#[test]
fn files_of_a_broker_are_read_as_far_as_they_go() {
    assert_known(&[sample!("dashboard-brokerConfig.json")], "set store-1: 1, sync, flushes sync");
    assert!(scenario_of(&[sample!("dashboard-brokerConfig.json")]).contains("inSyncReplicas = 2 in life"));
    assert_known(&[sample!("topics.json")], "topic trades:");
    assert!(scenario_of(&[sample!("topics.json")]).contains("8 queues on the broker whose file it was"));
    assert_known(
        &[sample!("consumerOffset.json")],
        "topic invoices:\n topic trades:\n group bookie: ?, invoices\n group trade-service: ?, trades",
    );
}

#[test]
fn the_small_json_makes_the_same_cluster() {
    let text = scenario_of(&[sample!("small.json")]);
    let plan = plan(&text);
    assert_eq!(plan.sets.iter().map(|set| set.replicas.len()).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(plan.queues.iter().map(|queue| queue.set.index()).collect::<Vec<_>>(), [0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    assert!(line_of(&text, "name = \"trades-producer\"", "interval").contains("120.50 messages a second, as given"));
    assert!(line_of(&text, "name = \"trade-service\"", "topic").contains("106 messages behind"));
    // A topic without queues is one of which no more is known, and so is a group without a topic.
    assert_known(&[("j", r#"{"topics":[{"name":"t"}],"groups":[{"name":"g"}]}"#)], "topic t:\n group g: ?");
}

// ---- Kafka -------------------------------------------------------------------------------------------------------

#[test]
fn the_groups_of_every_version_of_kafka_are_read() {
    let clicks = "set kafka: 1\n topic clicks: kafka=2\n";
    assert_known(&[sample!("kafka-consumer-groups.txt")], "set kafka: 1\n topic t: kafka=2\n group g: 1, t 0");
    assert_known(
        &[("indexing.csv", sample!("kafka-groups-0.9.txt").1)],
        &format!("{clicks} group indexing: 1, clicks 5+"),
    );
    assert_known(&[sample!("kafka-groups-0.10.txt")], &format!("{clicks} group indexing: 2, clicks 5"));
    assert_known(
        &[sample!("kafka-groups-1.1.txt")],
        "set kafka: 1\n topic clicks: kafka=2\n topic views: kafka=1\n group indexing: 2, clicks 33154, views 752",
    );
    assert_known(
        &[sample!("kafka-groups-verbose.txt")],
        &format!("{clicks} group archive: 0, clicks 30\n group indexing: 1, clicks 8+"),
    );
    assert_known(&[sample!("kafka-groups-members.txt")], "group indexing: 2");
    assert_known(&[sample!("kafka-groups-state.txt")], "group indexing: 4");
    let state_and_rows = [sample!("kafka-groups-state.txt"), sample!("kafka-groups-verbose.txt")];
    assert!(known(&state_and_rows).contains("group indexing: 4, clicks 8+\n"));
    let old = "Group Topic Pid Offset logSize Lag Owner\nindexing clicks 0 10 15 5 indexing_host-1\n";
    assert_known(&[("o", old)], "set kafka: 1\n topic clicks: kafka=1\n group indexing: 1, clicks 5");
}

#[test]
fn a_line_of_kafka_above_a_groups_table_counts() {
    let empty = "Consumer group 'indexing' has no active members.\n\nTOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG CONSUMER-ID HOST CLIENT-ID\n\
                 clicks 0 1 3 2 - - -\n";
    assert_known(&[("x", empty)], "set kafka: 1\n topic clicks: kafka=1\n group indexing: 0, clicks 2");
    assert!(scenario_of(&[("x", empty)]).contains("none was connected"));
    let both = empty.replace("2 - - -", "2 c-1 /10.0.0.1 c");
    assert!(scenario_of(&[("x", &both)]).contains("count = 1  # it was said, too, that it has no active members"));
    let moving = empty.replace(
        "Consumer group 'indexing' has no active members.",
        "Warning: Consumer group 'indexing' is rebalancing.",
    );
    assert!(scenario_of(&[("x", &moving)]).contains("it was rebalancing then"));
}

#[test]
fn each_broker_of_kafka_that_leads_is_a_set_with_followers() {
    assert_known(&[sample!("kafka-topics.txt")], "set kafka-1: 1\n topic t: kafka-1=2");
    let files = [sample!("kafka-topics-old.txt"), sample!("kafka-groups-verbose.txt")];
    assert_known(
        &files,
        "set kafka-0: 3\n set kafka-1: 3\n set kafka-2: 3\n topic clicks: kafka-0=1 kafka-1=1 kafka-2=1\n \
         group archive: 0, clicks 30\n group indexing: 1, clicks 8+",
    );
    let text = scenario_of(&files);
    for words in [
        "min.insync.replicas=2 in life",
        "1 of its partitions had no leader",
        "2 of its partitions had replicas that were not in sync",
        "profile = \"classroom\"",
        "here each broker that leads has followers of its own",
        "replication = \"sync\"  # a guess: producers ask for `acks = all`",
    ] {
        assert!(text.contains(words), "{words} in\n{text}");
    }
    // Tabs that became blanks, and a topic of which nobody said who leads it.
    let blanks = sample!("kafka-topics-old.txt").1.replace('\t', "  ");
    let more = "TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG OWNER\nviews 3 1 1 0 x\n";
    let known = known(&[("k", &blanks), ("g.txt", more)]);
    assert!(
        known.contains("topic clicks: kafka-0=1 kafka-1=1 kafka-2=1\ntopic views: kafka-0=2 kafka-1=1 kafka-2=1\n"),
        "{known}"
    );
    let list = "$ kafka-topics.sh --bootstrap-server x --list\n__consumer_offsets\nclicks\ncom.acme.views\n";
    let all = imported(&[("-", list)]).text;
    assert!(all.contains("\"com.acme.views\"") && all.contains("keeps for itself: `__consumer_offsets`"), "{all}");
    let groups = "$ kafka-consumer-groups --bootstrap-server x --list\nindexing\narchive\n";
    assert_known(&[("-", groups)], "group archive: ?\n group indexing: ?");
}

// ---- RabbitMQ ----------------------------------------------------------------------------------------------------

#[test]
fn each_queue_of_rabbitmq_is_a_topic_of_one_queue_with_a_group() {
    assert_known(
        &[sample!("rabbitmq-definitions.json")],
        "set rabbitmq: 1\n set rabbitmq-quorum: 3, sync\n set rabbitmq-quorum-5: 5, sync\n set rabbitmq-stream: 3, sync\n \
         topic audit: rabbitmq-stream=1\n topic mail: rabbitmq=1\n topic mail@eu: rabbitmq=1\n topic orders: rabbitmq-quorum=1\n \
         topic prices: rabbitmq-quorum-5=1\n group audit: ?, audit\n group mail: ?, mail\n group mail@eu: ?, mail@eu\n \
         group orders: ?, orders\n group prices: ?, prices",
    );
    let text = scenario_of(&[sample!("rabbitmq-definitions.json")]);
    for words in [
        "fed by `shop` with `order.*` in life",
        "x-dead-letter-exchange = dead in life",
        "x-message-ttl = 60000 in life",
        "not durable in life",
        "gone with its last consumer in life",
        "a stream: in life any number of readers",
        "exchanges have no equivalent here: each queue has a producer of its own: `shop` (topic), `dead` (fanout)",
        "policies, and mirrors that they make, have no equivalent here: `ha-mail` for `^mail`: ha-mode = all",
        "of the virtual host `eu`",
        "profile = \"classroom\"",
        "a guess: `rabbitmqctl list_queues name consumers` says how many",
    ] {
        assert!(text.contains(words), "{words} in\n{text}");
    }
    assert_known(
        &[sample!("rabbitmq-queues.json")],
        "set rabbitmq: 1\n topic mail: rabbitmq=1\n topic orders: rabbitmq=1\n group mail: 0, mail 0\n group orders: 3, orders 42",
    );
}

#[test]
fn a_part_of_a_json_that_is_wrong_takes_nothing_from_the_others() {
    let wrong = sample!("rabbitmq-definitions.json").1.replacen("\"name\": \"orders\"", "\"name\": 7", 1);
    let imported = imported(&[("d.json", &wrong)]);
    assert!(imported.text.contains("name = \"prices\"") && !imported.text.contains("name = \"orders\""));
    assert_eq!(imported.passed_over[0].to_string().split(": ").next(), Some("d.json:12"));
    let wrong = sample!("small.json").1.replace("\"slaves\": 1", "\"slaves\": -1").replace("\"queues\"", "\"queus\"");
    assert_known(
        &[("s.json", &wrong)],
        "set store-2: 1\n topic trades:, 120.50/s\n group trade-service: 3, trades 106",
    );
}
