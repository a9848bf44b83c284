//! Queueing theory as the judge: lines whose mean is known to mathematics, at half and at four fifths of what they can do.
//!
//! The network takes no time, so that a message's whole time is its wait and its service. Each test says how many messages
//! it takes until chance is well below its tolerance.

use queuescope::observe::Value;
use queuescope::record::Kind as What;
use queuescope_tests::run::{FinishedRun, run_text};

/// Mean service time, in seconds.
const SERVICE: f64 = 0.01;

/// A Poisson stream of messages into one queue with one consumer of `threads` threads.
fn queue(rate: f64, service_time: &str, threads: u32, messages: u32) -> FinishedRun {
    let interval = 1e9 / rate;
    let seconds = (f64::from(messages) / rate) as u64;
    run_text(&format!(
        "title = \"theory\"\nseed = 1909\nduration = \"{seconds}s\"\nsettle = \"1h\"\n[network]\nlatency = \"0s\"\n\
         [timers]\nheartbeat = \"60s\"\nexpire = \"200s\"\nrebalance = \"60s\"\nlong_poll = \"60s\"\ncall = \"60s\"\n\
         [[brokers]]\nname = \"b\"\n[[topics]]\nname = \"t\"\nqueues = {{ b = 1 }}\n\
         [[producers]]\nname = \"p\"\ntopic = \"t\"\ninterval = {{ exp = \"{interval:.0}ns\" }}\n\
         [[groups]]\nname = \"g\"\ntopic = \"t\"\n\
         [[consumers]]\nname = \"c\"\ngroup = \"g\"\nthreads = {threads}\nservice_time = {service_time}\n",
    ))
}

/// A Poisson stream of calls straight to a service.
fn service(rate: f64, workers: u32, messages: u32) -> FinishedRun {
    let interval = 1e9 / rate;
    let seconds = (f64::from(messages) / rate) as u64;
    run_text(&format!(
        "title = \"theory\"\nseed = 1917\nduration = \"{seconds}s\"\nsettle = \"1h\"\n[network]\nlatency = \"0s\"\n\
         [timers]\nheartbeat = \"60s\"\nexpire = \"200s\"\n\
         [[brokers]]\nname = \"b\"\n[[topics]]\nname = \"t\"\nqueues = {{ b = 1 }}\n\
         [[services]]\nname = \"s\"\nworkers = {workers}\nservice_time = {{ exp = \"10ms\" }}\nqueue_limit = 1000000\n\
         [[producers]]\nname = \"p\"\ncalls = \"s\"\nsend_timeout = \"1h\"\ninterval = {{ exp = \"{interval:.0}ns\" }}\n",
    ))
}

fn near(found: f64, expected: f64, tolerance: f64, what: &str) {
    let error = (found - expected).abs() / expected;
    assert!(error <= tolerance, "{what}: {found} found, {expected} expected, {:.2} % off", error * 100.0);
}

fn mean_latency(run: &FinishedRun) -> f64 {
    run.report.groups[0].latency_s.mean.expect("messages were done")
}

fn utilization(value: Option<Value>) -> f64 {
    match value {
        Some(Value::Ratio(ratio)) => ratio,
        other => panic!("no utilization: {other:?}"),
    }
}

/// The probability that all of `c` are busy, where `load` is the mean number of busy ones.
fn erlang_c(c: u32, load: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 0.0);
    for k in 0..c {
        sum += term;
        term *= load / f64::from(k + 1);
    }
    let all_busy = term / (1.0 - load / f64::from(c));
    all_busy / (sum + all_busy)
}

/// The mean time in a line with `c` servers.
fn mmc(c: u32, rho: f64) -> f64 {
    SERVICE + erlang_c(c, rho * f64::from(c)) * SERVICE / (f64::from(c) * (1.0 - rho))
}

#[test]
fn one_server_with_exponential_service() {
    for (rho, messages) in [(0.5, 60_000), (0.8, 250_000)] {
        let run = queue(rho / SERVICE, "{ exp = \"10ms\" }", 1, messages);
        near(mean_latency(&run), SERVICE / (1.0 - rho), 0.03, "mean time in system");
        near(utilization(run.report.groups[0].consumers[0].utilization), rho, 0.02, "utilization");
    }
}

#[test]
fn one_server_with_constant_service() {
    // Pollaczek and Khinchine: constant service halves the wait.
    for (rho, messages) in [(0.5, 60_000), (0.8, 200_000)] {
        let run = queue(rho / SERVICE, "\"10ms\"", 1, messages);
        let expected = SERVICE + rho * SERVICE / (2.0 * (1.0 - rho));
        near(mean_latency(&run), expected, 0.03, "mean time in system");
        near(utilization(run.report.groups[0].consumers[0].utilization), rho, 0.02, "utilization");
    }
}

#[test]
fn several_threads_of_one_consumer() {
    for (threads, rho, messages) in [(2, 0.5, 60_000), (4, 0.8, 250_000)] {
        let run = queue(rho * f64::from(threads) / SERVICE, "{ exp = \"10ms\" }", threads, messages);
        near(mean_latency(&run), mmc(threads, rho), 0.03, "mean time in system");
        near(utilization(run.report.groups[0].consumers[0].utilization), rho, 0.02, "utilization");
    }
}

#[test]
fn several_workers_of_a_service() {
    for (workers, rho, messages) in [(1, 0.5, 60_000), (3, 0.8, 250_000)] {
        let run = service(rho * f64::from(workers) / SERVICE, workers, messages);
        let response = run.report.producers[0].response_s.mean.expect("calls were answered");
        near(response, mmc(workers, rho), 0.03, "mean response");
        near(utilization(run.report.services[0].utilization), rho, 0.02, "utilization");
    }
}

#[test]
fn the_messages_in_the_system_are_their_rate_times_the_time_they_stay() {
    // Little: holds of every run, whatever the distributions; the two sides are counted apart.
    let run = queue(80.0, "{ lognormal = [\"8ms\", \"40ms\"] }", 1, 20_000);
    let (mut inside, mut since, mut area, mut arrived) = (0_u64, 0_u64, 0_u128, 0_u64);
    for record in &run.records {
        let before = inside;
        match record.kind {
            What::Unrouted { .. } => (inside, arrived) = (inside + 1, arrived + 1),
            What::Sent { attempt: 1, .. } if record.cause.is_none() => (inside, arrived) = (inside + 1, arrived + 1),
            What::Finished { .. } => inside -= 1,
            _ => continue,
        }
        area += u128::from(before) * u128::from(record.at.0 - since);
        since = record.at.0;
    }
    let seconds = since as f64 / 1e9;
    let mean_inside = area as f64 / since as f64;
    assert_eq!(inside, 0, "it has drained");
    near(mean_inside, arrived as f64 / seconds * mean_latency(&run), 1e-3, "messages in the system");
}
