//! Texts of which nothing is known: each is refused with a place and a remedy.

use super::{File, sample, scenario, try_import};

#[test]
fn a_refused_import_has_each_problem_with_its_place_and_a_remedy() {
    let (_, list) = sample!("clusterList-4.txt");
    let one_row: String = list.lines().take(4).map(|line| format!("{line}\n")).collect();
    let (_, small) = sample!("small.json");
    let (_, info) = sample!("clusterInfo.json");
    let brokers = &small[..small.find("  \"topics\"").unwrap_or(0)];
    let wrong = [
        (one_row.replace("  0     10.0", "  x     10.0"), "4:43: `#BID` is `x`, expected a whole number"),
        (
            one_row.replace("120.50(0,0ms)", "fast(0,0ms)"),
            "4:96: `#InTPS(LOAD)` is `fast(0,0ms)`, expected messages a second",
        ),
        (one_row[..one_row.len() - 70].to_owned(), "4:1: the row ends before its `#InTPS(LOAD)`"),
        ("#Group  #Count  #TPS  #Diff Total\ng  three  1  1\n".to_owned(), "2:4: `#Count` is `three`"),
        ("#Topic #Nothing\na b\n".to_owned(), "1:1: no table of these columns is known"),
        ("what is this?\nand this?\n".to_owned(), "1:1: this line is of no output that is known"),
        ("org.apache.rocketmq.X: Exception: no\n\tat a.b(C.java:1)\n".to_owned(), "1:1: a program failed here"),
        ("$ mqadmin brokerStatus -b x\na : 1\n".to_owned(), "1:1: what `mqadmin brokerStatus` prints is not known"),
        ("Hi\n\nwhat is wrong?\n".to_owned(), "1:1: these may be names, and nothing says of what"),
        (String::new(), "1:1: there is no output in the file"),
        ("# a remark\n\n```\n".to_owned(), "1:1: there is no output in the file"),
        ("#Group  #Count  #TPS  #Diff Total\n".to_owned(), "1:1: there is no output in the file"),
        ("mqadmin topicClusterList -t <t>\nC\n".to_owned(), "1:1: there is no output in the file"),
        ("a=1\nb=2\n".to_owned(), "1:1: these are settings, and not those of a broker"),
        (
            format!("{brokers}  \"brokers\": [{{ \"name\": \"a\", \"slaves\": -1 }}] }}")
                .replace("\"store-1\", \"slaves\": 1 }, { \"name\": \"store-2\"", "\"\""),
            "2:25: expected a name of at least one character",
        ),
        ("{ \"groups\": [{ \"topic\": \"t\" }] }".to_owned(), "1:14: there is no `name`"),
        (
            format!("{{ \"topics\": [{{ \"name\": \"{}\" }}] }}", "t".repeat(1_001)),
            "1:24: expected a name of at most 1000 bytes",
        ),
        (
            "{ \"topics\": [{ \"name\": \"t\", \"rate\": 0 }] }".to_owned(),
            "1:37: expected messages a second, from 0.01 to 1e9",
        ),
        (
            "{ \"topics\": [{ \"nam\": \"t\" }] }".to_owned(),
            "1:16: unknown key `nam`, expected `name`, `queues`, `rate`",
        ),
        ("{ \"a\": 1 }".to_owned(), "1:1: this JSON is of no kind that is known"),
        ("{ \"a\": 1, }}".to_owned(), "1:1: this JSON is of no kind that is known"),
        ("{ \"a\": 1 \"b\": 2 }".to_owned(), "1:9: this is not JSON"),
        (info[..info.len() - 3].to_owned(), "1:1: this is not JSON: its brackets are not closed"),
        ("[".repeat(200) + &"]".repeat(200), "1:1: the value is deeper than 100 brackets"),
        (
            "{\"status\":-1,\"data\":null,\"errMsg\":\"connect failed\"}".to_owned(),
            "1:1: the dashboard failed here: connect failed",
        ),
        (
            "{\"brokerDatas\":[],\"queueDatas\":[]}".to_owned(),
            "1:1: this is a route, and it is not said of which topic",
        ),
        ("Topic: t Partition: x Leader: 1\n".to_owned(), "1:1: `Partition` is no whole number"),
    ];
    let mut otherwise = String::new();
    for (text, said) in wrong {
        match try_import(&[("-", &text)]) {
            Ok(imported) => otherwise += &format!("read, instead of {said}:\n{text}\n{}", imported.text),
            Err(bad) => {
                let shown: String = bad.iter().map(ToString::to_string).collect();
                if !shown.contains(&format!("-:{said}")) {
                    otherwise += &format!("expected {said} in\n{shown}of\n{text}\n");
                }
                for problem in bad.iter().flat_map(|diagnostics| &diagnostics.problems) {
                    assert!(problem.help.as_ref().is_some_and(|help| !help.is_empty()), "{problem:?}");
                }
            }
        }
    }
    assert_eq!(otherwise, "");
}

#[test]
fn each_file_without_an_output_has_a_problem_and_one_file_with_an_output_is_enough() {
    let bad = try_import(&[("a", "what is this?\n"), ("b", "")]).expect_err("nothing is known");
    let shown: Vec<String> = bad.iter().map(|diagnostics| diagnostics.to_string()).collect();
    assert!(shown[0].starts_with("a:1:1: this line") && shown[1].starts_with("b:1:1: there is no output"), "{shown:?}");
    let good = try_import(&[("a", "what is this?\n"), ("b", ""), sample!("topicList.txt")]).expect("one is known");
    let passed_over: Vec<String> = good.passed_over.iter().map(ToString::to_string).collect();
    assert_eq!(
        passed_over,
        ["a:1: `what is this?`: this line is of no output that is known", "b:1: there is no output in the file"]
    );
}

#[test]
fn a_file_that_is_too_large_is_refused() {
    let large = vec![b'a'; crate::limit::FILE_BYTES + 1];
    let files = [File { name: "large", bytes: &large }];
    let bad = scenario(&files).expect_err("it is too large");
    assert!(bad[0].to_string().contains("(limit `file_bytes`)"), "{}", bad[0]);
}
