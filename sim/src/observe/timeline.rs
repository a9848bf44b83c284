//! What mattered in a run, in a few dozen lines: faults and what they led to, with what happens often told once.
//!
//! It is data: who tells it to people chooses the words.

use std::sync::Arc;

use typed_index_collections::TiVec;

use super::cells::Cells;
use super::tally::Peak;
use super::targets;
use crate::kernel::Time;
use crate::plan::{CrashMode, Epoch, GroupId, NodeId, Plan, SetId, TopicId};
use crate::record::{Change, Kind, Record};

/// As many as a person reads.
const LINES: usize = 40;
/// As many as are kept until the end, when the less important ones go.
const KEPT: usize = 400;
/// A backlog below this is not worth a word.
const BACKLOG: u64 = 10;

/// Something that mattered.
#[derive(Clone, PartialEq, Debug)]
pub struct TimelineEntry {
    /// When, or when first.
    pub from: Time,
    /// When last.
    pub to: Time,
    /// How often; how many messages.
    pub count: u64,
    /// What.
    pub event: Event,
}

/// What happened.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// A node's memory is gone.
    Crashed(NodeId, CrashMode),
    /// It is back.
    Restarted(NodeId),
    /// It does nothing.
    Paused(NodeId),
    /// It goes on.
    Resumed(NodeId),
    /// It starts in mid-run.
    Joined(NodeId),
    /// It has said goodbye.
    Left(NodeId),
    /// A setting has another value.
    Changed(NodeId, Arc<Change>),
    /// A node is dead to a nameserver.
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
    /// Whether it happens often, and is told once with a count.
    const fn counted(&self) -> bool {
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

    /// The higher, the sooner it goes when there is too much to tell.
    const fn weight(&self) -> u8 {
        match self {
            Self::Lost(_) | Self::Backlog(..) | Self::Crashed(..) | Self::Elected(..) => 0,
            Self::Restarted(_) | Self::Paused(_) | Self::Resumed(_) | Self::Changed(..) | Self::Rejected(_) => 1,
            Self::Refused(_) | Self::DeadLettered(_) | Self::Expired(_) | Self::Joined(_) | Self::Left(_) => 2,
            Self::Retried(_) | Self::DeclaredDead(_) | Self::Truncated(_) => 3,
            Self::Assigned(_) => 4,
        }
    }
}

/// What mattered in a run.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Timeline {
    /// In the order of time.
    pub entries: Vec<TimelineEntry>,
    /// How many more there were.
    pub omitted: u64,
}

/// Makes a [`Timeline`] of records.
#[derive(Clone, Debug)]
pub(super) struct Chronicle {
    timeline: Timeline,
    /// What a producer's messages are for.
    topic_of: TiVec<NodeId, Option<TopicId>>,
}

impl Chronicle {
    pub(super) fn new(plan: &Plan) -> Self {
        Self { timeline: Timeline::default(), topic_of: targets(plan) }
    }

    /// One more thing happened.
    #[inline]
    pub(super) fn record(&mut self, record: &Record) {
        if !record.kind.is_routine() {
            self.tell(record);
        }
    }

    #[cold]
    #[inline(never)]
    fn tell(&mut self, record: &Record) {
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
                return self.add(at, to.saturating_sub(*from), Event::Truncated(node));
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

    /// What happens often joins its like, unless something else that matters has come in between.
    fn add(&mut self, at: Time, count: u64, event: Event) {
        let Timeline { entries, omitted } = &mut self.timeline;
        if event.counted() {
            let recent = entries.iter_mut().rev().take_while(|entry| entry.event.counted());
            if let Some(entry) = recent.into_iter().find(|entry| entry.event == event) {
                entry.to = at;
                entry.count += count;
                return;
            }
        }
        if entries.len() < KEPT {
            entries.push(TimelineEntry { from: at, to: at, count, event });
        } else {
            *omitted += 1;
        }
    }

    /// The run is over, and the lags of the groups have had these peaks.
    pub(super) fn close(self, peaks: &Cells<Peak>) -> Timeline {
        let Timeline { mut entries, mut omitted } = self.timeline;
        for (group, peak) in peaks.by_id() {
            if peak.most >= BACKLOG {
                let event = Event::Backlog(group.into(), peak.back);
                entries.push(TimelineEntry { from: peak.at, to: peak.at, count: peak.most, event });
            }
        }
        entries.sort_by_key(|entry| entry.from);
        for weight in (1..=4).rev() {
            if entries.len() > LINES {
                let before = entries.len();
                entries.retain(|entry| entry.event.weight() < weight);
                omitted += (before - entries.len()) as u64;
            }
        }
        omitted += entries.len().saturating_sub(LINES) as u64;
        entries.truncate(LINES);
        Timeline { entries, omitted }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::*;
    use super::*;
    use crate::plan::{MessageId, Setting};

    /// Each entry: from, to (in ms), count.
    fn told(course: Course) -> Vec<(u64, u64, u64, Event)> {
        let entries = course.end(100_000).timeline.entries;
        entries.into_iter().map(|it| (it.from.0 / 1_000_000, it.to.0 / 1_000_000, it.count, it.event)).collect()
    }

    #[test]
    fn what_happens_often_is_told_once_until_something_else_matters() {
        let mut course = Course::of(plan());
        let retried = Kind::Retried { group: GROUP, message: message(9) };
        course.at(1).rejected(1).at(2).on(MASTER, retried).at(3).rejected(2);
        course.at(4).crashed(MASTER).at(5).rejected(3);
        assert_eq!(
            told(course),
            [
                (1, 3, 2, Event::Rejected(TOPIC)),
                (2, 2, 1, Event::Retried(GROUP)),
                (4, 4, 1, Event::Crashed(MASTER, CrashMode::Host)),
                (5, 5, 1, Event::Rejected(TOPIC)),
            ]
        );
    }

    #[test]
    fn a_backlog_is_told_with_its_peak_and_its_end() {
        let mut course = Course::of(plan());
        for number in 1..=10 {
            course.at(u64::from(number)).sends(number, u64::from(number) - 1);
        }
        course.at(50).committed(10).at(60).sends(11, 10).at(70).committed(11);
        assert_eq!(told(course), [(10, 10, 10, Event::Backlog(GROUP, Some(ms(50))))]);
        let mut twice = Course::of(plan());
        for number in 1..=10 {
            twice.sends(number, u64::from(number) - 1);
        }
        twice.at(50).committed(5).at(60);
        for number in 11..=15 {
            twice.sends(number, u64::from(number) - 1);
        }
        assert_eq!(told(twice), [(0, 0, 10, Event::Backlog(GROUP, None))], "when it was first so large");
        let mut calm = Course::of(plan());
        calm.sends(1, 0).committed(1);
        assert_eq!(told(calm), []);
    }

    #[test]
    fn everything_that_matters_is_told() {
        let mut course = Course::of(plan());
        let (group, message) = (GROUP, message(1));
        course.at(1).on(SECOND, Kind::Joined).at(2).on(SECOND, Kind::Left);
        course.at(3).crashed(FIRST).at(4).on(FIRST, Kind::Restarted);
        course.at(5).changed(FIRST, Setting::Threads(2));
        course.at(6).on(DB, Kind::Refused { call: MessageId { producer: CALLER, number: 1 }, service: DB });
        course.at(7).on(MASTER, Kind::DeadLettered { group, message });
        course.at(8).on(MASTER, Kind::Expired { group, message });
        course.at(9).on(MASTER, Kind::Lost { group, message });
        course.at(10).assigned(FIRST, &[QUEUE]);
        course.at(11).on(MASTER, Kind::DeclaredDead { of: FIRST });
        course.at(12).on(SLAVE, Kind::Truncated { queue: QUEUE, from: 3, to: 8 });
        let events = told(course).into_iter().map(|(from, _, count, event)| (from, count, event)).collect::<Vec<_>>();
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
    fn what_matters_less_goes_first_and_all_that_goes_is_counted() {
        let mut course = Course::of(plan());
        // Twenty of each: an assignment is worth less than that somebody joins, and that less than a crash.
        for time in 0..20 {
            course.at(10 * time).assigned(FIRST, &[]).at(10 * time + 1).on(SECOND, Kind::Joined);
            course.at(10 * time + 2).crashed(MASTER);
        }
        let timeline = course.end(100_000).timeline;
        assert_eq!((timeline.entries.len(), timeline.omitted), (40, 20));
        let kept = |event: &Event| matches!(event, Event::Joined(_) | Event::Crashed(..));
        assert!(timeline.entries.iter().all(|entry| kept(&entry.event)));
        let mut course = Course::of(plan());
        for time in 0..LINES as u64 + 7 {
            course.at(time).crashed(MASTER);
        }
        let timeline = course.end(100_000).timeline;
        assert_eq!((timeline.entries.len(), timeline.omitted), (LINES, 7), "of what matters most the first ones stay");
        let mut course = Course::of(plan());
        for time in 0..LINES as u64 {
            course.at(time).assigned(FIRST, &[]).crashed(MASTER);
        }
        let timeline = course.end(100_000).timeline;
        assert_eq!((timeline.entries.len(), timeline.omitted), (LINES, LINES as u64), "as many as there is room for");
        let mut course = Course::of(plan());
        for time in 0..KEPT as u64 + 3 {
            course.at(time).crashed(MASTER);
        }
        assert_eq!(course.end(100_000).timeline.omitted, (KEPT + 3 - LINES) as u64);
    }

    #[test]
    fn it_stays_short_and_says_what_it_leaves_out() {
        let mut course = Course::of(plan());
        for time in 0..1000 {
            course.at(2 * time).on(FIRST, Kind::Paused).at(2 * time + 1).on(FIRST, Kind::Resumed);
            course.assigned(FIRST, &[]);
        }
        let timeline = course.end(100_000).timeline;
        let told: u64 = timeline.entries.len() as u64;
        assert!(told <= LINES as u64);
        assert!(told + timeline.omitted >= 2000, "{told} told and {} omitted", timeline.omitted);
    }

    #[test]
    fn the_first_election_of_a_set_is_no_news() {
        let mut course = Course::of(plan());
        course.elected(MASTER, 1).at(1).elected(SLAVE, 2);
        assert_eq!(told(course), [(1, 1, 1, Event::Elected(SET, SLAVE, Epoch::nth(2)))]);
    }
}
