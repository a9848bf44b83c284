//! A second reading of a trace, for broker sets whose messages lie in several places: from its lines alone it follows what
//! each replica has on its log, who is master in which epoch and who lives, and holds every line against what the contract
//! says of elections, copies, offsets, acknowledgements and loss.
//!
//! It shares no code with the library and knows nothing of how a node works. A check is a function of what the lines so
//! far have come to and of one more line; where the trace does not tell, because a word may still be under way, it says
//! nothing rather than guess.

mod at_rest;
mod cluster;
mod copies;
mod elections;
#[cfg(test)]
mod fixture;
mod following;
mod log;
mod loss;
mod masters;
mod offsets;
mod state;
mod sync;

use std::fmt;

pub use self::at_rest::{Ending, at_the_end};
pub use self::cluster::{OracleCluster, OracleGroup, OracleQueue, OracleSet};
pub use self::log::TracedReplica;
pub use self::state::OracleState;
use super::{TraceLine, read};

/// Whether a check holds; if not, what is wrong.
pub type CheckResult = Result<(), String>;

/// A check of one line, after those before it.
pub type LineCheck = fn(&OracleState, &TraceLine) -> CheckResult;

/// Every check of a single line, by name.
pub const CHECKS: [(&str, LineCheck); 26] = [
    ("epochs only rise", masters::epochs_only_rise),
    ("one master an epoch", masters::one_master_an_epoch),
    ("only the elected store", masters::only_the_elected_store),
    ("only masters serve", masters::only_masters_serve),
    ("a node that is away does nothing", masters::a_node_that_is_away_does_nothing),
    ("an election has a reason", elections::an_election_has_a_reason),
    ("the one with the most is elected", elections::the_one_with_the_most_is_elected),
    ("offsets are consecutive", copies::offsets_are_consecutive),
    ("one message in one place", copies::one_message_in_one_place),
    ("a copy continues its log", copies::a_copy_continues_its_log),
    ("a copy follows what its original follows", copies::a_copy_follows_what_its_original_follows),
    ("only the tail is dropped", copies::only_the_tail_is_dropped),
    ("a cut leaves a common prefix", copies::a_cut_leaves_a_common_prefix),
    ("flushed messages survive", copies::flushed_messages_survive),
    ("a slave deletes what its master deleted", copies::a_slave_deletes_what_its_master_deleted),
    ("only what is done is deleted", copies::only_what_is_done_is_deleted),
    ("a full disk stores nothing", copies::a_full_disk_stores_nothing),
    ("nothing is committed beyond the end", offsets::nothing_is_committed_beyond_the_end),
    ("no commit falls within an epoch", offsets::no_commit_falls_within_an_epoch),
    ("a delivered message lies on the log", offsets::a_delivered_message_lies_on_the_log),
    ("a started message was delivered", offsets::a_started_message_was_delivered),
    ("an accepted message was stored", sync::an_accepted_message_was_stored),
    ("sync waits for every slave", sync::sync_waits_for_every_slave),
    ("lost is accepted and nowhere else", loss::lost_is_accepted_and_nowhere_else),
    ("lost lies on no log that is kept", loss::lost_lies_on_no_log_that_is_kept),
    ("lost is never seen again", loss::lost_is_never_seen_again),
];

/// A check that does not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BrokenCheck {
    /// Its name.
    pub check: &'static str,
    /// What is wrong, and with which line.
    pub told: String,
}

impl fmt::Display for BrokenCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.check, self.told)
    }
}

/// What a trace has come to, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct TraceReading {
    /// After its last line.
    pub state: OracleState,
    /// In the order of the lines; each check once, since one wrong line makes others wrong.
    pub broken: Vec<BrokenCheck>,
}

/// Reads a trace.
#[must_use]
pub fn follow<'a>(cluster: OracleCluster, trace: impl IntoIterator<Item = &'a String>) -> TraceReading {
    let mut reading = TraceReading { state: OracleState::new(cluster), broken: Vec::new() };
    for line in trace {
        let entry = read(line);
        for (check, holds) in CHECKS {
            if let Err(told) = holds(&reading.state, &entry)
                && reading.broken.iter().all(|broken| broken.check != check)
            {
                reading.broken.push(BrokenCheck { check, told: format!("{told}\n  in {line}") });
            }
        }
        reading.state.follow(&entry);
    }
    reading
}

/// Says what is wrong.
fn wrong(told: impl Into<String>) -> CheckResult {
    Err(told.into())
}
