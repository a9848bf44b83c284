//! By hand: whatever is done to a run, in whatever order one goes about in it and its branches, the file that comes of it
//! is run again to the same records, and until the first thing that was done they are those of the file that was opened.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use queuescope::kernel::{Distribution, Span, Time};
use queuescope::plan::{CrashMode, Fault, Links, NodeId, Plan, Rule, Setting, WireFault};
use queuescope::scenario::{Act, Draft};
use queuescope::session::{Aim, Branches};
use queuescope_tests::random::clusters;
use queuescope_tests::run::{FinishedRun, plan, run};

use super::{ALL, runner};

/// Something to do, its nodes and times as shares of what there is.
#[derive(Clone, Debug)]
enum HandStep {
    /// To a time, in thousandths of `duration`.
    Go(u64),
    NextRecord,
    Back,
    /// To a branch.
    Branch(usize),
    Act {
        kind: u8,
        node: usize,
        other: usize,
        ms: u64,
    },
}

/// What is done, in slices of how many events; once in a while nobody waits until it has been done.
#[derive(Clone, Debug)]
struct HandVisit {
    step: HandStep,
    slice: u64,
    impatient: bool,
}

fn visits() -> impl Strategy<Value = Vec<HandVisit>> {
    let act = (0..15_u8, 0..1_000_usize, 0..1_000_usize, 1..4_000_u64)
        .prop_map(|(kind, node, other, ms)| HandStep::Act { kind, node, other, ms });
    let step = prop_oneof![
        4 => (0..1_000_u64).prop_map(HandStep::Go),
        1 => Just(HandStep::NextRecord),
        1 => Just(HandStep::Back),
        2 => (0..6_usize).prop_map(HandStep::Branch),
        6 => act,
    ];
    let slice = prop_oneof![1..60_u64, 60..5_000_u64, Just(u64::MAX)];
    let visit = (step, slice, prop::bool::weighted(0.1));
    prop::collection::vec(visit.prop_map(|(step, slice, impatient)| HandVisit { step, slice, impatient }), 2..10)
}

/// What an act is in a plan; many do not fit, and are refused.
fn act(plan: &Plan, kind: u8, node: usize, other: usize, ms: u64) -> Act {
    let nodes = plan.nodes.len();
    let (node, other) = (NodeId::from(node % nodes), NodeId::from((node % nodes + 1 + other % (nodes - 1)) % nodes));
    let span = Span::from_millis(ms);
    let lasts = (!ms.is_multiple_of(3)).then_some(span);
    let breaks = |fault| Act::Break { fault, lasts };
    let wire = |links, rule| Fault::Wire(WireFault { links, rule });
    match kind {
        0 => breaks(Fault::Crash { node, mode: CrashMode::Host }),
        1 => breaks(Fault::Crash { node, mode: CrashMode::Process }),
        2 => breaks(Fault::Pause { node }),
        3 => breaks(Fault::Slow { node, factor: ms as f64 / 500.0 }),
        4 => breaks(wire(Links::Sides { sides: (vec![node], vec![other]), one_way: ms.is_multiple_of(2) }, Rule::Cut)),
        5 => {
            let rule = Rule::Change { latency: Some(Distribution::Exponential(span)), loss: Some(0.1) };
            breaks(wire(Links::Between(node, other), rule))
        }
        13 => breaks(wire(Links::Between(node, other), Rule::Repeat { probability: ms as f64 / 2_000.0 })),
        6 => breaks(Fault::DiskFull { node }),
        7 => breaks(Fault::Wipe { node }),
        8 => Act::Mend((ms as usize % (plan.faults.len() + 1)).into()),
        9 => Act::Join(node),
        10 => Act::Leave(node),
        11 => Act::Send(node, ms as u32 % 40 + 1),
        12 => Act::Set(node, Setting::Interval(Distribution::Constant(span))),
        _ => Act::Set(node, Setting::ServiceTime(Distribution::Exponential(span))),
    }
}

fn visit(branches: &mut Branches, HandVisit { step, slice, impatient }: &HandVisit) {
    let plan = branches.session().plan().clone();
    match *step {
        HandStep::Go(thousandths) => branches.session_mut().aim(Aim::Time(Time(plan.duration.0 / 1_000 * thousandths))),
        HandStep::NextRecord => branches.session_mut().aim(Aim::NextRecord),
        HandStep::Back => branches.session_mut().aim_back(),
        HandStep::Branch(number) => branches.go_to(number % branches.all().len()),
        HandStep::Act { kind, node, other, ms } => _ = branches.act(&act(&plan, kind, node, other, ms)),
    }
    while !impatient && (branches.is_switching() || !branches.session().is_there()) {
        branches.work(*slice);
    }
    branches.work(*slice);
}

/// What a run tells, line by line, with its times.
fn trace(run: &FinishedRun) -> Vec<(Time, String)> {
    run.records.iter().map(|record| record.at).zip(run.trace()).collect()
}

fn holds(text: &str, visits: &[HandVisit]) -> TestCaseResult {
    let file = Draft::read("test.toml", text).expect("it is in order");
    let mut branches = Branches::new(file, 20_000_000);
    for step in visits {
        visit(&mut branches, step);
    }
    while branches.is_switching() {
        branches.work(u64::MAX);
    }
    let traces: Vec<_> = branches
        .all()
        .iter()
        .map(|branch| {
            let plan = plan(branch.draft().text());
            let run = run(&plan, plan.seed);
            (trace(&run), run.report)
        })
        .collect();
    prop_assert_eq!(branches.all()[0].draft().text(), text, "the file itself never changes");
    for (number, branch) in branches.all().iter().enumerate() {
        if let Some(fork) = branch.fork() {
            let before = |number: usize| {
                let lines = &traces[number].0;
                lines[..lines.partition_point(|(at, _)| *at < fork.at)].to_vec()
            };
            let (mine, theirs) = (before(number), before(fork.from));
            let differs = mine.iter().zip(&theirs).find(|(mine, theirs)| mine != theirs);
            prop_assert_eq!(differs, None, "branch {} before it was one", number);
            prop_assert_eq!(mine.len(), theirs.len());
        }
    }
    // What is shown at the end is what the saved file comes to.
    while !branches.work(10_000) {}
    let shown = branches.session().report();
    prop_assert_eq!(shown.as_ref(), Some(&traces[branches.shown()].1));
    Ok(())
}

#[test]
fn a_file_written_by_acts_repeats_the_run_in_which_they_were_done() {
    for kind in ALL {
        let outcome = runner().run(&(clusters(kind), visits()), |(scenario, visits)| holds(&scenario.0, &visits));
        outcome.unwrap_or_else(|error| panic!("{kind:?}\n{error}"));
    }
}
