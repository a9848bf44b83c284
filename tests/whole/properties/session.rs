//! Sessions: wherever one goes in a run, and however the work is sliced, what is seen there is what happens there.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use queuescope::inspect::Halt;
use queuescope::kernel::Time;
use queuescope::observe::Observer;
use queuescope::plan::Plan;
use queuescope::record::Record;
use queuescope::session::{Aim, Mark, MarkKind, Scene, Session};
use queuescope_tests::random::{ClusterKind, clusters};
use queuescope_tests::run::{plan, run, world};

use super::{ALL, runner};

/// As many records as a scene has at hand.
const AT_HAND: usize = 512;

/// Somewhere to go; times and events in thousandths of the run, or a little beyond.
#[derive(Clone, Copy, Debug)]
enum Move {
    Time(u64),
    /// The very time of an event.
    TimeOf(u64),
    Event(u64),
    NextRecord,
    Back,
    NextMark,
    PreviousMark,
    End,
}

/// A visit: where to, and in slices of how many events; a slice or two may come before, as of a picture that is late.
#[derive(Clone, Copy, Debug)]
struct SessionVisit {
    way: Move,
    slice: u64,
    idle: u32,
}

/// What a session is asked for: notes, as the file has them, whether time is over before anything has settled, how it keeps
/// its snapshots, at which share of its events a limit stops it, and visits.
#[derive(Clone, Debug)]
struct Tour {
    notes: String,
    cut: bool,
    snapshots: (u64, usize),
    limit: Option<u64>,
    visits: Vec<SessionVisit>,
}

fn notes() -> impl Strategy<Value = String> {
    let kind = prop::sample::select(vec!["sent", "stored", "started", "assigned", "elected", "crashed", "lost"]);
    let when = (kind, 1..20_u32, 0..4_u32).prop_map(|(kind, nth, tens)| {
        format!("when = {{ kind = \"{kind}\", nth = {nth}, after = \"{}ms\" }}", 10 * tens)
    });
    let moment = prop_oneof![(0..20_u32).prop_map(|tens| format!("at = \"{}ms\"", 10 * tens)), when];
    let note = moment.prop_map(|moment| format!("[[notes]]\n{moment}\ntext.en = \"Look.\"\n"));
    prop::collection::vec(note, 0..6).prop_map(|notes| notes.concat())
}

fn tours() -> impl Strategy<Value = Tour> {
    let way = prop_oneof![
        3 => (0..1_050_u64).prop_map(Move::Time),
        2 => (0..1_000_u64).prop_map(Move::TimeOf),
        3 => (0..1_050_u64).prop_map(Move::Event),
        1 => Just(Move::Event(1_000)),
        3 => Just(Move::NextRecord),
        3 => Just(Move::Back),
        2 => Just(Move::NextMark),
        2 => Just(Move::PreviousMark),
        1 => Just(Move::End),
    ];
    let slice = prop_oneof![1..50_u64, 50..3_000_u64, Just(u64::MAX)];
    let visit = (way, slice, 0..3_u32).prop_map(|(way, slice, idle)| SessionVisit { way, slice, idle });
    let limit = prop::option::weighted(0.2, 0..1_000_u64);
    (notes(), any::<bool>(), (1..400_u64, 2..40_usize), limit, prop::collection::vec(visit, 1..12))
        .prop_map(|(notes, cut, snapshots, limit, visits)| Tour { notes, cut, snapshots, limit, visits })
}

/// A moment: how many events have happened, and what the clock shows.
type EventAndTime = (u64, Time);

/// What happens in a run, event by event, found out without a session.
struct RunCourse {
    plan: Arc<Plan>,
    /// When each event happens, and how many records it leaves.
    events: Vec<(Time, usize)>,
    /// How many records come after the last event.
    left_over: usize,
    end: Time,
    limit: u64,
}

impl RunCourse {
    fn of(plan: &Arc<Plan>, limit: Option<u64>) -> Self {
        let mut world = world(plan, plan.seed);
        let mut events = Vec::new();
        let left_over = loop {
            let mut records = Vec::<Record>::new();
            let halt = world.run_until(Time::NEVER, 1, &mut records).expect("no limit is passed");
            if world.events() == events.len() as u64 {
                break records.len();
            }
            events.push((world.now(), records.len()));
            if halt == Halt::Over {
                break 0;
            }
        };
        let all = events.len() as u64;
        let limit = limit.map_or(all, |share| share * all / 1_000).max(1);
        Self { plan: Arc::clone(plan), events, left_over, end: world.now(), limit }
    }

    fn session(&self) -> Session {
        Session::new(Arc::clone(&self.plan), self.plan.seed, self.limit)
    }

    fn all(&self) -> u64 {
        self.events.len() as u64
    }

    fn time_of(&self, event: u64) -> Time {
        event.checked_sub(1).map_or(Time::ZERO, |place| self.events[place as usize].0)
    }

    /// The last moment that can be reached.
    fn last(&self) -> EventAndTime {
        if self.limit < self.all() { (self.limit, self.time_of(self.limit)) } else { (self.all(), self.end) }
    }

    fn at_event(&self, event: u64) -> EventAndTime {
        if event > self.limit.min(self.all()) { self.last() } else { (event, self.time_of(event)) }
    }

    fn at_time(&self, at: Time) -> EventAndTime {
        let events = self.events.partition_point(|(time, _)| *time <= at) as u64;
        let over = events == self.all() && at >= self.end;
        if over || events > self.limit { self.last() } else { (events, at) }
    }

    fn at_mark(&self, mark: &Mark) -> EventAndTime {
        match mark.kind {
            MarkKind::Note(_) | MarkKind::Question(_) => self.at_time(mark.at),
            _ => self.at_event(mark.event),
        }
    }

    fn next_record(&self, (from, _): EventAndTime) -> EventAndTime {
        let next = self.events[from as usize..].iter().position(|(_, records)| *records > 0);
        next.map_or(self.last(), |ahead| self.at_event(from + ahead as u64 + 1))
    }

    fn back(&self, (from, at): EventAndTime, over: bool) -> EventAndTime {
        let tells = |event: u64| event > 0 && self.events[event as usize - 1].1 > 0;
        let mut present = if tells(from) { self.events[from as usize - 1].1 } else { 0 };
        if self.time_of(from) < at {
            if tells(from) && !(over && self.left_over >= AT_HAND) {
                return self.at_event(from);
            }
            present = 0;
        }
        if over {
            present += self.left_over;
        }
        if present >= AT_HAND {
            return self.at_event(from - 1);
        }
        self.at_event((1..from).rev().find(|event| tells(*event)).unwrap_or(0))
    }

    /// Where a way leads from a moment.
    fn leads(&self, way: Move, (events, at): EventAndTime, over: bool, marks: &[Mark]) -> EventAndTime {
        match way {
            Move::Time(_) | Move::TimeOf(_) | Move::Event(_) | Move::End => match self.aim(way) {
                Some(Aim::Time(at)) => self.at_time(at),
                Some(Aim::Event(event)) => self.at_event(event),
                _ => self.last(),
            },
            Move::NextRecord => self.next_record((events, at)),
            Move::Back => self.back((events, at), over),
            Move::NextMark => {
                let next = marks.iter().find(|mark| (mark.at, mark.event) > (at, events));
                next.map_or(self.last(), |mark| self.at_mark(mark))
            }
            Move::PreviousMark => {
                let before = |mark: &&Mark| mark.at < at || (mark.at == at && mark.event > 0 && mark.event < events);
                marks.iter().rev().find(before).map_or((0, Time::ZERO), |mark| self.at_mark(mark))
            }
        }
    }

    fn aim(&self, way: Move) -> Option<Aim> {
        let share = |of: u64, thousandths: u64| (u128::from(of) * u128::from(thousandths) / 1_000) as u64;
        Some(match way {
            Move::Time(thousandths) => Aim::Time(Time(share(self.end.0, thousandths))),
            Move::TimeOf(thousandths) => Aim::Time(self.time_of(share(self.all(), thousandths))),
            Move::Event(thousandths) => Aim::Event(share(self.all(), thousandths)),
            Move::NextRecord => Aim::NextRecord,
            Move::NextMark => Aim::NextMark,
            Move::End => Aim::End,
            Move::Back | Move::PreviousMark => return None,
        })
    }
}

/// Does what a visit asks for.
fn visit(session: &mut Session, course: &RunCourse, SessionVisit { way, slice, idle }: SessionVisit) {
    for _ in 0..idle {
        session.work(slice.min(2_000));
    }
    match (course.aim(way), way) {
        (Some(aim), _) => session.aim(aim),
        (None, Move::Back) => session.aim_back(),
        (None, _) => session.aim_at_previous_mark(),
    }
    while !session.is_there() {
        session.work(slice);
    }
}

fn finish(session: &mut Session, slice: u64) {
    while !session.work(slice) {}
}

/// Holds a property against random sessions over random clusters.
fn tour(kind: ClusterKind, holds: impl Fn(&RunCourse, &Tour) -> TestCaseResult) {
    let outcome = runner().run(&(clusters(kind), tours()), |(scenario, tour)| {
        let settle = if tour.cut { "settle = \"0s\"" } else { "settle = \"5m\"" };
        let text = scenario.with(&tour.notes).0.replace("settle = \"5m\"", settle);
        holds(&RunCourse::of(&plan(&text), tour.limit), &tour)
    });
    outcome.unwrap_or_else(|error| panic!("{kind:?}\n{error}"));
}

fn moment(scene: &Scene) -> EventAndTime {
    (scene.events(), scene.at())
}

/// A scene is what a world and an observer are that have gone there in one go.
fn is_what_happens(course: &RunCourse, scene: &Scene) -> TestCaseResult {
    let mut world = world(&course.plan, course.plan.seed);
    let mut sink = (Vec::<Record>::new(), Observer::new(Arc::clone(&course.plan)));
    world.limit_events(course.limit);
    world.run(scene.events(), &mut sink).expect("no limit is passed");
    if scene.is_over() {
        world.run(u64::MAX, &mut sink).expect("no limit is passed");
    }
    let (records, observer) = sink;
    let at_hand: Vec<&Record> = scene.recent().map(|told| &told.record).collect();
    let last: Vec<&Record> = records[records.len().saturating_sub(AT_HAND)..].iter().collect();
    prop_assert_eq!(at_hand, last);
    for told in scene.recent() {
        let at = if told.event > course.all() { course.end } else { course.time_of(told.event) };
        prop_assert_eq!(told.record.at, at, "event {}", told.event);
    }
    prop_assert_eq!(scene.observer().fingerprint(), observer.fingerprint());
    // Not `prop_assert_eq`: nobody reads megabytes.
    prop_assert!(
        format!("{world:?}") == format!("{:?}", scene.world()),
        "another world after {} events",
        scene.events()
    );
    prop_assert!(format!("{observer:?}") == format!("{:?}", scene.observer()), "after {} events", scene.events());
    Ok(())
}

#[test]
fn a_session_shows_at_each_moment_what_happens_there() {
    for kind in ALL {
        tour(kind, |course, tour| {
            let mut all = course.session();
            finish(&mut all, u64::MAX);
            let mut session = course.session().with_snapshots(tour.snapshots.0, tour.snapshots.1);
            let (mut now, mut over) = ((0, Time::ZERO), false);
            for step in &tour.visits {
                visit(&mut session, course, *step);
                now = course.leads(step.way, now, over, all.index().marks());
                prop_assert_eq!(moment(session.scene()), now, "{:?}", step);
                over = session.scene().is_over();
                prop_assert!(!over || now == course.last(), "it is over at {:?}", now);
                prop_assert!(now.0 <= session.ahead().events(), "nothing is seen that was not gathered: {:?}", step);
            }
            is_what_happens(course, session.scene())
        });
    }
}

#[test]
fn a_session_comes_to_what_its_run_comes_to() {
    for kind in ALL {
        tour(kind, |course, tour| {
            let mut session = course.session().with_snapshots(tour.snapshots.0, tour.snapshots.1);
            for step in &tour.visits {
                visit(&mut session, course, *step);
            }
            finish(&mut session, tour.visits[0].slice);
            if course.limit < course.all() {
                prop_assert_eq!(session.passed().map(|passed| passed.most), Some(course.limit));
                prop_assert!(session.report().is_none());
            } else {
                prop_assert_eq!(session.passed(), None);
                prop_assert_eq!(session.report(), Some(run(&course.plan, course.plan.seed).report));
            }
            Ok(())
        });
    }
}

#[test]
fn marks_and_series_are_the_same_however_the_work_is_sliced() {
    for kind in ALL {
        tour(kind, |course, tour| {
            let (mut whole, mut session) = (course.session(), course.session());
            finish(&mut whole, u64::MAX);
            for step in &tour.visits {
                visit(&mut session, course, *step);
            }
            finish(&mut session, tour.visits[0].slice);
            prop_assert_eq!(format!("{:#?}", whole.index()), format!("{:#?}", session.index()));
            prop_assert!(format!("{:?}", whole.series()) == format!("{:?}", session.series()), "other series");
            Ok(())
        });
    }
}
