//! How a run goes: the metrics of the report once more, for one stretch of time after the other.
//!
//! It is a fold over records that holds a bounded amount of data: stretches are so long that a run has at most
//! [`STRETCHES`] of them, and fewer where there is much to keep of each. It reads every value as an expectation with a
//! span does, so there is no second definition of any. It knows nothing of how a chart looks.

use std::sync::Arc;

use super::Observer;
use super::reading::{Level, Reading, Stretch, Value};
use super::tally::Tally;
use crate::kernel::{Span, Time};
use crate::plan::{Plan, Role, Selector};
use crate::record::{Kind, Record};

/// As many stretches as a run has at most, its settling included.
pub const STRETCHES: usize = 2048;
/// The duration has at most such a part of them: most runs are at rest soon after it, whatever `settle` allows.
const PART: usize = 6;
/// As few as may be the most, however large the cluster is.
const FEW: usize = 128;
/// As many values as are kept, unless that would leave fewer stretches: 32 MiB.
const VALUES: usize = 1 << 21;

/// A metric of one thing, stretch by stretch.
#[derive(Clone, Debug)]
pub struct Column {
    /// Which, by its name in [`super::metric::METRICS`].
    pub metric: &'static str,
    /// Of what.
    pub of: Selector,
    /// One for each stretch that is over; none where the metric has none, as the latency of nothing.
    pub values: Vec<Option<Value>>,
}

/// How a run goes, stretch by stretch.
#[derive(Clone, Debug)]
pub struct Series {
    plan: Arc<Plan>,
    stretch: Span,
    /// Where each stretch ends that is over; the next one begins there.
    ends: Vec<Time>,
    columns: Vec<Column>,
    /// By column: how it is read, and how that stood when the present stretch began.
    readings: Vec<(Reading, Level)>,
    /// Of the present stretch.
    tally: Tally,
}

impl Series {
    /// Before the first record.
    #[must_use]
    pub fn new(observer: &Observer) -> Self {
        let plan = Arc::clone(&observer.plan);
        let columns = columns(&plan);
        let reading = |column: &Column| Reading::of(column.metric).map(|reading| (reading, Level::default()));
        let most = (VALUES / columns.len().max(1)).clamp(FEW, STRETCHES);
        Self {
            stretch: round(plan.duration, most / PART).max(round(plan.end().since(Time::ZERO), most)),
            ends: Vec::new(),
            readings: columns.iter().filter_map(reading).collect(),
            columns,
            tally: Tally::default(),
            plan,
        }
    }

    /// How long a stretch is; the last one of a run may be shorter.
    #[must_use]
    pub const fn stretch(&self) -> Span {
        self.stretch
    }

    /// Each stretch that is over: after when, and up to when, that included. The first one has the beginning as well.
    pub fn stretches(&self) -> impl ExactSizeIterator<Item = (Time, Time)> {
        let begins = |place: usize| place.checked_sub(1).map_or(Time::ZERO, |before| self.ends[before]);
        self.ends.iter().enumerate().map(move |(place, end)| (begins(place), *end))
    }

    /// All that is kept: `sent` of each topic, `response_p50` and `response_p99` of each producer; `done`, `max_lag`,
    /// `latency_p50` and `latency_p99` of each group, `depth` of each queue, `utilization` of each service and consumer.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// A metric of one thing; nothing where it is not kept.
    #[must_use]
    pub fn values(&self, metric: &str, of: Selector) -> &[Option<Value>] {
        let column = self.columns.iter().find(|column| column.of == of && column.metric == metric);
        column.map_or(&[], |column| &column.values)
    }

    /// The plan whose run it is of.
    #[must_use]
    pub const fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// A record at this time comes next, of which the observer has not heard yet.
    #[inline]
    pub(crate) fn expect(&mut self, at: Time, observer: &Observer) {
        if at > self.present() {
            self.reach(Time(at.0 - 1), observer);
        }
    }

    /// This record was the last of which the observer has heard.
    #[inline]
    pub(crate) fn follow(&mut self, record: &Record, observer: &Observer) {
        let logs = &observer.account.logs;
        match record.kind {
            Kind::Stored { queue, .. }
            | Kind::Replicated { queue, .. }
            | Kind::Begun { queue, .. }
            | Kind::Committed { queue, .. }
            | Kind::Deleted { queue, .. }
            | Kind::Truncated { queue, .. } => self.tally.lags(queue, record.at, logs),
            Kind::Elected { set, .. } => {
                logs.queues_of(set).iter().for_each(|queue| self.tally.lags(*queue, record.at, logs));
            }
            _ => {}
        }
        if let Some(measured) = observer.tallies.measured {
            self.tally.measured(measured);
        }
    }

    /// All has happened up to this time: stretches that end by now are over.
    #[cold]
    pub(crate) fn reach(&mut self, at: Time, observer: &Observer) {
        while self.present() <= at {
            self.end(self.present(), observer);
        }
    }

    /// The run is over: so is the present stretch.
    pub(crate) fn close(&mut self, end: Time, observer: &Observer) {
        self.reach(end, observer);
        if self.ends.last().is_none_or(|last| *last < end) {
            self.end(end, observer);
        }
    }

    /// Where the present stretch ends, if the run does not end before.
    fn present(&self) -> Time {
        Time::ZERO + self.stretch * (self.ends.len() as u64 + 1)
    }

    fn end(&mut self, at: Time, observer: &Observer) {
        let account = &observer.account;
        let stretch = Stretch {
            plan: &self.plan,
            from: self.ends.last().copied().unwrap_or(Time::ZERO),
            to: at,
            account,
            tally: &self.tally,
        };
        for (column, (reading, before)) in self.columns.iter_mut().zip(&mut self.readings) {
            column.values.push(stretch.value(*reading, column.of, *before));
            *before = reading.level(account, column.of, at);
        }
        self.tally.clear();
        self.ends.push(at);
    }
}

fn columns(plan: &Plan) -> Vec<Column> {
    let mut columns = Vec::new();
    let mut add = |of, metrics: &[&'static str]| {
        columns.extend(metrics.iter().map(|metric| Column { metric, of, values: Vec::new() }));
    };
    for topic in 0..plan.topics.len() {
        add(Selector::Topic(topic.into()), &["sent"]);
    }
    for (node, it) in plan.nodes.iter().enumerate() {
        if let Role::Producer(_) = it.role {
            add(Selector::Producer(node.into()), &["response_p50", "response_p99"]);
        }
    }
    for group in 0..plan.groups.len() {
        add(Selector::Group(group.into()), &["done", "max_lag", "latency_p50", "latency_p99"]);
    }
    for queue in 0..plan.queues.len() {
        add(Selector::Queue(queue.into()), &["depth"]);
    }
    for (node, it) in plan.nodes.iter().enumerate() {
        match it.role {
            Role::Service(_) => add(Selector::Service(node.into()), &["utilization"]),
            Role::Consumer(_) => add(Selector::Consumer(node.into()), &["utilization"]),
            Role::Nameserver | Role::Broker { .. } | Role::Producer(_) => {}
        }
    }
    columns
}

/// The shortest round length, 1, 2 or 5 times a power of ten, of which so many are as long as the whole.
fn round(whole: Span, most: usize) -> Span {
    let least = whole.0.div_ceil(most as u64).max(1);
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
    use crate::record::Sink as _;

    /// A run told to a series and to its observer, of the plan that ends after 31 s: in stretches of 100 ms.
    struct SeriesCourse {
        observer: Observer,
        series: Series,
        seq: u64,
    }

    impl SeriesCourse {
        fn new() -> Self {
            let observer = Observer::new(Arc::new(plan()));
            Self { series: Series::new(&observer), observer, seq: 0 }
        }

        fn on(&mut self, at: Time, node: NodeId, kind: Kind) {
            self.seq += 1;
            let record = record(at, self.seq, node, kind);
            self.series.expect(at, &self.observer);
            self.observer.record(&record);
            self.series.follow(&record, &self.observer);
        }

        fn sent(&mut self, at: Time, number: u32) {
            self.on(at, SHOP, Kind::Sent { message: message(number), queue: QUEUE, attempt: 1, key: None });
        }

        fn stored(&mut self, at: Time, number: u32) {
            let offset = u64::from(number) - 1;
            self.on(at, MASTER, Kind::Stored { message: message(number), queue: QUEUE, offset, epoch: Epoch::nth(1) });
        }

        fn values(&self, metric: &str, of: Selector) -> Vec<Option<f64>> {
            self.series.values(metric, of).iter().map(|value| value.map(Value::number)).collect()
        }
    }

    const OF_GROUP: Selector = Selector::Group(GROUP);

    #[test]
    fn lengths_are_round_and_cover_the_whole() {
        let lengths = [(0, 512), (512, 512), (513, 512), (31_000_000_000, 512), (999, 1), (u64::MAX, 512)];
        let rounded = [1, 1, 2, 100_000_000, 1_000, 50_000_000_000_000_000];
        assert_eq!(lengths.map(|(whole, most)| round(Span(whole), most).0), rounded);
    }

    #[test]
    fn what_happens_at_the_end_of_a_stretch_belongs_to_it() {
        let mut told = SeriesCourse::new();
        told.sent(ms(0), 1);
        told.sent(ms(100), 2);
        told.sent(Time(ms(100).0 + 1), 3);
        told.series.close(ms(250), &told.observer);
        assert_eq!(told.values("sent", Selector::Topic(TOPIC)), [Some(2.0), Some(1.0), Some(0.0)]);
        let ends: Vec<_> = told.series.stretches().collect();
        assert_eq!(ends, [(ms(0), ms(100)), (ms(100), ms(200)), (ms(200), ms(250))]);
    }

    #[test]
    fn a_lag_lasts_from_one_stretch_into_the_next() {
        let mut told = SeriesCourse::new();
        told.on(ms(0), MASTER, Kind::Elected { set: SET, epoch: Epoch::nth(1) });
        for number in 1..=3 {
            told.stored(ms(50), number);
        }
        told.on(ms(250), MASTER, Kind::Committed { group: GROUP, queue: QUEUE, offset: 3 });
        told.on(ms(250), MASTER, Kind::Deleted { queue: QUEUE, offset: 2 });
        told.series.close(ms(400), &told.observer);
        assert_eq!(told.values("max_lag", OF_GROUP), [Some(3.0), Some(3.0), Some(3.0), Some(0.0)]);
        assert_eq!(told.values("depth", Selector::Queue(QUEUE)), [Some(3.0), Some(3.0), Some(1.0), Some(1.0)]);
    }

    #[test]
    fn latency_is_of_what_was_done_in_the_stretch_and_duplicates_have_none() {
        let mut told = SeriesCourse::new();
        told.sent(ms(10), 1);
        told.stored(ms(20), 1);
        told.on(ms(30), SHOP, Kind::Accepted { message: message(1) });
        for (node, at) in [(FIRST, 150), (SECOND, 350)] {
            let (group, message, queue) = (GROUP, message(1), QUEUE);
            told.on(ms(at - 40), node, Kind::Started { group, message, queue, offset: 0 });
            told.on(ms(at), node, Kind::Finished { group, message, queue, offset: 0 });
        }
        told.series.close(ms(400), &told.observer);
        assert_eq!(told.values("response_p50", Selector::Producer(SHOP)), [Some(0.02), None, None, None]);
        assert_eq!(told.values("latency_p99", OF_GROUP), [None, Some(0.14), None, None]);
        assert_eq!(told.values("done", OF_GROUP), [0.0, 1.0, 0.0, 0.0].map(Some));
        assert_eq!(told.values("utilization", Selector::Consumer(SECOND)), [0.0, 0.0, 0.0, 0.4].map(Some));
    }

    #[test]
    fn time_passes_without_records_and_the_end_comes_once() {
        let mut told = SeriesCourse::new();
        told.series.reach(ms(199), &told.observer);
        assert_eq!(told.series.stretches().len(), 1);
        told.series.close(ms(200), &told.observer);
        told.series.close(ms(200), &told.observer);
        assert_eq!(told.series.stretches().len(), 2);
        assert!(told.series.columns().iter().all(|column| column.values.len() == 2));
    }
}
