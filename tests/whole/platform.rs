//! The same everywhere: fingerprints of a few runs as literals. A platform on which one of these differs draws other random
//! numbers, rounds in another way or orders something by chance.
//!
//! A change of the model changes them, rightly; then they are written anew, once, on any platform.

use queuescope_tests::run::run_text;

/// Every distribution, loss, every kind of fault and change that there is.
const STORM: &str = r#"
title = "storm"
seed = 42
duration = "5s"
settle = "1m"
[network]
latency = { lognormal = ["2ms", "20ms"] }
loss = 0.01
[timers]
heartbeat = "300ms"
expire = "1s"
scan = "300ms"
route_refresh = "700ms"
rebalance = "400ms"
commit = "50ms"
[[nameservers]]
name = "ns-1"
[[nameservers]]
name = "ns-2"
[[brokers]]
name = "b-1"
store_time = { normal = ["500us", "200us"] }
flush = "async"
flush_interval = "100ms"
[[brokers]]
name = "b-2"
flush_time = { exp = "2ms" }
[[services]]
name = "db"
workers = 2
service_time = { uniform = ["1ms", "9ms"] }
queue_limit = 1
[[topics]]
name = "orders"
queues = { b-1 = 3, b-2 = 2 }
[[topics]]
name = "mails"
queues = { b-1 = 1 }
retention = "2s"
[[producers]]
name = "shop"
topic = "orders"
interval = { exp = "8ms" }
select = "key_hash"
keys = 7
[[producers]]
name = "mobile"
topic = "orders"
select = "random"
interval = { uniform = ["5ms", "20ms"] }
bursts = [{ at = "2s", count = 100 }]
send_timeout = "80ms"
retries = 1
[[groups]]
name = "order-service"
topic = "orders"
deduplicate = true
assignment = "consistent_hash"
retry_delay = ["100ms", "300ms"]
[[groups]]
name = "audit"
topic = "orders"
queue_lock = false
assignment = "circle"
from = "last"
[[groups]]
name = "mailer"
topic = "mails"
ack = "before"
[[consumers]]
name = "order"
group = "order-service"
count = 3
threads = 2
service_time = { lognormal = ["3ms", "30ms"] }
failure_rate = 0.05
poison_rate = 0.02
calls = "db"
call_timeout = "200ms"
publishes = "mails"
[[consumers]]
name = "auditor"
group = "audit"
count = 2
joins = "1s"
service_time = { normal = ["2ms", "1ms"] }
[[consumers]]
name = "mail"
group = "mailer"
[[changes]]
at = "3s"
node = "order-1"
set = "threads"
to = 4
[[faults]]
at = "1500ms"
for = "800ms"
kind = "crash"
node = "b-1"
[[faults]]
at = "2500ms"
for = "1500ms"
kind = "pause"
node = "order-2"
[[faults]]
at = "3s"
for = "500ms"
kind = "slow"
node = "b-2"
factor = 10
[[faults]]
at = "3500ms"
for = "300ms"
kind = "crash"
mode = "process"
node = "order-3"
"#;

/// Nothing random at all.
const CLOCKWORK: &str = r#"
title = "clockwork"
duration = "10s"
settle = "10s"
[[brokers]]
name = "b"
[[topics]]
name = "t"
queues = { b = 4 }
[[producers]]
name = "p"
topic = "t"
interval = "10ms"
[[groups]]
name = "g"
topic = "t"
[[consumers]]
name = "c"
group = "g"
count = 3
service_time = "20ms"
"#;

/// The production settings of a well-known system.
const ROCKETMQ: &str = r#"
title = "rocketmq"
profile = "rocketmq"
seed = 5
duration = "5m"
settle = "5m"
[[brokers]]
name = "b"
[[topics]]
name = "t"
queues = { b = 8 }
[[producers]]
name = "p"
topic = "t"
interval = { exp = "200ms" }
[[groups]]
name = "g"
topic = "t"
assignment = "consistent_hash"
[[consumers]]
name = "c"
group = "g"
count = 4
service_time = { exp = "100ms" }
failure_rate = 0.1
[[faults]]
at = "100s"
for = "50s"
kind = "crash"
mode = "process"
node = "b"
"#;

fn fingerprint(text: &str) -> String {
    run_text(text).report.fingerprint
}

#[test]
fn fingerprints_are_the_same_on_every_platform() {
    let fingerprints = [STORM, CLOCKWORK, ROCKETMQ].map(fingerprint);
    assert_eq!(fingerprints, ["20880c58eb72b817", "66b774eedc00a19b", "058ee9b537d6cc92"]);
}

#[test]
fn the_storm_has_something_of_everything() {
    // Else its fingerprint would vouch for little.
    let run = run_text(STORM);
    let seen: Vec<&str> = run.records.iter().map(|record| record.kind.name()).collect();
    let absent = ["replicated", "left", "held", "woken"];
    let missing =
        queuescope::record::KindName::ALL.iter().filter(|kind| !seen.contains(kind) && !absent.contains(kind));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&&str>::new());
}
