//! The player: at an even pace every message can be followed and nobody waits long, in lessons and in clusters where a
//! hop is far shorter than the work, or differs from message to message.
//!
//! What there is to be seen is found here independently of the player: from every single event of a run.

use std::collections::BTreeMap;
use std::sync::Arc;

use queuescope::inspect::{Copied, Flight, Halt, Node, Packet, World};
use queuescope::kernel::{Span, Time};
use queuescope::limit;
use queuescope::plan::{NodeId, Plan};
use queuescope::record::{Kind, Record, Sink, What};
use queuescope::scenario::{self, lessons};
use queuescope::session::{Aim, Session};
use queuescope_gui::model::caption::NoteOrQuestion;
use queuescope_gui::player::Player;

/// A frame, in seconds.
const TICK: f64 = 1.0 / 60.0;
/// How long a flight takes at least, in seconds.
const FLIGHT: f64 = 0.4;
/// How long a stretch without anything to see takes at most, in seconds.
const QUIET: f64 = 1.5;
/// How much the rate rises at most in a frame.
const RISE: f64 = 1.0 + 5.0 * TICK;

// ---- what is played ----------------------------------------------------------------------------------------------------

fn read(name: &str, text: &str) -> Arc<Plan> {
    Arc::new(scenario::read(name, text).unwrap_or_else(|problems| panic!("{problems}")))
}

fn every_lesson() -> Vec<Arc<Plan>> {
    lessons().iter().map(|lesson| read(lesson.name, lesson.text)).collect()
}

/// A shop, a queue, a consumer.
fn cluster(title: &str, latency: &str, sends: &str, work: &str, more: &str) -> Arc<Plan> {
    let text = format!(
        r#"title = "{title}"
duration = "130s"
settle = "10s"
[network]
latency = {latency}
[[brokers]]
name = "broker"
[[topics]]
name = "orders"
queues = {{ broker = 2 }}
[[producers]]
name = "shop"
topic = "orders"
{sends}
[[groups]]
name = "order-service"
topic = "orders"
[[consumers]]
name = "order"
group = "order-service"
service_time = {work}
{more}
"#
    );
    read("cluster", &text)
}

/// Nothing happens for a minute after a few messages.
const RARELY: &str = "bursts = [{ at = '2s', count = 5 }, { at = '62s', count = 1 }]";

fn fast() -> Arc<Plan> {
    cluster("fast", "'1ms'", RARELY, "'3s'", "")
}

fn slow() -> Arc<Plan> {
    cluster("slow", "'150ms'", RARELY, "'3s'", "")
}

fn uneven() -> Arc<Plan> {
    cluster("uneven", "{ exp = '150ms' }", "interval = '700ms'", "{ exp = '100ms' }", "threads = 2")
}

fn uneven_and_fast() -> Arc<Plan> {
    cluster(
        "uneven and fast",
        "{ exp = '1ms' }",
        "bursts = [{ at = '2s', count = 30 }]",
        "{ exp = '2s' }",
        "threads = 4",
    )
}

/// A fault strikes while nothing happens, and messages are dropped.
fn broken() -> Arc<Plan> {
    let slow = "[[faults]]\nat = '30s'\nfor = '3s'\nkind = 'slow'\nfactor = 4.0\nnode = 'order'\n";
    let crash = "[[faults]]\nat = '81100ms'\nfor = '5s'\nkind = 'crash'\nnode = 'order'";
    cluster("broken", "'20ms'", "interval = '9s'", "'200ms'", &format!("{slow}{crash}"))
}

fn clusters() -> Vec<Arc<Plan>> {
    vec![fast(), slow(), uneven(), uneven_and_fast(), broken()]
}

// ---- what there is to be seen --------------------------------------------------------------------------------------------

/// Something to be seen: a packet from when it leaves until it arrives or is dropped, or a drop until it disappears.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Visible {
    leaves: Time,
    arrives: Time,
    from: NodeId,
    to: NodeId,
}

/// Whether a packet is routine. One that is in flight to a node that has crashed meanwhile is not shown, but its drop is.
fn is_routine(world: &World, flight: &Flight<'_>) -> bool {
    match flight.packet {
        Packet::Heartbeat(_) => match &world.nodes()[flight.to] {
            Node::Nameserver(nameserver) => nameserver.believes_alive(flight.from),
            _ => true,
        },
        Packet::HeartbeatAnswer { .. } | Packet::CommitAnswer { .. } | Packet::OutcomeAnswer { .. } => true,
        Packet::CopyAnswer { .. } => true,
        Packet::Copy { copy, .. } => !matches!(copy, Copied::Entry { .. } | Copied::Entries { .. }),
        Packet::PullAnswer { batch, .. } => batch.is_empty(),
        _ => false,
    }
}

/// When faults strike and end and settings change; and all drops.
#[derive(Default)]
struct Acts {
    acts: Vec<Time>,
    drops: Vec<(Time, NodeId, NodeId)>,
}

impl Sink for Acts {
    fn record(&mut self, record: &Record) {
        match record.kind {
            Kind::Crashed { .. } | Kind::Restarted | Kind::Changed { .. } | Kind::Joined => self.acts.push(record.at),
            Kind::Dropped { from, to, what, .. } if !matches!(what, What::Heartbeat | What::CopyAnswer) => {
                self.drops.push((record.at, from, to));
            }
            Kind::Truncated { .. } => self.drops.push((record.at, record.node, record.node)),
            _ => {}
        }
    }
}

/// Everything to be seen that is not routine and takes any time, and the times of all faults and changes.
fn visible(plan: &Arc<Plan>) -> (Vec<Visible>, Vec<Time>) {
    let mut world = World::new(Arc::clone(plan), plan.seed);
    let mut acts = Acts::default();
    let mut seen = BTreeMap::new();
    while world.run_until(Time::NEVER, 1, &mut acts).expect("no limit is passed") != Halt::Over {
        for flight in world.flights().filter(|flight| flight.sent == world.now() && flight.arrives > flight.sent) {
            let thing = Visible { leaves: flight.sent, arrives: flight.arrives, from: flight.from, to: flight.to };
            let shown = !is_routine(&world, &flight);
            *seen.entry(thing).or_insert(false) |= shown;
        }
    }
    let end = world.now();
    let hop = plan.network.latency.middle();
    for (leaves, from, to) in acts.drops {
        seen.insert(Visible { leaves, arrives: leaves + hop + hop, from, to }, true);
    }
    let shown = seen.into_iter().filter(|(thing, shown)| *shown && thing.arrives <= end);
    (shown.map(|(thing, _)| thing).collect(), acts.acts)
}

// ---- what is seen --------------------------------------------------------------------------------------------------------

/// After a frame: the time on the wall, that of the run, and the rate.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Frame {
    wall: f64,
    at: Time,
    rate: f64,
}

/// A run that was played.
struct Played {
    frames: Vec<Frame>,
    stops: Vec<(Time, NoteOrQuestion)>,
}

/// A session whose run ahead is known.
fn session(plan: &Arc<Plan>) -> Session {
    let mut session = Session::new(Arc::clone(plan), plan.seed, limit::EVENTS);
    session.work(u64::MAX);
    session
}

/// Plays to the end in frames of so many seconds; when the clock stops it goes on at once.
fn play_by(session: &mut Session, tick: f64, slice: u64) -> Played {
    let mut player = Player::default();
    player.play();
    let frame = |wall: f64, session: &Session, player: &Player| Frame {
        wall,
        at: session.scene().at(),
        rate: player.rate().0 as f64,
    };
    let mut frames = vec![frame(0.0, session, &player)];
    let mut stops = Vec::new();
    while !session.scene().is_over() {
        let wall = frames.len() as f64 * tick;
        player.tick(session, tick, wall);
        while !session.is_there() {
            session.work(slice);
        }
        frames.push(frame(wall, session, &player));
        if let Some(due) = player.stopped() {
            assert!(!player.is_playing());
            assert_eq!(due.at, session.scene().at(), "it stops where it is due");
            stops.push((due.at, due.what));
            player.play();
        }
        assert!(frames.len() < 100_000, "{} comes to no end", session.plan().scenario);
    }
    Played { frames, stops }
}

fn play(plan: &Arc<Plan>) -> Played {
    play_by(&mut session(plan), TICK, u64::MAX)
}

impl Played {
    /// How long a stretch of the run takes on the wall, to the precision of a frame.
    fn takes(&self, from: Time, to: Time) -> f64 {
        let begins = self.wall(self.frames.partition_point(|frame| frame.at <= from), from);
        self.wall(self.frames.partition_point(|frame| frame.at < to), to) - begins
    }

    /// The time on the wall at a time of the run, which lies between the frame before `next` and that one.
    fn wall(&self, next: usize, at: Time) -> f64 {
        let (Some(after), Some(before)) = (self.frames.get(next), next.checked_sub(1)) else {
            return self.frames.last().expect("there is one").wall;
        };
        let before = self.frames[before];
        let part = at.since(before.at).0 as f64 / after.at.since(before.at).0 as f64;
        before.wall + (after.wall - before.wall) * part
    }
}

#[test]
fn a_flight_takes_long_enough_to_be_followed() {
    let mut count = 0;
    for plan in every_lesson().into_iter().chain(clusters()) {
        let (visible, _) = visible(&plan);
        let played = play(&plan);
        count += visible.len();
        for thing in visible {
            let takes = played.takes(thing.leaves, thing.arrives);
            let title = &plan.title.en;
            assert!(takes >= FLIGHT - TICK, "{title}: {thing:?} takes {takes} s");
        }
    }
    assert!(count > 3_000, "{count}");
}

#[test]
fn with_one_latency_no_flight_takes_longer_than_that() {
    for plan in [fast(), slow(), broken()] {
        let played = play(&plan);
        for thing in visible(&plan).0 {
            let takes = played.takes(thing.leaves, thing.arrives);
            assert!(takes <= FLIGHT + TICK, "{}: {thing:?} takes {takes} s", plan.title.en);
        }
    }
}

#[test]
fn nobody_waits_long_while_nothing_happens() {
    let (mut longest, mut count) = (Span::ZERO, 0);
    for plan in every_lesson().into_iter().chain(clusters()) {
        let (visible, acts) = visible(&plan);
        let played = play(&plan);
        let mut until = Time::ZERO;
        for thing in visible {
            if thing.leaves > until {
                longest = longest.max(thing.leaves.since(until));
                count += 1;
                let takes = played.takes(until, thing.leaves);
                // Stretches on both sides of each act.
                let stretches = 1 + acts.iter().filter(|at| **at > until && **at < thing.leaves).count();
                let most = (QUIET + TICK) * stretches as f64;
                // What is shorter than that at the pace of a message, is.
                let hops = thing.leaves.since(until).0 as f64 / plan.network.latency.middle().0 as f64;
                let most = most.min(hops * FLIGHT) + 2.0 * TICK;
                assert!(takes <= most, "{}: {takes} s from {until:?} to {:?}", plan.title.en, thing.leaves);
            }
            until = until.max(thing.arrives);
        }
    }
    assert!(count > 300, "{count}");
    assert!(longest >= Span::from_secs(14), "{longest:?} is no long stretch");
}

#[test]
fn a_fault_in_a_quiet_minute_is_seen() {
    let takes = play(&broken()).takes(Time(30_000_000_000), Time(33_000_000_000));
    assert!(takes >= QUIET - TICK, "{takes} s");
}

#[test]
fn the_clock_always_comes_to_the_end_of_the_run() {
    for plan in every_lesson().into_iter().chain(clusters()) {
        let mut session = session(&plan);
        let played = play_by(&mut session, TICK, u64::MAX);
        // A stop at the very beginning, or at the time of another one, takes a frame.
        let stands = played.frames.windows(2).filter(|pair| pair[1].at <= pair[0].at).count();
        let at_once = played.stops.windows(2).filter(|pair| pair[0].0 == pair[1].0).count();
        let at_start = usize::from(played.stops.first().is_some_and(|(at, _)| *at == Time::ZERO));
        assert_eq!(stands, at_once + at_start, "{}", plan.scenario);
        assert_eq!(session.scene().at(), session.ahead().at(), "{}", plan.scenario);
        assert_eq!(session.scene().events(), session.ahead().events(), "{}", plan.scenario);
    }
}

#[test]
fn the_rate_that_is_shown_is_the_rate_that_is_played() {
    let mut steady = 0;
    for plan in clusters() {
        let (visible, acts) = visible(&plan);
        let mut edges: Vec<Time> = visible.iter().flat_map(|thing| [thing.leaves, thing.arrives]).chain(acts).collect();
        let frames = play(&plan).frames;
        edges.extend(frames.last().map(|frame| frame.at));
        edges.sort_unstable();
        for pair in frames.windows(2) {
            let (before, after) = (pair[0], pair[1]);
            // Where something begins or ends, the rate is another one in between.
            let first = edges.partition_point(|edge| *edge < before.at);
            if edges.get(first).is_none_or(|edge| *edge > after.at) {
                steady += 1;
                let expected = after.rate * TICK;
                let went = after.at.since(before.at).0 as f64;
                assert!((went - expected).abs() <= 2.0, "{}: {went} ns instead of {expected}", plan.title.en);
            }
        }
    }
    assert!(steady > 5_000, "{steady}");
}

#[test]
fn the_rate_rises_gently_while_packets_are_in_flight() {
    let plan = uneven();
    let (visible, _) = visible(&plan);
    let (mut rises, mut falls) = (0, 0);
    for pair in play(&plan).frames.windows(2) {
        // Whether something is under way from the one frame to the other.
        let mut until = pair[0].at;
        for thing in visible.iter().filter(|thing| thing.leaves <= pair[1].at) {
            if thing.leaves <= until {
                until = until.max(thing.arrives);
            }
        }
        let ratio = pair[1].rate / pair[0].rate;
        if until > pair[1].at {
            assert!(ratio <= RISE * 1.001, "from {} to {} at {:?}", pair[0].rate, pair[1].rate, pair[1].at);
            rises += usize::from(ratio > 1.05);
            falls += usize::from(ratio < 0.5);
        }
    }
    assert!(rises > 100 && falls > 20, "{rises} {falls}");
}

#[test]
fn the_moments_that_are_shown_follow_from_the_frames_alone() {
    for plan in clusters() {
        let whole = play_by(&mut session(&plan), TICK, u64::MAX);
        assert_eq!(play_by(&mut session(&plan), TICK, 3).frames, whole.frames, "{}", plan.title.en);
    }
}

#[test]
fn with_one_latency_the_pace_is_the_same_in_more_and_in_fewer_frames() {
    for plan in [fast(), slow(), broken()] {
        let fine = play_by(&mut session(&plan), TICK, u64::MAX).frames;
        let coarse = play_by(&mut session(&plan), TICK * 4.0, u64::MAX).frames;
        for (frame, same) in coarse.iter().zip(fine.iter().step_by(4)) {
            // Of the rounding to nanoseconds little is left at the fastest rate.
            let apart = frame.at.0.abs_diff(same.at.0);
            assert!(apart < 1_000, "{}: {apart} ns apart at {:?}", plan.title.en, frame.at);
        }
    }
}

#[test]
fn the_clock_stops_once_at_each_pausing_note_and_question() {
    for plan in every_lesson() {
        let mut stops = play(&plan).stops;
        assert!(stops.is_sorted(), "{}: {stops:?}", plan.scenario);
        stops.sort_unstable_by_key(|(_, said)| *said);
        let notes =
            (0u32..).zip(&plan.notes).filter(|(_, note)| note.pause).map(|(number, _)| NoteOrQuestion::Note(number));
        let questions = (0..plan.questions.len() as u32).map(NoteOrQuestion::Question);
        let expected: Vec<NoteOrQuestion> = notes.chain(questions).collect();
        assert_eq!(stops.into_iter().map(|(_, said)| said).collect::<Vec<_>>(), expected, "{}", plan.scenario);
    }
}

#[test]
fn after_going_to_another_moment_the_player_goes_on_from_there() {
    let plan = slow();
    let mut session = session(&plan);
    let mut player = Player::default();
    player.play();
    let leaves = visible(&plan).0.into_iter().map(|thing| thing.leaves).find(|at| *at > Time(30_000_000_000));
    let rest = leaves.expect("something comes").0 as f64 / 1e9 - 30.0;
    // In the middle of a flight after which there is nothing to see for long; in a quiet minute; back again.
    for (from, until, takes) in
        [(62_375, 62_450, FLIGHT / 2.0), (30_000, 31_700, QUIET * 1.7 / rest), (62_375, 62_450, FLIGHT / 2.0)]
    {
        session.aim(Aim::Time(Time(from * 1_000_000)));
        session.work(u64::MAX);
        player.moved();
        let mut wall = 0.0;
        while session.scene().at() < Time(until * 1_000_000) {
            wall += TICK;
            player.tick(&mut session, TICK, wall);
            session.work(u64::MAX);
        }
        assert!((wall - takes).abs() <= 2.0 * TICK, "{wall} s from {from} to {until} ms");
    }
}

#[test]
fn at_a_fixed_rate_time_passes_at_exactly_that_rate() {
    let mut session = session(&slow());
    let mut player = Player::default();
    player.play();
    for faster in [false, false, false, true, true, true, true, true] {
        player.change_rate(faster);
        let (from, rate) = (session.scene().at(), player.rate());
        for _ in 0..30 {
            player.tick(&mut session, TICK, 0.0);
            session.work(u64::MAX);
        }
        let went = session.scene().at().since(from).0 as f64;
        assert!((went - rate.0 as f64 / 2.0).abs() <= 2.0, "{went} ns in half a second at {rate:?}");
    }
    player.set_even_pace();
    player.tick(&mut session, TICK, 0.0);
    assert!(player.is_even());
}

#[test]
fn a_run_that_stops_at_a_limit_is_played_up_to_there() {
    let plan = slow();
    let mut session = Session::new(Arc::clone(&plan), plan.seed, 100);
    session.work(u64::MAX);
    let mut player = Player::default();
    player.play();
    let mut ticks = 0;
    while player.is_playing() {
        player.tick(&mut session, TICK, 0.0);
        session.work(u64::MAX);
        ticks += 1;
        assert!(ticks < 10_000, "it goes on at {:?}", session.scene().at());
    }
    assert!(session.passed().is_some());
    assert_eq!(session.scene().at(), session.ahead().at());
}
