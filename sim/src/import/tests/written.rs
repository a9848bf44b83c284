//! The scenario that is written: what is known of the cluster is in it, and each guess has a remark.

use super::{imported, line_of, plan, sample, scenario_of};
use crate::plan::Role;

#[test]
fn the_scenario_has_everybody_that_was_printed_and_marks_each_guess() {
    let (_, route) = sample!("topicRoute-trades.json");
    let route = route.replace("broker-x", "store-1").replace("broker-y", "store-2");
    let route =
        route.replacen("\"perm\":6", "\"perm\":4", 1).replacen("\"writeQueueNums\":4", "\"writeQueueNums\":2", 1);
    let text = scenario_of(&[
        sample!("clusterList-4.txt"),
        sample!("topicList-c-4.txt"),
        ("trades.json", &route),
        sample!("consumerProgress-4.txt"),
        sample!("progress-4.txt"),
    ]);
    let plan = plan(&text);
    assert_eq!(plan.sets.iter().map(|set| set.replicas.len()).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(plan.topics.iter().map(|topic| topic.queues.len()).collect::<Vec<_>>(), [8, 6]);
    let consumers = |node: &&crate::plan::NodePlan| matches!(node.role, Role::Consumer(_));
    assert_eq!(plan.nodes.iter().filter(consumers).count(), 3);
    let said = [
        ("name = \"store-1\"", "replication", "a guess"),
        ("name = \"trades\"", "queues", "store-2 takes no messages for it in life"),
        ("name = \"trades\"", "queues", "store-2: 2 to write, 4 to read"),
        ("name = \"refunds\"", "queues", "a guess: `mqadmin topicRoute` says how many"),
        ("name = \"trades-producer\"", "interval", "60.25 messages a second, a guess: an even share"),
        ("name = \"trades-producer\"", "# bursts", "up to 110"),
        ("name = \"trade-service\"", "topic", "it was 110 messages behind"),
        ("name = \"trade-service\"", "service_time", "a guess that keeps up"),
        ("name = \"bookie\"", "# no [[consumers]]", "none was connected"),
    ];
    for (section, line, words) in said {
        assert!(line_of(&text, section, line).contains(words), "{section} {line} {words}\n{text}");
    }
    assert!(text.contains("keeps for itself: `SCHEDULE_TOPIC_XXXX`, `TBW102`\n"), "{text}");
    assert!(text.contains("keeps for itself: `TOOLS_CONSUMER`\n"), "{text}");
}

#[test]
fn a_fault_offered_in_a_comment_is_sound_when_it_is_uncommented() {
    let text = scenario_of(&[sample!("small.json")]);
    let offered = text.lines().map(|line| {
        let is_offered =
            ["# bursts", "# [[faults]]", "# at =", "# kind =", "# node ="].iter().any(|it| line.starts_with(it));
        if is_offered { &line[2..] } else { line }
    });
    let plan = plan(&offered.collect::<Vec<_>>().join("\n"));
    assert_eq!(plan.faults.len(), 1);
    let bursts = |role: &Role| matches!(role, Role::Producer(producer) if producer.bursts.len() == 1);
    assert_eq!(plan.nodes.iter().filter(|node| bursts(&node.role)).count(), 1);
}

#[test]
fn brokers_alone_become_a_scenario_that_can_be_run() {
    let brokers = scenario_of(&[sample!("clusterList.txt")]);
    assert_eq!((plan(&brokers).queues.len(), plan(&brokers).groups.len()), (8, 1));
    assert!(line_of(&brokers, "name = \"topic\"", "name").contains("made up"), "{brokers}");
    let topics = scenario_of(&[("t.txt", "orders\n")]);
    assert!(line_of(&topics, "name = \"broker-1\"", "name").contains("made up"), "{topics}");
    assert!(topics.contains("# No group is known"), "{topics}");
}

#[test]
fn groups_whose_topics_are_not_known_read_the_only_topic() {
    let groups = sample!("consumerProgress-4.txt");
    let one = scenario_of(&[groups, ("t.txt", "orders\n")]);
    assert_eq!(plan(&one).groups.len(), 2);
    assert!(line_of(&one, "name = \"trade-service\"", "name").contains("what it reads is not known"), "{one}");
    assert!(line_of(&one, "name = \"trade-service\"\ngroup", "count").starts_with("count = 3"), "{one}");
    // None is made up where some are known.
    let none = scenario_of(&[groups]);
    assert!(none.contains("name = \"topic\"  # made up") && !none.contains("name = \"group\""), "{none}");
    assert_eq!(plan(&none).groups.len(), 2);
    let two = scenario_of(&[groups, ("t.txt", "orders\nrefunds\n")]);
    assert!(two.contains("groups that read nothing that is known here") && plan(&two).groups.is_empty(), "{two}");
}

#[test]
fn a_group_of_two_topics_becomes_one_for_each_and_names_are_made_allowed() {
    let json = r#"{"brokers":[{"name":"nameserver"},{"name":"a/b"},{"name":"a#b"}],
        "topics":[{"name":"x.y z","queues":{"a/b":1,"a#b":2,"nameserver":1}},{"name":"t","queues":{"a/b":1}}],
        "groups":[{"name":"g","topic":"t"},{"name":"g","topic":"x.y z"},{"name":"t-producer","topic":"t"}]}"#;
    let text = scenario_of(&[("j", json)]);
    let plan = plan(&text);
    assert_eq!(plan.sets.iter().map(|set| set.name.as_str()).collect::<Vec<_>>(), ["a-b", "a-b-2", "nameserver-2"]);
    assert_eq!(
        plan.groups.iter().map(|group| group.name.as_str()).collect::<Vec<_>>(),
        ["g@t", "t-producer", "g@x.y z"]
    );
    assert!(line_of(&text, "name = \"g@t\"", "name").contains("in life `g`, whose consumers read several topics"));
    assert!(line_of(&text, "name = \"a-b\"", "name").contains("in life `a#b`"));
}

#[test]
fn a_name_taken_from_a_file_is_marked_as_such() {
    let (_, status) = sample!("topicStatus-trades.txt");
    let named = scenario_of(&[("x/orders.txt", status)]);
    assert!(line_of(&named, "name = \"orders\"", "name").contains("named after its file"), "{named}");
    let scenario = scenario_of(&[("x/orders.txt", &format!("mqadmin topicStatus -t orders\n{status}"))]);
    assert!(!scenario.contains("named after its file"), "{scenario}");
    // A list of topics names it, too.
    let listed = scenario_of(&[("x/orders.txt", status), ("s", "#Topic #Consumer Group #InTPS\norders g 1.00\n")]);
    assert!(!listed.contains("named after its file"), "{listed}");
}

#[test]
fn passages_are_listed_in_comments_and_no_comment_is_left_open() {
    let noise = "title = \"no\"\u{7}\nHello, what is \"this\"?\n";
    let many: String = (0..100).map(|n| format!("#Group #Count #TPS #Diff Total\ng{n} x{n} 1 1\n")).collect();
    let imported = imported(&[("a\nb", &format!("{noise}{many}")), sample!("topicList.txt")]);
    let head = imported.text.split("\n\n").next().unwrap_or_default();
    assert!(head.lines().all(|line| line.starts_with('#')), "{head}");
    assert!(head.lines().count() < crate::limit::PASSAGES + 12, "{head}");
    assert!(head.contains(&format!("and {} more", imported.passed_over.len() - crate::limit::PASSAGES)), "{head}");
    assert_eq!(plan(&imported.text).topics.len(), 3);
}

#[test]
fn a_broker_that_does_not_answer_takes_nothing_from_the_table() {
    let table = sample!("clusterList-4.txt").1.replace(
        "shop-cluster      store-2",
        "org.apache.rocketmq.remoting.exception.RemotingConnectException: connect to 10.0.0.3:10911 failed\n\
         \tat org.apache.rocketmq.remoting.A.b(C.java:1)\nshop-cluster      store-2",
    );
    super::assert_known(&[("c.txt", &table)], "set store-1: 2, 120.50/s\n set store-2: 1, 0.00/s");
}

#[test]
fn things_beyond_a_limit_are_left_out_and_listed() {
    let topics: Vec<String> = (0..1_500).map(|n| format!(r#"{{"name":"t{n:04}","queues":{{"b":9}}}}"#)).collect();
    let groups: Vec<String> =
        (0..900).map(|n| format!(r#"{{"name":"g{n}","topic":"t0007","consumers":20}}"#)).collect();
    let json = format!(
        r#"{{"brokers":[{{"name":"b","slaves":99}}],"topics":[{}],"groups":[{}, {{"name":"far","topic":"t1499"}}]}}"#,
        topics.join(","),
        groups.join(",")
    );
    let text = scenario_of(&[("large.json", &json)]);
    let plan = plan(&text);
    assert_eq!(plan.topics.len(), 1_000);
    assert!(plan.nodes.len() <= crate::limit::NODES);
    // Topics that are read come first.
    assert!(plan.topics.iter().any(|topic| topic.name == "t1499"));
    assert!(text.contains("groups beyond the limits") && text.contains("and 446 more"), "{}", &text[..3_000]);
    assert!(text.contains("and 492 more"), "{}", &text[..2_000]);
    let crowd = r#"{"topics":[{"name":"t","queues":{"b":9}}],"groups":[{"name":"g","topic":"t","consumers":4000}]}"#;
    let crowd = scenario_of(&[("crowd.json", crowd)]);
    assert!(line_of(&crowd, "name = \"g\"\ngroup", "count").starts_with("count = 500  # 4000 in life"), "{crowd}");
    assert!(text.contains("(limit `replicas`)") && text.contains("slowed down"));
    let too_many_queues =
        r#"{"topics":[{"name":"t","queues":{"b":10001}},{"name":"u","queues":{"b":4294967295,"c":4294967295}}]}"#;
    let text = scenario_of(&[("q.json", too_many_queues)]);
    assert!(text.contains("made up") && text.contains("beyond the limits `queues`"), "{text}");
}
