//! The report for people: what happened, where the messages are, what was expected; in English or Chinese. `faults` names
//! the faults that made no difference.

mod faults;

use std::fmt::Write as _;
use std::sync::Arc;

use anstyle::{AnsiColor, Style};

pub use super::table::Colour;
use super::table::{TextCell, TextTable};
use super::words::ReportWord;
use super::{GroupReport, ProducerCounts, Report, RunOutcome, SendCounts, Times};
use crate::observe::timeline::{Event, TimelineEntry};
use crate::plan::{NodeId, Plan};
use crate::printable;
use crate::record::{Change, Kind};
use crate::words::figure::{length, moment, seconds, share};
use crate::words::{Language, fill, record};

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
    pub language: Language,
    /// Whether colours are used.
    pub colour: Colour,
    /// The file, as a shell takes it ([`super::shell::word`]): for the command that repeats the run.
    pub path: &'a str,
}

/// The report as text.
#[must_use]
pub fn human(report: &Report, plan: &Plan, manner: &Manner<'_>) -> String {
    let mut page = Page { report, plan, manner, out: String::new() };
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
    out: String,
}

impl Page<'_> {
    fn word(&self, word: ReportWord) -> &'static str {
        word.text(self.manner.language)
    }

    fn say(&self, word: ReportWord, parts: &[&str]) -> String {
        fill(self.word(word), parts)
    }

    fn line(&mut self, style: Style, text: &str) {
        let text = self.manner.colour.paint(style, text);
        self.out.push_str(&text);
        self.out.push('\n');
    }

    /// A heading and a table below it; neither where there are no rows.
    fn section(&mut self, heading: ReportWord, table: &TextTable) {
        if !table.is_empty() {
            self.out.push('\n');
            self.line(STRONG, self.word(heading));
            table.write(self.manner.colour, &mut self.out);
        }
    }

    fn title(&mut self) {
        let (plan, language) = (self.plan, self.manner.language);
        self.line(STRONG, &printable::line(language.of(&plan.title)));
        let summary = language.of(&plan.summary).lines().map(str::trim);
        for line in summary.filter(|line| !line.is_empty()).take(SUMMARY) {
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
            let more = self.say(ReportWord::More, &[&timeline.omitted.to_string()]);
            table.row([TextCell::default(), TextCell::default(), TextCell::text(more).styled(FAINT)]);
        }
        self.section(ReportWord::Happened, &table);
    }

    fn event(&self, entry: &TimelineEntry) -> (String, Style) {
        let plan = self.plan;
        let told = |node: NodeId, kind: Kind| record::sentence(plan, node, &kind, self.manner.language);
        let count = entry.count.to_string();
        let often = |word: ReportWord, name: &str| self.say(word, &[name, &count]);
        match &entry.event {
            Event::Crashed(it, mode) => (told(*it, Kind::Crashed { mode: *mode }), BAD),
            Event::Restarted(it) => (told(*it, Kind::Restarted), GOOD),
            Event::Paused(it) => (told(*it, Kind::Paused), BETWEEN),
            Event::Resumed(it) => (told(*it, Kind::Resumed), GOOD),
            Event::Joined(it) => (told(*it, Kind::Joined), Style::new()),
            Event::Left(it) => (told(*it, Kind::Left), Style::new()),
            Event::Changed(it, change) => {
                (told(*it, Kind::Changed { change: Arc::clone(change) }), change_style(change))
            }
            Event::DeclaredDead(it) => (self.say(ReportWord::DeclaredDead, &[plan.name(*it)]), BETWEEN),
            Event::Elected(set, it, epoch) => (told(*it, Kind::Elected { set: *set, epoch: *epoch }), GOOD),
            Event::Assigned(group) => (often(ReportWord::Assigned, &plan.groups[*group].name), Style::new()),
            Event::Rejected(topic) => (often(ReportWord::RejectedHere, &plan.topics[*topic].name), BAD),
            Event::Refused(it) => (often(ReportWord::RefusedHere, plan.name(*it)), BAD),
            Event::Retried(group) => (often(ReportWord::Retried, &plan.groups[*group].name), BETWEEN),
            Event::DeadLettered(group) => (often(ReportWord::DeadLetteredHere, &plan.groups[*group].name), BAD),
            Event::Expired(group) => (often(ReportWord::ExpiredHere, &plan.groups[*group].name), BAD),
            Event::Lost(group) => (often(ReportWord::LostHere, &plan.groups[*group].name), BAD),
            Event::Truncated(it) => (often(ReportWord::Truncated, plan.name(*it)), BETWEEN),
            Event::Backlog(group, None) => (often(ReportWord::Backlog, &plan.groups[*group].name), BETWEEN),
            Event::Backlog(group, Some(back)) => {
                let name = &plan.groups[*group].name;
                (self.say(ReportWord::BacklogOver, &[name, &count, &moment(*back)]), BETWEEN)
            }
        }
    }

    fn failovers(&mut self) {
        let mut table = TextTable::default();
        for failover in &self.report.failovers {
            let at = |word: ReportWord, at: Option<f64>| {
                TextCell::text(at.map(|at| self.say(word, &[&seconds(at)])).unwrap_or_default())
            };
            let who =
                self.say(ReportWord::Failover, &[&failover.broker_set, &failover.old_master, &failover.new_master]);
            table.row([
                TextCell::text(who),
                at(ReportWord::Down, failover.down_s),
                at(ReportWord::ElectedAt, Some(failover.elected_s)),
                at(ReportWord::AcceptedAgain, failover.accepted_again_s),
                at(ReportWord::ConsumedAgain, failover.consumed_again_s),
            ]);
        }
        self.section(ReportWord::Failovers, &table);
    }

    fn messages(&mut self) {
        let mut table = TextTable::default();
        let head =
            [ReportWord::Sent, ReportWord::Accepted, ReportWord::Rejected, ReportWord::Unanswered, ReportWord::Outage];
        table.row(self.heads(ReportWord::Topic, &head));
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
            table.row(row(self.word(ReportWord::All), &self.report.messages, None));
        }
        self.section(ReportWord::Messages, &table);
    }

    fn ledger(&mut self) {
        let mut table = TextTable::default();
        if !self.report.groups.is_empty() {
            let head = [
                ReportWord::Done,
                ReportWord::InProcess,
                ReportWord::Waiting,
                ReportWord::DeadLetters,
                ReportWord::Expired,
                ReportWord::Skipped,
                ReportWord::Lost,
            ];
            table.row(self.heads(ReportWord::Group, &head));
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
        self.section(ReportWord::Ledger, &table);
    }

    fn delivery(&mut self) {
        let mut table = TextTable::default();
        if !self.report.groups.is_empty() {
            let head = [ReportWord::Unconfirmed, ReportWord::Duplicates, ReportWord::OutOfOrder, ReportWord::MaxLag];
            table.row(self.heads(ReportWord::Group, &head).into_iter().chain(self.times_head()));
        }
        for group in &self.report.groups {
            let counts = [group.unconfirmed, group.duplicates, group.out_of_order, group.max_lag];
            let counts = counts.map(|count| tinted(count, Style::new()));
            table.row([TextCell::text(&*group.group)].into_iter().chain(counts).chain(times(&group.latency_s)));
        }
        self.section(ReportWord::Delivery, &table);
        self.consumers();
    }

    fn consumers(&mut self) {
        let mut table = TextTable::default();
        let all = self.report.groups.iter().flat_map(|group| &group.consumers);
        for (i, consumer) in all.clone().take(ROWS).enumerate() {
            if i == 0 {
                table.row(self.heads(ReportWord::Consumer, &[ReportWord::Queues, ReportWord::Done, ReportWord::Busy]));
            }
            let queues =
                if consumer.alive { consumer.queues.len().to_string() } else { self.word(ReportWord::Gone).to_owned() };
            table.row([
                TextCell::text(&*consumer.consumer),
                TextCell::figure(queues),
                tinted(consumer.done, Style::new()),
                TextCell::figure(consumer.utilization.map(|value| share(value.number())).unwrap_or_default()),
            ]);
        }
        self.more(&mut table, all.count());
        self.section(ReportWord::Consumers, &table);
    }

    fn producers(&mut self) {
        let (mut senders, mut callers) = (TextTable::default(), TextTable::default());
        let (mut sending, mut calling) = (0, 0);
        for producer in &self.report.producers {
            let (table, number, head, cells) = match &producer.work {
                ProducerCounts::Sends(sent) => {
                    let head: &[_] =
                        &[ReportWord::Sent, ReportWord::Accepted, ReportWord::Rejected, ReportWord::Unanswered];
                    (&mut senders, &mut sending, self.heads(ReportWord::Producer, head), sends(sent).to_vec())
                }
                ProducerCounts::Calls { calls, answered, refused } => {
                    let cells = [tinted(*calls, Style::new()), tinted(*answered, GOOD), tinted(*refused, BAD)];
                    let head = self
                        .heads(ReportWord::Producer, &[ReportWord::Calls, ReportWord::Answered, ReportWord::Refused]);
                    (&mut callers, &mut calling, head, cells.to_vec())
                }
            };
            if *number == 0 {
                table.row(head.into_iter().chain(self.times_head()));
            }
            if *number < ROWS {
                let cells = [TextCell::text(&*producer.producer)].into_iter().chain(cells);
                table.row(cells.chain(times(&producer.response_s)));
            }
            *number += 1;
        }
        self.more(&mut senders, sending);
        self.more(&mut callers, calling);
        self.section(ReportWord::Producers, &senders);
        self.section(ReportWord::Callers, &callers);
    }

    /// The head of a table: of the names, and of the figures.
    fn heads(&self, names: ReportWord, figures: &[ReportWord]) -> Vec<TextCell> {
        let figures = figures.iter().map(|head| TextCell::figure(self.word(*head)));
        [TextCell::text(self.word(names))].into_iter().chain(figures).map(|cell| cell.styled(FAINT)).collect()
    }

    fn times_head(&self) -> [TextCell; 5] {
        let (mean, max) = (self.word(ReportWord::Mean), self.word(ReportWord::Max));
        [mean, "p50", "p90", "p99", max].map(|head| TextCell::figure(head).styled(FAINT))
    }

    /// Says how many rows are left out.
    fn more(&self, table: &mut TextTable, number: usize) {
        if number > ROWS {
            let more = self.say(ReportWord::More, &[&(number - ROWS).to_string()]);
            table.row([TextCell::text(more).styled(FAINT)]);
        }
    }

    fn services(&mut self) {
        let mut table = TextTable::default();
        if !self.report.services.is_empty() {
            table.row(self.heads(ReportWord::Service, &[ReportWord::Calls, ReportWord::Refused, ReportWord::Busy]));
        }
        for service in &self.report.services {
            table.row([
                TextCell::text(&*service.service),
                tinted(service.calls, Style::new()),
                tinted(service.refused, BAD),
                TextCell::figure(service.utilization.map(|value| share(value.number())).unwrap_or_default()),
            ]);
        }
        self.section(ReportWord::Services, &table);
    }

    fn expectations(&mut self) {
        let mut table = TextTable::default();
        for expected in &self.report.expectations {
            let (mark, style) = if expected.passed { ("✓", GOOD) } else { ("✗", BAD) };
            let what = match &expected.of {
                Some(of) => self.say(ReportWord::Of, &[expected.metric, of]),
                None => expected.metric.to_owned(),
            };
            let value =
                expected.value.map_or_else(|| self.word(ReportWord::NoValue).to_owned(), |value| value.to_string());
            table.row([
                TextCell::text(mark).styled(style),
                TextCell::text(what),
                TextCell::figure(value).styled(style),
                TextCell::text(&*expected.bound).styled(FAINT),
            ]);
        }
        self.section(ReportWord::Expectations, &table);
    }

    fn outcome(&mut self) {
        let report = self.report;
        let (outcome, style) = match report.outcome {
            RunOutcome::Passed => (ReportWord::Passed, GOOD),
            RunOutcome::Failed => (ReportWord::Failed, BAD),
        };
        let (seed, events) = (report.seed.to_string(), report.events.to_string());
        let run = self.say(ReportWord::Run, &[&seed, &report.fingerprint, &events, &seconds(report.virtual_time_s)]);
        let outcome = self.manner.colour.paint(style.bold(), self.word(outcome));
        let _ = writeln!(self.out, "\n{outcome} · {run}");
        let command = format!("queuescope run {} --seed {seed}", self.manner.path);
        self.line(FAINT, &self.say(ReportWord::Again, &[&command]));
    }
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

/// The style of a change: bad where a fault begins, good where it ends.
const fn change_style(change: &Change) -> Style {
    if change.begins_trouble() {
        BAD
    } else if change.ends_trouble() {
        GOOD
    } else {
        Style::new()
    }
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

    fn told(language: Language, colour: Colour) -> String {
        let plan = Plan { expectations: expectations(), ..plan() };
        let report = run_with_failover(plan.clone()).report(48_211, 7);
        human(&report, &plan, &Manner { language, colour, path: "'my lessons/sample.toml'" })
    }

    #[test]
    fn it_is_told_in_both_languages() {
        insta::assert_snapshot!("en", told(Language::English, Colour::Plain));
        insta::assert_snapshot!("zh", told(Language::Chinese, Colour::Plain));
    }

    #[test]
    fn colours_change_nothing_but_colours() {
        let coloured = told(Language::English, Colour::Ansi);
        assert_ne!(coloured, told(Language::English, Colour::Plain));
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), told(Language::English, Colour::Plain));
    }
}
