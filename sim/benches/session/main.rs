//! What a session takes: how long until any moment of a long run has been reached and everything read that a picture of
//! it shows, what running ahead costs, and how much memory there is to it all.
//!
//! ```text
//! cargo bench -p queuescope --bench session -- [--quick]
//! ```
//!
//! Its exit status is 1 when a target is missed. It stands beside `ratios`, whose ratios would be others if its program
//! ran sessions too: what the compiler puts where depends on who calls it.

#![allow(clippy::disallowed_types, reason = "a benchmark looks at the clock on the wall")]
#![expect(clippy::disallowed_macros, reason = "a benchmark tells its own figures")]

#[path = "../ratios/measure.rs"]
#[allow(dead_code, reason = "`ratios` measures more")]
mod measure;
#[path = "../ratios/model.rs"]
#[allow(dead_code, reason = "`ratios` measures more")]
mod model;
#[path = "../ratios/table.rs"]
#[allow(dead_code, reason = "`ratios` measures more")]
mod table;

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;

use queuescope::kernel::{Span, Time};
use queuescope::limit;
use queuescope::plan::{Fault, GroupId, NodeId, Plan};
use queuescope::scenario::{Act, Draft};
use queuescope::session::{Aim, Branches, Scene, Session};
use rand::{RngExt as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use self::measure::{Per, Sample, timed};
use self::table::Table;

/// Virtual seconds in which there are ten million events.
const SECONDS: f64 = 196.0;
/// Moments that are visited.
const MOMENTS: usize = 300;
/// Moments at which something more is asked for.
const ASKED: usize = 30;
/// Events of a slice of work.
const SLICE: u64 = 50_000;
/// From one picture to the next, when a run is played as fast as it happens.
const PICTURE: Span = Span::from_millis(16);

fn main() -> ExitCode {
    let mut seconds = SECONDS;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            // To see that it works, not to judge by.
            "--quick" => seconds /= 10.0,
            // What cargo adds.
            "--bench" => {}
            other => {
                eprintln!("unknown argument {other:?}\nusage: session [--quick]");
                return ExitCode::from(2);
            }
        }
    }
    let start = mebibytes("VmRSS:");
    let plan = model::plan(8, 64, seconds);
    let mut table = Table::default();
    Table::heading("session: 8 brokers, 64 queues, 64 producers, 64 consumers");
    let (session, ahead) = run_ahead(&plan, &mut table);
    visit_all(session, &mut table);
    let run = Sample::of(|| model::run_whole(&plan));
    assert_eq!(run.events, ahead.events, "the same run");
    Table::fact("a run without a session", &format!("{:8.1} ns/event", run.per(Per::Event)));
    Table::fact("running ahead ÷ without a session", &format!("{:8.2} ×", ahead.per(Per::Event) / run.per(Per::Event)));
    branches(seconds, start, &mut table);
    ExitCode::from(u8::from(!table.close()))
}

/// Acts by hand in the middle of the same run, goes back and forth between what comes of it.
/// `start` is the memory that the program had before all sessions: what an earlier one has left behind counts as well.
fn branches(seconds: f64, start: Option<f64>, table: &mut Table) {
    Table::heading("branches: four of the same run");
    let draft = Draft::read("benchmark.toml", &model::text(8, 64, seconds, 0)).expect("it is sound");
    let mut branches = Branches::new(draft, limit::EVENTS);
    let run = |branches: &mut Branches| while !branches.work(SLICE) {};
    run(&mut branches);
    let middle = Time(branches.session().ahead().at().0 / 2);
    let mut arrivals = Vec::new();
    for node in [1, 2, 3] {
        branches.session_mut().aim(Aim::Time(middle));
        run(&mut branches);
        let fault = Fault::Pause { node: NodeId::from(node) };
        let act = Act::Break { fault, lasts: Some(Span::from_secs(1)) };
        arrivals.push(
            timed(|| {
                branches.act(&act).expect("it can be done");
                while branches.is_switching() {
                    branches.work(SLICE);
                }
            })
            .1,
        );
        run(&mut branches);
        branches.go_to(0);
        run(&mut branches);
    }
    arrivals.sort_by(f64::total_cmp);
    Table::fact("an act is seen after, median", &format!("{:8.1} ms", arrivals[1] / 1e6));
    if let (Some(before), Some(after)) = (start, mebibytes("VmRSS:")) {
        let held = after - before;
        table.verdict("memory, all having run ahead", &format!("{held:8.1} MiB"), "512 MiB", held <= 512.0);
    }
    let mut dice = Xoshiro256PlusPlus::seed_from_u64(2);
    let end = branches.session().ahead().at().0;
    let visits = sorted(MOMENTS, || timed(|| visit(branches.session_mut(), Time(dice.random_range(0..=end)))).1);
    let median = visits[MOMENTS / 2] / 1e6;
    table.verdict("a moment anywhere, median", &format!("{median:8.2} ms"), "16 ms", median <= 16.0);
}

/// Runs ahead to the end; what the session holds then.
fn run_ahead(plan: &Arc<Plan>, table: &mut Table) -> (Session, Sample) {
    let before = mebibytes("VmRSS:");
    let mut session = Session::new(Arc::clone(plan), plan.seed, limit::EVENTS);
    let ahead = Sample::of(|| {
        while !session.work(SLICE) {}
        (session.ahead().events(), 1)
    });
    Table::fact("events", &format!("{:8}", ahead.events));
    Table::fact("running ahead", &format!("{:8.1} ns/event", ahead.per(Per::Event)));
    match (before, mebibytes("VmRSS:")) {
        (Some(before), Some(after)) => {
            let held = after - before;
            table.verdict("memory, having run ahead", &format!("{held:8.1} MiB"), "512 MiB", held <= 512.0);
        }
        _ => Table::fact("memory, having run ahead", "not known here"),
    }
    (session, ahead)
}

/// Visits one moment after the other, anywhere in the run.
fn visit_all(mut session: Session, table: &mut Table) {
    let end = session.ahead().at().0;
    let mut dice = Xoshiro256PlusPlus::seed_from_u64(1);
    let mut moment = || Time(dice.random_range(0..=end));
    let visits = sorted(MOMENTS, || timed(|| visit(&mut session, moment())).1);
    let mut within = |name: &str, place: usize, target: f64| {
        let ms = visits[place] / 1e6;
        table.verdict(name, &format!("{ms:8.2} ms"), &format!("{target} ms"), ms <= target);
    };
    within("a moment anywhere, median", MOMENTS / 2, 16.0);
    within("a moment anywhere, 99th percentile", MOMENTS * 99 / 100, 50.0);
    Table::fact("a moment anywhere, worst", &format!("{:8.2} ms", visits[MOMENTS - 1] / 1e6));
    let pictures = sorted(ASKED, || {
        visit(&mut session, moment());
        let next = session.scene().at() + PICTURE;
        timed(|| visit(&mut session, next)).1
    });
    Table::fact("the next picture, median", &format!("{:8.2} ms", pictures[ASKED / 2] / 1e6));
    let findings = sorted(ASKED, || {
        visit(&mut session, moment());
        timed(|| black_box(session.scene().findings())).1
    });
    Table::fact("what it comes to up to there, median", &format!("{:8.2} ms", findings[ASKED / 2] / 1e6));
}

/// So many values, the smallest first.
fn sorted(many: usize, measure: impl FnMut() -> f64) -> Vec<f64> {
    let mut values: Vec<f64> = std::iter::repeat_with(measure).take(many).collect();
    values.sort_by(f64::total_cmp);
    values
}

/// Goes to a moment and reads all that a picture of it shows.
fn visit(session: &mut Session, at: Time) {
    session.aim(Aim::Time(at));
    while !session.is_there() {
        session.work(SLICE);
    }
    black_box(read(session.scene()));
}

/// Something of everything, so that none of it can be left out.
fn read(scene: &Scene) -> u64 {
    let (world, observer) = (scene.world(), scene.observer());
    let records = scene.recent().map(|told| told.event + told.record.seq.number());
    let flights = world.flights().map(|flight| flight.arrives.0);
    let clocks = world.clocks().map(|clock| clock.due.0);
    let nodes = world.nodes().iter().map(|node| std::ptr::from_ref(node) as u64);
    let groups = (0..world.plan().groups.len()).map(GroupId::from);
    let counts = groups.map(|group| observer.lag(group) + observer.ledger().balance(group).total());
    records.chain(flights).chain(clocks).chain(nodes).chain(counts).fold(0, u64::wrapping_add)
}

/// A line of what the system knows of this process, where it tells.
fn mebibytes(line: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let told = status.lines().find_map(|it| it.strip_prefix(line))?;
    Some(told.split_whitespace().next()?.parse::<f64>().ok()? / 1024.0)
}
