//! What `import` makes of files and of standard input, and what it leaves alone.

use std::io::Write as _;
use std::process::Stdio;

use super::{Desk, done};

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
    let desk = Desk::new().file("cluster.txt", CLUSTER).file("small.json", SMALL);
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
fn what_is_piped_in_is_read_like_a_file() {
    let desk = Desk::new().file("small.json", SMALL);
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
    let desk = Desk::new().file("cluster.txt", CLUSTER).file("mine.toml", "mine");
    let import = desk.call(&["import", "cluster.txt", "-o", "mine.toml"]);
    assert_eq!((import.status, import.out.as_str()), (2, ""));
    assert!(import.err.contains("mine.toml exists"), "{}", import.err);
    assert_eq!(desk.read("mine.toml"), "mine");
}

#[test]
fn every_problem_of_every_file_is_shown_and_nothing_is_written() {
    let desk = Desk::new()
        .file("cluster.txt", CLUSTER.replace("  1     10", "  one   10"))
        .file("small.json", SMALL.replace("queues", "queus"))
        .file("bytes.txt", b"a\n\xff");
    let import = desk.call(&["import", "cluster.txt", "small.json", "bytes.txt", "nobody.txt", "-o", "mine.toml"]);
    assert_eq!((import.status, import.out.as_str()), (2, ""));
    let said = [
        "cluster.txt:3:43: `#BID` is `one`",
        "small.json:2:40: unknown field `queus`",
        "bytes.txt:2:1: not UTF-8, expected what mqadmin prints",
        "nobody.txt cannot be read",
        "4 problems in 4 of 4 files",
    ];
    for words in said {
        assert!(import.err.contains(words), "{words:?} is not in {}", import.err);
    }
    assert!(!desk.path("mine.toml").exists());
}
