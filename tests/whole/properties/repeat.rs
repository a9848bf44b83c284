//! Determinism: a second run, a run in slices, and a copy of the world in the middle of a run give the same records.

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
            assert_same_records(&first.records, &second.records)?;
            prop_assert_eq!(first.report_json(), second.report_json());
            Ok(())
        });
    }
}

#[test]
fn another_seed_gives_another_run() {
    // The producer sends at random intervals: without chance, all seeds would give one run.
    let scenario = "title = \"x\"\nduration = \"2s\"\n[[brokers]]\nname = \"b\"\n[[topics]]\nname = \"t\"\nqueues = { b = 1 }\n\
                    [[producers]]\nname = \"p\"\ntopic = \"t\"\ninterval = { exp = \"10ms\" }\n";
    let plan = plan(scenario);
    let fingerprints: BTreeSet<String> = (0..20).map(|seed| run(&plan, seed).report.fingerprint).collect();
    assert_eq!(fingerprints.len(), 20);
}

fn assert_same_records(one: &[Record], other: &[Record]) -> TestCaseResult {
    let first_difference = one.iter().zip(other).find(|(a, b)| a != b);
    prop_assert!(first_difference.is_none(), "the first records that differ: {:?}", first_difference);
    prop_assert_eq!(one.len(), other.len());
    Ok(())
}

#[test]
fn a_run_in_slices_gives_the_records_and_the_report_of_a_run_in_one_go() {
    for kind in [ClusterKind::QUIET, ClusterKind::WILD] {
        let slices = prop::collection::vec(1..5_000_u64, 1..6);
        let outcome = runner().run(&(clusters(kind), slices), |(scenario, slices)| {
            let whole = run_text(&scenario.0);
            let mut sink = (Vec::<Record>::new(), Observer::new(Arc::clone(&whole.plan)));
            let mut world = world(&whole.plan, whole.plan.seed);
            let mut budgets = slices.iter().cycle();
            while !world.run(*budgets.next().expect("a cycle does not end"), &mut sink).expect("no limit is passed") {}
            let (records, observer) = sink;
            assert_same_records(&whole.records, &records)?;
            let report = queuescope::run::report(&world, observer, whole.plan.seed);
            prop_assert_eq!(whole.report_json(), serde_json::to_string(&report).expect("a report is plain data"));
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn a_copy_of_the_world_continues_exactly_like_the_original() {
    for kind in [ClusterKind::QUIET, ClusterKind::WILD] {
        let outcome = runner().run(&(clusters(kind), 0..20_000_u64), |(scenario, copy_at)| {
            let whole = run_text(&scenario.0);
            let mut world = world(&whole.plan, whole.plan.seed);
            let mut head = Vec::<Record>::new();
            let is_over = world.run(copy_at % whole.world.events().max(1), &mut head).expect("no limit is passed");
            let mut copy = world.clone();
            let (mut tail, mut tail_of_copy) = (Vec::<Record>::new(), Vec::<Record>::new());
            if !is_over {
                copy.run(u64::MAX, &mut tail_of_copy).expect("no limit is passed");
                world.run(u64::MAX, &mut tail).expect("no limit is passed");
            }
            assert_same_records(&tail, &tail_of_copy)?;
            assert_same_records(&whole.records, &[head, tail_of_copy].concat())?;
            prop_assert_eq!((world.now(), world.events()), (copy.now(), copy.events()));
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("{error}"));
    }
}
