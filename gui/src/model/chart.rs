//! Charts as plain data: lines over time, as far as the run has gone ahead. Where a chart has more lines than can be told
//! apart, it shows the selected one and those with the largest totals.

use queuescope::kernel::Time;
use queuescope::observe::series::Column;
use queuescope::observe::{Series, Value, expectation};
use queuescope::plan::{NodeId, Plan, QueueId, Selector};
use queuescope::session::Session;

use crate::text::{Language, Word, fill};

/// A rate is taken over this many stretches, and a percentile is held for as many when no message follows: with only a few
/// messages a second, single stretches would be noise.
const SMOOTHING: usize = 10;

/// A chart that the window has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Chart {
    /// The largest lag of each group.
    Lag,
    /// Messages sent to each topic and done by each group, for each second.
    Throughput,
    /// The response time of each producer: from the first attempt to the answer.
    Response,
    /// The latency of each group: from the first attempt to send to the first end of processing.
    Latency,
    /// The depth of each queue: messages that it still stores.
    Depth,
    /// The share of time for which each consumer and service is busy.
    Utilization,
}

/// The colour of a line, by what it stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LineColour {
    /// That of a group, for the group and its consumers.
    Group(usize),
    /// One of the two for what belongs to no group.
    Plain(bool),
    /// That of what is selected.
    Selected,
}

/// How a line is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinePattern {
    /// Without gaps.
    Solid,
    /// In dashes.
    Dashed,
    /// In dots.
    Dotted,
}

/// A line of a chart.
#[derive(Clone, PartialEq, Debug)]
pub struct ChartLine {
    /// Its name in the legend; none for a 99th percentile, which belongs to the line before.
    pub name: Option<String>,
    /// Its name in the list of values at a moment.
    pub label: String,
    /// Its colour.
    pub colour: LineColour,
    /// How it is drawn.
    pub pattern: LinePattern,
    /// Its value in each stretch; none where there is none.
    pub values: Vec<Option<f64>>,
}

/// What a chart shows.
#[derive(Clone, PartialEq, Debug)]
pub struct ChartLines {
    /// The chart.
    pub chart: Chart,
    /// The unit of all values.
    pub unit: ChartUnit,
    /// The lines.
    pub lines: Vec<ChartLine>,
    /// How many lines there was no room for.
    pub more: usize,
}

/// The unit of a chart's values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChartUnit {
    /// Messages.
    Messages,
    /// Messages per second.
    PerSecond,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// Percent.
    Percent,
}

impl Chart {
    /// All, in their order.
    pub const ALL: [Self; 6] =
        [Self::Lag, Self::Throughput, Self::Response, Self::Latency, Self::Depth, Self::Utilization];

    /// Its title.
    #[must_use]
    pub const fn word(self) -> Word {
        match self {
            Self::Lag => Word::ChartLag,
            Self::Throughput => Word::ChartThroughput,
            Self::Response => Word::ChartResponse,
            Self::Latency => Word::ChartLatency,
            Self::Depth => Word::ChartDepth,
            Self::Utilization => Word::ChartUtilization,
        }
    }

    /// Whether its lines are pairs: a median, and in dashes the 99th percentile.
    #[must_use]
    pub const fn has_percentiles(self) -> bool {
        matches!(self, Self::Response | Self::Latency)
    }

    /// The metrics of which it has a line for each selector.
    const fn metrics(self) -> &'static [&'static str] {
        match self {
            Self::Lag => &["max_lag"],
            Self::Throughput => &["sent", "done"],
            Self::Response => &["response_p50"],
            Self::Latency => &["latency_p50"],
            Self::Depth => &["depth"],
            Self::Utilization => &["utilization"],
        }
    }

    /// How many lines can be told apart in it.
    const fn capacity(self) -> usize {
        match self {
            Self::Response => 2,
            Self::Latency | Self::Depth => 4,
            Self::Lag | Self::Throughput | Self::Utilization => 6,
        }
    }
}

/// What is selected, if a chart can have a line of it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct ChartSelection {
    /// A consumer, producer or service.
    pub node: Option<NodeId>,
    /// A queue.
    pub queue: Option<QueueId>,
}

impl ChartSelection {
    fn is_line_of(self, of: Selector) -> bool {
        match of {
            Selector::Queue(queue) => self.queue == Some(queue),
            Selector::Producer(node) | Selector::Consumer(node) | Selector::Service(node) => self.node == Some(node),
            _ => false,
        }
    }
}

/// Where the time axis ends: at the end of the run, or, while that is not known, at the latest time at which it can be.
#[must_use]
pub fn axis_end(session: &Session) -> Time {
    let ahead = session.ahead();
    if ahead.is_over() { ahead.at() } else { session.plan().end() }
}

/// The lines of a chart, in their unit.
#[must_use]
pub fn lines(series: &Series, chart: Chart, selected: ChartSelection, language: Language) -> ChartLines {
    let all: Vec<&Column> = chart.metrics().iter().flat_map(|metric| of_metric(series, metric)).collect();
    let shown = choose(&all, chart.capacity(), selected);
    let more = all.len() - shown.len();
    let mut lines = Vec::new();
    for column in shown {
        let (colour, pattern) = if selected.is_line_of(column.of) {
            (LineColour::Selected, LinePattern::Solid)
        } else {
            free_look(series.plan(), column.of, &lines)
        };
        let name = name_of(series.plan(), column, language);
        let percentile = match column.metric {
            "response_p50" => Some("response_p99"),
            "latency_p50" => Some("latency_p99"),
            _ => None,
        };
        let label = if percentile.is_some() { format!("{name} p50") } else { name.clone() };
        lines.push(ChartLine { name: Some(name.clone()), label, colour, pattern, values: numbers(series, column) });
        if let Some(column) = percentile.and_then(|metric| of_metric(series, metric).find(|it| it.of == column.of)) {
            let values = numbers(series, column);
            lines.push(ChartLine {
                name: None,
                label: format!("{name} p99"),
                colour,
                pattern: LinePattern::Dashed,
                values,
            });
        }
    }
    let unit = match chart {
        Chart::Lag | Chart::Depth => ChartUnit::Messages,
        Chart::Throughput => ChartUnit::PerSecond,
        Chart::Utilization => ChartUnit::Percent,
        Chart::Response | Chart::Latency if max_value(&lines) >= 1.0 => ChartUnit::Seconds,
        Chart::Response | Chart::Latency => ChartUnit::Milliseconds,
    };
    let times = match unit {
        ChartUnit::Milliseconds => 1e3,
        ChartUnit::Percent => 1e2,
        ChartUnit::Messages | ChartUnit::PerSecond | ChartUnit::Seconds => 1.0,
    };
    for value in lines.iter_mut().flat_map(|line| &mut line.values).flatten() {
        *value *= times;
    }
    ChartLines { chart, unit, lines, more }
}

impl ChartLines {
    /// The largest value; 0: there is none.
    #[must_use]
    pub fn max_value(&self) -> f64 {
        max_value(&self.lines)
    }
}

fn max_value(lines: &[ChartLine]) -> f64 {
    lines.iter().flat_map(|line| &line.values).flatten().copied().fold(0.0, f64::max)
}

fn of_metric<'a>(series: &'a Series, metric: &str) -> impl Iterator<Item = &'a Column> {
    series.columns().iter().filter(move |column| column.metric == metric)
}

/// The columns to show: the selected one and those with the largest totals, in their own order.
fn choose<'a>(all: &[&'a Column], room: usize, selected: ChartSelection) -> Vec<&'a Column> {
    let total = |column: &Column| column.values.iter().flatten().map(|value| value.number()).sum::<f64>();
    let mut ranks: Vec<(bool, f64, usize)> =
        all.iter().enumerate().map(|(place, column)| (selected.is_line_of(column.of), total(column), place)).collect();
    ranks.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)).then(a.2.cmp(&b.2)));
    let mut places: Vec<usize> = ranks.into_iter().take(room).map(|(_, _, place)| place).collect();
    places.sort_unstable();
    places.into_iter().map(|place| all[place]).collect()
}

/// A colour and a pattern that no line before has; when all are taken, the first ones again.
fn free_look(plan: &Plan, of: Selector, before: &[ChartLine]) -> (LineColour, LinePattern) {
    let colours = match of {
        Selector::Group(group) => vec![LineColour::Group(group.index())],
        Selector::Consumer(node) => {
            plan.consumer(node).map(|it| LineColour::Group(it.group.index())).into_iter().collect()
        }
        _ => vec![LineColour::Plain(true), LineColour::Plain(false)],
    };
    let patterns = [LinePattern::Solid, LinePattern::Dotted, LinePattern::Dashed];
    let mut looks = patterns.into_iter().flat_map(|pattern| colours.iter().map(move |colour| (*colour, pattern)));
    let free = looks.find(|look| before.iter().all(|line| (line.colour, line.pattern) != *look));
    free.or_else(|| colours.first().map(|colour| (*colour, LinePattern::Solid)))
        .unwrap_or((LineColour::Plain(true), LinePattern::Solid))
}

fn name_of(plan: &Plan, column: &Column, language: Language) -> String {
    let name = expectation::name(plan, column.of).unwrap_or_default();
    match column.metric {
        "sent" => fill(Word::ChartSent.text(language), &[name]),
        _ => name.to_owned(),
    }
}

/// A column's values as the chart shows them, one for each stretch.
fn numbers(series: &Series, column: &Column) -> Vec<Option<f64>> {
    let values: Vec<Option<f64>> = column.values.iter().map(|value| value.map(Value::number)).collect();
    match column.metric {
        "sent" | "done" => rates(series, &values),
        "response_p50" | "response_p99" | "latency_p50" | "latency_p99" => held(&values),
        _ => values,
    }
}

/// Counts as rates per second, each over several stretches.
fn rates(series: &Series, counts: &[Option<f64>]) -> Vec<Option<f64>> {
    let spans: Vec<f64> = series.stretches().map(|(from, to)| to.since(from).seconds()).collect();
    let together = counts.chunks(SMOOTHING).zip(spans.chunks(SMOOTHING));
    let rates = together.flat_map(|(counts, spans)| {
        let (count, seconds): (f64, f64) = (counts.iter().flatten().sum(), spans.iter().sum());
        std::iter::repeat_n((seconds > 0.0).then(|| count / seconds), counts.len())
    });
    rates.collect()
}

/// Holds each value until the next one, for at most [`SMOOTHING`] stretches.
fn held(values: &[Option<f64>]) -> Vec<Option<f64>> {
    let last =
        |place: usize| values[(place + 1).saturating_sub(SMOOTHING)..=place].iter().rev().find_map(|value| *value);
    (0..values.len()).map(last).collect()
}

#[cfg(test)]
mod tests {
    use queuescope::limit;
    use queuescope::scenario::{Draft, lessons};

    use super::*;

    fn session(name: &str) -> Session {
        let lesson = lessons().iter().find(|it| it.name == name).expect("there is such a lesson");
        let plan = Draft::read(lesson.name, lesson.text).expect("lessons are sound").plan().clone();
        let seed = plan.seed;
        let mut session = Session::new(plan, seed, limit::EVENTS);
        while !session.work(100_000) {}
        session
    }

    #[test]
    fn no_two_lines_of_a_chart_look_the_same_in_any_lesson() {
        for lesson in lessons() {
            let session = session(lesson.name);
            for chart in Chart::ALL {
                let shown = lines(session.series(), chart, ChartSelection::default(), Language::English);
                for (i, line) in shown.lines.iter().enumerate() {
                    let like = |other: &&ChartLine| (other.colour, other.pattern) == (line.colour, line.pattern);
                    assert_eq!(
                        shown.lines[i + 1..].iter().find(like),
                        None,
                        "{}: {chart:?} {}",
                        lesson.name,
                        line.label
                    );
                }
            }
        }
    }

    #[test]
    fn a_rate_is_per_second_and_a_share_is_in_percent() {
        let session = session("10-slow-consumer");
        let report = session.report().expect("it is over");
        let rates = lines(session.series(), Chart::Throughput, ChartSelection::default(), Language::English);
        let done = rates.lines.iter().find(|line| line.colour == LineColour::Group(0)).expect("the group");
        let spans = session.series().stretches().map(|(from, to)| to.since(from).seconds());
        let all: f64 = spans.zip(&done.values).map(|(seconds, rate)| seconds * rate.expect("a count")).sum();
        assert!((all - report.groups[0].done as f64).abs() < 1e-6, "{all}");
        let busy = lines(session.series(), Chart::Utilization, ChartSelection::default(), Language::English);
        assert!(busy.max_value() > 50.0 && busy.max_value() <= 100.0, "{}", busy.max_value());
        let latency = lines(session.series(), Chart::Latency, ChartSelection::default(), Language::English);
        assert_eq!((latency.unit, latency.lines[1].name.as_ref()), (ChartUnit::Seconds, None));
    }

    #[test]
    fn a_value_is_held_until_the_next_one_but_not_for_long() {
        let mut values = vec![None; 25];
        (values[1], values[4]) = (Some(1.0), Some(2.0));
        let held = held(&values);
        assert_eq!(held[..6], [None, Some(1.0), Some(1.0), Some(1.0), Some(2.0), Some(2.0)]);
        assert_eq!(held.iter().rposition(Option::is_some), Some(4 + SMOOTHING - 1));
    }

    #[test]
    fn a_selected_queue_has_a_line_however_few_messages_it_stores() {
        let session = session("10-slow-consumer-more-queues");
        let queues = session.plan().queues.len();
        let shown = lines(session.series(), Chart::Depth, ChartSelection::default(), Language::English);
        assert_eq!((shown.lines.len(), shown.more), (4, queues - 4));
        for queue in (0..queues).map(QueueId::from) {
            let selected = ChartSelection { queue: Some(queue), node: None };
            let shown = lines(session.series(), Chart::Depth, selected, Language::English);
            let selected: Vec<&ChartLine> =
                shown.lines.iter().filter(|line| line.colour == LineColour::Selected).collect();
            assert_eq!(selected.len(), 1);
            assert_eq!(selected[0].label, session.plan().queues[queue].name);
        }
    }
}
