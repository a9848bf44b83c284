//! View-models as text: names for ids, a line for each thing, and nothing that is empty.

use std::fmt::Write as _;
use std::sync::Arc;

use queuescope::kernel::Time;
use queuescope::observe::Place;
use queuescope::plan::{Epoch, MessageId, NodeId, Plan};
use queuescope::session::Session;
use queuescope::words::Language;
use queuescope::words::figure::{self, span};
use queuescope_gui::model::caption::{self, NoteOrQuestion};
use queuescope_gui::model::cluster::{BrokerSetView, ClusterView, ConsumerView, LaneView, QueueView, WorkInProgress};
use queuescope_gui::model::condition::Condition;
use queuescope_gui::model::flight::{self, PacketInFlight, PacketKind, Routine};
use queuescope_gui::model::mark::{self, Tone};
use queuescope_gui::model::replica::{ReplicaLog, ReplicaView};

/// Writes view-models as text, with the names of a plan.
struct Formatter<'a>(&'a Plan);

impl Formatter<'_> {
    fn condition(condition: Condition) -> String {
        match condition {
            Condition::Well => String::new(),
            Condition::Absent(from) => format!(" absent until {}", figure::moment(from)),
            Condition::Down => " down".to_owned(),
            Condition::Paused => " paused".to_owned(),
            Condition::Slow(factor) => format!(" slow by {factor}"),
            Condition::Full => " full".to_owned(),
            Condition::Left => " left".to_owned(),
        }
    }

    fn messages(&self, messages: impl IntoIterator<Item = MessageId>) -> String {
        let names: Vec<String> = messages.into_iter().map(|message| self.0.message(message)).collect();
        match names.as_slice() {
            [] => "-".to_owned(),
            [first, .., last] if names.len() > 4 => format!("{first}..{last}"),
            few => few.join(" "),
        }
    }

    fn work(&self, work: &WorkInProgress) -> String {
        let share = work.share.map_or_else(|| "waits".to_owned(), |share| format!("{:.0}%", share * 100.0));
        let queue = work.queue.map_or("", |queue| &self.0.queues[queue].name);
        format!("{}: {} {share} {queue}", work.slot, self.0.message(work.message)).trim_end().to_owned()
    }

    fn row(&self, row: &QueueView) -> String {
        let name = &self.0.queues[row.queue].name;
        let cells = self.messages(row.cells.iter().copied());
        let mut text = format!("  {name} {}..{} on disk {} [{cells}]\n", row.start, row.end, row.flushed);
        for (place, copy) in row.logs.iter().enumerate().filter(|(place, _)| *place != row.leader) {
            let ReplicaLog { start, end, same, flushed } = copy;
            _ = writeln!(text, "    replica {}: {start}..{end}, the same before {same}, on disk {flushed}", place + 1);
        }
        for lane in &row.lanes {
            text += &self.lane(lane);
        }
        text
    }

    fn lane(&self, lane: &LaneView) -> String {
        let LaneView { group, committed, begun, lag, owner, held, retries, dead } = lane;
        let name = &self.0.groups[*group].name;
        if !begun {
            return format!("    {name}: not begun\n");
        }
        let owner = owner.map_or("nobody", |owner| self.0.name(owner));
        let mut text = format!("    {name}: committed {committed}, lag {lag}, read by {owner}");
        if let Some((by, since, until)) = held {
            _ = write!(
                text,
                ", held by {} from {} to {}",
                self.0.name(*by),
                figure::moment(*since),
                figure::moment(*until)
            );
        }
        if retries + dead > 0 {
            _ = write!(text, ", {retries} retries, {dead} dead");
        }
        text + "\n"
    }

    fn replica(&self, set: &BrokerSetView, replica: &ReplicaView) -> String {
        let role = match (replica.master_in, replica.follows) {
            (Some(epoch), _) => format!("master in {epoch}"),
            (None, Some((epoch, master))) => {
                let joined = if replica.has_joined { "follows" } else { "asks to follow" };
                format!("{joined} {} in {epoch}", self.0.name(master))
            }
            (None, None) => "no role".to_owned(),
        };
        let mut text = format!("{}{}: {role}", self.0.name(replica.node), Self::condition(replica.condition));
        if set.leading_replica().node == replica.node {
            _ = write!(text, ", storing {}", set.storing);
        }
        if set.replicas.len() > 1 {
            let leads = if set.leading_replica().node == replica.node { " leads" } else { "" };
            _ = write!(
                text,
                ", last epoch {} of {}{leads}",
                Epoch::number_or_zero(replica.last_epoch),
                Epoch::number_or_zero(set.epoch)
            );
            _ = write!(text, ", {} behind, {} astray", replica.behind, replica.diverged);
        }
        for (is, word) in [(replica.is_stale, ", stale"), (replica.is_cut_off, ", cut off")] {
            text += if is { word } else { "" };
        }
        text + "\n"
    }

    fn consumer(&self, consumer: &ConsumerView) -> String {
        let ConsumerView { node, condition, owns, stale, threads, at_work, fetched } = consumer;
        let stale: Vec<&str> = stale.iter().map(|queue| self.0.queues[*queue].name.as_str()).collect();
        let owns: Vec<&str> = owns.iter().map(|queue| self.0.queues[*queue].name.as_str()).collect();
        let owns = if owns.is_empty() { "nothing".to_owned() } else { owns.join(" ") };
        let stale = if stale.is_empty() { String::new() } else { format!(" (not its own: {})", stale.join(" ")) };
        let idle = if consumer.is_idle() { ", idle" } else { "" };
        let work: Vec<String> = at_work.iter().map(|work| self.work(work)).collect();
        let (name, condition) = (self.0.name(*node), Self::condition(*condition));
        format!(
            "  {name}{condition}: owns {owns}{stale}{idle}, {fetched} fetched, {} of {threads} at work {work:?}\n",
            work.len()
        )
    }

    fn cluster(&self, cluster: &ClusterView) -> String {
        let mut text = String::new();
        for it in &cluster.nameservers {
            _ = writeln!(
                text,
                "{}{}: knows {} of {}",
                self.0.name(it.node),
                Self::condition(it.condition),
                it.alive,
                it.of
            );
        }
        for it in &cluster.producers {
            let calls = it.calls.map(|service| format!(", calls {}", self.0.name(service))).unwrap_or_default();
            let (name, condition) = (self.0.name(it.node), Self::condition(it.condition));
            let aims: Vec<String> = it
                .believed_masters
                .iter()
                .map(|(_, it)| it.map_or("nobody", |it| self.0.name(it)).to_owned())
                .collect();
            let aims = if aims.is_empty() { String::new() } else { format!(", sends to {}", aims.join(" ")) };
            let open =
                self.messages(it.unanswered.iter().map(|number| MessageId { producer: it.node, number: *number }));
            _ = writeln!(text, "{name}{condition}: sent {}, refused {}, open {open}{calls}{aims}", it.sent, it.refused);
        }
        for set in &cluster.sets {
            set.replicas.iter().for_each(|replica| text += &self.replica(set, replica));
            set.rows.iter().for_each(|row| text += &self.row(row));
        }
        for it in &cluster.groups {
            let name = &self.0.groups[it.group].name;
            let parts = Place::ALL.into_iter().filter(|place| it.balance.count(*place) > 0);
            let parts: Vec<String> = parts.map(|place| format!("{} {place:?}", it.balance.count(place))).collect();
            _ = writeln!(
                text,
                "{name}: lag {}, {} retries, accepted {} = {}",
                it.lag,
                it.retries,
                it.accepted,
                parts.join(" + ")
            );
            it.consumers.iter().for_each(|consumer| text += &self.consumer(consumer));
        }
        for partition in &cluster.partitions {
            let names = |side: &[NodeId]| side.iter().map(|node| self.0.name(*node)).collect::<Vec<_>>().join(" ");
            let sign = if partition.both { "|" } else { "->" };
            _ = writeln!(text, "cut: {} {sign} {}", names(&partition.from), names(&partition.to));
        }
        for it in &cluster.services {
            let work: Vec<String> = it.at_work.iter().map(|work| self.work(work)).collect();
            let (name, condition) = (self.0.name(it.node), Self::condition(it.condition));
            _ = writeln!(
                text,
                "{name}{condition}: {} of {} at work {work:?}, {} of {} wait, refused {}",
                work.len(),
                it.workers,
                it.waiting,
                it.limit,
                it.refused
            );
        }
        text
    }

    /// The accepted texts have an older word for one of the kinds.
    fn kind(kind: PacketKind) -> String {
        match kind {
            PacketKind::Coordination => "Word".to_owned(),
            kind => format!("{kind:?}"),
        }
    }

    /// Packets of one kind that left together, on one line.
    fn packets(&self, packets: &[PacketInFlight]) -> String {
        let alike = |a: &PacketInFlight, b: &PacketInFlight| {
            (a.from, a.to, a.kind, a.group, a.share, a.is_repeated)
                == (b.from, b.to, b.kind, b.group, b.share, b.is_repeated)
        };
        packets.chunk_by(alike).map(|alike| self.packet(alike)).collect()
    }

    fn packet(&self, alike: &[PacketInFlight]) -> String {
        let PacketInFlight { from, to, kind, group, is_repeated, share, takes, .. } = &alike[0];
        let mut text = format!("{} -> {} {}", self.0.name(*from), self.0.name(*to), Self::kind(*kind));
        for it in alike.iter().filter(|it| it.messages.0 > 1) {
            _ = write!(text, " with {}", it.messages.0);
        }
        if alike[0].messages.1.is_some() {
            _ = write!(text, " of {}", self.messages(alike.iter().filter_map(|it| it.messages.1)));
        }
        let mut queues: Vec<&str> =
            alike.iter().filter_map(|it| Some(self.0.queues[it.queue?].name.as_str())).collect();
        queues.sort_unstable();
        queues.dedup();
        if let Some(offset) = alike[0].offset {
            _ = write!(text, " to lie at {offset}");
        }
        if !queues.is_empty() {
            _ = write!(text, " at {}", queues.join(" "));
        }
        if let Some(group) = group {
            _ = write!(text, " for {}", self.0.groups[*group].name);
        }
        let count = if alike.len() > 1 { format!(" ({})", alike.len()) } else { String::new() };
        let again = if *is_repeated { ", again" } else { "" };
        text + &format!("{count}{again}: {:.0}% of {}\n", share * 100.0, span(*takes))
    }

    /// The same of one of the tones.
    fn tone(tone: Tone) -> String {
        match tone {
            Tone::Annotation => "Said".to_owned(),
            tone => format!("{tone:?}"),
        }
    }

    fn name_of(said: NoteOrQuestion) -> String {
        match said {
            NoteOrQuestion::Note(number) => format!("note {}", number + 1),
            NoteOrQuestion::Question(number) => format!("question {}", number + 1),
        }
    }
}

/// Everything that is shown at the session's moment, without routine.
pub(crate) fn moment(session: &Session, at: Time) -> String {
    let plan = Arc::clone(session.plan());
    let formatter = Formatter(&plan);
    let mut text = format!("==== {}\n", figure::moment(at));
    text += &formatter.cluster(&ClusterView::of(session.scene()));
    text += "on the way:\n";
    text += &formatter.packets(&flight::in_flight(session.scene(), Routine::default()));
    for drop in flight::drops(session.scene()) {
        let (from, to) = (plan.name(drop.from), plan.name(drop.to));
        _ = writeln!(text, "fell {} ago: {from} -> {to} {:?}, {:?}", span(drop.ago), drop.what, drop.why);
    }
    for tail in flight::truncated_tails(session.scene()) {
        let (name, queue) = (plan.name(tail.node), &plan.queues[tail.queue].name);
        let lost = tail.lost.iter().map(|(group, count)| format!("{count} by {}", plan.groups[*group].name));
        let lost = lost.collect::<Vec<_>>().join(" ");
        _ = writeln!(text, "cut {} ago: {}..{} of {queue} at {name}, lost {lost}", span(tail.ago), tail.from, tail.to);
    }
    if let Some(number) = caption::note(session) {
        _ = writeln!(text, "holds: {}", Formatter::name_of(NoteOrQuestion::Note(number)));
    }
    text
}

/// The timeline of a whole run, in both languages.
pub(crate) fn timeline(session: &Session) -> String {
    let plan = session.plan();
    let mut text = "==== marks\n".to_owned();
    for it in session.index().marks() {
        let words = Language::ALL.map(|language| mark::words(plan, it.kind, language));
        let more = if it.count > 1 {
            format!(" ({} times, until {})", it.count, figure::moment(it.until))
        } else {
            String::new()
        };
        _ = writeln!(
            text,
            "{} {}: {}{more}",
            figure::moment(it.at),
            Formatter::tone(mark::tone(it.kind)),
            words.join(" | ")
        );
    }
    text += "==== notes\n";
    for (number, at) in caption::notes(session) {
        let note = &plan.notes[number as usize];
        let pauses = if note.pause { " pauses" } else { "" };
        let at = at.map_or_else(|| "never".to_owned(), figure::moment);
        let begin = |language: Language| language.of(&note.text).chars().take(24).collect::<String>();
        let words = Language::ALL.map(begin).join("… | ");
        _ = writeln!(text, "{at} {}{pauses}: {words}…", Formatter::name_of(NoteOrQuestion::Note(number)));
    }
    text += "==== questions\n";
    for number in 0..plan.questions.len() as u32 {
        let known = caption::answered_at(session, number).map_or_else(|| "the end".to_owned(), figure::moment);
        let answer = match caption::answer(session, number) {
            Some(caption::RunAnswer::Owner(owner)) => owner.map_or("nobody", |owner| plan.name(owner)).to_owned(),
            Some(caption::RunAnswer::Figure(figure)) => figure,
            None => "unknown".to_owned(),
        };
        _ = writeln!(text, "question {}: {answer}, known at {known}", number + 1);
    }
    text
}
