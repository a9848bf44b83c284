//! A time series of a run: the metrics of the report once more, for one interval after the other.
//!
//! It is a fold over records that holds a bounded amount of data: intervals are so long that a run has at most
//! [`MAX_INTERVALS`] of them, and fewer where there are many columns. It reads every value as an expectation with a span
//! does, so there is no second definition of any. It knows nothing of how a chart looks.

use std::sync::Arc;

use super::Observer;
use super::aggregates::Aggregates;
use super::reading::{Baseline, Reading, StatisticsWindow};
use super::value::Value;
use crate::kernel::{Span, Time};
use crate::plan::{Plan, Role, Selector};
use crate::record::{Kind, Record};

/// The most intervals that a run has, its settling included.
pub const MAX_INTERVALS: usize = 2048;
/// The duration has at most this fraction of them, one sixth: most runs are at rest soon after it, whatever `settle`
/// allows.
const DURATION_FRACTION: usize = 6;
/// A run may have at least so many intervals, however many columns there are.
const MIN_LIMIT: usize = 128;
/// The most values that are kept, unless `MIN_LIMIT` asks for more: 32 MiB.
const MAX_VALUES: usize = 1 << 21;

/// A metric of one subject, interval by interval.
#[derive(Clone, Debug)]
pub struct Column {
    /// The metric, by its name in [`super::metric::METRICS`].
    pub metric: &'static str,
    /// What the metric is of.
    pub subject: Selector,
    /// A value for each interval that is over; none where the metric has none, as the latency of no message.
    pub values: Vec<Option<Value>>,
}

/// Metrics of a run, interval by interval.
#[derive(Clone, Debug)]
pub struct Series {
    plan: Arc<Plan>,
    interval: Span,
    /// The end of each interval that is over; the next interval begins there.
    ends: Vec<Time>,
    columns: Vec<Column>,
    /// By column: how it is read, and its baseline for the present interval.
    readings: Vec<(Reading, Baseline)>,
    /// Of the present interval.
    aggregates: Aggregates,
}

impl Series {
    /// Before the first record.
    #[must_use]
    pub fn new(observer: &Observer) -> Self {
        let plan = Arc::clone(&observer.plan);
        let columns = columns(&plan);
        let reading = |column: &Column| Reading::of(column.metric).map(|reading| (reading, Baseline::default()));
        let limit = (MAX_VALUES / columns.len().max(1)).clamp(MIN_LIMIT, MAX_INTERVALS);
        Self {
            interval: round_interval(plan.duration, limit / DURATION_FRACTION)
                .max(round_interval(plan.end().since(Time::ZERO), limit)),
            ends: Vec::new(),
            readings: columns.iter().filter_map(reading).collect(),
            columns,
            aggregates: Aggregates::default(),
            plan,
        }
    }

    /// The length of an interval; the last one of a run may be shorter.
    #[must_use]
    pub const fn interval(&self) -> Span {
        self.interval
    }

    /// The limits of each interval that is over: it is what happens after the one and up to the other, that included. The
    /// first interval has the beginning as well.
    pub fn intervals(&self) -> impl ExactSizeIterator<Item = (Time, Time)> {
        let begins = |place: usize| place.checked_sub(1).map_or(Time::ZERO, |before| self.ends[before]);
        self.ends.iter().enumerate().map(move |(place, end)| (begins(place), *end))
    }

    /// All that is kept: `sent` of each topic, `response_p50` and `response_p99` of each producer; `done`, `max_lag`,
    /// `latency_p50` and `latency_p99` of each group, `depth` of each queue, `utilization` of each service and consumer.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The values of a metric of a subject; empty where they are not kept.
    #[must_use]
    pub fn values(&self, metric: &str, subject: Selector) -> &[Option<Value>] {
        let column = self.columns.iter().find(|column| column.subject == subject && column.metric == metric);
        column.map_or(&[], |column| &column.values)
    }

    /// The plan that is run.
    #[must_use]
    pub const fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// A record at this time comes next, which the observer has not got yet.
    #[inline]
    pub(crate) fn before_record(&mut self, at: Time, observer: &Observer) {
        if at > self.present_end() {
            self.advance_to(Time(at.0 - 1), observer);
        }
    }

    /// Takes up the record that the observer has got last.
    #[inline]
    pub(crate) fn after_record(&mut self, record: &Record, observer: &Observer) {
        let logs = &observer.statistics.logs;
        match record.kind {
            Kind::Stored { queue, .. }
            | Kind::Replicated { queue, .. }
            | Kind::Begun { queue, .. }
            | Kind::Committed { queue, .. }
            | Kind::Deleted { queue, .. }
            | Kind::Truncated { queue, .. } => self.aggregates.observe_queue_lag(queue, record.at, logs),
            Kind::Elected { set, .. } => {
                logs.queues_of(set).iter().for_each(|queue| self.aggregates.observe_queue_lag(*queue, record.at, logs));
            }
            _ => {}
        }
        if let Some(measurement) = observer.windows.last_measurement {
            self.aggregates.add_measurement(measurement);
        }
    }

    /// All up to this time has happened: ends the intervals that are over by then.
    #[cold]
    pub(crate) fn advance_to(&mut self, at: Time, observer: &Observer) {
        while self.present_end() <= at {
            self.end_interval(self.present_end(), observer);
        }
    }

    /// The run is over, and with it the present interval.
    pub(crate) fn close(&mut self, end: Time, observer: &Observer) {
        self.advance_to(end, observer);
        if self.ends.last().is_none_or(|last| *last < end) {
            self.end_interval(end, observer);
        }
    }

    /// When the present interval ends, if the run does not end before.
    fn present_end(&self) -> Time {
        Time::ZERO + self.interval * (self.ends.len() as u64 + 1)
    }

    fn end_interval(&mut self, at: Time, observer: &Observer) {
        let statistics = &observer.statistics;
        let window = StatisticsWindow {
            plan: &self.plan,
            from: self.ends.last().copied().unwrap_or(Time::ZERO),
            to: at,
            statistics,
            aggregates: &self.aggregates,
        };
        for (column, (reading, before)) in self.columns.iter_mut().zip(&mut self.readings) {
            column.values.push(window.value(*reading, column.subject, *before));
            *before = reading.baseline(statistics, column.subject, at);
        }
        self.aggregates.clear();
        self.ends.push(at);
    }
}

fn columns(plan: &Plan) -> Vec<Column> {
    let mut columns = Vec::new();
    let mut add = |subject, metrics: &[&'static str]| {
        columns.extend(metrics.iter().map(|metric| Column { metric, subject, values: Vec::new() }));
    };
    for topic in 0..plan.topics.len() {
        add(Selector::Topic(topic.into()), &["sent"]);
    }
    for (id, node) in plan.nodes.iter().enumerate() {
        if let Role::Producer(_) = node.role {
            add(Selector::Producer(id.into()), &["response_p50", "response_p99"]);
        }
    }
    for group in 0..plan.groups.len() {
        add(Selector::Group(group.into()), &["done", "max_lag", "latency_p50", "latency_p99"]);
    }
    for queue in 0..plan.queues.len() {
        add(Selector::Queue(queue.into()), &["depth"]);
    }
    for (id, node) in plan.nodes.iter().enumerate() {
        match node.role {
            Role::Service(_) => add(Selector::Service(id.into()), &["utilization"]),
            Role::Consumer(_) => add(Selector::Consumer(id.into()), &["utilization"]),
            Role::Nameserver | Role::Broker { .. } | Role::Producer(_) => {}
        }
    }
    columns
}

/// The shortest round length, 1, 2 or 5 times a power of ten, of which at most so many are as long as the whole.
fn round_interval(whole: Span, limit: usize) -> Span {
    let least = whole.0.div_ceil(limit as u64).max(1);
    let mut unit = 1_u64;
    loop {
        let lengths = [1, 2, 5].map(|times| unit.saturating_mul(times));
        if let Some(length) = lengths.into_iter().find(|length| *length >= least) {
            return Span(length);
        }
        unit = unit.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::*;
    use super::*;
    use crate::plan::Epoch;
    use crate::plan::NodeId;
    use crate::plan::Offset;
    use crate::record::Sink as _;

    /// A run whose records a series and its observer get, of the plan that ends after 31 s: in intervals of 100 ms.
    struct SeriesRun {
        observer: Observer,
        series: Series,
        seq: u64,
    }

    impl SeriesRun {
        fn new() -> Self {
            let observer = Observer::new(Arc::new(plan()));
            Self { series: Series::new(&observer), observer, seq: 0 }
        }

        fn on(&mut self, at: Time, node: NodeId, kind: Kind) {
            self.seq += 1;
            let record = record(at, self.seq, node, kind);
            self.series.before_record(at, &self.observer);
            self.observer.record(&record);
            self.series.after_record(&record, &self.observer);
        }

        fn sent(&mut self, at: Time, number: u32) {
            self.on(at, SHOP, Kind::Sent { message: message(number), queue: QUEUE, attempt: 1, key: None });
        }

        fn stored(&mut self, at: Time, number: u32) {
            let offset = u64::from(number) - 1;
            self.on(
                at,
                MASTER,
                Kind::Stored { message: message(number), queue: QUEUE, offset: Offset(offset), epoch: Epoch::nth(1) },
            );
        }

        fn values(&self, metric: &str, of: Selector) -> Vec<Option<f64>> {
            self.series.values(metric, of).iter().map(|value| value.map(Value::number)).collect()
        }
    }

    const OF_GROUP: Selector = Selector::Group(GROUP);

    #[test]
    fn intervals_have_round_lengths_and_cover_the_run() {
        let lengths = [(0, 512), (512, 512), (513, 512), (31_000_000_000, 512), (999, 1), (u64::MAX, 512)];
        let rounded = [1, 1, 2, 100_000_000, 1_000, 50_000_000_000_000_000];
        assert_eq!(lengths.map(|(whole, limit)| round_interval(Span(whole), limit).0), rounded);
    }

    #[test]
    fn a_record_at_the_end_of_an_interval_belongs_to_it() {
        let mut run = SeriesRun::new();
        run.sent(ms(0), 1);
        run.sent(ms(100), 2);
        run.sent(Time(ms(100).0 + 1), 3);
        run.series.close(ms(250), &run.observer);
        assert_eq!(run.values("sent", Selector::Topic(TOPIC)), [Some(2.0), Some(1.0), Some(0.0)]);
        let ends: Vec<_> = run.series.intervals().collect();
        assert_eq!(ends, [(ms(0), ms(100)), (ms(100), ms(200)), (ms(200), ms(250))]);
    }

    #[test]
    fn a_lag_lasts_from_one_interval_into_the_next() {
        let mut run = SeriesRun::new();
        run.on(ms(0), MASTER, Kind::Elected { set: SET, epoch: Epoch::nth(1) });
        for number in 1..=3 {
            run.stored(ms(50), number);
        }
        run.on(ms(250), MASTER, Kind::Committed { group: GROUP, queue: QUEUE, offset: Offset(3) });
        run.on(ms(250), MASTER, Kind::Deleted { queue: QUEUE, offset: Offset(2) });
        run.series.close(ms(400), &run.observer);
        assert_eq!(run.values("max_lag", OF_GROUP), [Some(3.0), Some(3.0), Some(3.0), Some(0.0)]);
        assert_eq!(run.values("depth", Selector::Queue(QUEUE)), [Some(3.0), Some(3.0), Some(1.0), Some(1.0)]);
    }

    #[test]
    fn latency_is_of_messages_done_in_the_interval_and_duplicates_have_none() {
        let mut run = SeriesRun::new();
        run.sent(ms(10), 1);
        run.stored(ms(20), 1);
        run.on(ms(30), SHOP, Kind::Accepted { message: message(1) });
        for (node, at) in [(FIRST, 150), (SECOND, 350)] {
            let (group, message, queue) = (GROUP, message(1), QUEUE);
            run.on(ms(at - 40), node, Kind::Started { group, message, queue, offset: Offset(0) });
            run.on(ms(at), node, Kind::Finished { group, message, queue, offset: Offset(0) });
        }
        run.series.close(ms(400), &run.observer);
        assert_eq!(run.values("response_p50", Selector::Producer(SHOP)), [Some(0.02), None, None, None]);
        assert_eq!(run.values("latency_p99", OF_GROUP), [None, Some(0.14), None, None]);
        assert_eq!(run.values("done", OF_GROUP), [0.0, 1.0, 0.0, 0.0].map(Some));
        assert_eq!(run.values("utilization", Selector::Consumer(SECOND)), [0.0, 0.0, 0.0, 0.4].map(Some));
    }

    #[test]
    fn intervals_end_without_records_and_a_series_closes_once() {
        let mut run = SeriesRun::new();
        run.series.advance_to(ms(199), &run.observer);
        assert_eq!(run.series.intervals().len(), 1);
        run.series.close(ms(200), &run.observer);
        run.series.close(ms(200), &run.observer);
        assert_eq!(run.series.intervals().len(), 2);
        assert!(run.series.columns().iter().all(|column| column.values.len() == 2));
    }
}
