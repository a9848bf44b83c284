//! Samples of each output, in the shapes of 4.x and 5.x, and what they come to; and texts that are none.

use std::collections::{BTreeMap, BTreeSet};

use super::cluster::{Cluster, Rate};
use super::{File, reading, scenario};
use crate::plan::{Plan, Role};
use crate::scenario::{Diagnostics, read};

const CLUSTER_4: &str = "\
RocketMQLog:WARN No appenders could be found for logger (io.netty.util.internal.PlatformDependent0).
#Cluster Name     #Broker Name            #BID  #Addr                  #Version                #InTPS(LOAD)       #OutTPS(LOAD) #PCWait(ms) #Hour #SPACE
shop-cluster      broker-a                0     10.0.0.1:10911         V4_9_4                  120.50(0,0ms)       240.10(0,0ms)          0 71.22 0.3315
shop-cluster      broker-a                1     10.0.0.2:10911         V4_9_4                  120.40(0,0ms)         0.00(0,0ms)          0 71.22 0.3310
shop-cluster      broker-b                0     10.0.0.3:10911                                   0.00(,ms)           0.00(,ms)            0.00 0.0000
";

const CLUSTER_5: &str = "\
#Cluster Name           #Broker Name            #BID  #Addr                  #Version              #InTPS(LOAD)     #OutTPS(LOAD)  #Timer(Progress)        #PCWait(ms)  #Hour         #SPACE    #ACTIVATED
shop-cluster            broker-a                0     10.0.0.1:10911         V5_3_0             120,50(0,0ms)       240.10(0,0ms | 0,0ms)  0-0(0.0w, 0.0, 0.0)               0  71.22         0.3315          true
shop-cluster            broker-a                1     10.0.0.2:10911         V5_3_0             120,40(0,0ms)         0.00(0,0ms | 0,0ms)  2-0(0.0w, 0.0, 0.0)               0  71.22         0.3310         false
shop-cluster            broker-b                0     10.0.0.3:10911         V5_3_0               0,00(0,0ms)         0.00(0,0ms | 0,0ms)  0-0(0.0w, 0.0, 0.0)               0  71.22         0.3310          true
";

const TOTALS: &str = "\
#Cluster Name     #Broker Name                       #InTotalYest  #OutTotalYest  #InTotalToday #OutTotalToday
shop-cluster      broker-a                               86400000      172800000           1000           2000
shop-cluster      broker-a                               86390000              0           1000              0
shop-cluster      broker-b                                      0              0              0              0
";

const TOPICS_WITH_GROUPS: &str = "\
#Cluster Name         #Topic                                            #Consumer Group
shop-cluster          orders                                            order-service
shop-cluster          orders                                            billing
shop-cluster          refunds
                      TBW102
shop-cluster          SCHEDULE_TOPIC_XXXX
";

const ROUTE: &str = r#"{
	"brokerDatas":[
		{
			"brokerAddrs":{0:"10.0.0.1:10911",1:"10.0.0.2:10911"
			},
			"brokerName":"broker-a",
			"cluster":"shop-cluster",
			"enableActingMaster":false
		},
		{
			"brokerAddrs":{0:"10.0.0.3:10911"
			},
			"brokerName":"broker-b",
			"cluster":"shop-cluster"
		}
	],
	"filterServerTable":{},
	"queueDatas":[
		{
			"brokerName":"broker-a",
			"perm":6,
			"readQueueNums":8,
			"topicSysFlag":0,
			"writeQueueNums":8
		},
		{
			"brokerName":"broker-b",
			"perm":4,
			"readQueueNums":4,
			"topicSynFlag":0,
			"writeQueueNums":2
		}
	]
}
"#;

const ROUTE_AS_LIST: &str = "\
#ClusterName                                  #BrokerName                      #BrokerAddrs                                       #ReadQueue #WriteQueue #Perm
shop-cluster                                  broker-a                         {0=10.0.0.1:10911, 1=10.0.0.2:10911}               8          8           6
shop-cluster                                  broker-b                         {0=10.0.0.3:10911}                                 4          2           4
--------------------------------------------------------------------------------------------------------------------------------------------------------------
Total:                                        2                                                                                   12         10
";

const GROUPS: &str = "\
#Group                            #Count  #Version                 #Type  #Model          #TPS     #Diff Total
order-service                     3       V4_9_4                   PUSH   CLUSTERING      118      1204
billing                           0       OFFLINE                                         0        77
TOOLS_CONSUMER                    0       OFFLINE                                         0        0
";

const PROGRESS_4: &str = "\
#Topic                            #Broker Name                      #QID  #Broker Offset        #Consumer Offset      #Client IP            #Diff                 #LastTime
%RETRY%order-service              broker-a                          0     3                     3                     10.1.0.1             0                     2024-05-01 10:00:00
orders                            broker-a                          0     1000                  900                   10.1.0.1             100                   2024-05-01 10:00:00
orders                            broker-a                          3     1000                  990                   10.1.0.2             10                    2024-05-01 10:00:00
orders                            broker-b                          0     5                     9                     NA                   -4                    2024-05-01 10:00:00

Consume TPS: 118.2
Diff Total: 106
";

const PROGRESS_5: &str = "\
#Topic                                                            #Broker Name                      #QID  #Broker Offset        #Consumer Offset      #Diff                #Inflight           #LastTime
%RETRY%order-service                                              broker-a                          0     3                     3                     0                    0                    N/A
orders                                                            broker-a                          0     1000                  900                   100                  2                    2024-05-01 10:00:00
orders                                                            broker-a                          3     1000                  990                   10                   0                    2024-05-01 10:00:00
orders                                                            broker-b                          0     5                     9                     -4                   0                    2024-05-01 10:00:00

Consume TPS: 118.20
Consume Diff Total: 106
Consume Inflight Total: 2
";

const SMALL: &str = r#"{
  "brokers": [{ "name": "broker-a", "slaves": 1 }, { "name": "broker-b" }],
  "topics": [{ "name": "orders", "queues": { "broker-a": 8, "broker-b": 2 }, "rate": 120.5 }],
  "groups": [{ "name": "order-service", "topic": "orders", "consumers": 3, "lag": 106 }]
}
"#;

fn cluster(files: &[(&str, &str)]) -> Cluster {
    let mut cluster = Cluster::default();
    for (name, text) in files {
        reading::read(&File { name, text }, &mut cluster).unwrap_or_else(|problems| panic!("{problems}"));
    }
    cluster.complete_cut_names();
    cluster
}

fn imported(files: &[(&str, &str)]) -> String {
    let files: Vec<File<'_>> = files.iter().map(|(name, text)| File { name, text }).collect();
    scenario(&files).unwrap_or_else(|problems| panic!("{}", problems[0]))
}

fn plan(text: &str) -> Plan {
    read("imported.toml", text).unwrap_or_else(|problems| panic!("{problems}\n{text}"))
}

fn refused(name: &str, text: &str) -> Diagnostics {
    scenario(&[File { name, text }]).expect_err(text).remove(0)
}

fn names<T: Default>(of: &super::cluster::Named<T>) -> Vec<&str> {
    of.iter().map(|(name, _)| name).collect()
}

/// The line of a scenario that begins so, in the section that has this line.
fn line_of<'t>(text: &'t str, section: &str, begins: &str) -> &'t str {
    let at = text.find(&format!("\n{section}")).unwrap_or_else(|| panic!("no {section} in\n{text}"));
    text[at..].lines().find(|line| line.starts_with(begins)).unwrap_or_else(|| panic!("no {begins} in\n{text}"))
}

#[test]
fn both_shapes_of_a_cluster_list_say_who_is_master_who_slave_and_what_comes_in() {
    for text in [CLUSTER_4, CLUSTER_5] {
        let cluster = cluster(&[("c.txt", text)]);
        assert_eq!(names(&cluster.sets), ["broker-a", "broker-b"]);
        let a = cluster.sets.get("broker-a").expect("it is known");
        assert_eq!((a.ids.clone(), a.rate), (BTreeSet::from([0, 1]), Some(Rate(12_050))));
        assert_eq!(cluster.clusters, BTreeSet::from(["shop-cluster".to_owned()]));
    }
}

#[test]
fn totals_tell_replicas_and_a_mean_which_does_not_count_where_the_present_is_known() {
    let totals = cluster(&[("c.txt", TOTALS)]);
    let a = totals.sets.get("broker-a").expect("it is known");
    assert_eq!((a.replicas, a.rate), (2, Some(Rate(100_000))));
    let both = cluster(&[("c.txt", CLUSTER_4), ("m.txt", &format!("{TOTALS}{TOTALS}"))]);
    let a = both.sets.get("broker-a").expect("it is known");
    assert_eq!((a.replicas, a.rate), (2, Some(Rate(12_050))));
}

#[test]
fn lists_of_topics_are_read_with_and_without_groups() {
    let with = cluster(&[("t.txt", TOPICS_WITH_GROUPS)]);
    assert_eq!(names(&with.topics), ["SCHEDULE_TOPIC_XXXX", "TBW102", "orders", "refunds"]);
    assert_eq!(names(&with.groups), ["billing", "order-service"]);
    assert!(with.topics.get("TBW102").is_some_and(|topic| topic.clusters.is_empty()));
    let without = cluster(&[("t.txt", "orders\n%RETRY%billing\nrefunds\n")]);
    assert_eq!(names(&without.topics), ["%RETRY%billing", "orders", "refunds"]);
    // 5.x has wider rows than headers.
    let wide = format!("#Cluster Name         #Topic  #Consumer Group\n{:<20}  {:<64}  {:<64}\n", "c", "orders", "g");
    assert!(cluster(&[("t.txt", &wide)]).groups.get("g").is_some_and(|group| group.topics.contains_key("orders")));
}

#[test]
fn a_route_is_of_the_topic_that_its_file_or_its_command_line_names() {
    let told = format!("$ sh bin/mqadmin topicRoute -n 10.0.0.9:9876 -t orders\n{ROUTE}");
    for (name, text) in [("routes/orders.json", ROUTE), ("routes.txt", &told), ("orders.txt", ROUTE_AS_LIST)] {
        let cluster = cluster(&[(name, text)]);
        let orders = cluster.topics.get("orders").expect("it is known");
        let route: Vec<_> = orders
            .route
            .iter()
            .map(|(set, queues)| (set.as_str(), queues.write, queues.read, queues.writable))
            .collect();
        assert_eq!(route, [("broker-a", 8, 8, true), ("broker-b", 2, 4, false)]);
        assert!(cluster.sets.get("broker-a").is_some_and(|set| set.ids == BTreeSet::from([0, 1])));
    }
    let problems = refused("-", ROUTE).to_string();
    assert!(problems.starts_with("-:1:1: this is a route") && problems.contains("mqadmin topicRoute -t"), "{problems}");
    let second = refused("orders.json", &format!("{ROUTE}{ROUTE}"));
    assert_eq!(second.position(&second.problems[0]), (35, 1), "{second}");
}

#[test]
fn the_list_of_groups_says_how_many_consumers_are_there() {
    let cluster = cluster(&[("g.txt", &GROUPS.replace("CLUSTERING ", "BROADCASTING"))]);
    let group = |name| cluster.groups.get(name).map(|group| (group.consumers, group.broadcasting));
    assert_eq!(group("order-service"), Some((Some(3), true)));
    assert_eq!(group("billing"), Some((Some(0), false)));
}

#[test]
fn both_shapes_of_progress_say_what_a_group_reads_and_how_far_behind_it_is() {
    let named = format!("mqadmin consumerProgress -g order-service\n{PROGRESS_4}");
    for (name, text, hosts) in
        [("x.txt", PROGRESS_4, 2), ("x.txt", PROGRESS_5, 0), ("-", &named, 2), ("-", PROGRESS_5, 0)]
    {
        let cluster = cluster(&[(name, text)]);
        assert_eq!(names(&cluster.groups), ["order-service"]);
        let group = cluster.groups.get("order-service").expect("it is known");
        assert_eq!(group.hosts.len(), hosts);
        assert_eq!(group.topics, BTreeMap::from([("orders".to_owned(), Some(110))]));
        let seen = &cluster.topics.get("orders").expect("it is known").seen;
        assert_eq!(seen, &BTreeMap::from([("broker-a".to_owned(), 4), ("broker-b".to_owned(), 1)]));
    }
    let unnamed = PROGRESS_5.replace("%RETRY%order-service", "refunds");
    assert_eq!(names(&cluster(&[("progress/billing.txt", &unnamed)]).groups), ["billing"]);
    assert!(refused("-", &unnamed).to_string().contains("-:1:1: this is the progress of a group"));
}

#[test]
fn what_is_cut_off_a_name_is_found_where_only_one_name_begins_so() {
    let long = "order-service-of-the-european-shops";
    let progress = PROGRESS_4
        .replace("orders      ", "orders-of-all-european-shops-eve  ")
        .replace("%RETRY%order-service              ", &format!("{:<34}", &format!("%RETRY%{long}")[..32]));
    let groups = GROUPS.replace("order-service                     ", &format!("{:<34}", &long[..32]));
    let topics = format!("{}\n", "orders-of-all-european-shops-ever");
    let lists = format!("#Cluster Name         #Topic\nc  orders-of-all-european-shops-ever  {long}\n");
    let known = cluster(&[("p.txt", &progress), ("g.txt", &groups), ("t.txt", &topics), ("l.txt", &lists)]);
    assert_eq!(names(&known.topics), ["orders-of-all-european-shops-ever"]);
    assert_eq!(names(&known.groups), ["TOOLS_CONSUMER", "billing", long]);
    let group = known.groups.get(long).expect("it is known");
    assert_eq!((group.consumers, group.topics.len()), (Some(3), 1));
    // With two it is not clear which.
    let two = format!("{topics}orders-of-all-european-shops-even\n");
    let known = cluster(&[("p.txt", &progress), ("t.txt", &two)]);
    assert_eq!(known.topics.iter().count(), 3);
    assert!(imported(&[("p.txt", &progress)]).contains("the name may be longer: mqadmin cuts it"));
}

#[test]
fn several_outputs_in_one_file_are_told_from_each_other() {
    let all = format!(
        "$ mqadmin clusterList\n{CLUSTER_5}\n$ mqadmin topicList\norders\nrefunds\n$ mqadmin topicRoute -t orders\n{ROUTE}\
         $ mqadmin consumerProgress\n{GROUPS}\n+ mqadmin consumerProgress -g order-service\n{PROGRESS_5}\n{SMALL}{TOTALS}"
    );
    let windows = all.replace('\n', "\r\n");
    for text in [&all, &windows] {
        let cluster = cluster(&[("all.txt", text)]);
        assert_eq!(names(&cluster.topics), ["orders", "refunds"]);
        assert_eq!(names(&cluster.groups), ["TOOLS_CONSUMER", "billing", "order-service"]);
        assert_eq!(names(&cluster.sets), ["broker-a", "broker-b"]);
    }
}

#[test]
fn the_scenario_has_who_was_printed_and_says_what_is_a_guess() {
    let text = imported(&[
        ("c.txt", CLUSTER_4),
        ("t.txt", TOPICS_WITH_GROUPS),
        ("orders.json", ROUTE),
        ("g.txt", GROUPS),
        ("p.txt", PROGRESS_4),
    ]);
    let plan = plan(&text);
    assert_eq!(plan.sets.iter().map(|set| set.replicas.len()).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(plan.topics.iter().map(|topic| topic.queues.len()).collect::<Vec<_>>(), [10, 8]);
    let consumers = |node: &&crate::plan::NodePlan| matches!(node.role, Role::Consumer(_));
    assert_eq!(plan.nodes.iter().filter(consumers).count(), 3);
    let said = [
        ("name = \"broker-a\"", "replication", "a guess"),
        ("name = \"orders\"", "queues", "broker-b takes no messages for it in life"),
        ("name = \"orders\"", "queues", "broker-b: 2 to write, 4 to read"),
        ("name = \"refunds\"", "queues", "a guess: `mqadmin topicRoute` says how many"),
        ("name = \"orders-producer\"", "interval", "60.25 messages a second, a guess: an even share"),
        ("name = \"orders-producer\"", "# bursts", "up to 110"),
        ("name = \"order-service\"", "topic", "it was 110 messages behind"),
        ("name = \"order-service\"", "service_time", "a guess that keeps up"),
        ("name = \"billing\"", "# no [[consumers]]", "none was connected"),
    ];
    for (section, line, words) in said {
        assert!(line_of(&text, section, line).contains(words), "{section} {line} {words}\n{text}");
    }
    assert!(text.contains("keeps for itself: `SCHEDULE_TOPIC_XXXX`, `TBW102`\n"), "{text}");
    assert!(text.contains("keeps for itself: `TOOLS_CONSUMER`\n"), "{text}");
}

#[test]
fn the_small_json_makes_the_same_cluster() {
    let text = imported(&[("small.json", SMALL)]);
    let plan = plan(&text);
    assert_eq!(plan.sets.iter().map(|set| set.replicas.len()).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(plan.queues.iter().map(|queue| queue.set.index()).collect::<Vec<_>>(), [0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    assert!(line_of(&text, "name = \"orders-producer\"", "interval").contains("120.50 messages a second, as given"));
    assert!(line_of(&text, "name = \"order-service\"", "topic").contains("106 messages behind"));
}

#[test]
fn what_is_offered_in_a_comment_is_sound_when_the_sign_before_it_is_taken_away() {
    let text = imported(&[("small.json", SMALL)]);
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
fn from_brokers_alone_there_is_still_something_to_look_at() {
    let text = imported(&[("c.txt", CLUSTER_5)]);
    assert_eq!((plan(&text).queues.len(), plan(&text).groups.len()), (8, 1));
    assert!(line_of(&text, "name = \"topic\"", "name").contains("made up"), "{text}");
    let text = imported(&[("t.txt", "orders\n")]);
    assert!(line_of(&text, "name = \"broker-1\"", "name").contains("made up"), "{text}");
    assert!(text.contains("# No group is known"), "{text}");
    plan(&text);
}

#[test]
fn a_group_of_two_topics_becomes_one_for_each_and_names_are_made_allowed() {
    let json = r#"{"brokers":[{"name":"nameserver"},{"name":"a/b"},{"name":"a#b"}],
        "topics":[{"name":"x.y z","queues":{"a/b":1,"a#b":2,"nameserver":1}},{"name":"t","queues":{"a/b":1}}],
        "groups":[{"name":"g","topic":"t"},{"name":"g","topic":"x.y z"},{"name":"t-producer","topic":"t"}]}"#;
    let text = imported(&[("j", json)]);
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
fn a_problem_is_told_with_its_place_and_a_remedy() {
    let wrong = [
        (CLUSTER_4.replace("  1     10.0", "  x     10.0"), "4:43: `#BID` is `x`, expected a whole number"),
        (CLUSTER_4.replace("120.50(0,0ms)", "fast(0,0ms)"), "3:96: `#InTPS(LOAD)` is `fast(0,0ms)`"),
        (CLUSTER_4[..CLUSTER_4.len() - 70].to_owned(), "5:1: the row ends before its `#InTPS(LOAD)`"),
        (PROGRESS_4.replace("990 ", "many"), "4:97: `#Consumer Offset` is `many`"),
        (GROUPS.replace("3       V4", "three   V4"), "2:35: `#Count` is `three`"),
        (ROUTE_AS_LIST.replace("{0=10.0.0.3", "{master=10.0.0.3"), "3:80: `#BrokerAddrs` is `{master=10.0.0.3:10911}`"),
        ("#Topic #Nothing\na b\n".to_owned(), "1:1: no table of these columns is known"),
        ("orders\nwhat is this?\nand this?\n".to_owned(), "2:1: this line is of no output that is known"),
        ("org.apache.rocketmq.X: Exception: no\n\tat a.b(C.java:1)\n".to_owned(), "1:1: `mqadmin` failed here"),
        (String::new(), "1:1: there is no output in the file"),
        (SMALL.replace("\"slaves\": 1", "\"slaves\": -1"), "2:48: invalid value: integer `-1`"),
        (SMALL.replace("\"queues\"", "\"queus\""), "3:40: unknown field `queus`, expected"),
        (SMALL.replace("\"topic\": \"orders\", ", ""), "4:68: missing field `topic`"),
        (SMALL.replace("120.5", "0"), "3:88: `rate` is 0, expected messages a second"),
        (SMALL.replace("\"broker-b\" }]", "\"\" }]"), "2:65: a name is empty"),
        (SMALL.replace("3, ", "3 "), "4:75: this is not JSON"),
        (
            ROUTE.replace("1:\"10.0.0.2", "x:\"10.0.0.2"),
            "4:38: this is not JSON: invalid value: expected key to be a number",
        ),
        (ROUTE[..ROUTE.len() - 3].to_owned(), "33:2: this is not JSON: EOF while parsing"),
    ];
    let mut otherwise = String::new();
    for (text, said) in wrong {
        let diagnostics = refused("orders.txt", &text);
        let shown = diagnostics.to_string();
        if !shown.contains(&format!("orders.txt:{said}")) {
            otherwise += &format!("expected {said} in\n{shown}");
        }
        assert!(diagnostics.problems.iter().all(|problem| problem.help.is_some()), "{shown}");
    }
    assert_eq!(otherwise, "");
}

#[test]
fn a_broker_that_does_not_answer_takes_nothing_from_the_table() {
    let table = CLUSTER_4.replace(
        "shop-cluster      broker-b",
        "org.apache.rocketmq.remoting.exception.RemotingConnectException: connect to 10.0.0.3:10911 failed\n\
         \tat org.apache.rocketmq.remoting.A.b(C.java:1)\nshop-cluster      broker-b",
    );
    assert_eq!(names(&cluster(&[("c.txt", &table)]).sets), ["broker-a", "broker-b"]);
}

#[test]
fn what_is_more_than_a_scenario_may_have_is_left_out_and_said() {
    let topics: Vec<String> = (0..1_500).map(|n| format!(r#"{{"name":"t{n:04}","queues":{{"b":9}}}}"#)).collect();
    let groups: Vec<String> =
        (0..900).map(|n| format!(r#"{{"name":"g{n}","topic":"t0007","consumers":20}}"#)).collect();
    let json = format!(
        r#"{{"brokers":[{{"name":"b","slaves":99}}],"topics":[{}],"groups":[{}, {{"name":"far","topic":"t1499"}}]}}"#,
        topics.join(","),
        groups.join(",")
    );
    let text = imported(&[("large.json", &json)]);
    let plan = plan(&text);
    assert_eq!(plan.topics.len(), 1_000);
    assert!(plan.nodes.len() <= crate::limit::NODES);
    // Topics that are read come first.
    assert!(plan.topics.iter().any(|topic| topic.name == "t1499"));
    assert!(text.contains("groups beyond the limits") && text.contains("and 446 more"), "{}", &text[..3_000]);
    assert!(text.contains("and 492 more"), "{}", &text[..2_000]);
    let crowd = r#"{"topics":[{"name":"t","queues":{"b":9}}],"groups":[{"name":"g","topic":"t","consumers":4000}]}"#;
    let crowd = imported(&[("crowd.json", crowd)]);
    assert!(line_of(&crowd, "name = \"g\"\ngroup", "count").starts_with("count = 500  # 4000 in life"), "{crowd}");
    assert!(text.contains("(limit `replicas`)") && text.contains("slowed down"));
    let too_many_queues =
        r#"{"topics":[{"name":"t","queues":{"b":10001}},{"name":"u","queues":{"b":4294967295,"c":4294967295}}]}"#;
    let text = imported(&[("q.json", too_many_queues)]);
    assert!(text.contains("made up") && text.contains("beyond the limits `queues`"), "{text}");
}
