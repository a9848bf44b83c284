//! Charts as plain data: lines over time, up to the moment that the run has reached. If a chart has more lines than a
//! reader can tell apart, it keeps the selected one and those with the largest totals.

use queuescope::kernel::Time;
use queuescope::observe::series::Column;
use queuescope::observe::{Series, Value, expectation};
use queuescope::plan::{NodeId, Plan, QueueId, Selector};
use queuescope::session::Session;
use queuescope::words::{Language, fill};

use crate::text::Word;

/// The number of intervals over which a rate is averaged, and for which a percentile is held when no message follows. With
/// only a few messages per second, single intervals would show mere noise.
const SMOOTHING_INTERVALS: usize = 10;

/// The kinds of charts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Chart {
    /// The largest lag of each group.
    Lag,
    /// The messages sent to each topic and done by each group, per second.
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
    /// The colour of a group, by its index: for the group and its consumers.
    Group(usize),
    /// One of two plain colours: for lines that belong to no group.
    Plain(bool),
    /// The colour of the selected node or queue.
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
    /// Its value in each interval; none in an interval without a value.
    pub values: Vec<Option<f64>>,
}

/// The content of a chart.
#[derive(Clone, PartialEq, Debug)]
pub struct ChartLines {
    /// The chart.
    pub chart: Chart,
    /// The unit of all values.
    pub unit: ChartUnit,
    /// The lines.
    pub lines: Vec<ChartLine>,
    /// The number of lines that are left out.
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
    /// All charts, in the order in which the window lists them.
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

    /// Whether its lines come in pairs: a median, and dashed the 99th percentile.
    #[must_use]
    pub const fn has_percentiles(self) -> bool {
        matches!(self, Self::Response | Self::Latency)
    }

    /// Its metrics. It has one line for each metric and each selector.
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

    /// The number of its lines that a reader can tell apart.
    const fn capacity(self) -> usize {
        match self {
            Self::Response => 2,
            Self::Latency | Self::Depth => 4,
            Self::Lag | Self::Throughput | Self::Utilization => 6,
        }
    }
}

/// The selected thing, if a chart can have a line for it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct ChartSelection {
    /// A consumer, producer or service.
    pub node: Option<NodeId>,
    /// A queue.
    pub queue: Option<QueueId>,
}

impl ChartSelection {
    /// Whether the line of a selector is that of the selected thing.
    fn is_line_of(self, of: Selector) -> bool {
        match of {
            Selector::Queue(queue) => self.queue == Some(queue),
            Selector::Producer(node) | Selector::Consumer(node) | Selector::Service(node) => self.node == Some(node),
            _ => false,
        }
    }
}

/// The end of the time axis: the end of the run, or, while the run has not reached it, the latest time at which it can end.
#[must_use]
pub fn axis_end(session: &Session) -> Time {
    let ahead = session.ahead();
    if ahead.is_over() { ahead.at() } else { session.plan().end() }
}

/// The lines of a chart, with their values in its unit.
#[must_use]
pub fn lines(series: &Series, chart: Chart, selected: ChartSelection, language: Language) -> ChartLines {
    let all: Vec<&Column> = chart.metrics().iter().flat_map(|metric| columns_of(series, metric)).collect();
    let shown = choose(&all, chart.capacity(), selected);
    let more = all.len() - shown.len();
    let mut lines = Vec::new();
    for column in shown {
        let (colour, pattern) = if selected.is_line_of(column.subject) {
            (LineColour::Selected, LinePattern::Solid)
        } else {
            unused_style(series.plan(), column.subject, &lines)
        };
        let name = name_of(series.plan(), column, language);
        let p99_metric = match column.metric {
            "response_p50" => Some("response_p99"),
            "latency_p50" => Some("latency_p99"),
            _ => None,
        };
        let label = if p99_metric.is_some() { format!("{name} p50") } else { name.clone() };
        lines.push(ChartLine { name: Some(name.clone()), label, colour, pattern, values: numbers(series, column) });
        if let Some(p99) =
            p99_metric.and_then(|metric| columns_of(series, metric).find(|p99| p99.subject == column.subject))
        {
            let values = numbers(series, p99);
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
    let factor = match unit {
        ChartUnit::Milliseconds => 1e3,
        ChartUnit::Percent => 1e2,
        ChartUnit::Messages | ChartUnit::PerSecond | ChartUnit::Seconds => 1.0,
    };
    for value in lines.iter_mut().flat_map(|line| &mut line.values).flatten() {
        *value *= factor;
    }
    ChartLines { chart, unit, lines, more }
}

impl ChartLines {
    /// The largest value; 0 without values.
    #[must_use]
    pub fn max_value(&self) -> f64 {
        max_value(&self.lines)
    }
}

fn max_value(lines: &[ChartLine]) -> f64 {
    lines.iter().flat_map(|line| &line.values).flatten().copied().fold(0.0, f64::max)
}

fn columns_of<'a>(series: &'a Series, metric: &str) -> impl Iterator<Item = &'a Column> {
    series.columns().iter().filter(move |column| column.metric == metric)
}

/// The columns that have room in the chart: the selected one and those with the largest totals, in the order of the series.
fn choose<'a>(all: &[&'a Column], room: usize, selected: ChartSelection) -> Vec<&'a Column> {
    let total = |column: &Column| column.values.iter().flatten().map(|value| value.number()).sum::<f64>();
    let mut ranks: Vec<(bool, f64, usize)> = all
        .iter()
        .enumerate()
        .map(|(index, column)| (selected.is_line_of(column.subject), total(column), index))
        .collect();
    ranks.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)).then(a.2.cmp(&b.2)));
    let mut indices: Vec<usize> = ranks.into_iter().take(room).map(|(_, _, index)| index).collect();
    indices.sort_unstable();
    indices.into_iter().map(|index| all[index]).collect()
}

/// A colour and a pattern that none of the lines has; if all are taken, the first ones.
fn unused_style(plan: &Plan, of: Selector, lines: &[ChartLine]) -> (LineColour, LinePattern) {
    let colours = match of {
        Selector::Group(group) => vec![LineColour::Group(group.index())],
        Selector::Consumer(node) => {
            plan.consumer(node).map(|consumer| LineColour::Group(consumer.group.index())).into_iter().collect()
        }
        _ => vec![LineColour::Plain(true), LineColour::Plain(false)],
    };
    let patterns = [LinePattern::Solid, LinePattern::Dotted, LinePattern::Dashed];
    let mut styles = patterns.into_iter().flat_map(|pattern| colours.iter().map(move |colour| (*colour, pattern)));
    let free = styles.find(|style| lines.iter().all(|line| (line.colour, line.pattern) != *style));
    free.or_else(|| colours.first().map(|colour| (*colour, LinePattern::Solid)))
        .unwrap_or((LineColour::Plain(true), LinePattern::Solid))
}

fn name_of(plan: &Plan, column: &Column, language: Language) -> String {
    let name = expectation::name(plan, column.subject).unwrap_or_default();
    match column.metric {
        "sent" => fill(Word::ChartSent.text(language), &[name]),
        _ => name.to_owned(),
    }
}

/// A column's values as the chart shows them, one for each interval.
fn numbers(series: &Series, column: &Column) -> Vec<Option<f64>> {
    let values: Vec<Option<f64>> = column.values.iter().map(|value| value.map(Value::number)).collect();
    match column.metric {
        "sent" | "done" => rates(series, &values),
        "response_p50" | "response_p99" | "latency_p50" | "latency_p99" => held(&values),
        _ => values,
    }
}

/// Turns counts into rates per second, each averaged over several intervals.
fn rates(series: &Series, counts: &[Option<f64>]) -> Vec<Option<f64>> {
    let spans: Vec<f64> = series.intervals().map(|(from, to)| to.since(from).seconds()).collect();
    let groups = counts.chunks(SMOOTHING_INTERVALS).zip(spans.chunks(SMOOTHING_INTERVALS));
    let rates = groups.flat_map(|(counts, spans)| {
        let (count, seconds): (f64, f64) = (counts.iter().flatten().sum(), spans.iter().sum());
        std::iter::repeat_n((seconds > 0.0).then(|| count / seconds), counts.len())
    });
    rates.collect()
}

/// Repeats each value until the next one, for at most [`SMOOTHING_INTERVALS`] intervals.
fn held(values: &[Option<f64>]) -> Vec<Option<f64>> {
    let last = |index: usize| {
        values[(index + 1).saturating_sub(SMOOTHING_INTERVALS)..=index].iter().rev().find_map(|value| *value)
    };
    (0..values.len()).map(last).collect()
}

#[cfg(test)]
mod tests {
    use queuescope::limit;
    use queuescope::scenario::{Draft, lessons};

    use super::*;

    fn session(name: &str) -> Session {
        let lesson = lessons().iter().find(|lesson| lesson.name == name).expect("there is such a lesson");
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
                    let looks_like = |other: &&ChartLine| (other.colour, other.pattern) == (line.colour, line.pattern);
                    assert_eq!(
                        shown.lines[i + 1..].iter().find(looks_like),
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
        let spans = session.series().intervals().map(|(from, to)| to.since(from).seconds());
        let total: f64 = spans.zip(&done.values).map(|(seconds, rate)| seconds * rate.expect("a count")).sum();
        assert!((total - report.groups[0].done as f64).abs() < 1e-6, "{total}");
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
        assert_eq!(held.iter().rposition(Option::is_some), Some(4 + SMOOTHING_INTERVALS - 1));
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
