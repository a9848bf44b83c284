//! The same again: two runs, a run in slices, a copy of the world in mid-run.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use queuescope::observe::Observer;
use queuescope::record::Record;
use queuescope_tests::random::{ClusterKind, clusters};
use queuescope_tests::run::{plan, run, run_text, world};

use super::{ALL, runner, runs};

#[test]
fn a_scenario_and_a_seed_give_the_same_records_and_the_same_report() {
    for kind in ALL {
        runs(kind, |first| {
            let second = run(&first.plan, first.plan.seed);
            same(&first.records, &second.records)?;
            prop_assert_eq!(first.report_json(), second.report_json());
            Ok(())
        });
    }
}

#[test]
fn another_seed_gives_another_run() {
    // Only where chance plays a part, and something happens.
    let scenario = "title = \"x\"\nduration = \"2s\"\n[[brokers]]\nname = \"b\"\n[[topics]]\nname = \"t\"\nqueues = { b = 1 }\n\
                    [[producers]]\nname = \"p\"\ntopic = \"t\"\ninterval = { exp = \"10ms\" }\n";
    let plan = plan(scenario);
    let fingerprints: BTreeSet<String> = (0..20).map(|seed| run(&plan, seed).report.fingerprint).collect();
    assert_eq!(fingerprints.len(), 20);
}

fn same(one: &[Record], other: &[Record]) -> TestCaseResult {
    let differ = one.iter().zip(other).find(|(a, b)| a != b);
    prop_assert!(differ.is_none(), "the first that differ: {:?}", differ);
    prop_assert_eq!(one.len(), other.len());
    Ok(())
}

#[test]
fn a_run_in_slices_is_the_same_run() {
    for kind in [ClusterKind::QUIET, ClusterKind::WILD] {
        let slices = prop::collection::vec(1..5_000_u64, 1..6);
        let outcome = runner().run(&(clusters(kind), slices), |(scenario, slices)| {
            let whole = run_text(&scenario.0);
            let mut sink = (Vec::<Record>::new(), Observer::new(Arc::clone(&whole.plan)));
            let mut world = world(&whole.plan, whole.plan.seed);
            let mut budgets = slices.iter().cycle();
            while !world.run(*budgets.next().expect("it goes round"), &mut sink).expect("no limit is passed") {}
            let (records, observer) = sink;
            same(&whole.records, &records)?;
            let report = queuescope::run::report(&world, observer, whole.plan.seed);
            prop_assert_eq!(whole.report_json(), serde_json::to_string(&report).expect("a report is plain data"));
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn a_copy_of_the_world_goes_on_as_the_world_does() {
    for kind in [ClusterKind::QUIET, ClusterKind::WILD] {
        let outcome = runner().run(&(clusters(kind), 0..20_000_u64), |(scenario, events)| {
            let whole = run_text(&scenario.0);
            let mut world = world(&whole.plan, whole.plan.seed);
            let mut head = Vec::<Record>::new();
            let over = world.run(events % whole.world.events().max(1), &mut head).expect("no limit is passed");
            let mut copy = world.clone();
            let (mut tail, mut other) = (Vec::<Record>::new(), Vec::<Record>::new());
            if !over {
                copy.run(u64::MAX, &mut other).expect("no limit is passed");
                world.run(u64::MAX, &mut tail).expect("no limit is passed");
            }
            same(&tail, &other)?;
            same(&whole.records, &[head, other].concat())?;
            prop_assert_eq!((world.now(), world.events()), (copy.now(), copy.events()));
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("{error}"));
    }
}
