//! A session reaches the moment that it is aimed at, and the way there changes nothing.

use super::*;
use crate::limit::{self, Limit};
use crate::plan::{GroupId, Selector};
use crate::scenario;

fn session(lesson: &str) -> Session {
    let text = scenario::lessons().iter().find(|known| known.name == lesson).expect("a lesson").text;
    let plan = Arc::new(scenario::read(lesson, text).expect("lessons are sound"));
    let seed = plan.seed;
    Session::new(plan, seed, limit::EVENTS)
}

/// Everything in a scene, as text to compare.
fn scene_text(scene: &Scene) -> String {
    format!("{scene:?}")
}

/// The scene at a time, in one go.
fn scene_at(session: &Session, at: Time) -> Scene {
    let mut scene = Scene::new(session.plan(), session.seed(), limit::EVENTS);
    scene.advance(at, u64::MAX, &mut ()).expect("no limit is passed");
    scene
}

fn go(session: &mut Session, aim: Aim) -> &Scene {
    session.aim(aim);
    while !session.is_there() {
        session.work(100);
    }
    session.scene()
}

const fn s(seconds: u64) -> Time {
    Time(seconds * 1_000_000_000)
}

#[test]
fn a_scene_is_the_same_from_wherever_a_session_comes() {
    let mut session = session("10-slow-consumer");
    let expected = scene_text(&scene_at(&session, s(20)));
    assert_eq!(scene_text(go(&mut session, Aim::Time(s(20)))), expected, "from the beginning, the run ahead of it");
    go(&mut session, Aim::Time(s(31)));
    assert_eq!(scene_text(go(&mut session, Aim::Time(s(20)))), expected, "from behind");
    go(&mut session, Aim::End);
    assert_eq!(scene_text(go(&mut session, Aim::Time(s(20)))), expected, "from the end");
    go(&mut session, Aim::Event(0));
    assert_eq!(scene_text(session.scene()), scene_text(&Scene::new(session.plan(), session.seed(), limit::EVENTS)));
}

#[test]
fn a_step_back_after_a_step_forward_leads_to_the_moment_before() {
    let mut session = session("10-slow-consumer");
    go(&mut session, Aim::Time(s(5)));
    let mut way = Vec::new();
    for _ in 0..40 {
        way.push(session.scene().events());
        go(&mut session, Aim::NextRecord);
        let events = session.scene().events();
        assert!(events > *way.last().expect("one"), "a step is a step");
        assert_eq!(session.scene().recent().next_back().map(|happened| happened.event), Some(events));
    }
    for expected in way.iter().rev().take(39) {
        session.aim_back();
        while !session.is_there() {
            session.work(7);
        }
        assert_eq!(session.scene().events(), *expected);
    }
}

#[test]
fn a_step_back_from_a_quiet_moment_leads_to_the_last_event() {
    let mut session = session("01-first-message");
    let quiet = go(&mut session, Aim::Time(Time(1_777_777_777))).events();
    assert!(session.scene().world().now() < session.scene().at());
    session.aim_back();
    session.work(u64::MAX);
    let happened = session.scene().recent().next_back().expect("something has happened").event;
    assert!(happened <= quiet && session.scene().events() == happened);
}

#[test]
fn a_step_to_the_next_mark_goes_forward_and_one_to_the_previous_mark_back() {
    let mut session = session("08-who-owns-what");
    let mut there = Vec::new();
    for _ in 0..400 {
        go(&mut session, Aim::NextMark);
        if session.scene().is_over() {
            break;
        }
        there.push((session.scene().at(), session.scene().events()));
    }
    assert!(session.scene().is_over());
    let marks: Vec<Time> = session.index().marks().iter().map(|mark| mark.at).collect();
    let mut distinct = marks.clone();
    distinct.dedup();
    assert!(there.len() >= distinct.len().min(10), "{there:?} of {marks:?}");
    assert!(there.is_sorted(), "always forward");
    let joined = session.index().marks().iter().filter(|mark| matches!(mark.kind, MarkKind::Joined(_))).count();
    assert!(joined >= 2, "the lesson has consumers that join");
    let back = session.scene().at();
    session.aim_at_previous_mark();
    session.work(u64::MAX);
    assert!(session.scene().at() < back);
}

#[test]
fn the_series_of_lag_agrees_with_the_lag_of_the_scene() {
    let mut session = session("10-slow-consumer");
    go(&mut session, Aim::End);
    let group = GroupId(0);
    let values = session.series().values("max_lag", Selector::Group(group));
    let curve: Vec<u64> = values.iter().flatten().map(|value| value.number() as u64).collect();
    let ends: Vec<Time> = session.series().intervals().map(|(_, end)| end).collect();
    let report = session.report().expect("it is over");
    assert_eq!(curve.iter().max(), Some(&report.groups[0].max_lag));
    for place in [50, 100, 200] {
        let lag = go(&mut session, Aim::Time(ends[place])).observer().lag(group);
        assert!(
            curve[place] >= lag && curve[place] <= lag + 9,
            "{} at the end of an interval of {}",
            lag,
            curve[place]
        );
    }
}

#[test]
fn an_aim_at_the_end_leads_to_the_end_of_the_run() {
    let mut session = session("17-retry-and-dead-letter");
    assert_eq!(session.report(), None);
    go(&mut session, Aim::End);
    let plan = Arc::clone(session.plan());
    let seed = plan.seed;
    assert_eq!(session.report(), Some(run::run(plan, seed).expect("no limit is passed")));
    assert!(go(&mut session, Aim::Time(Time::NEVER)).is_over());
    assert!(go(&mut session, Aim::NextRecord).is_over(), "nothing comes after it");
}

#[test]
fn a_limit_stops_the_session_where_it_stops_the_run() {
    let mut session = session("03-flash-sale");
    let (plan, seed) = (Arc::clone(session.plan()), session.seed());
    session = Session::new(plan, seed, 500);
    go(&mut session, Aim::End);
    assert_eq!(session.passed(), Some(&LimitPassed { limit: Limit::Events, most: 500, at: session.scene().at() }));
    assert!(session.work(10), "nothing is left to do");
    assert!(session.scene().events() == 500 && session.report().is_none());
    let there = scene_text(session.scene());
    let last = session.scene().at();
    for aim in [Aim::NextRecord, Aim::Time(Time::NEVER), Aim::Event(501), Aim::NextMark] {
        assert!(scene_text(go(&mut session, aim)) == there, "{aim:?}");
    }
    let before = go(&mut session, Aim::Event(499)).at();
    assert!(before <= last && session.scene().events() == 499);
    assert_eq!(go(&mut session, Aim::Time(Time(last.0 / 2))).at(), Time(last.0 / 2), "what was seen can be seen again");
}

/// A session of a file without a title.
fn of(text: &str) -> Session {
    let text = format!("title = \"x\"\n{text}");
    let plan = Arc::new(scenario::read("x", &text).unwrap_or_else(|problems| panic!("{problems}")));
    let seed = plan.seed;
    Session::new(plan, seed, limit::EVENTS)
}

const SHOP: &str = "[[brokers]]\nname = \"b\"\n[[topics]]\nname = \"t\"\nqueues = { b = 1 }\n[[producers]]\nname = \"p\"\ntopic = \"t\"\n";

#[test]
fn a_run_that_ends_because_time_is_over_is_not_over_after_its_last_event() {
    let reader = "[[groups]]\nname = \"g\"\ntopic = \"t\"\n[[consumers]]\nname = \"c\"\ngroup = \"g\"\nservice_time = \"400ms\"\n";
    let mut session = of(&format!("duration = \"1s\"\nsettle = \"1234567us\"\n{SHOP}interval = \"30ms\"\n{reader}"));
    let end = Time(2_234_567_000);
    let last = go(&mut session, Aim::End).events();
    assert_eq!(session.scene().at(), end, "the reader is too slow");
    let scene = go(&mut session, Aim::Event(last));
    assert!(!scene.is_over() && scene.at() < end, "from behind");
    assert!(go(&mut session, Aim::Event(last + 1)).is_over());
    session.aim_back();
    session.work(u64::MAX);
    let happened = session.scene().recent().next_back().expect("something has happened").event;
    assert_eq!((session.scene().events(), session.scene().is_over()), (happened, false));
}

#[test]
fn a_scene_at_a_time_has_all_events_of_that_time() {
    let mut session = of(&format!("duration = \"1s\"\n{SHOP}interval = \"100ms\"\ncount = 50\n"));
    let at = Time(100_000_000);
    session.work(1);
    while session.ahead().at() < at {
        session.work(1);
    }
    assert!(session.ahead().events() < scene_at(&session, at).events(), "the run is in the middle of that time");
    let expected = scene_at(&session, at).events();
    session.aim(Aim::Time(at));
    while !session.is_there() {
        session.work(1);
    }
    assert_eq!(session.scene().events(), expected);
    assert!(session.ahead().events() >= expected, "nothing is seen that was not gathered");
}

#[test]
fn a_step_back_from_an_event_with_very_many_records_is_a_step() {
    let text = SHOP.replace("name = \"b\"\n", "name = \"b\"\nflush = \"async\"\nflush_interval = \"10s\"\n");
    let crash = "[[groups]]\nname = \"g\"\ntopic = \"t\"\n[[faults]]\nat = \"1s\"\nkind = \"crash\"\nnode = \"b\"\n";
    let mut session = of(&format!("duration = \"2s\"\n{text}interval = \"1ms\"\n{crash}"));
    let event = |session: &mut Session| {
        go(session, Aim::NextRecord);
        session.scene().recent().next().map(|happened| happened.event)
    };
    while event(&mut session) != Some(session.scene().events()) || session.scene().events() < 1_000 {
        assert!(!session.scene().is_over(), "nine hundred messages are lost at once");
    }
    let crash = session.scene().events();
    session.aim_back();
    session.work(u64::MAX);
    assert_eq!(session.scene().events(), crash - 1, "not the beginning");
}

#[test]
fn notes_of_one_time_come_in_one_order_however_the_work_is_sliced() {
    let moments = ["when = { kind = \"sent\", nth = 20 }", "at = \"100ms\"", "at = \"0s\""];
    let notes = moments.map(|moment| format!("[[notes]]\n{moment}\ntext.en = \"Look.\"\n")).concat();
    let text = format!("duration = \"1s\"\n{SHOP}interval = \"100ms\"\ncount = 50\n{notes}");
    let marks = |slice: u64| {
        let mut session = of(&text);
        while !session.work(slice) {}
        session.index().marks().to_vec()
    };
    let whole = marks(u64::MAX);
    let notes = whole.iter().filter(|mark| matches!(mark.kind, MarkKind::Note(_))).map(|mark| mark.at);
    assert_eq!(notes.collect::<Vec<_>>(), [Time::ZERO, Time(100_000_000), Time(100_000_000)]);
    for slice in 1..9 {
        assert_eq!(marks(slice), whole, "in slices of {slice}");
    }
}

#[test]
fn a_session_keeps_no_more_snapshots_than_its_limit() {
    let mut session = session("10-slow-consumer");
    session = session.with_snapshots(8, 32);
    session.work(u64::MAX);
    assert!((16..=32).contains(&session.snapshots.len()) && session.snapshot_interval > 8);
    let expected = scene_text(&scene_at(&session, s(15)));
    assert_eq!(scene_text(go(&mut session, Aim::Time(s(15)))), expected);
}

#[test]
fn the_records_of_a_span_can_be_replayed() {
    let mut session = session("10-slow-consumer");
    go(&mut session, Aim::End);
    let mut all = Vec::new();
    let mut whole = session.history(Time::ZERO, Time::NEVER);
    while !whole.work(1000, |happened| all.push(happened.clone())).expect("no limit is passed") {}
    assert_eq!(all.last(), session.ahead().recent().next_back(), "to the last record");
    let (from, until) = (s(10), s(12));
    let mut part = Vec::new();
    let mut history = session.history(from, until);
    while !history.work(1, |happened| part.push(happened.clone())).expect("no limit is passed") {}
    all.retain(|happened| (from..=until).contains(&happened.record.at));
    assert!(part.len() > 20);
    assert_eq!(part, all);
}

#[test]
fn the_size_of_a_snapshot_depends_on_the_cluster_and_not_on_the_length_of_the_run() {
    let span =
        |n: u32| format!("[[expect]]\nmetric = \"accepted\"\nfrom = \"{n}s\"\nto = \"{}s\"\nat_least = 1\n", n + 1);
    let spans: String = (10..30).map(span).collect();
    let text = format!(
        r#"
duration = "30s"
{spans}
[[brokers]]
name = "b"
[[topics]]
name = "t"
queues = {{ b = 4 }}
[[producers]]
name = "p"
topic = "t"
interval = "1ms"
select = "key_hash"
keys = 200000
[[groups]]
name = "g"
topic = "t"
retry_delay = "20ms"
max_retries = 1
[[consumers]]
name = "c"
group = "g"
threads = 20
service_time = "1ms"
failure_rate = 0.4
"#
    );
    let mut session = of(&text);
    let mut cost = |at: Time| {
        let scene = go(&mut session, Aim::Time(at));
        allocation_counter::measure(|| drop(scene.clone())).bytes_total
    };
    let (early, late) = (cost(s(5)), cost(s(30)));
    let messages = 25_000;
    assert!(early < 4 * 200_000, "{early} bytes: less than what is kept of keys");
    assert!(late < early + 2 * messages, "{early} bytes, and {late} after {messages} messages more");
}

#[test]
fn faults_of_links_and_disks_are_marked_where_they_begin_and_end() {
    let fault = |at: u32, what: &str| format!("[[faults]]\nat = \"{at}s\"\nfor = \"1s\"\n{what}\n");
    let text = [
        "title = \"x\"\nduration = \"9s\"\n[[brokers]]\nname = \"b\"\n[[topics]]\nname = \"t\"\nqueues = { b = 1 }\n",
        &fault(1, "kind = \"partition\"\nsides = [[\"b\"], [\"nameserver\"]]"),
        &fault(3, "kind = \"link\"\nbetween = [\"b\", \"nameserver\"]\nloss = 0.5"),
        &fault(5, "kind = \"disk_full\"\nnode = \"b\""),
        &fault(7, "kind = \"wipe\"\nnode = \"b\""),
    ];
    let plan = Arc::new(scenario::read("x", &text.concat()).expect("a sound scenario"));
    let mut session = Session::new(plan, 1, limit::EVENTS);
    go(&mut session, Aim::End);
    let marks = session.index().marks().iter().filter_map(|mark| match mark.kind {
        MarkKind::Fault(_) => Some((mark.at, true)),
        MarkKind::FaultOver(_) => Some((mark.at, false)),
        _ => None,
    });
    let expected: Vec<(Time, bool)> = (1..=8).map(|second| (s(second), second % 2 == 1)).collect();
    assert_eq!(marks.collect::<Vec<_>>(), expected);
}
