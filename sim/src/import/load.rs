//! Guesses of load that fit together, how much is sent and how long it takes to handle it, so that a cluster where nothing breaks
//! keeps up.

use super::cluster::Rate;
use super::import_plan::ImportPlan;
use crate::kernel::Span;

/// The rate of a topic of which nothing is known.
const DEFAULT: Rate = Rate(1_000);

/// The largest load, in hundredths of a message a second; a message counts once when it is sent and once for each group.
/// With more, a run takes minutes.
const MOST: u64 = 200_000;

/// Handling one message, where that keeps up.
const SERVICE_TIME: Span = Span::from_millis(10);

/// Threads of a consumer in the profile `rocketmq`; in the other one there is one.
const THREADS: u64 = 20;

/// The rate of a topic that was idle when it was printed.
const IDLE: Rate = Rate(100);

/// A second in hundredths of nanoseconds: divided by hundredths of a message a second it is the time between two.
const SECOND: u64 = 100_000_000_000;

/// Gives each topic a rate, and each group a service time that keeps up with it; `total` is what all masters take in.
pub(super) fn share_out(plan: &mut ImportPlan, total: Rate) {
    let own = plan.topics.iter().filter_map(|topic| topic.known_rate).fold(0, |sum, rate| rate.0.saturating_add(sum));
    let others = plan.topics.iter().filter(|topic| topic.known_rate.is_none()).count() as u64;
    // The masters' total is the sum over all topics; the unknown ones share what is left of it.
    let share = total.0.saturating_sub(own).checked_div(others).filter(|share| *share > 0).map(Rate);
    let rates: Vec<(Rate, String)> = plan.topics.iter().map(|topic| rate(topic.known_rate, share)).collect();
    let load = plan
        .topics
        .iter()
        .zip(&rates)
        .fold(0_u128, |sum, (topic, (rate, _))| sum + u128::from(rate.0) * (1 + topic.groups.len() as u128));
    let threads_of_each = if plan.is_of_rocketmq() { THREADS } else { 1 };
    for (topic, (rate, said)) in plan.topics.iter_mut().zip(rates) {
        let sent = slowed(rate, load);
        topic.interval = rounded(SECOND / sent.0);
        topic.rate_remark = said;
        if sent < rate {
            topic.rate_remark +=
                &format!("; slowed down {} times, so that a run takes seconds", load.div_ceil(MOST.into()));
        }
        let queues: u64 = topic.shares.values().map(|count| u64::from(*count)).sum();
        for group in &mut topic.groups {
            // A consumer without a queue does not help. At this service time half of the capacity is in use.
            let threads = queues.min(group.consumers as u64) * threads_of_each;
            let keeps_up = Span(topic.interval.0.saturating_mul(threads.max(1)) / 2);
            group.service_time = SERVICE_TIME.min(rounded(keeps_up.0));
        }
    }
}

/// The rate of a topic, and how it is known.
fn rate(known: Option<Rate>, share: Option<Rate>) -> (Rate, String) {
    let (rate, how) = match (known, share) {
        (Some(Rate(0)), _) => (IDLE, "so that there is something to see: nothing was sent then"),
        (Some(rate), _) => (rate, "as given"),
        (None, Some(share)) => (share, "a guess: an even share of what all masters took in (#InTPS)"),
        (None, None) => (DEFAULT, "a guess: nothing is known of it"),
    };
    let messages = if rate == Rate(100) { "message" } else { "messages" };
    (rate, format!("{} {messages} a second, {how}", written(rate)))
}

/// A rate of which the whole load can be simulated.
fn slowed(rate: Rate, load: u128) -> Rate {
    let most = u128::from(MOST);
    if load <= most {
        return rate;
    }
    // The quotient is no larger than the rate.
    Rate(u64::try_from(u128::from(rate.0) * most / load).unwrap_or(rate.0).max(1))
}

fn written(rate: Rate) -> String {
    match (rate.0 / 100, rate.0 % 100) {
        (whole, 0) => whole.to_string(),
        (whole, hundredths) => format!("{whole}.{hundredths:02}"),
    }
}

/// To three digits: more would look as if they were known.
fn rounded(nanoseconds: u64) -> Span {
    let mut unit = 1;
    while nanoseconds / unit >= 1_000 {
        unit *= 10;
    }
    Span((nanoseconds / unit * unit).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_rounded_down_to_three_digits() {
        assert_eq!([0, 7, 999, 1_239, 83_333_333].map(|time| rounded(time).0), [1, 7, 999, 1_230, 83_300_000]);
    }

    #[test]
    fn a_load_that_is_too_much_is_slowed_down_evenly() {
        assert_eq!(slowed(Rate(500), u128::from(MOST)), Rate(500));
        assert_eq!(slowed(Rate(500), u128::from(MOST) * 10), Rate(50));
        assert_eq!(slowed(Rate(1), u128::MAX), Rate(1));
        assert_eq!(slowed(Rate(u64::MAX), u128::from(u64::MAX)), Rate(MOST));
    }

    #[test]
    fn a_rate_is_written_with_its_hundredths() {
        assert_eq!([0, 5, 100, 1_250].map(|rate| written(Rate(rate))), ["0", "0.05", "1", "12.50"]);
    }
}
