//! Outputs as people paste them, with whatever stands around them: nothing of an output is lost, and what was passed over is
//! noted.

use super::{File, assert_known, imported, known, sample, scenario, texts};

/// An output of each shape, and what it says.
const OUTPUTS: &[(&str, &str)] = &[
    (sample!("clusterList.txt").1, "set broker-x: 2, 24.78/s\n set broker-y: 1, 30.27/s"),
    (
        sample!("topicList-c-4.txt").1,
        "topic refunds:\n topic trades:\n group bookie: ?, trades\n group trade-service: ?, trades",
    ),
    (
        sample!("consumerProgress-trade-service.txt").1,
        "set broker-x: 0\n set broker-y: 0\n topic trades: broker-x~4 broker-y~4\n group trade-service: ?, trades 3571",
    ),
    (sample!("consumerConnection.txt").1, "topic trades:\n group trade-service: 2, trades"),
    (sample!("clusterInfo.json").1, "set store-1: 2\n set store-2: 1"),
    (sample!("getBrokerConfig.txt").1, "set broker-y: 1, sync, flushes sync"),
    (
        sample!("kafka-topics-old.txt").1,
        "set kafka-0: 3\n set kafka-1: 3\n set kafka-2: 3\n topic clicks: kafka-0=1 kafka-1=1 kafka-2=1",
    ),
    (sample!("kafka-groups-0.10.txt").1, "set kafka: 1\n topic clicks: kafka=2\n group indexing: 2, clicks 5"),
];

fn each_line(text: &str, change: impl Fn(usize, &str) -> String) -> String {
    text.lines().enumerate().map(|(number, line)| change(number, line) + "\n").collect()
}

#[test]
fn an_output_is_read_whatever_stands_around_it() {
    for (output, expected) in OUTPUTS {
        let ways: &[String] = &[
            (*output).to_owned(),
            output.replace('\n', "\r\n"),
            format!("\u{feff}{output}"),
            format!("```shell\n{output}```\n"),
            format!("> {}", output.trim_end().replace('\n', "\n> ")),
            format!("Hello,\n\nthis is our cluster:\n\n{output}\n\nThanks, Bob\n"),
            format!("# our cluster\n// as of today\n{output}...\n"),
            format!("{output}[root@mq1 bin]# \n"),
            format!("$ date\nFri Oct 13 10:00:00 UTC 2026\n$ cat it.txt\n{output}$ exit\n"),
            format!("Java HotSpot(TM) 64-Bit Server VM warning: x\nRocketMQLog:WARN y\n{output}"),
            each_line(output, |_, line| format!("    {line}")),
            each_line(output, |_, line| format!("{line}\n")),
            each_line(output, |number, line| format!("{:>6}\t{line}", number + 1)),
            each_line(output, |_, line| format!("\u{1b}[32m{line}\u{1b}[0m")),
            each_line(output, |_, line| line.replace(' ', "\u{a0}")),
            each_line(output, |_, line| format!("{line}   ")),
            format!("org.apache.rocketmq.X: CODE: 17  DESC: no\n\tat a.B.c(B.java:1)\n\t... 1 more\n{output}"),
        ];
        for way in ways {
            assert_known(&[("-", way)], expected);
            imported(&[("-", way)]);
        }
    }
}

#[test]
fn an_output_is_read_in_each_encoding() {
    for (output, _) in OUTPUTS {
        let of = |bytes: Vec<u8>| scenario(&[File { name: "x", bytes: &bytes }]).map(|imported| imported.text);
        let with_mark = format!("\u{feff}{output}");
        let little: Vec<u8> = with_mark.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = with_mark.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let plain = of(output.as_bytes().to_vec());
        assert!(plain.is_ok());
        assert_eq!([of(little), of(big)], [plain.clone(), plain]);
    }
}

#[test]
fn blanks_between_columns_may_be_fewer_and_empty_cells_gone() {
    let squeeze = |text: &str| each_line(text, |_, line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    for (output, expected) in OUTPUTS.iter().filter(|(output, _)| !output.starts_with('{')) {
        assert_known(&[("-", &squeeze(output))], expected);
    }
    let tabs = |text: &str| squeeze(text).replace(' ', "\t");
    for (output, expected) in &OUTPUTS[..3] {
        assert_known(&[("-", &tabs(output))], expected);
    }
    let words_apart = |text: &str| squeeze(text).replace(' ', "    ");
    let busy = sample!("topicStatus-trades.txt").1.replace("Put TPS: 0.0", "Put TPS: 9.341592566689979");
    let status = known(&[("trades", &busy)]);
    assert!(status.contains("9.34/s"), "{status}");
    assert_eq!(known(&[("trades", &words_apart(&busy))]), status);
    assert_eq!(texts(&imported(&[("trades", &words_apart(&busy))]).passed_over), [""; 0]);
    let stats = squeeze(sample!("statsAll.txt").1);
    assert_eq!(known(&[("a", &stats)]), known(&[sample!("statsAll.txt")]));
}

#[test]
fn tables_that_were_drawn_are_read_cell_by_cell() {
    assert_known(
        &[sample!("markdown-table.md")],
        "topic refunds:, 0.00/s\n topic trades:, 118.20/s\n group trade-service: ?, trades 1204",
    );
    assert_known(&[sample!("boxed.txt")], "topic trades:\n group trade-service: ?, trades");
    let (_, drawn) = sample!("markdown-table.md");
    // A client of a database draws no bars around it.
    let without_ends = each_line(drawn, |_, line| line.trim_matches(['|', ' ']).to_owned());
    assert_known(
        &[("t", &without_ends)],
        "topic refunds:, 0.00/s\n topic trades:, 118.20/s\n group trade-service: ?, trades 1204",
    );
    // What stands below is not part of it.
    let list = format!("{drawn}Topics:\n- `TBW102`\n- `clearing`\n");
    assert!(known(&[("-", &list)]).contains("topic clearing:\n"));
    let shown = texts(&imported(&[("-", &list)]).passed_over);
    let at = drawn.lines().count() + 1;
    assert!(shown.contains(&format!("-:{at}: `Topics:`: this line is of no output that is known")), "{shown:?}");
    let tabs =
        each_line(&drawn.replace(" | ", "\t").replace(['|', '`'], ""), |_, line| line.trim_matches(' ').to_owned());
    assert_known(
        &[("t.tsv", &tabs)],
        "topic refunds:, 0.00/s\n topic trades:, 118.20/s\n group trade-service: ?, trades 1204",
    );
    let commas = drawn.replace(" | ", ",").replace(['|', '`'], "").replace("|--", "--");
    assert_known(
        &[("t.csv", &commas)],
        "topic refunds:, 0.00/s\n topic trades:, 118.20/s\n group trade-service: ?, trades 1204",
    );
}

#[test]
fn rows_that_a_terminal_broke_are_put_together() {
    let expected = "set store-1: 2, 120.50/s";
    assert_known(&[sample!("wrapped.txt")], expected);
    assert_eq!(imported(&[sample!("wrapped.txt")]).passed_over, []);
    // At any width, with the blanks at the seams and without.
    let (_, list) = sample!("clusterList.txt");
    for width in [60, 72, 80, 100, 120, 132, 160, 200] {
        for trims in [false, true] {
            let broken: String = list
                .lines()
                .flat_map(|line| {
                    let all: Vec<char> = line.chars().collect();
                    all.chunks(width).map(|part| part.iter().collect::<String>()).collect::<Vec<_>>()
                })
                .map(|part| format!("{}\n", if trims { part.trim_end() } else { &part }))
                .collect();
            let known = known(&[("-", &broken)]);
            assert_eq!(known, "set broker-x: 2, 24.78/s\nset broker-y: 1, 30.27/s\n", "{width} {trims}\n{broken}");
        }
    }
}

#[test]
fn a_row_that_is_damaged_takes_nothing_from_the_others() {
    let (_, list) = sample!("clusterList-4.txt");
    let damaged = list.replace("  1     10.0.0.2", "  one   10.0.0.2");
    assert_known(&[("c", &damaged)], "set store-1: 1, 120.50/s\n set store-2: 1, 0.00/s");
    let shown = texts(&imported(&[("c", &damaged)]).passed_over);
    let expected = "c:5: `shop-cluster      store-1                 one…`: `#BID` is `one`, expected a whole number";
    assert!(shown.contains(&expected.to_owned()), "{shown:?}");
    // What is left of a row is no topic, though one word may be one below a table.
    let (_, groups) = sample!("consumerProgress-4.txt");
    let mut rows: Vec<&str> = groups.lines().collect();
    rows.insert(2, "refunds");
    for text in [rows.join("\n"), rows.join("\n\n")] {
        assert_known(&[("g", &text)], "group bookie: 0\n group trade-service: 3");
        assert!(texts(&imported(&[("g", &text)]).passed_over)[0].ends_with("there is no more of this row"));
    }
    assert_known(&[("g", &format!("{groups}refunds\n"))], "topic refunds:\n group bookie: 0\n group trade-service: 3");
    // Bytes that are no text are no name.
    let groups =
        [sample!("consumerProgress-4.txt").1.as_bytes(), b"g\xff\xfe  1  V4_9_4  PUSH  CLUSTERING  1  1\n"].concat();
    let text = scenario(&[File { name: "g", bytes: &groups }]).map(|imported| imported.text).unwrap_or_default();
    assert!(text.contains("#   g:5: `g\u{fffd}") && text.contains("expected a name"), "{text}");
}

#[test]
fn sentences_below_a_table_of_names_are_no_rows() {
    let (_, list) = sample!("topicList-c-4.txt");
    for sentence in ["Thanks very much", "that is all", "Hello", "any ideas?", "See you"] {
        for table in [(*list).to_owned(), sample!("squeezed-topicList-c.txt").1.to_owned()] {
            for blank in ["", "\n"] {
                let pasted = format!("{table}{blank}{sentence}\n");
                let known = known(&[("-", &pasted)]);
                assert!(
                    !known.contains("very") && !known.contains("you") && !known.contains("is"),
                    "{sentence}\n{known}"
                );
            }
        }
    }
    let (_, connection) = sample!("consumerConnection.txt");
    let pasted = format!("{connection}\nThanks a lot\nBob\n");
    assert_known(&[("-", &pasted)], "topic trades:\n group trade-service: 2, trades");
}

#[test]
fn bare_names_are_topics_only_where_something_says_so() {
    assert_known(&[("-", "orders\nrefunds\n")], "topic orders:\n topic refunds:");
    assert_eq!(
        texts(&imported(&[("-", "orders\nrefunds\n")]).taken),
        ["-:1-2: `orders`: taken for names of topics: no command is above them"]
    );
    // One of RocketMQ's own says what they are, and so does a command.
    for sure in
        ["TBW102\norders\n", "%RETRY%g\n\norders\n", "$ mqadmin topicList\norders\n", "- `TBW102`\n- `orders`\n"]
    {
        let imported = imported(&[("-", sure)]);
        let expected = usize::from(sure.contains("\n\n"));
        assert_eq!(imported.taken.len(), expected, "{sure} {:?}", imported.taken);
        assert_known(&[("-", sure)], "topic orders:");
    }
    // In a mail, one word may be a sentence.
    let mail = format!("Hi\n\nwe have these groups:\n{}\n\nThanks\nBob\n", sample!("consumerProgress.txt").1);
    let imported = imported(&[("mail", &mail)]);
    assert!(!imported.text.contains("\"Hi\"") && !imported.text.contains("\"Thanks\""), "{}", imported.text);
    let shown = texts(&imported.passed_over);
    assert!(
        shown.iter().any(|it| it == "mail:1, 11-12: `Hi`: these may be names, and nothing says of what"),
        "{shown:?}"
    );
    // What another command prints is no list of topics.
    assert_known(&[("-", "$ ls\nbin\nconf\n$ mqadmin topicList\norders\n")], "topic orders:");
}

#[test]
fn a_whole_session_is_read_and_what_was_passed_over_is_noted() {
    assert_known(
        &[sample!("session.md")],
        "set store-1: 1, 12.50/s\n topic trades: store-1=8\n group trade-service: ?, trades 100",
    );
    let imported = imported(&[sample!("session.md")]);
    assert_eq!(
        texts(&imported.passed_over),
        [
            "session.md:1, 27-28: `We see lag since noon, can anybody help?`: this line is of no output that is known",
            "session.md:3, 23, 30, 37: a fence",
            "session.md:5: `OpenJDK 64-Bit Server VM warning: Options UseCon…`: what Java says besides",
            "session.md:12: `...`: something was left out there",
            "session.md:13-15: `[root@mq1 bin]# ls`: what `ls` prints is not known",
            "session.md:22: `[root@mq1 bin]#`: a prompt without a command",
            "session.md:25: `Thanks`: these may be names, and nothing says of what",
        ]
    );
    assert_eq!(imported.taken, []);
    assert!(imported.text.contains("\n#   session.md:13-15: `[root@mq1 bin]# ls`"), "{}", imported.text);
}

#[test]
fn several_outputs_in_one_file_are_read_one_by_one() {
    let outputs = [
        ("clusterList", sample!("clusterList.txt").1),
        ("topicList", "trades\nrefunds\n"),
        ("topicRoute -t trades", sample!("topicRoute-trades.json").1),
        ("consumerProgress", sample!("consumerProgress.txt").1),
        ("consumerProgress -g trade-service", sample!("consumerProgress-trade-service.txt").1),
        ("statsAll", sample!("statsAll.txt").1),
        ("brokerStatus -b 10.0.0.1:10911", sample!("brokerStatus.txt").1),
        (
            "consumerConnection -g bookie",
            "#ClientId  #ClientAddr  #Language  #Version\na@1  10.0.0.1:1  JAVA  V5_3_3\n",
        ),
        ("getBrokerConfig -b 10.0.0.1:10911", sample!("getBrokerConfig.txt").1),
    ];
    let with_commands =
        outputs.iter().fold(String::new(), |all, (command, output)| format!("{all}$ mqadmin {command}\n{output}"));
    let all = known(&[("all.txt", &with_commands)]);
    for line in [
        "set broker-x: 2, 24.78/s\n",
        "set broker-y: 1, 30.27/s, sync, flushes sync\n",
        "topic trades: broker-x=4 broker-y=4, 9.13/s\n",
        "topic refunds:\n",
        "group trade-service: 2, trades 3571\n",
        "group bookie: 1, invoices 0\n",
    ] {
        assert!(all.contains(line), "{line} in\n{all}");
    }
    let shown = texts(&imported(&[("all.txt", &with_commands)]).passed_over);
    assert!(shown.len() == 1 && shown[0].ends_with("what `mqadmin brokerStatus` prints is not known"), "{shown:?}");
    // Without the commands, and in another order, but for what needs them.
    let alone = outputs.iter().rev().filter(|(command, _)| !command.contains("-t") && *command != "topicList");
    let alone = alone.fold(String::new(), |all, (_, output)| format!("{all}{output}"));
    let all = known(&[("all.txt", &alone)]);
    for line in ["set broker-x: 2, 24.78/s\n", "group trade-service: 2, trades 3571\n", "sync, flushes sync\n"] {
        assert!(all.contains(line), "{line} in\n{all}");
    }
}

#[test]
fn json_in_the_midst_of_other_lines_ends_where_it_is_closed() {
    let (_, info) = sample!("clusterInfo.json");
    let expected = "set store-1: 2\n set store-2: 1\n topic orders:";
    for pasted in [
        format!("$ curl x/cluster\n{}$ mqadmin topicList\norders\n", info.trim_end()),
        format!("{}\n$ mqadmin topicList\norders\n", info.trim_end()),
        format!("mqadmin topicList\norders\n{info}"),
        // Broken inside of a text, as a terminal does it.
        format!(
            "{}$ mqadmin topicList\norders\n",
            info.replace("broker-1\"", "bro\nker-1\"").replace("\"store-1\",\"c", "\"sto\nre-1\",\"c")
        ),
    ] {
        assert_known(&[("-", &pasted)], expected);
    }
    // Several on one line, as a collector of logs writes them.
    let route = "{\"queueDatas\":[{\"brokerName\":\"store-1\",\"readQueueNums\":2,\"writeQueueNums\":2}]}";
    let in_one_line = format!("$ curl 'x/topic/route.query?topic=orders'\n{route}, {}\n", info.trim_end());
    assert_known(&[("-", &in_one_line)], "set store-1: 2\n set store-2: 1\n topic orders: store-1=2");
    // Cut off, it takes nothing from what comes next.
    let cut = format!("{}\n$ mqadmin topicList\norders\n", &info[..info.len() / 2]);
    assert_known(&[("-", &cut)], "topic orders:");
    assert!(texts(&imported(&[("-", &cut)]).passed_over)[0].ends_with("this is not JSON: its brackets are not closed"));
}

#[test]
fn a_line_of_no_output_changes_nothing_wherever_it_stands() {
    const LINES: &[&str] = &[
        "",
        "# what follows is from the other data centre",
        "// and this, too",
        "...",
        "Can anybody tell me what is wrong here?",
        "we run three of these, since May.",
        "OpenJDK 64-Bit Server VM warning: Options x",
        "RocketMQLog:WARN No appenders could be found for logger (a.b.C).",
        "[0.004s][warning][gc] -XX:+PrintGCDetails is deprecated.",
        "2024-05-01 10:00:00,123 WARN NettyClientPublicExecutor_1 - x",
        "org.apache.rocketmq.remoting.exception.RemotingConnectException: connect to 10.0.0.3:10911 failed",
        "\tat org.apache.rocketmq.remoting.A.b(C.java:1)",
        "-bash: 192.168.2.15:9876: command not found",
        "```",
        "------------------------------",
    ];
    let samples = [
        sample!("brokerConsumeStats.txt"),
        sample!("clusterList-4.txt"),
        sample!("clusterList-m.txt"),
        sample!("clusterList.txt"),
        sample!("consumerConnection.txt"),
        sample!("consumerProgress-4.txt"),
        sample!("consumerProgress-trade-service.txt"),
        sample!("consumerProgress.txt"),
        sample!("kafka-consumer-groups.txt"),
        sample!("kafka-groups-0.10.txt"),
        sample!("kafka-groups-1.1.txt"),
        sample!("kafka-groups-members.txt"),
        sample!("kafka-groups-state.txt"),
        sample!("kafka-groups-verbose.txt"),
        sample!("kafka-topics-old.txt"),
        sample!("progress-4.txt"),
        sample!("squeezed-consumerProgress.txt"),
        sample!("squeezed-topicList-c.txt"),
        sample!("statsAll.txt"),
        sample!("topicList-c-4.txt"),
        sample!("topicList-c.txt"),
        sample!("topicList.txt"),
        sample!("topicRoute-l.txt"),
        sample!("topicStatus-trades.txt"),
        sample!("getBrokerConfig.txt"),
        sample!("broker.conf"),
        sample!("boxed.txt"),
        sample!("markdown-table.md"),
    ];
    let mut otherwise = String::new();
    for (name, text) in samples {
        let expected = known(&[(name, text)]);
        let lines: Vec<&str> = text.lines().collect();
        for line in LINES {
            for at in 0..=lines.len() {
                let with: Vec<&str> = lines[..at].iter().chain([line]).chain(&lines[at..]).copied().collect();
                let shown = known(&[(name, &(with.join("\n") + "\n"))]);
                if shown != expected {
                    otherwise += &format!("{name}, {line:?} at {at}:\n{shown}instead of\n{expected}\n");
                }
            }
        }
    }
    assert!(otherwise.is_empty(), "{otherwise}");
}

#[test]
fn ten_megabytes_of_anything_take_no_more_than_their_length() {
    let size = 10 * 1024 * 1024 - 1;
    let lines = [
        "{\n",
        "[{\"a\":\n",
        "#Topic #QID #Diff\n",
        "x\n",
        "a b c d e f g\n",
        "#Topic #Broker Name #QID #Diff\na b 0 1\n",
        "1: a\n",
        "> > > > x\n",
        "$ \\\n",
        "%RETRY%a+b c 0 1 1 0 x\n",
        "Topic: a Partition: 0 Leader: 1\n",
        "a=b\n",
        "mqadmin a\n",
        "(((\n",
        "| a | b |\n",
        "C  a-topic-with-a-name-of-forty-eight-characters-xx  g\n",
        "{\n#Topic #Broker Name #QID #Diff\n",
        "\"",
        "{\"a\":[",
        "at a.b(c)\n",
        "```a b`\n",
        "#Group #Count\n",
        "=====a=====\n",
        "`",
        "\u{1b}]",
    ];
    for line in lines {
        let text = line.repeat(size / line.len() / 10);
        let read = std::panic::catch_unwind(|| {
            let _ = known(&[("-", &text)]);
        });
        assert!(read.is_ok(), "{line}");
    }
    // All of it on a line or two.
    let many = |piece: &str| piece.repeat(size / piece.len() / 10);
    let headings = "#Topic #Broker Name #QID #Diff";
    for text in [
        format!("{headings}{}\n{}", many(" #x"), many("a b 0 1 ")),
        format!("{headings}\n{}", many("a b 0 1 ")),
        many("{} "),
        many("{\"a\":[1]},"),
        many("Topic: a Partition: 0 "),
        many("\\ "),
        format!("| {headings} |\n{}", many("| 主 ")),
        format!("$ mqadmin{}", many(" -t")),
    ] {
        let _ = known(&[("-", &text)]);
    }
}

#[test]
fn headings_in_any_script_are_read() {
    for header in ["| 主题 | 消费组 |", "│ 主 │ 从 │", "#主题 #Topic", "主题\t#Topic", "| é#a | #b |"]
    {
        assert_known(&[("-", &format!("{header}\n| a | b |\n\n{{\"topics\":[{{\"name\":\"t\"}}]}}\n"))], "topic t:");
    }
}
