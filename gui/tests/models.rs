//! View-models: what the window shows at chosen moments of lessons, as golden texts, and what holds at every moment.
//!
//! Goldens are updated only with an understanding of what has changed and why, as those of the simulator:
//! `INSTA_UPDATE=always cargo test -p queuescope-gui --test models`, then read the difference.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use queuescope::kernel::{Span, Time};
use queuescope::limit;
use queuescope::plan::{Epoch, MessageId, NodeId, Plan};
use queuescope::record::{Kind, Line, Record, What};
use queuescope::run::Run;
use queuescope::scenario::{self, lessons};
use queuescope::session::{Aim, Scene, Session};
use queuescope::words::figure::span;
use queuescope_gui::model::belief;
use queuescope_gui::model::caption::{self, Due, NoteOrQuestion};
use queuescope_gui::model::flight::{self, PacketInFlight, PacketKind, Routine};
use queuescope_gui::model::life::MessageLife;

#[path = "models/formatter.rs"]
mod formatter;

fn lesson(name: &str) -> Arc<Plan> {
    let lesson = lessons().iter().find(|lesson| lesson.name == name).expect("there is such a lesson");
    Arc::new(scenario::read(lesson.name, lesson.text).expect("lessons are sound"))
}

fn scenario(text: &str) -> Arc<Plan> {
    Arc::new(scenario::read("test.toml", text).unwrap_or_else(|problems| panic!("{problems}")))
}

/// A session whose run ahead has gone to its end.
fn session(plan: &Arc<Plan>) -> Session {
    let mut session = Session::new(Arc::clone(plan), plan.seed, limit::EVENTS);
    session.work(u64::MAX);
    session
}

fn go(session: &mut Session, at: Time) -> &Scene {
    session.aim(Aim::Time(at));
    session.work(u64::MAX);
    session.scene()
}

const fn ms(ms: u64) -> Time {
    Time(ms * 1_000_000)
}

// ---- goldens -----------------------------------------------------------------------------------------------------------

fn assert_golden(name: &str, moments: &[u64]) {
    let mut session = session(&lesson(name));
    let mut text = String::new();
    for at in moments {
        go(&mut session, ms(*at));
        text += &(formatter::moment(&session, ms(*at)) + "\n");
    }
    text += &formatter::timeline(&session);
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn the_first_message_at_its_steps() {
    // Registration; message 1 in flight; its answer and its delivery in flight; its commit.
    assert_golden("01-first-message", &[100, 2_600, 2_800, 3_500]);
}

#[test]
fn a_flash_sale_before_and_after_the_rush() {
    // Twice twenty messages in flight; rejections in flight; one broker works off what the other has rejected.
    assert_golden("03-flash-sale", &[8_100, 8_400, 14_000]);
}

#[test]
fn queues_change_hands() {
    // The second consumer asks for the lock of its queue; the third is told; the second leaves.
    assert_golden("08-who-owns-what", &[6_400, 13_250, 21_500]);
}

#[test]
fn one_of_two_groups_is_down() {
    assert_golden("09-two-groups", &[9_100, 13_000, 21_500]);
}

#[test]
fn a_slow_consumer_is_behind() {
    assert_golden("10-slow-consumer", &[20_000]);
}

#[test]
fn a_master_dies_and_its_slave_takes_over() {
    // There is no master and the shop sends in vain; one is elected and not told yet; it serves, and waiting messages are
    // stored.
    assert_golden("12-failover", &[13_500, 14_080, 14_600]);
}

#[test]
fn what_was_not_copied_is_lost_when_the_master_comes_back() {
    // One slave is behind; both masters are down, and one has messages that no other has; they are cut off and lost.
    assert_golden("13-accepted-and-lost", &[9_900, 15_500, 23_450]);
}

#[test]
fn two_masters_of_one_queue() {
    assert_golden("19-two-masters", &[13_000, 19_000, 21_750]);
}

#[test]
fn a_consumer_that_was_paused_works_on_a_queue_that_another_one_owns() {
    assert_golden("21-the-dead-come-back", &[17_000, 19_100]);
}

/// What a node believes, as text.
fn believed(session: &mut Session, at: Time, name: &str) -> String {
    let plan = Arc::clone(session.plan());
    let node = plan.nodes.iter().position(|node| node.name == name).expect("it takes part").into();
    let Some(belief) = belief::of(go(session, at), node) else { return "nothing".to_owned() };
    let leads = belief.masters.iter().map(|lead| {
        format!("{} in {}", lead.master.map_or("nobody", |master| plan.name(master)), Epoch::number_or_zero(lead.epoch))
    });
    let mut text = leads.collect::<Vec<_>>().join(", ");
    if let Some(age) = belief.age {
        _ = write!(text, ", told {} ago", span(age));
    }
    let names: Vec<&str> = belief.members.iter().map(|node| plan.name(*node)).collect();
    text + &format!(", owns {}, knows {}", belief.owns.len(), names.join(" "))
}

#[test]
fn a_client_believes_what_it_was_told_last() {
    let mut session = session(&lesson("12-failover"));
    let mut at = |at, name| believed(&mut session, ms(at), name);
    assert_eq!(at(50, "shop"), "nothing", "it does not run yet");
    // The master died at 10.85 s. Clients go on believing in it; at 14 s the nameserver knows better.
    assert_eq!(at(13_900, "shop"), "broker1 in 1, told 12.4 s ago, owns 0, knows ");
    assert_eq!(at(13_900, "nameserver"), "broker1 in 1, owns 0, knows broker1 slave1 shop order");
    assert_eq!(at(13_900, "slave1"), "broker1 in 1, owns 0, knows ");
    assert_eq!(at(13_900, "broker1"), "nothing", "it is down");
    assert_eq!(at(14_100, "nameserver"), "slave1 in 2, owns 0, knows slave1 shop order");
    assert_eq!(at(14_200, "slave1"), "slave1 in 2, owns 0, knows ");
    // A hop later the clients know that there is no master, two hops later they know the new one.
    assert_eq!(at(14_200, "order"), "nobody in 1, told 50 ms ago, owns 2, knows order");
    assert_eq!(at(14_500, "order"), "slave1 in 2, told 50 ms ago, owns 0, knows order");
}

#[test]
fn messages_are_tried_again_and_set_aside() {
    // While processing fails; at the end of the run.
    assert_golden("17-retry-and-dead-letter", &[13_050, 26_000]);
}

// ---- what is on its way --------------------------------------------------------------------------------------------------

/// Every tenth of a hop of a stretch in which something happens.
fn moments(session: &mut Session, from: u64, to: u64) -> Vec<(Time, Vec<PacketInFlight>)> {
    let times = (from..to).step_by(15).map(ms);
    times.map(|at| (at, flight::in_flight(go(session, at), Routine::ALL))).collect()
}

#[test]
fn a_packet_in_flight_moves_on_until_it_arrives() {
    for name in ["03-flash-sale", "08-who-owns-what", "09-two-groups"] {
        let mut session = session(&lesson(name));
        // Which flight it is: between whom, what, and when it left, to the microsecond.
        let mut seen: BTreeMap<_, (Time, f32)> = BTreeMap::new();
        let mut before = Time::ZERO;
        for (now, flights) in moments(&mut session, 5_900, 13_500) {
            // Two may be alike.
            let mut alike = BTreeMap::new();
            for it in flights {
                assert!((0.0..=1.0).contains(&it.share), "{name} at {now:?}: {it:?}");
                let made = f64::from(it.share) * it.takes.0 as f64;
                let left = (now.0 as f64 - made).max(0.0) / 1e3;
                let key = (it.from, it.to, it.kind, it.queue, it.group, it.messages, left.round() as u64);
                let number = alike.entry(key).and_modify(|number| *number += 1).or_insert(0);
                let key = (key, *number);
                if let Some((last, share)) = seen.insert(key, (now, it.share)) {
                    assert_eq!(last, before, "{name} at {now:?}: {it:?} was away for a while");
                    assert!(it.share > share, "{name} at {now:?}: {it:?} stands still at {share}");
                } else {
                    assert!(left * 1e3 + 1e3 > before.0 as f64, "{name} at {now:?}: {it:?} comes from nowhere");
                }
                assert!(made <= it.takes.0 as f64);
            }
            before = now;
        }
        assert!(seen.len() > 100, "{name}: {} flights", seen.len());
        // Whatever there is no more has all but arrived, or its receiver is no more.
        let crash = name == "09-two-groups";
        let short = seen.values().filter(|(last, share)| *last < before && *share < 0.9 - 1e-3).count();
        assert!(short == 0 || crash, "{name}: {short} flights end before they arrive");
    }
}

#[test]
fn routine_is_hidden_until_somebody_asks_for_it() {
    let mut hidden = BTreeMap::new();
    for name in ["07-long-poll", "09-two-groups", "12-failover"] {
        let mut session = session(&lesson(name));
        for at in (0..40_000).step_by(50).map(ms) {
            let scene = go(&mut session, at);
            let (mut all, shown) =
                (flight::in_flight(scene, Routine::ALL), flight::in_flight(scene, Routine::default()));
            assert!(shown.iter().all(|flight| !ROUTINE.contains(&flight.kind)), "{name} at {at:?}");
            all.retain(|flight| {
                let routine = ROUTINE.contains(&flight.kind);
                *hidden.entry(flight.kind).or_insert(0) += usize::from(routine);
                !routine
            });
            assert_eq!(shown, all, "{name} at {at:?}: everything else is there, in the same order");
        }
    }
    assert!(ROUTINE.iter().all(|cargo| hidden[cargo] > 0), "{hidden:?}");
}

const ROUTINE: [PacketKind; 4] =
    [PacketKind::Heartbeat, PacketKind::EmptyDelivery, PacketKind::CommitAnswer, PacketKind::CopyAnswer];

/// Every record of a run.
fn trace(plan: &Arc<Plan>) -> Vec<Record> {
    let mut run = Run::with_sink(Arc::clone(plan), plan.seed, limit::EVENTS, Vec::new());
    while !run.advance(u64::MAX).expect("no limit is passed") {}
    std::mem::take(run.sink())
}

#[test]
fn a_drop_is_shown_for_as_long_as_it_falls() {
    let plan = scenario(LOSSY);
    let mut session = session(&plan);
    let long = flight::drop_lasts(&plan);
    assert_eq!(long, Span::from_millis(200), "twice a hop");
    let mut fallen: Vec<(Time, NodeId, NodeId, What)> = Vec::new();
    for record in trace(&plan) {
        if let Kind::Dropped { from, to, what, .. } = record.kind
            && what != What::Heartbeat
        {
            fallen.push((record.at, from, to, what));
        }
    }
    assert!((20..200).contains(&fallen.len()), "{}", fallen.len());
    for at in (0..plan.duration.0).step_by(7_000_000).map(Time) {
        let told = flight::drops(go(&mut session, at));
        let mut told: Vec<_> = told.iter().map(|it| (Time(at.0 - it.ago.0), it.from, it.to, it.what)).collect();
        told.reverse();
        let expected = fallen.iter().filter(|(when, ..)| *when <= at && at.since(*when) < long);
        assert_eq!(told, expected.copied().collect::<Vec<_>>(), "{at:?}");
    }
}

/// A network that loses one message in eight.
const LOSSY: &str = r#"
title = "lossy"
duration = "20s"
settle = "10s"
[network]
latency = "100ms"
loss = 0.12
[[brokers]]
name = "broker"
[[topics]]
name = "orders"
queues = { broker = 2 }
[[producers]]
name = "shop"
topic = "orders"
interval = "300ms"
send_timeout = "1s"
[[groups]]
name = "order-service"
topic = "orders"
[[consumers]]
name = "order"
group = "order-service"
service_time = "50ms"
"#;

// ---- the life of a message -----------------------------------------------------------------------------------------------

/// The records of the whole trace about a message, found by its id and by where it is stored.
fn life_of(plan: &Plan, trace: &[Record], message: MessageId) -> Vec<Record> {
    let name = plan.message(message);
    let mut lies: Vec<(String, u64)> = Vec::new();
    let mut passed: Vec<String> = Vec::new(); // which group has committed which of these places
    let mut found = Vec::new();
    for record in trace {
        let line = serde_json::to_value(Line { record, plan }).expect("a record is plain data");
        let word = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        let number = |key: &str| line[key].as_u64().unwrap_or_default();
        let (queue, group) = (word("queue"), word("group"));
        let lies_in = |from: u64, to: u64| lies.iter().any(|(at, offset)| *at == queue && (from..to).contains(offset));
        let concerns = match record.kind.name() {
            "delivered" => lies_in(number("from"), number("to")),
            // The first commit of a group that is beyond it.
            "committed" => {
                let before = lies.iter().filter(|(at, lies)| *at == queue && *lies < number("offset"));
                let passes = before.map(|(at, lies)| format!("{group} {at} {lies}"));
                let new: Vec<String> = passes.filter(|it| !passed.contains(it)).collect();
                passed.extend(new.iter().cloned());
                !new.is_empty()
            }
            "truncated" => {
                let cut = lies_in(number("from"), number("to"));
                lies.retain(|(at, offset)| !(*at == queue && (number("from")..number("to")).contains(offset)));
                cut
            }
            _ => word("message") == name || word("call") == name,
        };
        if record.kind.name() == "stored" && concerns {
            lies.push((queue, number("offset")));
        }
        found.extend(concerns.then(|| record.clone()));
    }
    found
}

fn assert_lives(plan: &Arc<Plan>, every: usize) {
    let session = session(plan);
    let trace = trace(plan);
    let sent = trace.iter().filter_map(|record| match record.kind {
        Kind::Sent { message, attempt: 1, .. } | Kind::Unrouted { message } => Some(message),
        Kind::Called { call, .. } => Some(call),
        _ => None,
    });
    let mut messages: Vec<MessageId> = sent.collect();
    messages.sort_unstable();
    messages.dedup();
    assert!(messages.len() > 5);
    for message in messages.into_iter().step_by(every) {
        let expected = life_of(plan, &trace, message);
        for slice in [1, 13, 1_000_000] {
            let mut life = MessageLife::of(&session, message);
            while !life.is_found() {
                life.work(slice);
            }
            let told: Vec<Record> = life.told.into_iter().map(|told| told.record).collect();
            let (name, scenario) = (plan.message(message), &plan.scenario);
            assert_eq!(told, expected, "{name} in {scenario}, by {slice}");
        }
    }
}

#[test]
fn a_life_has_all_records_of_the_trace_about_the_message() {
    for name in ["01-first-message", "09-two-groups", "17-retry-and-dead-letter"] {
        assert_lives(&lesson(name), 5);
    }
}

#[test]
fn a_call_has_a_life_as_well() {
    assert_lives(&lesson("03-flash-sale"), 9);
}

#[test]
fn a_life_is_complete_without_a_route_at_first_and_with_messages_lost_in_flight() {
    assert_lives(&scenario(&LOSSY.replace("interval", "bursts = [{ at = \"0s\", count = 3 }]\ninterval")), 3);
}

#[test]
fn an_offset_that_is_given_twice_belongs_to_the_life_of_the_message_stored_there() {
    let text = LOSSY.replace("loss = 0.12", "").replace("name = \"broker\"\n[[topics]]", UNSAFE);
    let plan = scenario(&format!("{text}{CRASH}"));
    let trace = trace(&plan);
    assert!(trace.iter().any(|record| matches!(record.kind, Kind::Truncated { .. })), "the log is cut");
    assert_lives(&plan, 1);
}

/// A broker that rarely flushes.
const UNSAFE: &str = "name = \"broker\"\nflush = \"async\"\nflush_interval = \"4s\"\n[[topics]]";
const CRASH: &str = "threads = 4\n[[faults]]\nat = \"9900ms\"\nfor = \"1s\"\nkind = \"crash\"\nnode = \"broker\"\n";

// ---- where the clock stops -----------------------------------------------------------------------------------------------

/// All stops of a run, if the clock goes on in steps of this length.
fn stops(session: &Session, step: Span) -> Vec<Due> {
    let mut stops = Vec::new();
    let (mut after, end) = ((Time::ZERO, None), session.ahead().at());
    while after.0 < end {
        let until = (after.0 + step).min(end);
        let due = caption::next_stop(session, after, until);
        stops.extend(due);
        after = due.map_or((until, Some(NoteOrQuestion::LAST)), |due| (due.at, Some(due.what)));
    }
    stops
}

#[test]
fn the_clock_stops_once_at_each_pausing_note_and_each_question_in_order() {
    let mut plans: Vec<Arc<Plan>> = lessons().iter().map(|it| lesson(it.name)).collect();
    plans.push(scenario(&format!("{LOSSY}{TOGETHER}")));
    for plan in plans {
        let session = session(&plan);
        let notes =
            (0u32..).zip(&plan.notes).filter(|(_, note)| note.pause).map(|(number, _)| NoteOrQuestion::Note(number));
        let questions = (0..plan.questions.len() as u32).map(NoteOrQuestion::Question);
        let expected: Vec<NoteOrQuestion> = notes.chain(questions).collect();
        for step in [Span::from_millis(7), Span::from_secs(2), Span::FOREVER] {
            let stops = stops(&session, step);
            assert!(stops.is_sorted_by_key(|due| (due.at, due.what)), "{}: {stops:?}", plan.scenario);
            let mut told: Vec<NoteOrQuestion> = stops.iter().map(|due| due.what).collect();
            told.sort_unstable();
            assert_eq!(told, expected, "{} by {step:?}", plan.scenario);
        }
    }
}

/// Two notes and a question at one time, and again at the very beginning.
const TOGETHER: &str = r#"
[[notes]]
at = "0s"
pause = true
text.en = "one"
text.zh = "一"
[[notes]]
at = "3s"
pause = true
text.en = "two"
text.zh = "二"
[[notes]]
at = "3s"
pause = true
text.en = "three"
text.zh = "三"
[[questions]]
at = "3s"
ask.en = "four"
ask.zh = "四"
answer = { metric = "depth", topic = "orders" }
because.en = "five"
because.zh = "五"
[[questions]]
at = "0s"
ask.en = "six"
ask.zh = "六"
answer = { metric = "depth", topic = "orders" }
because.en = "seven"
because.zh = "七"
"#;
