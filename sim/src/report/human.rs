//! The report for people: what happened, where the messages are, what was expected; in English or Chinese. Its sentences
//! about faults are in `faults`.

mod faults;

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

pub use super::table::Colour;
use super::table::{TextCell, TextTable};
use super::words::{Words, fill};
use super::{GroupReport, Lang, ProducerCounts, Report, RunOutcome, SendCounts, Times};
use crate::kernel::Time;
use crate::observe::Value;
use crate::observe::timeline::{Event, TimelineEntry};
use crate::plan::{CrashMode, NodeId, Plan, Text};
use crate::printable;

/// Rows that are shown of a list that can be long.
const ROWS: usize = 12;
/// Lines of the summary.
const SUMMARY: usize = 4;
/// Characters of the bar beside a group.
const BAR: u64 = 24;

const STRONG: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const BETWEEN: Style = AnsiColor::Yellow.on_default();

/// How a report is written for people.
#[derive(Clone, Copy, Debug)]
pub struct Manner<'a> {
    /// The language.
    pub lang: Lang,
    /// Whether colours are used.
    pub colour: Colour,
    /// The file, as a shell takes it ([`super::shell::word`]): for the command that repeats the run.
    pub path: &'a str,
}

/// The report as text.
#[must_use]
pub fn human(report: &Report, plan: &Plan, manner: &Manner<'_>) -> String {
    let mut page = Page { report, plan, manner, words: Words::of(manner.lang), out: String::new() };
    page.title();
    page.timeline();
    page.idle_faults();
    page.failovers();
    page.messages();
    page.ledger();
    page.delivery();
    page.producers();
    page.services();
    page.expectations();
    page.outcome();
    page.out
}

/// The page that is being written.
struct Page<'a> {
    report: &'a Report,
    plan: &'a Plan,
    manner: &'a Manner<'a>,
    words: &'static Words,
    out: String,
}

impl Page<'_> {
    fn line(&mut self, style: Style, text: &str) {
        let text = self.manner.colour.paint(style, text);
        self.out.push_str(&text);
        self.out.push('\n');
    }

    /// A heading and a table below it; neither where there are no rows.
    fn section(&mut self, heading: &str, table: &TextTable) {
        if !table.is_empty() {
            self.out.push('\n');
            self.line(STRONG, heading);
            table.write(self.manner.colour, &mut self.out);
        }
    }

    fn title(&mut self) {
        let text = |text: &Text| match self.manner.lang {
            Lang::En => text.en.clone(),
            Lang::Zh => text.zh.clone(),
        };
        let (title, summary) = (text(&self.plan.title), text(&self.plan.summary));
        self.line(STRONG, &printable::line(&title));
        for line in summary.lines().map(str::trim).filter(|line| !line.is_empty()).take(SUMMARY) {
            self.line(FAINT, &printable::line(line));
        }
    }

    fn timeline(&mut self) {
        let timeline = &self.report.timeline;
        let mut table = TextTable::default();
        for entry in &timeline.entries {
            let (text, style) = self.event(entry);
            let until = if entry.to > entry.from { format!("– {}", moment(entry.to)) } else { String::new() };
            table.row([
                TextCell::figure(moment(entry.from)),
                TextCell::text(until).styled(FAINT),
                TextCell::text(text).styled(style),
            ]);
        }
        if timeline.omitted > 0 {
            let more = fill(self.words.more, &[&timeline.omitted.to_string()]);
            table.row([TextCell::default(), TextCell::default(), TextCell::text(more).styled(FAINT)]);
        }
        self.section(self.words.happened, &table);
    }

    fn event(&self, entry: &TimelineEntry) -> (String, Style) {
        let (words, plan) = (self.words, self.plan);
        let node = |template: &str, node: NodeId| fill(template, &[plan.name(node)]);
        let count = entry.count.to_string();
        let often = |template: &str, name: &str| fill(template, &[name, &count]);
        match &entry.event {
            Event::Crashed(it, CrashMode::Host) => (node(words.crashed_host, *it), BAD),
            Event::Crashed(it, CrashMode::Process) => (node(words.crashed_process, *it), BAD),
            Event::Crashed(it, CrashMode::Wipe) => (node(words.crashed_wiped, *it), BAD),
            Event::Restarted(it) => (node(words.restarted, *it), GOOD),
            Event::Paused(it) => (node(words.paused, *it), BETWEEN),
            Event::Resumed(it) => (node(words.resumed, *it), GOOD),
            Event::Joined(it) => (node(words.joined, *it), Style::new()),
            Event::Left(it) => (node(words.left, *it), Style::new()),
            Event::Changed(it, change) => self.change(*it, change),
            Event::DeclaredDead(it) => (node(words.declared_dead, *it), BETWEEN),
            Event::Elected(set, it, epoch) => {
                let set = &plan.sets[*set].name;
                (fill(words.elected, &[set, plan.name(*it), &epoch.to_string()]), GOOD)
            }
            Event::Assigned(group) => (often(words.assigned, &plan.groups[*group].name), Style::new()),
            Event::Rejected(topic) => (often(words.rejected_here, &plan.topics[*topic].name), BAD),
            Event::Refused(it) => (often(words.refused_here, plan.name(*it)), BAD),
            Event::Retried(group) => (often(words.retried, &plan.groups[*group].name), BETWEEN),
            Event::DeadLettered(group) => (often(words.dead_lettered_here, &plan.groups[*group].name), BAD),
            Event::Expired(group) => (often(words.expired_here, &plan.groups[*group].name), BAD),
            Event::Lost(group) => (often(words.lost_here, &plan.groups[*group].name), BAD),
            Event::Truncated(it) => (often(words.truncated, plan.name(*it)), BETWEEN),
            Event::Backlog(group, None) => (often(words.backlog, &plan.groups[*group].name), BETWEEN),
            Event::Backlog(group, Some(back)) => {
                let name = &plan.groups[*group].name;
                (fill(words.backlog_over, &[name, &count, &moment(*back)]), BETWEEN)
            }
        }
    }

    fn failovers(&mut self) {
        let words = self.words;
        let mut table = TextTable::default();
        for failover in &self.report.failovers {
            let at = |template: &str, at: Option<f64>| {
                TextCell::text(at.map(|at| fill(template, &[&seconds(at)])).unwrap_or_default())
            };
            let who = fill(words.failover, &[&failover.broker_set, &failover.old_master, &failover.new_master]);
            table.row([
                TextCell::text(who),
                at(words.down, failover.down_s),
                at(words.elected_at, Some(failover.elected_s)),
                at(words.accepted_again, failover.accepted_again_s),
                at(words.consumed_again, failover.consumed_again_s),
            ]);
        }
        self.section(words.failovers, &table);
    }

    fn messages(&mut self) {
        let words = self.words;
        let mut table = TextTable::default();
        let head = [words.sent, words.accepted, words.rejected, words.unanswered, words.outage];
        table.row(heads(words.topic, &head));
        let row = |name: &str, sent: &SendCounts, outage: Option<f64>| {
            let mut cells = vec![TextCell::text(name)];
            cells.extend(sends(sent));
            cells.push(TextCell::figure(outage.map(length).unwrap_or_default()));
            cells
        };
        for topic in &self.report.topics {
            table.row(row(&topic.topic, &topic.sent, topic.outage_max_s));
        }
        if self.report.topics.len() > 1 {
            table.row(row(words.all, &self.report.messages, None));
        }
        self.section(words.messages, &table);
    }

    fn ledger(&mut self) {
        let words = self.words;
        let mut table = TextTable::default();
        if !self.report.groups.is_empty() {
            let head = [
                words.done,
                words.in_process,
                words.waiting,
                words.dead_letters,
                words.expired,
                words.skipped,
                words.lost,
            ];
            table.row(heads(words.group, &head));
        }
        for group in &self.report.groups {
            let mut cells = vec![TextCell::text(&*group.group)];
            cells.extend([
                tinted(group.done, GOOD),
                tinted(group.in_process, BETWEEN),
                tinted(group.waiting, BETWEEN),
                tinted(group.dead_lettered, BAD),
                tinted(group.expired, BAD),
                tinted(group.skipped, FAINT),
                tinted(group.lost, BAD),
                TextCell::text(bar(group)),
            ]);
            table.row(cells);
        }
        self.section(words.ledger, &table);
    }

    fn delivery(&mut self) {
        let words = self.words;
        let mut table = TextTable::default();
        if !self.report.groups.is_empty() {
            let head = [words.unconfirmed, words.duplicates, words.out_of_order, words.max_lag];
            table.row(heads(words.group, &head).into_iter().chain(times_head(words)));
        }
        for group in &self.report.groups {
            let counts = [group.unconfirmed, group.duplicates, group.out_of_order, group.max_lag];
            let counts = counts.map(|count| tinted(count, Style::new()));
            table.row([TextCell::text(&*group.group)].into_iter().chain(counts).chain(times(&group.latency_s)));
        }
        self.section(words.delivery, &table);
        self.consumers();
    }

    fn consumers(&mut self) {
        let words = self.words;
        let mut table = TextTable::default();
        let all = self.report.groups.iter().flat_map(|group| &group.consumers);
        for (i, consumer) in all.clone().take(ROWS).enumerate() {
            if i == 0 {
                table.row(heads(words.consumer, &[words.queues, words.done, words.busy]));
            }
            let queues = if consumer.alive { consumer.queues.len().to_string() } else { words.gone.to_owned() };
            table.row([
                TextCell::text(&*consumer.consumer),
                TextCell::figure(queues),
                tinted(consumer.done, Style::new()),
                TextCell::figure(consumer.utilization.map(share).unwrap_or_default()),
            ]);
        }
        self.more(&mut table, all.count());
        self.section(words.consumers, &table);
    }

    fn producers(&mut self) {
        let words = self.words;
        let (mut senders, mut callers) = (TextTable::default(), TextTable::default());
        let (mut sending, mut calling) = (0, 0);
        for producer in &self.report.producers {
            let (table, number, head, cells) = match &producer.work {
                ProducerCounts::Sends(sent) => {
                    let head: &[_] = &[words.sent, words.accepted, words.rejected, words.unanswered];
                    (&mut senders, &mut sending, heads(words.producer, head), sends(sent).to_vec())
                }
                ProducerCounts::Calls { calls, answered, refused } => {
                    let cells = [tinted(*calls, Style::new()), tinted(*answered, GOOD), tinted(*refused, BAD)];
                    let head = heads(words.producer, &[words.calls, words.answered, words.refused]);
                    (&mut callers, &mut calling, head, cells.to_vec())
                }
            };
            if *number == 0 {
                table.row(head.into_iter().chain(times_head(words)));
            }
            if *number < ROWS {
                let cells = [TextCell::text(&*producer.producer)].into_iter().chain(cells);
                table.row(cells.chain(times(&producer.response_s)));
            }
            *number += 1;
        }
        self.more(&mut senders, sending);
        self.more(&mut callers, calling);
        self.section(words.producers, &senders);
        self.section(words.callers, &callers);
    }

    /// Says how many rows are left out.
    fn more(&self, table: &mut TextTable, number: usize) {
        if number > ROWS {
            let more = fill(self.words.more, &[&(number - ROWS).to_string()]);
            table.row([TextCell::text(more).styled(FAINT)]);
        }
    }

    fn services(&mut self) {
        let words = self.words;
        let mut table = TextTable::default();
        if !self.report.services.is_empty() {
            table.row(heads(words.service, &[words.calls, words.refused, words.busy]));
        }
        for service in &self.report.services {
            table.row([
                TextCell::text(&*service.service),
                tinted(service.calls, Style::new()),
                tinted(service.refused, BAD),
                TextCell::figure(service.utilization.map(share).unwrap_or_default()),
            ]);
        }
        self.section(words.services, &table);
    }

    fn expectations(&mut self) {
        let words = self.words;
        let mut table = TextTable::default();
        for expected in &self.report.expectations {
            let (mark, style) = if expected.passed { ("✓", GOOD) } else { ("✗", BAD) };
            let what = match &expected.of {
                Some(of) => fill(words.of, &[expected.metric, of]),
                None => expected.metric.to_owned(),
            };
            let value = expected.value.map_or_else(|| words.no_value.to_owned(), |value| value.to_string());
            table.row([
                TextCell::text(mark).styled(style),
                TextCell::text(what),
                TextCell::figure(value).styled(style),
                TextCell::text(&*expected.bound).styled(FAINT),
            ]);
        }
        self.section(words.expectations, &table);
    }

    fn outcome(&mut self) {
        let (words, report) = (self.words, self.report);
        let (outcome, style) = match report.outcome {
            RunOutcome::Passed => (words.passed, GOOD),
            RunOutcome::Failed => (words.failed, BAD),
        };
        let (seed, events) = (report.seed.to_string(), report.events.to_string());
        let run = fill(words.run, &[&seed, &report.fingerprint, &events, &seconds(report.virtual_time_s)]);
        let outcome = self.manner.colour.paint(style.bold(), outcome);
        let _ = writeln!(self.out, "\n{outcome} · {run}");
        let command = format!("queuescope run {} --seed {seed}", self.manner.path);
        self.line(FAINT, &fill(words.again, &[&command]));
    }
}

fn heads(first: &str, others: &[&str]) -> Vec<TextCell> {
    let figures = others.iter().map(|head| TextCell::figure(*head));
    [TextCell::text(first)].into_iter().chain(figures).map(|cell| cell.styled(FAINT)).collect()
}

fn times_head(words: &Words) -> [TextCell; 5] {
    [words.mean, "p50", "p90", "p99", words.max].map(|head| TextCell::figure(head).styled(FAINT))
}

fn times(times: &Times) -> [TextCell; 5] {
    [times.mean, times.p50, times.p90, times.p99, times.max]
        .map(|time| TextCell::figure(time.map_or_else(|| "–".to_owned(), length)))
}

fn sends(sent: &SendCounts) -> [TextCell; 4] {
    [
        tinted(sent.sent, Style::new()),
        tinted(sent.accepted, GOOD),
        tinted(sent.rejected, BAD),
        tinted(sent.unanswered, BETWEEN),
    ]
}

/// A count; faint where it is nothing.
fn tinted(count: u64, style: Style) -> TextCell {
    TextCell::figure(count.to_string()).styled(if count == 0 { FAINT } else { style })
}

fn share(value: Value) -> String {
    format!("{:.1} %", value.number() * 100.0)
}

/// A moment: seconds, to the millisecond.
fn moment(at: Time) -> String {
    seconds(at.seconds())
}

fn seconds(at: f64) -> String {
    let text = format!("{at:.3}");
    format!("{} s", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A length of time in three digits and the unit in which they say most.
fn length(time: f64) -> String {
    const UNITS: [(f64, &str); 3] = [(1.0, "s"), (1e-3, "ms"), (1e-6, "µs")];
    let (unit, name) = UNITS.into_iter().find(|(unit, _)| time >= unit * 0.999_5).unwrap_or((1e-9, "ns"));
    let number = time / unit;
    let digits = if number < 9.995 { 2 } else { usize::from(number < 99.95) };
    let text = format!("{number:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text} {name}")
}

/// Where a group's messages are, at a glance: done, on their way, gone. What there is takes a character at least.
fn bar(group: &GroupReport) -> String {
    let way = group.in_process + group.waiting;
    let gone = group.dead_lettered + group.expired + group.skipped + group.lost;
    let total = group.done + way + gone;
    let cells = |count: u64| if count == 0 { 0 } else { (count * BAR / total).max(1) };
    let (way, gone) = (cells(way), cells(gone));
    let done = if group.done == 0 { 0 } else { BAR.saturating_sub(way + gone).max(1) };
    let run = |character: &str, count: u64| character.repeat(count as usize);
    run("█", done) + &run("▒", way) + &run("×", gone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::sample::{expectations, plan, run_with_failover};

    fn told(lang: Lang, colour: Colour) -> String {
        let plan = Plan { expectations: expectations(), ..plan() };
        let report = run_with_failover(plan.clone()).report(48_211, 7);
        human(&report, &plan, &Manner { lang, colour, path: "'my lessons/sample.toml'" })
    }

    #[test]
    fn it_is_told_in_both_languages() {
        insta::assert_snapshot!("en", told(Lang::En, Colour::Plain));
        insta::assert_snapshot!("zh", told(Lang::Zh, Colour::Plain));
    }

    #[test]
    fn colours_change_nothing_but_colours() {
        let coloured = told(Lang::En, Colour::Ansi);
        assert_ne!(coloured, told(Lang::En, Colour::Plain));
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), told(Lang::En, Colour::Plain));
    }

    #[test]
    fn a_length_of_time_has_three_digits_and_a_unit() {
        let told = [0.0, 8.5e-7, 0.0123, 0.999_96, 1.05, 9.996, 59.94, 125.4].map(length);
        assert_eq!(told, ["0 ns", "850 ns", "12.3 ms", "1 s", "1.05 s", "10 s", "59.9 s", "125 s"]);
    }
}
