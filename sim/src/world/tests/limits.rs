//! A run that would take too much ends with the name of a limit, and the time at which it stood.

use std::sync::Arc;

use crate::kernel::Time;
use crate::limit::{Limit, LimitPassed, Limits};
use crate::scenario;
use crate::world::World;

const CLUSTER: &str = "title = \"limits\"\nduration = \"10s\"\nbrokers = [{ name = \"b\" }]\n\
                       topics = [{ name = \"t\", queues = { b = 1 } }]\n";

/// What a run within these limits comes to, and the world as it stood then.
fn within(limits: Limits, rest: &str) -> (Result<bool, LimitPassed>, World) {
    let text = format!("{CLUSTER}{rest}");
    let plan = Arc::new(scenario::read("limits.toml", &text).unwrap_or_else(|problems| panic!("{problems}")));
    let mut world = World::new(Arc::clone(&plan), plan.seed);
    world.limit(limits);
    (world.run(u64::MAX, &mut ()), world)
}

/// The limit that a run passes, with its number and time; and that it stays where it is.
fn passed(limits: Limits, rest: &str) -> (Limit, u64, f64) {
    let (result, mut world) = within(limits, rest);
    let passed = result.expect_err("a limit is passed");
    assert_eq!(passed.at, world.now());
    let events = world.events();
    assert_eq!((world.run(9, &mut ()), world.events()), (Err(passed), events), "nothing happens after that");
    (passed.limit, passed.most, passed.at.seconds())
}

#[test]
fn a_burst_before_there_is_a_route_is_too_many_open_messages() {
    let rest = "producers = [{ name = \"p\", topic = \"t\", bursts = [{ at = \"0s\", count = 5000 }] }]";
    let limits = Limits { open_messages: 4_000, ..Limits::default() };
    assert_eq!(passed(limits, rest), (Limit::OpenMessages, 4_000, 0.0));
    let limits = Limits { open_messages: 5_000, ..Limits::default() };
    assert_eq!(within(limits, rest).0, Ok(true), "as many as there are");
}

#[test]
fn what_is_answered_given_up_or_forgotten_is_open_no_more() {
    let rest = "producers = [{ name = \"p\", topic = \"t\", interval = \"10ms\", send_timeout = \"50ms\", retries = 0 },\n\
                { name = \"q\", calls = \"s\", interval = \"10ms\", send_timeout = \"50ms\" }]\n\
                services = [{ name = \"s\", service_time = \"9ms\" }]\n\
                groups = [{ name = \"g\", topic = \"u\" }]\n\
                consumers = [{ name = \"c\", group = \"g\", publishes = \"t\" }]\n\
                faults = [{ at = \"1s\", for = \"1s\", kind = \"crash\", node = \"b\" },\n\
                { at = \"3s\", for = \"1s\", kind = \"crash\", mode = \"process\", node = \"s\" },\n\
                { at = \"5s\", for = \"1s\", kind = \"pause\", node = \"s\" },\n\
                { at = \"7s\", for = \"1s\", kind = \"crash\", node = \"p\" }, { at = \"7s\", for = \"1s\", kind = \"crash\", node = \"c\" }]";
    let rest = rest.replace("\"u\"", "\"t\"");
    // Its own topic is read and written by `c`: each message makes one more, so that the number is bounded by its pace.
    let limits = Limits { open_messages: 60, ..Limits::default() };
    assert_eq!(within(limits, &rest).0, Ok(true), "few are open at once, and thousands in all");
}

#[test]
fn what_waits_for_a_paused_node_is_to_come() {
    let rest = "producers = [{ name = \"p\", topic = \"t\", interval = \"1ms\", send_timeout = \"1h\" }]\n\
                faults = [{ at = \"2s\", kind = \"pause\", node = \"b\" }]";
    let limits = Limits { pending_events: 1_000, ..Limits::default() };
    let (limit, _, at) = passed(limits, rest);
    assert_eq!(limit, Limit::PendingEvents);
    assert!((2.9..3.1).contains(&at), "a thousand sends after the pause began: {at}");
}

#[test]
fn one_turn_may_bring_only_so_much() {
    let rest = "producers = [{ name = \"p\", topic = \"t\", interval = \"1ms\", send_timeout = \"1h\" }]\n\
                brokers = [{ name = \"b\", joins = \"5s\" }]";
    let rest = rest.replace(
        "brokers = [{ name = \"b\", joins = \"5s\" }]",
        "faults = [{ at = \"0s\", for = \"5s\", kind = \"crash\", node = \"b\" }]",
    );
    let limits = Limits { turn: 4_000, ..Limits::default() };
    let (limit, _, at) = passed(limits, &rest);
    assert_eq!(limit, Limit::Turn);
    assert!((5.0..5.2).contains(&at), "all that has waited for the route goes at once: {at}");
}

#[test]
fn all_messages_take_places() {
    let rest = "producers = [{ name = \"p\", topic = \"t\", interval = \"1ms\" }]\n\
                groups = [{ name = \"g\", topic = \"t\" }, { name = \"h\", topic = \"t\" }]";
    // A message takes one, for each group two, and its attempt one and another for the one replica.
    let limits = Limits { message_places: 7_000, ..Limits::default() };
    let (limit, _, at) = passed(limits, rest);
    assert_eq!((limit, (at * 1e3).round()), (Limit::MessagePlaces, 1_001.0));
}

#[test]
fn time_that_stands_still_is_told_from_a_run_that_is_long() {
    let still = "network = { latency = \"0s\" }\n\
                 producers = [{ name = \"p\", topic = \"t\", interval = \"1s\" }]\n\
                 groups = [{ name = \"g\", topic = \"t\", retry_delay = \"0s\", max_retries = 1000000 }]\n\
                 consumers = [{ name = \"c\", group = \"g\", poison_rate = 1.0 }]";
    let limits = Limits { rounds: 3_000, ..Limits::default() };
    assert_eq!(passed(limits, still), (Limit::Rounds, 3_000, 1.0));
    let limits = Limits { events: 30_000, ..Limits::default() };
    assert_eq!(passed(limits, still).0, Limit::Rounds, "more events would not help");
    let long = still.replace("retry_delay = \"0s\"", "retry_delay = \"1us\"");
    assert_eq!(passed(limits, &long).0, Limit::Events);
    let told = LimitPassed { limit: Limit::Rounds, most: 9, at: Time(1_000_000_000) }.to_string();
    assert!(told.contains("time stands still at 1.000s"), "{told}");
}
