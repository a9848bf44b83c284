//! Charts as plain data: how a run goes, as far as it has gone ahead, as lines over time. Where there are more things than
//! can be told apart, those that are largest on the whole, and what is selected.

use queuescope::kernel::Time;
use queuescope::observe::series::Column;
use queuescope::observe::{Series, Value, expectation};
use queuescope::plan::{NodeId, Plan, QueueId, Selector};
use queuescope::session::Session;

use crate::text::{Language, Word, fill};

/// So many stretches make a rate, and so many pass until a percentile is forgotten after which nothing came: where there
/// are only a few messages a second, single stretches would be noise.
const TOGETHER: usize = 10;

/// What there is a chart of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Chart {
    /// The largest lag of each group.
    Lag,
    /// Messages sent to each topic and done by each group, for each second.
    Throughput,
    /// Of each producer, from the first attempt to the answer.
    Response,
    /// Of each group, from the first attempt to send to the first end of processing.
    Latency,
    /// Messages that each queue still stores.
    Depth,
    /// Busy time of each consumer and service.
    Utilization,
}

/// Whose colour a line has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LineColour {
    /// A group's, or its consumer's.
    Group(usize),
    /// Of what belongs to no group, the first and the second one.
    Plain(bool),
    /// Of what is selected.
    Selected,
}

/// How a line is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinePattern {
    /// In one piece.
    Solid,
    /// In dashes.
    Dashed,
    /// In dots.
    Dotted,
}

/// A line of a chart.
#[derive(Clone, PartialEq, Debug)]
pub struct ChartLine {
    /// Of what it is, for the legend; the 99th percentile has none: it belongs to the line before.
    pub name: Option<String>,
    /// As it is told at a moment.
    pub label: String,
    /// Its colour.
    pub ink: LineColour,
    /// How it is drawn.
    pub stroke: LinePattern,
    /// A value for each stretch; none where there is none.
    pub values: Vec<Option<f64>>,
}

/// A chart.
#[derive(Clone, PartialEq, Debug)]
pub struct ChartLines {
    /// Of what.
    pub chart: Chart,
    /// In which unit the values are.
    pub unit: ChartUnit,
    /// The lines.
    pub lines: Vec<ChartLine>,
    /// As many things are not shown.
    pub more: usize,
}

/// What values are counted in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChartUnit {
    /// Messages.
    Messages,
    /// Messages a second.
    PerSecond,
    /// Seconds.
    Seconds,
    /// Thousandths of them.
    Milliseconds,
    /// Hundredths.
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

    /// Whether it tells a median, and a 99th percentile in dashes.
    #[must_use]
    pub const fn has_percentiles(self) -> bool {
        matches!(self, Self::Response | Self::Latency)
    }

    /// The metrics that choose its lines.
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

    /// As many things as can be told apart.
    const fn room(self) -> usize {
        match self {
            Self::Response => 2,
            Self::Latency | Self::Depth => 4,
            Self::Lag | Self::Throughput | Self::Utilization => 6,
        }
    }
}

/// What is selected, as far as there is a line of it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct ChartSelection {
    /// A consumer, producer or service.
    pub node: Option<NodeId>,
    /// A queue.
    pub queue: Option<QueueId>,
}

impl ChartSelection {
    fn is(self, of: Selector) -> bool {
        match of {
            Selector::Queue(queue) => self.queue == Some(queue),
            Selector::Producer(node) | Selector::Consumer(node) | Selector::Service(node) => self.node == Some(node),
            _ => false,
        }
    }
}

/// The last moment for which there is room on a time axis.
#[must_use]
pub fn end(session: &Session) -> Time {
    let ahead = session.ahead();
    if ahead.is_over() { ahead.at() } else { session.plan().end() }
}

/// The lines of a chart.
#[must_use]
pub fn lines(series: &Series, chart: Chart, picked: ChartSelection, language: Language) -> ChartLines {
    let all: Vec<&Column> = chart.metrics().iter().flat_map(|metric| of_metric(series, metric)).collect();
    let shown = choose(&all, chart.room(), picked);
    let more = all.len() - shown.len();
    let mut lines = Vec::new();
    for column in shown {
        let (ink, stroke) = if picked.is(column.of) {
            (LineColour::Selected, LinePattern::Solid)
        } else {
            look(series.plan(), column.of, &lines)
        };
        let name = named(series.plan(), column, language);
        let tail = match column.metric {
            "response_p50" => Some("response_p99"),
            "latency_p50" => Some("latency_p99"),
            _ => None,
        };
        let label = if tail.is_some() { format!("{name} p50") } else { name.clone() };
        lines.push(ChartLine { name: Some(name.clone()), label, ink, stroke, values: numbers(series, column) });
        if let Some(column) = tail.and_then(|metric| of_metric(series, metric).find(|it| it.of == column.of)) {
            let values = numbers(series, column);
            lines.push(ChartLine {
                name: None,
                label: format!("{name} p99"),
                ink,
                stroke: LinePattern::Dashed,
                values,
            });
        }
    }
    let unit = match chart {
        Chart::Lag | Chart::Depth => ChartUnit::Messages,
        Chart::Throughput => ChartUnit::PerSecond,
        Chart::Utilization => ChartUnit::Percent,
        Chart::Response | Chart::Latency if most(&lines) >= 1.0 => ChartUnit::Seconds,
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
    pub fn most(&self) -> f64 {
        most(&self.lines)
    }
}

fn most(lines: &[ChartLine]) -> f64 {
    lines.iter().flat_map(|line| &line.values).flatten().copied().fold(0.0, f64::max)
}

fn of_metric<'a>(series: &'a Series, metric: &str) -> impl Iterator<Item = &'a Column> {
    series.columns().iter().filter(move |column| column.metric == metric)
}

/// What is selected and those that are largest on the whole, in their own order.
fn choose<'a>(all: &[&'a Column], room: usize, picked: ChartSelection) -> Vec<&'a Column> {
    let whole = |column: &Column| column.values.iter().flatten().map(|value| value.number()).sum::<f64>();
    let mut ranks: Vec<(bool, f64, usize)> =
        all.iter().enumerate().map(|(place, column)| (picked.is(column.of), whole(column), place)).collect();
    ranks.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)).then(a.2.cmp(&b.2)));
    let mut places: Vec<usize> = ranks.into_iter().take(room).map(|(_, _, place)| place).collect();
    places.sort_unstable();
    places.into_iter().map(|place| all[place]).collect()
}

/// A colour and a stroke that no line before has, as long as there are any.
fn look(plan: &Plan, of: Selector, before: &[ChartLine]) -> (LineColour, LinePattern) {
    let inks = match of {
        Selector::Group(group) => vec![LineColour::Group(group.index())],
        Selector::Consumer(node) => {
            plan.consumer(node).map(|it| LineColour::Group(it.group.index())).into_iter().collect()
        }
        _ => vec![LineColour::Plain(true), LineColour::Plain(false)],
    };
    let strokes = [LinePattern::Solid, LinePattern::Dotted, LinePattern::Dashed];
    let mut looks = strokes.into_iter().flat_map(|stroke| inks.iter().map(move |ink| (*ink, stroke)));
    let free = looks.find(|look| before.iter().all(|line| (line.ink, line.stroke) != *look));
    free.or_else(|| inks.first().map(|ink| (*ink, LinePattern::Solid)))
        .unwrap_or((LineColour::Plain(true), LinePattern::Solid))
}

fn named(plan: &Plan, column: &Column, language: Language) -> String {
    let name = expectation::name(plan, column.of).unwrap_or_default();
    match column.metric {
        "sent" => fill(Word::ChartSent.text(language), &[name]),
        _ => name.to_owned(),
    }
}

/// The values as they are told, one for each stretch.
fn numbers(series: &Series, column: &Column) -> Vec<Option<f64>> {
    let values: Vec<Option<f64>> = column.values.iter().map(|value| value.map(Value::number)).collect();
    match column.metric {
        "sent" | "done" => rates(series, &values),
        "response_p50" | "response_p99" | "latency_p50" | "latency_p99" => held(&values),
        _ => values,
    }
}

/// Counts as rates for each second, over several stretches together.
fn rates(series: &Series, counts: &[Option<f64>]) -> Vec<Option<f64>> {
    let spans: Vec<f64> = series.stretches().map(|(from, to)| to.since(from).seconds()).collect();
    let together = counts.chunks(TOGETHER).zip(spans.chunks(TOGETHER));
    let rates = together.flat_map(|(counts, spans)| {
        let (count, seconds): (f64, f64) = (counts.iter().flatten().sum(), spans.iter().sum());
        std::iter::repeat_n((seconds > 0.0).then(|| count / seconds), counts.len())
    });
    rates.collect()
}

/// Each value until the next one, but not for long.
fn held(values: &[Option<f64>]) -> Vec<Option<f64>> {
    let last =
        |place: usize| values[(place + 1).saturating_sub(TOGETHER)..=place].iter().rev().find_map(|value| *value);
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
                    let like = |other: &&ChartLine| (other.ink, other.stroke) == (line.ink, line.stroke);
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
    fn a_rate_and_a_share_are_told_as_people_say_them() {
        let session = session("10-slow-consumer");
        let report = session.report().expect("it is over");
        let rates = lines(session.series(), Chart::Throughput, ChartSelection::default(), Language::English);
        let done = rates.lines.iter().find(|line| line.ink == LineColour::Group(0)).expect("the group");
        let spans = session.series().stretches().map(|(from, to)| to.since(from).seconds());
        let all: f64 = spans.zip(&done.values).map(|(seconds, rate)| seconds * rate.expect("a count")).sum();
        assert!((all - report.groups[0].done as f64).abs() < 1e-6, "{all}");
        let busy = lines(session.series(), Chart::Utilization, ChartSelection::default(), Language::English);
        assert!(busy.most() > 50.0 && busy.most() <= 100.0, "{}", busy.most());
        let latency = lines(session.series(), Chart::Latency, ChartSelection::default(), Language::English);
        assert_eq!((latency.unit, latency.lines[1].name.as_ref()), (ChartUnit::Seconds, None));
    }

    #[test]
    fn a_value_is_held_until_the_next_one_but_not_for_long() {
        let mut values = vec![None; 25];
        (values[1], values[4]) = (Some(1.0), Some(2.0));
        let held = held(&values);
        assert_eq!(held[..6], [None, Some(1.0), Some(1.0), Some(1.0), Some(2.0), Some(2.0)]);
        assert_eq!(held.iter().rposition(Option::is_some), Some(4 + TOGETHER - 1));
    }

    #[test]
    fn what_is_selected_is_shown_however_small_it_is() {
        let session = session("10-slow-consumer-more-queues");
        let queues = session.plan().queues.len();
        let shown = lines(session.series(), Chart::Depth, ChartSelection::default(), Language::English);
        assert_eq!((shown.lines.len(), shown.more), (4, queues - 4));
        for queue in (0..queues).map(QueueId::from) {
            let picked = ChartSelection { queue: Some(queue), node: None };
            let shown = lines(session.series(), Chart::Depth, picked, Language::English);
            let selected: Vec<&ChartLine> =
                shown.lines.iter().filter(|line| line.ink == LineColour::Selected).collect();
            assert_eq!(selected.len(), 1);
            assert_eq!(selected[0].label, session.plan().queues[queue.index()].name);
        }
    }
}
