//! Failover on paper: how many messages asynchronous replication loses, and how long a failover takes, as distributions
//! over many seeds, against what a pencil says.
//!
//! It knows the settings of a run and what its report says, and nothing of how the model comes to that.

use queuescope_tests::run::{plan, run};

/// So many runs of each.
const RUNS: u64 = 500;

/// A master that dies for good, at a time in nanoseconds, and its slave. What is sent to it is processed by nobody
/// before.
fn cluster(crash: u64, interval: &str, delay: &str, timers: &str) -> String {
    format!(
        "title = \"paper\"\nduration = \"22s\"\nsettle = \"60s\"\n[network]\nlatency = \"20ms\"\n[timers]\n{timers}\n\
         [[brokers]]\nname = \"b\"\nslaves = [\"s\"]\nreplication_delay = \"{delay}\"\n\
         [[topics]]\nname = \"t\"\nqueues = {{ b = 1 }}\n\
         [[producers]]\nname = \"p\"\ntopic = \"t\"\ninterval = {interval}\nretries = 30\n\
         [[groups]]\nname = \"g\"\ntopic = \"t\"\n[[consumers]]\nname = \"c\"\ngroup = \"g\"\njoins = \"21s\"\n\
         [[faults]]\nat = \"{crash}ns\"\nkind = \"crash\"\nnode = \"b\"\n",
    )
}

/// Numbers that are spread evenly over a span and alike in every run of the test (the golden ratio's multiples).
fn spread(seed: u64, span: u64) -> u64 {
    ((seed as f64 * 0.618_033_988_749_894_9).fract() * span as f64) as u64
}

/// The largest distance between the distribution of what was found and a distribution on paper.
fn distance(mut found: Vec<f64>, paper: impl Fn(f64) -> f64) -> f64 {
    found.sort_by(f64::total_cmp);
    let number = found.len() as f64;
    let steps = found.iter().enumerate().filter(|(place, at)| found.get(place + 1) != Some(at));
    steps.map(|(place, at)| ((place + 1) as f64 / number - paper(*at)).abs()).fold(0.0, f64::max)
}

/// Kolmogorov's bound: a distance that chance exceeds once in a thousand times.
fn bound() -> f64 {
    1.95 / (RUNS as f64).sqrt()
}

/// The probability that a Poisson variable with this mean is at most `n`.
fn poisson(mean: f64, n: f64) -> f64 {
    let (mut term, mut sum) = (libm::exp(-mean), 0.0);
    for k in 0..=n as u64 {
        sum += term;
        term *= mean / (k + 1) as f64;
    }
    sum
}

#[test]
fn a_failover_loses_the_messages_that_came_in_during_the_replication_delay() {
    // A message is lost if it was stored within the last `delay` before the crash: of a Poisson stream, a Poisson number
    // with mean rate × delay. All that was stored was accepted, too, since answers arrive that are under way.
    for (interval, rate, delay) in [(50, 20.0, 500), (100, 10.0, 300), (25, 40.0, 1_000)] {
        let mean = rate * f64::from(delay) / 1e3;
        let mut lost = Vec::new();
        for seed in 0..RUNS {
            let crash = 10_000_000_000 + spread(seed, 1_000_000_000);
            let interval = format!("{{ exp = \"{interval}ms\" }}");
            let report = run(&plan(&cluster(crash, &interval, &format!("{delay}ms"), "")), seed).report;
            lost.push(report.groups[0].lost as f64);
        }
        let average = lost.iter().sum::<f64>() / RUNS as f64;
        let error = (mean / RUNS as f64).sqrt();
        assert!((average - mean).abs() < 4.0 * error, "{average} lost on average, {mean} on paper, ± {error}");
        let far = distance(lost, |n| poisson(mean, n));
        assert!(far < bound(), "{far} from Poisson's distribution with mean {mean}");
    }
}

#[test]
fn a_failover_takes_what_heartbeat_expire_and_scan_say() {
    // The last heartbeat left at the last multiple of `heartbeat` before the crash and arrived a hop later. The first scan
    // at which that is longer ago than `expire` finds the master dead, and its one slave is elected at once. Its role, its
    // word that it serves, the route, the message and the answer take a hop each.
    let hop = 20_000_000_u64;
    for (heartbeat, expire, scan) in [(1_000, 3_000, 1_000), (700, 2_300, 500), (300, 4_000, 900)] {
        let timers = format!("heartbeat = \"{heartbeat}ms\"\nexpire = \"{expire}ms\"\nscan = \"{scan}ms\"");
        let [heartbeat, expire, scan] = [heartbeat, expire, scan].map(|ms: u64| ms * 1_000_000);
        let mut took = Vec::new();
        for seed in 0..RUNS {
            let crash = 8_000_000_000 + spread(seed, 6_300_000_000);
            let report = run(&plan(&cluster(crash, "\"10ms\"", "0s", &timers)), seed).report;
            let failover = &report.failovers[0];
            let heard = (crash - 1) / heartbeat * heartbeat + hop;
            let found_dead = ((heard + expire) / scan + 1) * scan;
            let nanos = |seconds: f64| (seconds * 1e9).round() as u64;
            assert_eq!(nanos(failover.elected_s), found_dead, "crash at {crash} ns");
            // A message waits by then, since one comes in every half hop.
            let again = failover.accepted_again_s.expect("the slave has taken over");
            assert_eq!(nanos(again), found_dead + 5 * hop, "crash at {crash} ns");
            took.push((found_dead - crash) as f64);
        }
        // Where scans come with heartbeats, the time is spread evenly over one heartbeat.
        if heartbeat == scan {
            let least = expire as f64;
            let far = distance(took, |at| ((at - least) / heartbeat as f64).clamp(0.0, 1.0));
            assert!(far < bound(), "{far} from an even distribution");
        }
    }
}
