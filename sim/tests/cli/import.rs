//! What `import` makes of files and of standard input, and what it leaves alone.

use std::io::Write as _;
use std::process::Stdio;

use super::{TestFolder, done};

const CLUSTER: &str = "\
#Cluster Name     #Broker Name            #BID  #Addr                  #Version                #InTPS(LOAD)       #OutTPS(LOAD) #PCWait(ms) #Hour #SPACE
shop-cluster      broker-a                0     10.0.0.1:10911         V4_9_4                   12.50(0,0ms)        25.00(0,0ms)          0 71.22 0.3315
shop-cluster      broker-a                1     10.0.0.2:10911         V4_9_4                   12.50(0,0ms)         0.00(0,0ms)          0 71.22 0.3310
";

const SMALL: &str = r#"{
  "topics": [{ "name": "orders", "queues": { "broker-a": 4 } }],
  "groups": [{ "name": "order-service", "topic": "orders", "consumers": 2 }]
}"#;

#[test]
fn files_of_different_kinds_make_one_scenario_that_is_sound_and_runs() {
    let desk = TestFolder::new().file("cluster.txt", CLUSTER).file("small.json", SMALL);
    let import = desk.call(&["import", "cluster.txt", "small.json", "-o", "mine.toml"]);
    assert_eq!((import.status, import.out.as_str()), (0, ""));
    assert!(import.err.contains("queuescope run mine.toml"), "{}", import.err);
    let check = desk.call(&["check", "mine.toml"]);
    // A nameserver, a master and its slave, a producer and two consumers.
    assert_eq!((check.status, check.out.as_str()), (0, "ok  mine.toml (6 nodes, 4 queues)\n"), "{}", check.err);
    assert_eq!(desk.call(&["run", "mine.toml"]).status, 0);
    let text = desk.read("mine.toml");
    assert!(text.starts_with("# From a real cluster: `cluster.txt`, `small.json`\n"), "{text}");

    let printed = desk.call(&["import", "cluster.txt", "small.json"]);
    assert_eq!((printed.status, printed.out, printed.err.as_str()), (0, text, ""));
}

#[test]
fn standard_input_is_read_like_a_file() {
    let desk = TestFolder::new().file("small.json", SMALL);
    let mut command = desk.command(&["import", "-", "small.json"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    child.stdin.take().expect("a pipe").write_all(CLUSTER.as_bytes()).expect("it is read");
    let done = done(&child.wait_with_output().expect("it ends"));
    assert_eq!((done.status, done.err.as_str()), (0, ""));
    assert!(done.out.contains("slaves = [\"broker-a-s1\"]") && done.out.contains("name = \"orders\""), "{}", done.out);
}

#[test]
fn a_file_that_exists_is_never_written_over() {
    let desk = TestFolder::new().file("cluster.txt", CLUSTER).file("mine.toml", "mine");
    let import = desk.call(&["import", "cluster.txt", "-o", "mine.toml"]);
    assert_eq!((import.status, import.out.as_str()), (2, ""));
    assert!(import.err.contains("mine.toml exists"), "{}", import.err);
    assert_eq!(desk.read("mine.toml"), "mine");
}

#[test]
fn a_file_that_cannot_be_read_is_said_and_nothing_is_written() {
    let desk = TestFolder::new().file("cluster.txt", CLUSTER);
    let import = desk.call(&["import", "cluster.txt", "nobody.txt", "-o", "mine.toml"]);
    assert_eq!((import.status, import.out.as_str()), (2, ""));
    assert!(import.err.contains("nobody.txt cannot be read"), "{}", import.err);
    assert!(!desk.path("mine.toml").exists());
}

#[test]
fn files_of_which_nothing_is_known_are_refused_with_all_problems_and_nothing_is_written() {
    let desk = TestFolder::new()
        .file("text.txt", "what is this?\n")
        .file("small.json", "{ \"topics\": [{ \"nam\": \"t\" }] }")
        .file("bytes.bin", b"\x00\xff\xfe\x01\x02 \x80\n");
    let import = desk.call(&["import", "text.txt", "small.json", "bytes.bin", "-o", "mine.toml"]);
    assert_eq!((import.status, import.out.as_str()), (2, ""));
    let said = [
        "text.txt:1:1: this line is of no output that is known",
        "small.json:1:16: unknown key `nam`, expected `name`, `queues`, `rate`",
        "did you mean `name`?",
        "bytes.bin:1:1: this line is of no output that is known",
        "in 3 of 3 files; nothing was run",
    ];
    for words in said {
        assert!(import.err.contains(words), "{words:?} is not in {}", import.err);
    }
    assert!(!desk.path("mine.toml").exists());
}

#[test]
fn passages_that_were_passed_over_are_told_on_standard_error_and_in_comments() {
    let pasted = format!("Hello, this is ours:\n{CLUSTER}[root@mq1 bin]# ls\nbin\n");
    let desk = TestFolder::new().file("pasted.txt", &pasted).file("small.json", SMALL.replace("queues", "queus"));
    let import = desk.call(&["import", "pasted.txt", "small.json", "-o", "mine.toml"]);
    assert_eq!((import.status, import.out.as_str()), (0, ""));
    let text = desk.read("mine.toml");
    for passage in [
        "pasted.txt:1: `Hello, this is ours:`: this line is of no output that is known",
        "pasted.txt:5-6: `[root@mq1 bin]# ls`: what `ls` prints is not known",
        "small.json:2: `\"topics\": [{ \"name\": \"orders\", \"queus\": { \"broke…`: unknown key `queus`",
    ] {
        assert!(import.err.contains(&format!("passed over: {passage}")), "{passage} is not in {}", import.err);
        assert!(text.contains(&format!("\n#   {passage}")), "{passage} is not in {text}");
    }
    assert_eq!(desk.call(&["check", "mine.toml"]).status, 0);
}

#[test]
fn a_dash_stands_for_standard_output_and_is_no_file() {
    let desk = TestFolder::new().file("small.json", SMALL);
    let import = desk.call(&["import", "small.json", "-o", "-"]);
    assert_eq!((import.status, import.err.as_str()), (0, ""));
    assert!(import.out.contains("name = \"orders\"") && !desk.path("-").exists(), "{}", import.out);
}

/// What people paste: the file's name, the text, lines that the scenario has, and words that it has not.
type Pasted<'t> = (&'t str, &'t [u8], &'t [&'t str], &'t [&'t str]);

const PASTED: &[Pasted<'_>] = &[
    (
        "indented.txt",
        b"\t#Cluster Name         #Topic      #Consumer Group\n\tDefaultCluster        OrderTopic  order-group\n",
        &["title = \"DefaultCluster\"", "topic = \"OrderTopic\"", "group = \"order-group\""],
        &["\"order-group@"],
    ),
    (
        "Pay.txt",
        b"#Topic  #Broker Name  #QID  #Broker Offset  #Consumer Offset  #Diff  #Inflight  #LastTime\n\
          %RETRY%Pay_Orders  b  0  3  3  0  0  2026-06-07 02:49:41\nOrders  b  0  1  1  0  0  N/A\n",
        &["group = \"Pay\"", "topic = \"Orders\""],
        &["Pay_Orders"],
    ),
    (
        "squeezed.txt",
        b"#Group   #Count  #Version  #Type  #Model      #TPS  #Diff Total\nbilling  2       V4_9_4    PUSH   CLUSTERING  118   0\n\n\
          #Cluster Name         #Topic  #Consumer Group\nC                     pay     billing-v2\n",
        &["group = \"billing\"", "group = \"billing-v2\"", "count = 2"],
        &[],
    ),
    (
        "stats.txt",
        b"#Topic #Group #Broker Name #QID #Broker Offset #Consumer Offset #Diff #LastTime\nt g broker-a 0 8 8 0 2026-08-18 14:52:30\n",
        &["name = \"broker-a\"", "topic = \"t\"", "group = \"g\"", "queues = { broker-a = 1 }"],
        &[],
    ),
    ("bom.txt", b"\xef\xbb\xbfTopicTest\n", &["topic = \"TopicTest\""], &[]),
    ("utf16.txt", b"\xff\xfeT\0B\0W\x001\x000\x002\0\r\0\n\0o\0k\0", &["topic = \"ok\""], &["TBW102\""]),
    ("windows.txt", b"C:\\rmq\\bin>mqadmin.cmd topicList -n 127.0.0.1:9876\r\nTopicTest\r\n", &["topic = \"TopicTest\""], &[]),
    ("remark.txt", b"# list the topics\nmqadmin topicList -n ns:9876\nTopicTest\n", &["topic = \"TopicTest\"", "a remark"], &[]),
    (
        "warning.txt",
        b"  Java HotSpot(TM) 64-Bit Server VM warning: ignoring option PermSize=128m\nTopicTest\n",
        &["topic = \"TopicTest\"", "what Java says besides"],
        &[],
    ),
    ("prompt.txt", b"mqadmin topicList\nTopicTest\n[root@mq1 bin]# \n", &["topic = \"TopicTest\"", "a prompt"], &[]),
    (
        "status.txt",
        b"mqadmin topicList\nTopicTest\nmqadmin topicStatus -t TopicTest\n\
          #Broker Name                      #QID  #Min Offset           #Max Offset             #Last Updated\n\
          broker-a                          3     0                     1                       2026-06-05 16:20:48,715\n",
        &["topic = \"TopicTest\"", "queues = { broker-a = 4 }"],
        &[],
    ),
    (
        "spaced.txt",
        b"#Cluster Name #Broker Name #BID #Addr #Version #InTPS(LOAD) #OutTPS(LOAD) #PCWait(ms) #Hour #SPACE\n\n\
          ClusterA broker-a 0 10.1.2.3:10911 V4_1_0_SNAPSHOT 2492.95(0,0ms) 2269.27(1,0ms) 0 137.57 0.1861\n\n\
          ClusterA broker-a 1 10.1.2.4:10911 V4_1_0_SNAPSHOT 2485.45(0,0ms) 0.00(0,0ms) 0 125.26 0.3055\n",
        &["slaves = [\"broker-a-s1\"]"],
        &["Passed over"],
    ),
    (
        "ellipsis.txt",
        b"./mqadmin consumerProgress \\\n  -n localhost:9876 -g pull-group\n\
          #Topic  #Broker Name   #QID  #Broker Offset  #Consumer Offset  #Diff  #LastTime\n\
          a-topic broker-a       0     25              16                9      2026-09-18 20:14:49\n...\n\
          a-topic broker-a       9     5               0                 5      N/A\n\nConsume TPS: 0.00\nDiff Total: 42\n",
        &["group = \"pull-group\"", "queues = { broker-a = 10 }", "something was left out there"],
        &[],
    ),
    (
        "failed.txt",
        b"sh mqadmin consumerProgress -n localhost:9876\norg.apache.rocketmq.tools.command.SubCommandException: command failed\n\
          \tat org.apache.rocketmq.A.execute(A.java:207)\nCaused by: x: CODE: 17  DESC: No topic route info: %RETRY%g\n\t... 1 more\n\
          #Group                     #Count  #Version  #Type  #Model  #TPS  #Diff Total\n\
          offline-group                  0       OFFLINE                                         0        22653\n\
          sample-group             1       V5_3_2                   PUSH   CLUSTERING      0        0\n",
        &["group = \"sample-group\"", "name = \"offline-group\"", "a program failed here"],
        &[],
    ),
    (
        "fenced.md",
        b"```shell\n#Cluster Name #Broker Name #BID #Addr #Version #InTPS(LOAD)\nC b 0 x.x.x.x:1 V4 1.00(0,0ms)\n```\n",
        &["name = \"b\"", "a fence"],
        &[],
    ),
    (
        "connection.txt",
        b"sh mqadmin consumerConnection -n localhost:9876 -g a-group\n#ClientId  #ClientAddr  #Language  #Version\n\
          127.0.0.1@1#9790766882943522    127.0.0.1:44832     JAVA       V5_3_2\n\nBelow is subscription:\n\
          #Topic               #SubExpression\na_topic order_created\n%RETRY%a-group *\n\nConsumeType: CONSUME_PASSIVELY\n",
        &["group = \"a-group\"", "topic = \"a_topic\"", "count = 1\n"],
        &["order_created\""],
    ),
    (
        "rates.txt",
        b"#Topic      #Consumer Group     #Accumulation      #InTPS     #OutTPS   #InMsg24Hour  #OutMsg24Hour\n\
          OrderTopic  order-group                  1204      118.20      117.90         102300         102150\n\
          PayTopic                                             0.00                             0           NO_CONSUMER\n",
        &["118.20 messages a second", "1204 messages behind", "topic = \"PayTopic\""],
        &["NO_CONSUMER", "group = \"0"],
    ),
    (
        "dashboard.json",
        b"{\"status\":0,\"data\":{\"clusterInfo\":{\"brokerAddrTable\":{\"broker-a\":{\"cluster\":\"DefaultCluster\",\"brokerName\":\"broker-a\",\
          \"brokerAddrs\":{\"0\":\"10.0.0.1:10911\",\"1\":\"10.0.0.2:10911\"}}},\"clusterAddrTable\":{\"DefaultCluster\":[\"broker-a\"]}}},\"errMsg\":null}",
        &["title = \"DefaultCluster\"", "slaves = [\"broker-a-s1\"]"],
        &[],
    ),
    (
        "kafka.txt",
        b"$ kafka-consumer-groups.sh --bootstrap-server localhost:9092 --group indexing --describe\n\n\
          GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID          HOST            CLIENT-ID\n\
          indexing        storage-events  0          22922           22930           8               consumer-1-1cbaa664  /10.42.2.77     consumer-1\n\
          indexing        storage-events  1          -               120             -               -                    -               -\n",
        &["group = \"indexing\"", "queues = { kafka = 2 }", "at least 8 messages behind", "count = 1\n"],
        &["\"-\""],
    ),
];

#[test]
fn pasted_text_becomes_a_scenario_that_is_sound_and_runs() {
    let mut otherwise = String::new();
    for (name, pasted, has, has_not) in PASTED {
        let desk = TestFolder::new().file(name, pasted);
        let import = desk.call(&["import", name, "-o", "mine.toml"]);
        if import.status != 0 {
            otherwise += &format!("{name}: {}\n", import.err);
            continue;
        }
        let text = desk.read("mine.toml");
        let lacks = has.iter().filter(|words| !text.contains(**words)).map(|words| format!("{name} lacks {words}\n"));
        let and_has =
            has_not.iter().filter(|words| text.contains(**words)).map(|words| format!("{name} has {words}\n"));
        otherwise.extend(lacks.chain(and_has));
        assert_eq!(desk.call(&["run", "mine.toml"]).status, 0, "{text}");
    }
    assert_eq!(otherwise, "");
}

#[test]
fn nothing_that_was_pasted_is_obeyed_by_a_terminal() {
    let desk = TestFolder::new()
        .file("topics.txt", "$ mqadmin topicList -n a:1\nOrders\u{202e}Topic\nPlain\n\u{1b}[2JPassed\n");
    let done = desk.call(&["import", "topics.txt"]);
    assert_eq!(done.status, 0, "{}", done.err);
    for text in [&done.out, &done.err] {
        let hostile = |c: char| c == '\u{202e}' || (c.is_control() && c != '\n' && c != '\t');
        assert!(!text.contains(hostile), "{text:?}");
    }
    assert!(done.out.contains("Plain"), "{}", done.out);
}
