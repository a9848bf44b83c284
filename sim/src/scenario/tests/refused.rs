//! Every kind of problem, each with its place and what is said of it.

use super::{BASE, with_line};
use crate::limit;
use crate::scenario::{Diagnostics, lessons, read, read_with_warnings};

fn problems(text: &str) -> Diagnostics {
    read("folder/case.toml", text).err().unwrap_or_else(|| panic!("read without problems:\n{text}"))
}

/// A line of the base, what stands there instead, the place of the only problem, and words of what is said of it.
type RefusedCase = (usize, &'static str, &'static str, &'static [&'static str]);

fn each_is_refused(cases: &[RefusedCase]) {
    let mut fallen = String::new();
    for (line, text, place, words) in cases {
        let found = problems(&with_line(*line, text)).to_string();
        let alone = found.lines().filter(|line| !line.starts_with("  help: ")).count() == 1;
        let there = found.starts_with(&format!("folder/case.toml:{place}: "));
        if !alone || !there || !words.iter().all(|word| found.contains(word)) {
            fallen += &format!("{line}: {text}\n  expected {place} {words:?}, found\n{found}\n");
        }
    }
    assert!(fallen.is_empty(), "{fallen}");
}

#[test]
fn keys_and_kinds() {
    each_is_refused(&[
        (1, "titel = \"case\"", "1:1", &["`titel` is no key of the file", "did you mean `title`?"]),
        (1, "", "1:1", &["`title` is missing in the file"]),
        (2, "", "1:1", &["`duration` is missing"]),
        (1, "title = 3", "1:9", &["`title` is 3", "expected a text"]),
        (1, "title = { fr = \"cas\" }", "1:11", &["`fr` is no key of a text", "`en` and `zh`"]),
        (1, "title = {}", "1:9", &["in `en`, in `zh`"]),
        (2, "duration = \"10s\"\nseed = -1", "3:8", &["`seed` is -1", "a whole number from 0"]),
        (2, "duration = \"10s\"\nprofile = \"rocketmk\"", "3:11", &["\"rocketmk\"", "did you mean \"rocketmq\"?"]),
        (4, "[[network]]", "4:1", &["expected a table", "[network]"]),
        (9, "[brokers]", "9:1", &["expected a list", "[[brokers]]"]),
        (7, "[timer]", "7:2", &["`timer` is no key of the file", "did you mean `timers`?"]),
        (18, "", "17:1", &["`name` is missing in [[producers]]"]),
        (28, "servicetime = \"1ms\"", "28:1", &["`servicetime` is no key of [[consumers]]", "`service_time`"]),
        (28, "colour = \"red\"", "28:1", &["`colour` is no key of", "its keys are `name`, `group`"]),
        (27, "count = \"2\"", "27:9", &["`count` is \"2\"", "a whole number of at least 1", "count = 2"]),
        (27, "count = 1.5", "27:9", &["1.5", "a whole number"]),
        (27, "count = -1", "27:9", &["`count` is -1", "at least 1"]),
        (27, "count = 0", "27:9", &["`count` is 0", "at least 1"]),
        (16, "workers = 0", "16:11", &["`workers` is 0", "at least 1"]),
        (28, "threads = 0", "28:11", &["`threads` is 0"]),
        (23, "topic = \"t\"\nbatch = 0", "24:9", &["`batch` is 0"]),
        (23, "topic = \"t\"\nmax_retries = -1", "24:15", &["`max_retries` is -1", "at least 0"]),
        (23, "topic = \"t\"\nqueue_lock = \"yes\"", "24:14", &["`queue_lock` is \"yes\"", "true or false"]),
        (23, "topic = \"t\"\nfrom = \"begin\"", "24:8", &["\"first\" or \"last\""]),
        (23, "topic = \"t\"\nassignment = \"avergely\"", "24:14", &["did you mean \"averagely\"?"]),
        (13, "queues = { b1 = 0 }", "13:17", &["`b1` is 0", "at least 1"]),
        (13, "queues = 3", "13:10", &["`queues` is 3", "{ broker-1 = 2 }"]),
        (13, "queues = {}", "13:10", &["at least one queue"]),
        (6, "loss = 1.5", "6:8", &["`loss` is 1.5", "from 0 to 1"]),
        (6, "loss = -0.1", "6:8", &["`loss` is -0.1", "from 0 to 1"]),
        (6, "loss = nan", "6:8", &["`loss` is nan"]),
        (28, "failure_rate = 2", "28:16", &["`failure_rate` is 2", "from 0 to 1"]),
        (25, "name = \"\"", "25:8", &["at least one character"]),
        (25, "name = \"c/d\"", "25:8", &["\"c/d\"", "without `#`, `/`"]),
        (25, "name = \"c#1\"", "25:8", &["\"c#1\""]),
        (25, "name = 2", "25:8", &["`name` is 2", "expected a name"]),
        (44, "text = [\"a\"]", "44:8", &["`text` is [\"a\"]"]),
        (44, "text = \"a\"\nfocus = \"c-1\"", "45:9", &["`focus` is \"c-1\"", "a list"]),
    ]);
}

#[test]
fn durations_and_distributions() {
    each_is_refused(&[
        (2, "duration = \"10\"", "2:12", &["`duration` is \"10\"", "like \"10s\""]),
        (2, "duration = 10", "2:12", &["`duration` is 10", "duration = \"10s\""]),
        (2, "duration = \"0s\"", "2:12", &["\"0s\"", "above zero"]),
        (2, "duration = \"-1s\"", "2:12", &["\"-1s\"", "not negative"]),
        (2, "duration = \"10sec\"", "2:12", &["\"10sec\"", "did you mean \"10s\"?"]),
        (2, "duration = \"1m30s\"", "2:12", &["\"1m30s\"", "one number and one unit"]),
        (2, "duration = \"300000d\"", "2:12", &["in ns, us, ms, s, m or h"]),
        (2, "duration = \"3000000h\"", "2:12", &["292 years"]),
        (8, "heartbeat = \"0s\"", "8:13", &["`heartbeat`", "above zero"]),
        (8, "scan = \"0s\"", "8:8", &["above zero"]),
        (8, "rebalance = \"0s\"", "8:13", &["above zero"]),
        (8, "call = \"0s\"", "8:8", &["above zero"]),
        (8, "long_poll = \"0s\"", "8:13", &["above zero"]),
        (8, "expire = \"0s\"", "8:10", &["above zero"]),
        (8, "route_refresh = \"0s\"", "8:17", &["above zero"]),
        (8, "route_refresh = \"pull\"", "8:17", &["\"push\" or a duration"]),
        (10, "name = \"b1\"\nflush_interval = \"0s\"", "11:18", &["above zero"]),
        (13, "queues = { b1 = 2 }\nretention = \"consume\"", "14:13", &["did you mean \"consumed\"?"]),
        (5, "latency = 5", "5:11", &["`latency` is 5", "latency = \"5s\""]),
        (5, "latency = true", "5:11", &["{ exp = \"10ms\" }"]),
        (5, "latency = { expo = \"1ms\" }", "5:13", &["`expo` is no key of a distribution", "`exp`"]),
        (5, "latency = {}", "5:11", &["none of `exp`, `uniform`, `normal` and `lognormal`"]),
        (5, "latency = { exp = \"1ms\", normal = [\"1ms\", \"1ms\"] }", "5:26", &["`exp` and `normal`", "exactly one"]),
        (5, "latency = { uniform = [\"3ms\", \"1ms\"] }", "5:23", &["`uniform`", "lower one first"]),
        (5, "latency = { uniform = [\"3ms\"] }", "5:23", &["a list of two"]),
        (5, "latency = { uniform = [\"1\", \"3ms\"] }", "5:24", &["`uniform` is \"1\""]),
        (5, "latency = { lognormal = [\"0s\", \"1ms\"] }", "5:25", &["median", "above zero"]),
        (5, "latency = { lognormal = [\"2ms\", \"1ms\"] }", "5:25", &["below its median"]),
        (20, "interval = \"0s\"", "20:12", &["`interval`", "not always zero", "bursts"]),
        (20, "interval = { exp = \"0s\" }", "20:12", &["not always zero"]),
        (20, "interval = { normal = [\"0s\", \"0s\"] }", "20:12", &["not always zero"]),
        (20, "interval = { uniform = [\"0s\", \"0s\"] }", "20:12", &["not always zero"]),
        (23, "topic = \"t\"\nretry_delay = []", "24:15", &["at least one duration"]),
        (23, "topic = \"t\"\nretry_delay = [\"1s\", \"2\"]", "24:22", &["`retry_delay` is \"2\""]),
    ]);
}

#[test]
fn names() {
    each_is_refused(&[
        (19, "topic = \"tt\"", "19:9", &["`topic` names `tt`, but there is no topic", "did you mean `t`?"]),
        (23, "topic = \"orders\"", "23:9", &["no topic of that name", "there is `t`"]),
        (26, "group = \"gg\"", "26:9", &["`group` names `gg`", "did you mean `g`?"]),
        (13, "queues = { b1 = 2, b2 = 1 }", "13:20", &["`b2`, but there is no broker set", "`b1`"]),
        (19, "calls = \"dp\"", "19:9", &["`calls` names `dp`, but there is no service", "did you mean `db`?"]),
        (19, "calls = \"c-1\"", "19:9", &["`calls` names the consumer `c-1`, expected a service"]),
        (28, "calls = \"x\"", "28:9", &["no service of that name"]),
        (28, "publishes = \"x\"", "28:13", &["no topic of that name"]),
        (15, "name = \"db\"\n[[services]]\nname = \"p\"", "20:8", &["two nodes are named `p`", "in line 17"]),
        (18, "name = \"c-1\"", "25:8", &["two nodes are named `c-1`", "in line 18"]),
        (18, "name = \"nameserver\"", "18:8", &["two nodes are named `nameserver`", "where the file gives none"]),
        (
            23,
            "topic = \"t\"\n[[groups]]\nname = \"g\"\ntopic = \"t\"",
            "25:8",
            &["two groups are named `g`", "line 22"],
        ),
        (13, "queues = { b1 = 2 }\n[[topics]]\nname = \"t\"\nqueues = { b1 = 1 }", "15:8", &["two topics", "line 12"]),
        (32, "node = \"nobody\"", "32:8", &["`node` names `nobody`, but there is no node", "there is `b1`, `c-1`"]),
        (32, "node = \"c\"", "32:8", &["`c`", "it stands for `c-1` to `c-2`"]),
        (40, "group = \"h\"", "40:9", &["no group of that name"]),
        (44, "text = \"a\"\nfocus = [\"b1\", \"b2\"]", "45:16", &["`focus` names `b2`", "did you mean `b1`?"]),
        (48, "answer = { owner = \"t/b1/2\", group = \"g\" }", "48:20", &["no queue of that name", "`t/b1/0`"]),
    ]);
}

#[test]
fn limits() {
    let name = "n".repeat(limit::NAME_CHARACTERS + 1);
    let cases = [
        (with_line(25, &format!("name = \"{name}\"")), "25:8", "limit `name_characters`"),
        (with_line(27, "count = 10_001"), "27:9", "limit `nodes`"),
        (with_line(27, "count = 9_998"), "25:8", "limit `nodes`"),
        (with_line(13, "queues = { b1 = 10_001 }"), "13:17", "limit `queues`"),
        (
            with_line(13, "queues = { b1 = 6_000 }\n[[topics]]\nname = \"u\"\nqueues = { b1 = 6_000 }"),
            "16:17",
            "limit `queues`",
        ),
        (with_line(20, "interval = \"1s\"\nmessages = 100_000_001"), "21:12", "limit `messages`"),
        (with_line(20, "bursts = [{ at = \"1s\", count = 100_000_001 }]"), "20:32", "limit `messages`"),
        (with_line(20, "interval = \"1s\"\nkeys = 1_000_001"), "21:8", "limit `keys`"),
        (with_line(16, "workers = 100_001"), "16:11", "limit `threads`"),
        (
            format!("{BASE}{}", "[[notes]]\nat=\"1s\"\ntext=\"a\"\n".repeat(limit::ENTRIES)),
            "30046:1",
            "limit `entries`",
        ),
        (format!("{BASE}#{}", " ".repeat(limit::FILE_BYTES)), "1:1", "limit `file_bytes`"),
        // The base's group and 199 of these read 5 000 queues, each on the master and a slave.
        (
            with_line(10, "name = \"b1\"\nslaves = [\"s1\"]").replace("b1 = 2", "b1 = 5_000")
                + "\n"
                + &(1..300).map(|n| format!("[[groups]]\nname=\"g{n}\"\ntopic=\"t\"\n")).collect::<String>(),
            "649:7",
            "limit `reads`",
        ),
    ];
    for (text, place, words) in cases {
        let found = problems(&text).to_string();
        assert!(found.starts_with(&format!("folder/case.toml:{place}: ")) && found.contains(words), "{words}: {found}");
        assert_eq!(found.matches("case.toml").count(), 1, "{found}");
    }
}

#[test]
fn producers_and_consumers() {
    each_is_refused(&[
        (19, "", "17:1", &["[[producers]] has none of `topic` and `calls`"]),
        (19, "topic = \"t\"\ncalls = \"db\"", "20:1", &["`topic` and `calls` are given together"]),
        (20, "", "17:1", &["`interval` is missing in [[producers]] without `bursts`"]),
        (20, "bursts = []", "17:1", &["`interval` is missing"]),
        (20, "bursts = [{ at = \"10s\", count = 1 }]", "20:18", &["`at` is 10s", "a time before 10s"]),
        (20, "bursts = [{ at = \"1s\", count = 0 }]", "20:32", &["`count` is 0"]),
        (20, "bursts = [{ at = \"1s\" }]", "20:11", &["`count` is missing in a burst"]),
        (20, "bursts = [{ at = \"1s\", count = 9 }]\nstarts = \"2s\"", "20:18", &["at 1s", "from 2s to 10s"]),
        (20, "bursts = [{ at = \"6s\", count = 9 }]\nstops = \"5s\"", "20:18", &["at 6s", "from 0s to 5s"]),
        (20, "interval = \"1s\"\nstarts = \"5s\"\nstops = \"4s\"", "21:10", &["`starts` is 5s", "at 4s"]),
        (20, "interval = \"1s\"\nstarts = \"10s\"", "21:10", &["`starts` is 10s", "at 10s"]),
        (20, "interval = \"1s\"\nstops = \"0s\"", "21:9", &["`starts` is 0s"]),
        (20, "interval = \"1s\"\nselect = \"key_hash\"", "21:10", &["bear no key", "keys = 10"]),
        (20, "interval = \"1s\"\nsend_timeout = \"0s\"", "21:16", &["above zero"]),
        (20, "interval = \"1s\"\nretries = -1", "21:11", &["`retries` is -1"]),
        (28, "joins = \"3s\"\nleaves = \"3s\"", "29:10", &["`leaves` is 3s", "after it joins, at 3s"]),
        (28, "call_timeout = \"0s\"", "28:16", &["above zero"]),
        (26, "", "24:1", &["`group` is missing in [[consumers]]"]),
        (10, "name = \"b1\"\n[[brokers]]\nname = \"b2\"", "12:8", &["`b2` holds no queue", "queues = { b2 = 1 }"]),
        (3, "nameservers = []", "3:15", &["`nameservers` is empty"]),
    ]);
}

#[test]
fn faults_and_changes() {
    each_is_refused(&[
        (30, "at = \"10s\"", "30:6", &["`at` is 10s", "a time before 10s"]),
        (30, "at = \"1s\"\nfor = \"0s\"", "31:7", &["`for`", "above zero"]),
        (31, "", "29:1", &["`kind` is missing in [[faults]]", "\"partition\""]),
        (31, "kind = \"crsh\"", "31:8", &["`kind` is \"crsh\"", "did you mean \"crash\"?"]),
        (31, "kind = 1", "31:8", &["a kind of fault", "\"crash\""]),
        (32, "", "29:1", &["`node` is missing in a crash"]),
        (32, "node = \"b1\"\nmode = \"hots\"", "33:8", &["did you mean \"host\"?"]),
        (32, "node = \"b1\"\nfactor = 2", "33:1", &["`factor` is no key of a crash"]),
        (
            31,
            "kind = \"slow\"\nfactor = 2\nnode = \"p\"\n[[faults]]\nat = \"1s\"\nkind = \"pause\"",
            "33:8",
            &["the producer `p`", "a consumer, a service or a broker"],
        ),
        (31, "factor = 0\nkind = \"slow\"", "31:10", &["`factor` is 0", "above 0"]),
        (31, "kind = \"slow\"", "29:1", &["`factor` is missing"]),
        (34, "at = \"30s\"", "34:6", &["`at` is 30s", "a time before 30s"]),
        (
            36,
            "set = \"interval\"",
            "36:7",
            &["`set` is \"interval\", but `db` is a service", "\"workers\" and \"queue_limit\""],
        ),
        (36, "set = \"worker\"", "36:7", &["did you mean \"workers\"?"]),
        (35, "node = \"nameserver\"", "36:7", &["only a service has that", "no setting that can change"]),
        (37, "to = 0", "37:6", &["`to` is 0", "at least 1"]),
        (37, "to = \"1s\"", "37:6", &["`to` is \"1s\"", "a whole number"]),
        (37, "", "33:1", &["`to` is missing in [[changes]]"]),
    ]);
}

#[test]
fn expectations() {
    each_is_refused(&[
        (39, "metric = \"lots\"", "39:10", &["`metric` is \"lots\"", "did you mean `lost`?"]),
        (39, "", "38:1", &["`metric` is missing in [[expect]]"]),
        (40, "producer = \"p\"", "40:12", &["`lost` cannot be asked of a `producer`", "it is of a `group`"]),
        (41, "", "38:1", &["[[expect]] has none of `equals`, `at_most` and `at_least`"]),
        (41, "equals = 0\nat_most = 1", "42:1", &["`equals` and `at_most` are given together"]),
        (41, "equals = \"1s\"", "41:10", &["`lost` is no time", "expected a number"]),
        (41, "equals = inf", "41:10", &["`equals` is inf"]),
        (41, "equals = true", "41:10", &["a number, a duration or another metric"]),
        (41, "at_most = { metric = \"latency_max\" }", "41:22", &["`latency_max` is a time, but `lost` is a number"]),
        (41, "at_most = { metric = \"done\", group = \"x\" }", "41:38", &["no group of that name"]),
        (41, "at_most = { metric = \"done\", times = 0 }", "41:38", &["`times` is 0"]),
        (41, "equals = 0\nto = \"31s\"", "42:6", &["`to` is 31s", "at most 30s"]),
        (41, "equals = 0\nfrom = \"31s\"", "42:8", &["`from` is 31s", "at most 30s"]),
        (41, "equals = 0\nfrom = \"3s\"\nto = \"3s\"", "42:8", &["`from` is 3s", "before `to`, 3s"]),
    ]);
    let two = problems(&with_line(40, "group = \"g\"\ntopic = \"t\"")).to_string();
    assert!(two.contains("41:9: `group` and `topic` are given together"), "{two}");
}

#[test]
fn notes_and_questions() {
    each_is_refused(&[
        (43, "", "42:1", &["[[notes]] has none of `at` and `when`"]),
        (43, "at = \"1s\"\nwhen = { kind = \"sent\" }", "44:1", &["`at` and `when` are given together"]),
        (43, "at = \"31s\"", "43:6", &["`at` is 31s", "at most 30s"]),
        (44, "", "42:1", &["`text` is missing"]),
        (46, "when = { kind = \"crash\" }", "46:17", &["a kind of record", "did you mean `crashed`?"]),
        (46, "when = { kind = \"sent\", nth = 0 }", "46:31", &["`nth` is 0"]),
        (46, "when = {}", "46:8", &["`kind` is missing in `when`"]),
        (47, "", "45:1", &["`ask` is missing"]),
        (48, "", "45:1", &["`answer` is missing"]),
        (48, "answer = {}", "48:10", &["none of `metric` and `owner`"]),
        (48, "answer = { owner = \"t/b1/0\" }", "48:10", &["`group` is missing in an `answer` with `owner`"]),
        (48, "answer = { owner = \"t/b1/0\", group = \"g\", from = \"1s\" }", "48:50", &["`from` says nothing"]),
        (48, "answer = { owner = \"t/b1/0\", group = \"g\", topic = \"t\" }", "48:51", &["`topic` says nothing"]),
        (48, "answer = { owner = \"t/b1/0\", group = \"g\", to = \"31s\" }", "48:48", &["at most 30s"]),
        (48, "answer = { metric = \"done\", group = \"h\" }", "48:37", &["no group of that name"]),
    ]);
}

#[test]
fn more_slaves_than_a_set_can_have() {
    let slaves = |count: usize| {
        let names: Vec<String> = (0..count).map(|n| format!("\"s{n}\"")).collect();
        BASE.replace("name = \"b1\"", &format!("name = \"b1\"\nslaves = [{}]", names.join(", ")))
    };
    assert!(super::super::read("case.toml", &slaves(63)).is_ok());
    let found = problems(&slaves(64)).to_string();
    assert!(found.contains("`slaves` has 64 names, expected at most 63 (limit `replicas`)"), "{found}");
}

#[test]
fn nodes_and_links_of_a_fault_are_checked() {
    let cases = [
        ("partition", "sides = [[\"b1\"], [\"b1\"]]", "52:19", "on both sides"),
        ("partition", "sides = [[\"b1\"], []]", "52:9", "an empty side"),
        ("partition", "sides = [[\"b1\"], [\"x\"]]", "52:19", "no node of that name"),
        ("partition", "sides = [[\"b1\"]]", "52:9", "a list of two"),
        ("link", "between = [\"b1\", \"b1\"]\nloss = 0.1", "52:11", "one node twice"),
        ("link", "between = [\"b1\", \"p\"]", "49:1", "none of `latency` and `loss`"),
        ("disk_full", "node = \"p\"", "52:8", "expected a broker"),
        ("wipe", "node = \"p\"", "52:8", "expected a broker"),
    ];
    for (kind, keys, place, words) in cases {
        let text = format!("{BASE}[[faults]]\nat = \"1s\"\nkind = \"{kind}\"\n{keys}\n");
        let found = problems(&text).to_string();
        let line = found.lines().find(|line| line.contains(words));
        assert!(line.is_some_and(|line| line.starts_with(&format!("folder/case.toml:{place}: "))), "{words}: {found}");
    }
}

#[test]
fn a_text_that_is_no_toml_is_refused() {
    each_is_refused(&[
        (48, "[[", "48:3", &["this is not TOML"]),
        (18, "name \"p\"", "18:6", &["this is not TOML: key with no value"]),
        (18, "name = p", "18:8", &["this is not TOML", "quoted"]),
        (18, "name =", "18:7", &["this is not TOML: a value is missing"]),
        (18, "name = \"p", "18:10", &["this is not TOML", "expected `\"`"]),
        (18, "name = \"p\"\nname = \"q\"", "19:1", &["`name` is given twice"]),
        (13, "queues = { b1 = 2", "14:1", &["a table in braces goes on", "closed by `}`"]),
    ]);
}

#[test]
fn every_problem_is_reported_in_one_go() {
    let text =
        with_line(20, "intervall = \"10ms\"").replace("service_time", "servicetime").replace("\"10s\"", "\"10\"");
    let found = problems(&text);
    let places: Vec<(usize, usize)> = found.problems.iter().map(|problem| found.position(problem)).collect();
    assert_eq!(places, [(2, 12), (20, 1), (28, 1)], "{found}");
}

#[test]
fn a_torn_line_hides_no_other_problem_and_brings_up_no_false_one() {
    let text = with_line(25, "name c").replace("loss = 0.0", "loss = 7").replace("heartbeat", "hartbeat");
    let found = problems(&text);
    let places: Vec<(usize, usize)> = found.problems.iter().map(|problem| found.position(problem)).collect();
    assert_eq!(places, [(6, 8), (8, 1), (25, 6)], "{found}");
}

#[test]
fn keys_under_a_torn_header_are_not_taken_for_those_of_the_table_before() {
    let broken = [("[[brokers]]", "[[brokers]"), ("[[services]]", "[[services"), ("\n[[consumers]]", "[[consumers]]")];
    for (header, broken) in broken {
        let found = problems(&BASE.replace(header, broken).replace("equals = 0", "equals = inf"));
        assert_eq!(found.problems.len(), 2, "{found}");
        assert!(found.problems[1].message.contains("inf"), "{found}");
    }
}

#[test]
fn a_section_that_could_not_be_read_is_not_reported_as_missing() {
    // The broken count and name may be those that others refer to.
    for (line, text) in
        [(27, "count = \"x\""), (22, "name = 3"), (12, "name = 3"), (10, "name = 3"), (24, "[[consumer]]")]
    {
        let text = with_line(line, text).replace("node = \"b1\"", "node = \"c-2\"");
        let found = problems(&text);
        assert_eq!(found.problems.len(), 1, "{found}");
    }
}

#[test]
fn a_fault_that_outlasts_the_duration_is_warned_of_and_nothing_else_is() {
    let warnings = |text: &str| read_with_warnings("folder/case.toml", text).map(|(_, warnings)| warnings);
    let told = |line: &str| warnings(&with_line(30, line)).expect("it is sound").map(|told| told.to_string());
    assert_eq!(told("at = \"1s\"\nfor = \"9s\""), None, "it ends with `duration`");
    assert_eq!(told("at = \"1s\""), None, "it is for good");
    let told = told("at = \"1s\"\nfor = \"9.5s\"").expect("it is warned of");
    assert!(
        told.starts_with("folder/case.toml:31:7: the fault would last until 10.5s, and ends with `duration` at 10s"),
        "{told}"
    );
    assert!(told.contains("help: write `for = \"9s\"`"), "{told}");
    assert!(warnings(&with_line(30, "at = \"1s\"\nfor = \"9.5s\"\nat = 3")).is_err(), "problems come alone");
    for lesson in lessons() {
        assert_eq!(warnings(lesson.text), Ok(None), "{}", lesson.name);
    }
}
