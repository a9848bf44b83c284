//! Whole files: what is refused and where, what a file becomes, and that no text whatever brings the reader down.

mod drafts;
mod editable;
mod mutated;
mod plans;
mod refused;

/// A file in which most sections occur, a key a line.
const BASE: &str = r#"title = "case"
duration = "10s"
settle = "20s"
[network]
latency = "1ms"
loss = 0.0
[timers]
heartbeat = "1s"
[[brokers]]
name = "b1"
[[topics]]
name = "t"
queues = { b1 = 2 }
[[services]]
name = "db"
workers = 4
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
count = 2
service_time = "1ms"
[[faults]]
at = "1s"
kind = "crash"
node = "b1"
[[changes]]
at = "2s"
node = "db"
set = "workers"
to = 8
[[expect]]
metric = "lost"
group = "g"
equals = 0
[[notes]]
at = "1s"
text = "look"
[[questions]]
when = { kind = "crashed" }
ask = "who?"
answer = { owner = "t/b1/0", group = "g", to = "5s" }
"#;

/// The base with other text in one of its lines, numbered from 1.
fn with_line(number: usize, text: &str) -> String {
    let lines = BASE.lines().enumerate().map(|(index, line)| if index + 1 == number { text } else { line });
    lines.collect::<Vec<_>>().join("\n")
}
