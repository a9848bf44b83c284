//! The timeline of a run: its main events in a few dozen lines, faults and what they led to, where events that happen
//! often are one entry with a count.
//!
//! It is data, and has no words for people.

use std::sync::Arc;

use typed_index_collections::TiVec;

use super::aggregates::LagPeak;
use super::sparse_map::SparseMap;
use super::targets;
use crate::kernel::Time;
use crate::plan::{CrashMode, Epoch, GroupId, NodeId, Plan, SetId, TopicId};
use crate::record::{Change, Kind, Record};

/// The most entries of a timeline: as many as a person reads.
const MAX_ENTRIES: usize = 40;
/// The most entries that are kept until the end, when the less important ones go.
const MAX_KEPT: usize = 400;
/// A backlog of fewer messages is left out.
const MIN_BACKLOG: u64 = 10;

/// An event of the timeline, or several like it.
#[derive(Clone, PartialEq, Debug)]
pub struct TimelineEntry {
    /// When it happened first.
    pub from: Time,
    /// When it happened last.
    pub to: Time,
    /// How often it happened; for truncations and backlogs, how many messages.
    pub count: u64,
    /// An event of a run that matters to people.
    pub event: Event,
}

/// An event of a run that matters to people.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// A node crashed.
    Crashed(NodeId, CrashMode),
    /// A node is up again.
    Restarted(NodeId),
    /// A node does nothing.
    Paused(NodeId),
    /// A node goes on.
    Resumed(NodeId),
    /// A node starts in mid-run.
    Joined(NodeId),
    /// A consumer has left.
    Left(NodeId),
    /// A setting has another value.
    Changed(NodeId, Arc<Change>),
    /// A nameserver has declared a node dead.
    DeclaredDead(NodeId),
    /// A set has another epoch, and this master.
    Elected(SetId, NodeId, Epoch),
    /// Consumers of a group have other queues than before.
    Assigned(GroupId),
    /// Messages to a topic were given up.
    Rejected(TopicId),
    /// Calls were refused.
    Refused(NodeId),
    /// Messages failed and came to the retry queue.
    Retried(GroupId),
    /// Messages came to the dead-letter queue.
    DeadLettered(GroupId),
    /// Messages were deleted by age before a group had done them.
    Expired(GroupId),
    /// Messages were lost.
    Lost(GroupId),
    /// A replica has dropped messages from its tail.
    Truncated(NodeId),
    /// The largest lag of a group, and when it was at 0 again.
    Backlog(GroupId, Option<Time>),
}

impl Event {
    /// Whether it happens often, so that several like it are one entry with a count.
    const fn is_counted(&self) -> bool {
        matches!(
            self,
            Self::DeclaredDead(_)
                | Self::Assigned(_)
                | Self::Rejected(_)
                | Self::Refused(_)
                | Self::Retried(_)
                | Self::DeadLettered(_)
                | Self::Expired(_)
                | Self::Lost(_)
                | Self::Truncated(_)
        )
    }

    /// The higher, the sooner it is left out when there is too much.
    const fn unimportance(&self) -> u8 {
        match self {
            Self::Lost(_) | Self::Backlog(..) | Self::Crashed(..) | Self::Elected(..) => 0,
            Self::Restarted(_) | Self::Paused(_) | Self::Resumed(_) | Self::Changed(..) | Self::Rejected(_) => 1,
            Self::Refused(_) | Self::DeadLettered(_) | Self::Expired(_) | Self::Joined(_) | Self::Left(_) => 2,
            Self::Retried(_) | Self::DeclaredDead(_) | Self::Truncated(_) => 3,
            Self::Assigned(_) => 4,
        }
    }
}

/// The main events of a run.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Timeline {
    /// In the order of time.
    pub entries: Vec<TimelineEntry>,
    /// How many more events there were.
    pub omitted: u64,
}

/// Builds a [`Timeline`] from records.
#[derive(Clone, Debug)]
pub(super) struct TimelineBuilder {
    timeline: Timeline,
    /// By node: the topic to which it sends.
    topic_of: TiVec<NodeId, Option<TopicId>>,
}

impl TimelineBuilder {
    pub(super) fn new(plan: &Plan) -> Self {
        Self { timeline: Timeline::default(), topic_of: targets(plan) }
    }

    /// Takes up a record.
    #[inline]
    pub(super) fn record(&mut self, record: &Record) {
        if !record.kind.is_routine() {
            self.add_record(record);
        }
    }

    #[cold]
    #[inline(never)]
    fn add_record(&mut self, record: &Record) {
        let &Record { at, node, ref kind, .. } = record;
        let event = match kind {
            Kind::Rejected { message } => match self.topic_of[message.producer] {
                Some(topic) => Event::Rejected(topic),
                None => return,
            },
            Kind::Refused { service, .. } => Event::Refused(*service),
            Kind::Retried { group, .. } => Event::Retried(*group),
            Kind::DeadLettered { group, .. } => Event::DeadLettered(*group),
            Kind::Expired { group, .. } => Event::Expired(*group),
            Kind::Lost { group, .. } => Event::Lost(*group),
            Kind::Assigned { group, .. } => Event::Assigned(*group),
            Kind::DeclaredDead { of } => Event::DeclaredDead(*of),
            Kind::Elected { epoch: Epoch::FIRST, .. } => return,
            Kind::Elected { set, epoch } => Event::Elected(*set, node, *epoch),
            Kind::Truncated { from, to, .. } => {
                return self.add(at, to.since(*from), Event::Truncated(node));
            }
            Kind::Joined => Event::Joined(node),
            Kind::Left => Event::Left(node),
            Kind::Crashed { mode } => Event::Crashed(node, *mode),
            Kind::Restarted => Event::Restarted(node),
            Kind::Paused => Event::Paused(node),
            Kind::Resumed => Event::Resumed(node),
            Kind::Changed { change } => Event::Changed(node, Arc::clone(change)),
            _ => return,
        };
        self.add(at, 1, event);
    }

    /// Adds an event, or counts it to an entry like it, unless another event that is not counted has come in between.
    fn add(&mut self, at: Time, count: u64, event: Event) {
        let Timeline { entries, omitted } = &mut self.timeline;
        if event.is_counted() {
            let recent = entries.iter_mut().rev().take_while(|entry| entry.event.is_counted());
            if let Some(entry) = recent.into_iter().find(|entry| entry.event == event) {
                entry.to = at;
                entry.count += count;
                return;
            }
        }
        if entries.len() < MAX_KEPT {
            entries.push(TimelineEntry { from: at, to: at, count, event });
        } else {
            *omitted += 1;
        }
    }

    /// The timeline of a run that is over, in which the lags of the groups had these peaks.
    pub(super) fn close(self, peaks: &SparseMap<LagPeak>) -> Timeline {
        let Timeline { mut entries, mut omitted } = self.timeline;
        for (group, peak) in peaks.entries() {
            if peak.lag >= MIN_BACKLOG {
                let event = Event::Backlog(group.into(), peak.caught_up);
                entries.push(TimelineEntry { from: peak.at, to: peak.at, count: peak.lag, event });
            }
        }
        entries.sort_by_key(|entry| entry.from);
        for unimportance in (1..=4).rev() {
            if entries.len() > MAX_ENTRIES {
                let before = entries.len();
                entries.retain(|entry| entry.event.unimportance() < unimportance);
                omitted += (before - entries.len()) as u64;
            }
        }
        omitted += entries.len().saturating_sub(MAX_ENTRIES) as u64;
        entries.truncate(MAX_ENTRIES);
        Timeline { entries, omitted }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::*;
    use super::*;
    use crate::plan::Offset;
    use crate::plan::{MessageId, Setting};

    /// Each entry: from, to (in ms), count, event.
    fn entries(run: ScriptedRun) -> Vec<(u64, u64, u64, Event)> {
        let entries = run.end(100_000).timeline.entries;
        entries
            .into_iter()
            .map(|entry| (entry.from.0 / 1_000_000, entry.to.0 / 1_000_000, entry.count, entry.event))
            .collect()
    }

    #[test]
    fn events_that_happen_often_are_one_entry_until_another_event_comes() {
        let mut run = ScriptedRun::of(plan());
        let retried = Kind::Retried { group: GROUP, message: message(9) };
        run.at(1).rejected(1).at(2).on(MASTER, retried).at(3).rejected(2);
        run.at(4).crashed(MASTER).at(5).rejected(3);
        assert_eq!(
            entries(run),
            [
                (1, 3, 2, Event::Rejected(TOPIC)),
                (2, 2, 1, Event::Retried(GROUP)),
                (4, 4, 1, Event::Crashed(MASTER, CrashMode::Host)),
                (5, 5, 1, Event::Rejected(TOPIC)),
            ]
        );
    }

    #[test]
    fn a_backlog_has_its_peak_and_the_time_when_it_was_gone() {
        let mut run = ScriptedRun::of(plan());
        for number in 1..=10 {
            run.at(u64::from(number)).sends(number, u64::from(number) - 1);
        }
        run.at(50).committed(10).at(60).sends(11, 10).at(70).committed(11);
        assert_eq!(entries(run), [(10, 10, 10, Event::Backlog(GROUP, Some(ms(50))))]);
        let mut twice = ScriptedRun::of(plan());
        for number in 1..=10 {
            twice.sends(number, u64::from(number) - 1);
        }
        twice.at(50).committed(5).at(60);
        for number in 11..=15 {
            twice.sends(number, u64::from(number) - 1);
        }
        assert_eq!(entries(twice), [(0, 0, 10, Event::Backlog(GROUP, None))], "when it was first so large");
        let mut calm = ScriptedRun::of(plan());
        calm.sends(1, 0).committed(1);
        assert_eq!(entries(calm), []);
    }

    #[test]
    fn every_event_that_matters_has_an_entry() {
        let mut run = ScriptedRun::of(plan());
        let (group, message) = (GROUP, message(1));
        run.at(1).on(SECOND, Kind::Joined).at(2).on(SECOND, Kind::Left);
        run.at(3).crashed(FIRST).at(4).on(FIRST, Kind::Restarted);
        run.at(5).changed(FIRST, Setting::Threads(2));
        run.at(6).on(DB, Kind::Refused { call: MessageId { producer: CALLER, number: 1 }, service: DB });
        run.at(7).on(MASTER, Kind::DeadLettered { group, message });
        run.at(8).on(MASTER, Kind::Expired { group, message });
        run.at(9).on(MASTER, Kind::Lost { group, message });
        run.at(10).assigned(FIRST, &[QUEUE]);
        run.at(11).on(MASTER, Kind::DeclaredDead { of: FIRST });
        run.at(12).on(SLAVE, Kind::Truncated { queue: QUEUE, from: Offset(3), to: Offset(8) });
        let events = entries(run).into_iter().map(|(from, _, count, event)| (from, count, event)).collect::<Vec<_>>();
        assert_eq!(
            events,
            [
                (1, 1, Event::Joined(SECOND)),
                (2, 1, Event::Left(SECOND)),
                (3, 1, Event::Crashed(FIRST, CrashMode::Host)),
                (4, 1, Event::Restarted(FIRST)),
                (5, 1, Event::Changed(FIRST, Arc::new(Change::Setting(Setting::Threads(2))))),
                (6, 1, Event::Refused(DB)),
                (7, 1, Event::DeadLettered(GROUP)),
                (8, 1, Event::Expired(GROUP)),
                (9, 1, Event::Lost(GROUP)),
                (10, 1, Event::Assigned(GROUP)),
                (11, 1, Event::DeclaredDead(FIRST)),
                (12, 5, Event::Truncated(SLAVE)),
            ]
        );
    }

    #[test]
    fn unimportant_events_are_left_out_first_and_all_that_are_left_out_are_counted() {
        let mut run = ScriptedRun::of(plan());
        // Twenty of each: an assignment is worth less than that somebody joins, and that less than a crash.
        for time in 0..20 {
            run.at(10 * time).assigned(FIRST, &[]).at(10 * time + 1).on(SECOND, Kind::Joined);
            run.at(10 * time + 2).crashed(MASTER);
        }
        let timeline = run.end(100_000).timeline;
        assert_eq!((timeline.entries.len(), timeline.omitted), (40, 20));
        let kept = |event: &Event| matches!(event, Event::Joined(_) | Event::Crashed(..));
        assert!(timeline.entries.iter().all(|entry| kept(&entry.event)));
        let mut run = ScriptedRun::of(plan());
        for time in 0..MAX_ENTRIES as u64 + 7 {
            run.at(time).crashed(MASTER);
        }
        let timeline = run.end(100_000).timeline;
        assert_eq!(
            (timeline.entries.len(), timeline.omitted),
            (MAX_ENTRIES, 7),
            "of what matters most the first ones stay"
        );
        let mut run = ScriptedRun::of(plan());
        for time in 0..MAX_ENTRIES as u64 {
            run.at(time).assigned(FIRST, &[]).crashed(MASTER);
        }
        let timeline = run.end(100_000).timeline;
        assert_eq!(
            (timeline.entries.len(), timeline.omitted),
            (MAX_ENTRIES, MAX_ENTRIES as u64),
            "as many as there is room for"
        );
        let mut run = ScriptedRun::of(plan());
        for time in 0..MAX_KEPT as u64 + 3 {
            run.at(time).crashed(MASTER);
        }
        assert_eq!(run.end(100_000).timeline.omitted, (MAX_KEPT + 3 - MAX_ENTRIES) as u64);
    }

    #[test]
    fn a_timeline_stays_short_and_counts_what_it_leaves_out() {
        let mut run = ScriptedRun::of(plan());
        for time in 0..1000 {
            run.at(2 * time).on(FIRST, Kind::Paused).at(2 * time + 1).on(FIRST, Kind::Resumed);
            run.assigned(FIRST, &[]);
        }
        let timeline = run.end(100_000).timeline;
        let shown: u64 = timeline.entries.len() as u64;
        assert!(shown <= MAX_ENTRIES as u64);
        assert!(shown + timeline.omitted >= 2000, "{shown} shown and {} omitted", timeline.omitted);
    }

    #[test]
    fn the_first_election_of_a_set_has_no_entry() {
        let mut run = ScriptedRun::of(plan());
        run.elected(MASTER, 1).at(1).elected(SLAVE, 2);
        assert_eq!(entries(run), [(1, 1, 1, Event::Elected(SET, SLAVE, Epoch::nth(2)))]);
    }
}
