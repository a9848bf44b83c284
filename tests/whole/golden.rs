//! Golden traces: whole interactions, a line for each record, as they are meant to be.
//!
//! They are updated only with an understanding of what has changed and why: a line that moves is a promise that moves.
//! `INSTA_UPDATE=always cargo test -p queuescope-tests golden`, then read the difference.

use std::fmt::Write as _;

use queuescope::record::Line;
use queuescope_tests::run::{FinishedRun, run_text};

/// `seq at node kind particulars <- cause`, times in milliseconds.
fn readable(run: &FinishedRun) -> String {
    let mut text = String::new();
    for record in &run.records {
        let line = serde_json::to_value(Line { record, plan: &run.plan }).expect("a record is plain data");
        let line = line.as_object().expect("a record is an object");
        let _ = write!(
            text,
            "{:>3} {:>8.1} {:10}",
            record.seq.number(),
            record.at.0 as f64 / 1e6,
            run.plan.name(record.node)
        );
        let _ = write!(text, " {}", record.kind.name());
        for (key, value) in line.iter().filter(|(key, _)| !NOT_PARTICULAR.contains(&key.as_str())) {
            match value.as_str() {
                Some(word) => _ = write!(text, " {key}={word}"),
                None => _ = write!(text, " {key}={value}"),
            }
        }
        if let Some(cause) = record.cause {
            let _ = write!(text, " <- {}", cause.number());
        }
        text.push('\n');
    }
    text
}

const NOT_PARTICULAR: [&str; 6] = ["at_ns", "seq", "cause", "node", "kind", "address"];

fn assert_golden(name: &str, text: &str) {
    let trace = readable(&run_text(text));
    assert!(trace.lines().count() < 80, "too long to be understood:\n{trace}");
    insta::with_settings!({ description => text, omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, trace);
    });
}

#[test]
fn the_whole_life_of_one_message() {
    assert_golden(
        "one_message",
        r#"title = "One message: sent, stored, accepted, delivered, worked on, committed, deleted"
duration = "3s"
settle = "3s"
[network]
latency = "100ms"
[[brokers]]
name = "broker"
[[topics]]
name = "orders"
queues = { broker = 1 }
[[producers]]
name = "shop"
topic = "orders"
interval = "1s"
messages = 1
[[groups]]
name = "order-service"
topic = "orders"
[[consumers]]
name = "order"
group = "order-service"
service_time = "50ms"
"#,
    );
}

#[test]
fn a_pull_is_held_and_woken() {
    assert_golden(
        "held_pull",
        r#"title = "A pull waits for a message, times out, waits again and is woken"
duration = "4s"
settle = "1s"
[network]
latency = "50ms"
[timers]
heartbeat = "2s"
long_poll = "2s"
[[brokers]]
name = "broker"
[[topics]]
name = "orders"
queues = { broker = 1 }
[[producers]]
name = "shop"
topic = "orders"
bursts = [{ at = "3s", count = 2 }]
[[groups]]
name = "order-service"
topic = "orders"
[[consumers]]
name = "order"
group = "order-service"
"#,
    );
}

#[test]
fn a_consumer_joins() {
    assert_golden(
        "join",
        r#"title = "A second consumer joins: the first lets go of a queue after what it has in hand"
duration = "4s"
settle = "4s"
[network]
latency = "10ms"
[[brokers]]
name = "broker"
[[topics]]
name = "orders"
queues = { broker = 2 }
[[producers]]
name = "shop"
topic = "orders"
bursts = [{ at = "1s", count = 4 }]
[[groups]]
name = "order-service"
topic = "orders"
batch = 1
[[consumers]]
name = "order-1"
group = "order-service"
service_time = "600ms"
[[consumers]]
name = "order-2"
group = "order-service"
service_time = "600ms"
joins = "1500ms"
"#,
    );
}

#[test]
fn the_only_broker_crashes_and_comes_back() {
    assert_golden(
        "crash",
        r#"title = "The only broker crashes, comes back, is elected anew and goes on"
duration = "6s"
settle = "4s"
[network]
latency = "10ms"
[[brokers]]
name = "broker"
flush = "async"
flush_interval = "1s"
[[topics]]
name = "orders"
queues = { broker = 1 }
[[producers]]
name = "shop"
topic = "orders"
interval = "1400ms"
send_timeout = "500ms"
retries = 1
[[groups]]
name = "order-service"
topic = "orders"
[[consumers]]
name = "order"
group = "order-service"
service_time = "2s"
[[faults]]
at = "2900ms"
for = "1s"
kind = "crash"
node = "broker"
"#,
    );
}

#[test]
fn a_message_fails_until_it_is_a_dead_letter() {
    assert_golden(
        "dead_letter",
        r#"title = "Poison: retried after one and two seconds, then set aside; the next message does not wait for it"
seed = 2
duration = "2s"
settle = "8s"
[network]
latency = "10ms"
[[brokers]]
name = "broker"
[[topics]]
name = "orders"
queues = { broker = 1 }
[[producers]]
name = "shop"
topic = "orders"
interval = "900ms"
messages = 2
[[groups]]
name = "order-service"
topic = "orders"
max_retries = 2
retry_delay = ["1s", "2s"]
[[consumers]]
name = "order"
group = "order-service"
service_time = "100ms"
poison_rate = 0.5
"#,
    );
}
