//! One file: which outputs there are in it, one after the other, and every problem with its place.
//!
//! It knows how outputs begin and end, not what stands in them.

use super::cluster::{Cluster, Printed};
use super::table::{Row, Table};
use super::{File, json};
use crate::limit;
use crate::scenario::{Diagnostics, Lines, Problem};

/// What a Java program and its shell script may say besides: it is no part of any output.
const NOISE: [&str; 6] = ["RocketMQLog:", "SLF4J:", "log4j:", "Picked up ", "Java HotSpot", "OpenJDK "];

/// The lines after a table that say again what stands in it.
const SUMS: [&str; 4] = ["Consume TPS:", "Diff Total:", "Consume Diff Total:", "Consume Inflight Total:"];

const WHAT_IS_READ: &str = "what `mqadmin` prints for clusterList, topicList, topicRoute or consumerProgress, or a JSON \
                            like { \"brokers\": [{ \"name\": \"broker-a\", \"slaves\": 1 }] }";

/// Adds what a file says to what is known of the cluster.
///
/// # Errors
/// Every problem of the file, located; what could be read is known all the same.
pub(super) fn read(file: &File<'_>, cluster: &mut Cluster) -> Result<(), Diagnostics> {
    if file.text.len() > limit::FILE_BYTES {
        return Err(Diagnostics::too_large(file.name, file.text));
    }
    let mut reading =
        Reading { text: file.text, about: About::of_file(file.name), cluster, problems: Vec::new(), found: false };
    reading.outputs();
    if !reading.found && reading.problems.is_empty() {
        reading.problems.push(problem(0..0, "there is no output in the file".to_owned(), "nothing here", WHAT_IS_READ));
    }
    if reading.problems.is_empty() {
        return Ok(());
    }
    Err(Diagnostics::new(file.name, file.text, Lines::of(file.text), reading.problems))
}

/// A problem with its remedy, or with what was expected instead.
pub(super) fn problem(place: std::ops::Range<usize>, message: String, label: &str, help: &str) -> Problem {
    Problem { place, message, label: label.to_owned(), help: Some(help.to_owned()) }
}

/// What an output is about, where it does not say so itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct About {
    /// The options of the command line above the output.
    topic: Option<String>,
    group: Option<String>,
    /// The file's name without folder and ending, for the first output that needs it.
    file: Option<String>,
}

impl About {
    fn of_file(name: &str) -> Self {
        let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        Self { file: (!matches!(stem, "" | "-")).then(|| stem.to_owned()), ..Self::default() }
    }

    /// The topic of a route.
    pub(super) fn topic(&mut self) -> Option<String> {
        self.topic.take().or_else(|| self.file.take())
    }

    /// The group of a progress; `retried` is that of its topic of retries.
    pub(super) fn group(&mut self, retried: Option<Printed>) -> Option<Printed> {
        let told = self.group.take().map(Printed::whole);
        told.or(retried).or_else(|| self.file.take().map(Printed::whole))
    }
}

struct Reading<'t, 'c> {
    text: &'t str,
    about: About,
    cluster: &'c mut Cluster,
    problems: Vec<Problem>,
    /// Whether there was any output.
    found: bool,
}

/// Between two outputs, or in one.
enum State {
    Between,
    In(Table),
    /// In something that could not be read: that was reported, and the rest of it is not looked at.
    Lost,
}

impl<'t> Reading<'t, '_> {
    fn outputs(&mut self) {
        let mut state = State::Between;
        let mut at = 0;
        while at < self.text.len() {
            let end = self.text[at..].find('\n').map_or(self.text.len(), |end| at + end);
            let row = Row::of(&self.text[at..end], at);
            let Some(first) = row.cells.first() else {
                self.close(std::mem::replace(&mut state, State::Between));
                at = end + 1;
                continue;
            };
            if first.text.starts_with('{') {
                self.close(std::mem::replace(&mut state, State::Between));
                self.found = true;
                at = json::read(self.text, first.place.start, &mut self.about, self.cluster, &mut self.problems);
                continue;
            }
            state = self.line(&row, state);
            at = end + 1;
        }
        self.close(state);
    }

    /// A line that is not empty and begins no JSON.
    fn line(&mut self, row: &Row<'t>, state: State) -> State {
        if is_noise(row.text) {
            return state;
        }
        if let Some(options) = command(row) {
            self.close(state);
            (self.about.topic, self.about.group) = options;
            return State::Between;
        }
        if row.text.trim_start().starts_with('#') {
            self.close(state);
            self.found = true;
            return Table::headed(row).map_or_else(|| self.lose(row, "no table of these columns is known"), State::In);
        }
        match state {
            State::In(mut table) => {
                if !is_of_a_failure(row.text)
                    && let Err(problem) = table.row(row, self.cluster)
                {
                    self.problems.push(problem);
                }
                State::In(table)
            }
            State::Lost => State::Lost,
            State::Between => self.between(row),
        }
    }

    fn between(&mut self, row: &Row<'t>) -> State {
        if SUMS.iter().any(|sum| row.text.starts_with(sum)) {
            return State::Between;
        }
        if is_of_a_failure(row.text) {
            self.found = true;
            let help = "run it again, and import what it prints when it succeeds";
            self.problems.push(problem(row.place(), "`mqadmin` failed here".to_owned(), "no output", help));
            return State::Lost;
        }
        match row.cells[..] {
            [name] if is_topic_name(name.text) => {
                self.found = true;
                self.cluster.topics.entry(&Printed::whole(name.text));
                State::Between
            }
            _ => self.lose(row, "this line is of no output that is known"),
        }
    }

    fn lose(&mut self, row: &Row<'t>, message: &str) -> State {
        let help = format!("expected {WHAT_IS_READ}");
        self.problems.push(problem(row.place(), message.to_owned(), "not known", &help));
        State::Lost
    }

    fn close(&mut self, state: State) {
        if let State::In(table) = state
            && let Err(problem) = table.close(&mut self.about, self.cluster)
        {
            self.problems.push(problem);
        }
    }
}

fn is_noise(line: &str) -> bool {
    NOISE.iter().any(|noise| line.starts_with(noise)) || line.trim().chars().all(|c| c == '-')
}

/// A line of what Java prints when something fails. In a table it is from a broker that did not answer, whose row is
/// there all the same.
fn is_of_a_failure(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("at ") || line.starts_with("Caused by:") || line.starts_with("... ") || line.contains("Exception:")
}

/// The characters that RocketMQ allows in the name of a topic.
fn is_topic_name(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '%' | '|' | '_' | '-'))
}

/// The topic and the group that a command line asks for; nothing for what is none.
fn command(row: &Row<'_>) -> Option<(Option<String>, Option<String>)> {
    let words: Vec<&str> = row.cells.iter().map(|cell| cell.text.trim_matches(['"', '\''])).collect();
    let program = words.iter().position(|word| {
        let file = word.rsplit(['/', '\\']).next().unwrap_or(word);
        matches!(file, "mqadmin" | "mqadmin.cmd")
    })?;
    let option = |names: [&str; 2]| {
        let at = words[program..].iter().position(|word| names.contains(word))?;
        words[program..].get(at + 1).map(|value| (*value).to_owned())
    };
    Some((option(["-t", "--topic"]), option(["-g", "--groupName"])))
}
