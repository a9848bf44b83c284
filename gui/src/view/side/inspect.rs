//! The inspector: the state of what is selected, what it believes and what happened to it; of a message its whole life.

use egui::{RichText, ScrollArea, Ui};
use queuescope::inspect::{Client, Node};
use queuescope::kernel::Time;
use queuescope::plan::{Epoch, GroupId, NodeId, Plan, QueueId, Role};
use queuescope::session::{EventRecord, Session};
use queuescope::words::figure::{count, span};
use queuescope::words::record::sentence;
use queuescope::words::{Language, fill};

use super::{log, sliders};
use crate::model::belief::{self, NodeBelief};
use crate::model::cluster::{BrokerSetView, ClusterView};
use crate::model::condition::Condition;
use crate::model::life::MessageLife;
use crate::model::name::NameSet;
use crate::model::record;
use crate::model::replica::ReplicaView;
use crate::model::selection::Selected;
use crate::model::slider;
use crate::text::Word;
use crate::theme::{GRID, Palette, type_size};
use crate::view::wish::Wish;

/// As many records, or masters, are listed at most.
const MOST: usize = 60;

/// Shows closely whatever is selected.
pub struct Inspector<'a> {
    /// The run.
    pub session: &'a Session,
    /// All names of its plan.
    pub names: &'a NameSet,
    /// When an act would take effect.
    pub next: Time,
    /// The cluster at the present moment.
    pub cluster: &'a ClusterView,
    /// The selected message's life, as far as it was found.
    pub life: Option<&'a MessageLife>,
    /// The language of its words.
    pub language: Language,
    /// Its colours.
    pub palette: &'static Palette,
}

impl Inspector<'_> {
    /// Shows what is selected.
    pub fn show(&self, ui: &mut Ui, selected: Option<Selected>, wishes: &mut Vec<Wish>) {
        // Each selection has a scroll position of its own, and begins at the top.
        let scroll = ScrollArea::vertical().id_salt(format!("{selected:?}")).auto_shrink(false);
        scroll.show(ui, |ui| self.selection(ui, selected, wishes));
    }

    fn selection(&self, ui: &mut Ui, selected: Option<Selected>, wishes: &mut Vec<Wish>) {
        match selected {
            None => _ = ui.label(RichText::new(self.word(Word::NothingSelected)).color(self.palette.soft)),
            Some(Selected::Node(node)) => self.node(ui, node, wishes),
            Some(Selected::Queue(queue)) => self.queue(ui, queue, wishes),
            Some(Selected::Group(group)) => self.group(ui, group, wishes),
            Some(Selected::Message(_)) => self.message(ui, wishes),
        }
    }

    fn word(&self, word: Word) -> &'static str {
        word.text(self.language)
    }

    fn say(&self, word: Word, with: &[&str]) -> String {
        fill(word.text(self.language), with)
    }

    fn plan(&self) -> &Plan {
        self.session.plan()
    }

    /// The name of what is selected, and its kind.
    fn title(&self, ui: &mut Ui, name: &str, kind: Word) {
        ui.label(RichText::new(name).size(type_size::HEADING));
        ui.label(RichText::new(self.word(kind)).color(self.palette.soft));
        ui.add_space(GRID * 0.5);
    }

    /// The heading of a section.
    fn head(&self, ui: &mut Ui, word: Word) {
        ui.add_space(GRID * 0.5);
        ui.label(RichText::new(self.word(word)).color(self.palette.soft));
    }

    /// The last records that concern something, newest first.
    fn history(&self, ui: &mut Ui, concerns: impl Fn(&EventRecord) -> bool, wishes: &mut Vec<Wish>) {
        self.head(ui, Word::Happened);
        let told: Vec<&EventRecord> =
            self.session.scene().recent().rev().filter(|told| concerns(told)).take(MOST).collect();
        if told.is_empty() {
            ui.label(self.word(Word::NoRecords));
        }
        ui.scope(|ui| {
            tight(ui);
            told.into_iter().for_each(|told| self.record(ui, told, wishes));
        });
    }

    /// A record: a click goes to its moment.
    fn record(&self, ui: &mut Ui, told: &EventRecord, wishes: &mut Vec<Wish>) {
        let line = sentence(self.plan(), told.record.node, &told.record.kind, self.language);
        if log::row(ui, told, &line, self.names, self.palette).clicked() {
            wishes.push(Wish::GoToRecord(Box::new(told.clone())));
        }
    }

    /// A node: its state, its beliefs, its settings and its last records.
    fn node(&self, ui: &mut Ui, node: NodeId, wishes: &mut Vec<Wish>) {
        let plan = self.plan();
        let kind = match plan.nodes[node].role {
            Role::Nameserver => Word::Nameserver,
            Role::Broker { .. } => Word::Broker,
            Role::Producer(_) => Word::Producer,
            Role::Consumer(_) => Word::Consumer,
            Role::Service(_) => Word::Service,
        };
        self.title(ui, plan.name(node), kind);
        ui.label(format!("{} {}", self.word(Word::Address), plan.address(node)));
        for line in self.state(node) {
            ui.label(line);
        }
        let client = match &self.session.scene().world().nodes()[node] {
            Node::Producer(producer) => Some(producer.client()),
            Node::Consumer(consumer) => Some(consumer.client()),
            _ => None,
        };
        if matches!(plan.nodes[node].role, Role::Nameserver)
            && let Some(belief) = belief::of(self.session.scene(), node)
        {
            self.nameserver_beliefs(ui, &belief);
        }
        if let Some(client) = client {
            self.client_beliefs(ui, client, plan.consumer(node).map(|consumer| consumer.group));
        }
        self.sliders(ui, node, wishes);
        self.history(ui, |told| record::concerns(&told.record, node), wishes);
    }

    /// A slider for each setting of a node that can be changed.
    fn sliders(&self, ui: &mut Ui, node: NodeId, wishes: &mut Vec<Wish>) {
        let sliders = slider::sliders(self.session, self.next, node);
        if sliders.is_empty() {
            return;
        }
        self.head(ui, Word::Sliders);
        let named = (node, self.plan().name(node));
        ui.scope(|ui| sliders::show(ui, named, &sliders, self.language, self.palette, wishes));
    }

    /// A node's state in a few lines.
    fn state(&self, node: NodeId) -> Vec<String> {
        let cluster = self.cluster;
        if let Some(it) = cluster.nameservers.iter().find(|it| it.node == node) {
            return vec![self.say(Word::Knows, &[&format!("{}/{}", it.alive, it.of)])];
        }
        if let Some(it) = cluster.producers.iter().find(|it| it.node == node) {
            return vec![self.say(Word::Open, &[&count(it.unanswered.len() as u64)])];
        }
        if let Some(it) = cluster.services.iter().find(|it| it.node == node) {
            let workers = [it.at_work.len().to_string(), it.workers.to_string()];
            let waiting = self.say(Word::Waiting, &[&format!("{}/{}", it.waiting, it.limit)]);
            return vec![self.say(Word::Workers, &[&workers[0], &workers[1]]), waiting];
        }
        for set in &cluster.sets {
            if let Some(replica) = set.replicas.iter().find(|replica| replica.node == node) {
                return self.replica(set, replica);
            }
        }
        let consumers = cluster.groups.iter().flat_map(|group| &group.consumers);
        let Some(it) = consumers.into_iter().find(|it| it.node == node) else { return Vec::new() };
        let threads = [it.at_work.len().to_string(), it.threads.to_string()];
        let names: Vec<&str> = it.owns.iter().map(|queue| self.plan().queues[*queue].name.as_str()).collect();
        let owns = if names.is_empty() { self.word(Word::Idle).to_owned() } else { names.join(", ") };
        vec![
            format!("{} {owns}", self.word(Word::Owns)),
            self.say(Word::Threads, &[&threads[0], &threads[1]]),
            self.say(Word::Fetched, &[&it.fetched.to_string()]),
        ]
    }

    /// A broker's state: the role that it believes it has, and how far its logs differ from the leader's.
    fn replica(&self, set: &BrokerSetView, replica: &ReplicaView) -> Vec<String> {
        let epoch = |epoch: Epoch| self.say(Word::Epoch, &[&epoch.to_string()]);
        let comma = self.word(Word::Comma);
        let mut lines = Vec::new();
        if replica.condition == Condition::Down {
            lines.push(self.word(Word::Down).to_owned());
        }
        match (replica.master_in, replica.follows) {
            (Some(mine), _) if replica.is_stale => {
                let master = [self.word(Word::Master), comma, &epoch(mine), comma, self.word(Word::OutOfDate)];
                lines.push(master.concat());
            }
            (Some(mine), _) => lines.push([self.word(Word::Master), comma, &epoch(mine)].concat()),
            (None, Some((mine, master))) => {
                let word = if replica.has_joined { Word::Follows } else { Word::JoiningIt };
                let slave = self.say(word, &[self.plan().name(master), &epoch(mine)]);
                lines.push([self.word(Word::Slave), comma, &slave].concat());
            }
            (None, None) if replica.condition == Condition::Down => {}
            (None, None) => lines.push(self.word(Word::NoRole).to_owned()),
        }
        if replica.is_cut_off {
            lines.push(self.say(Word::CutFrom, &[self.plan().name(set.leading_replica().node)]));
        }
        if let Some(last) = replica.last_epoch.filter(|last| replica.master_in != Some(*last)) {
            lines.push(self.say(Word::LastEpoch, &[&epoch(last)]));
        }
        let leads = set.leading_replica().node;
        if leads == replica.node {
            lines.push(self.say(Word::Storing, &[&count(set.storing as u64)]));
        } else if replica.behind + replica.diverged == 0 {
            lines.push(self.say(Word::LevelWith, &[self.plan().name(leads)]));
        } else {
            let far = [(Word::Behind, replica.behind), (Word::OnlyHere, replica.diverged)];
            let far = far.iter().filter(|(_, number)| *number > 0).map(|(word, it)| self.say(*word, &[&count(*it)]));
            lines.push(far.collect::<Vec<_>>().join(comma));
        }
        lines
    }

    /// What a nameserver believes: the masters, and the nodes that are alive.
    fn nameserver_beliefs(&self, ui: &mut Ui, belief: &NodeBelief) {
        self.head(ui, Word::Believes);
        for believed in belief.masters.iter().take(MOST) {
            let of = self.say(Word::MasterOf, &[&self.plan().sets[believed.set].name]);
            ui.label(format!("{of}: {}", self.leader(believed.master, believed.epoch)));
        }
        let names: Vec<&str> = belief.members.iter().map(|node| self.plan().name(*node)).collect();
        let alive = self.say(Word::Alive, &[&names.join(self.word(Word::Comma))]);
        ui.add(egui::Label::new(alive).wrap());
    }

    /// The name of a set's master, with its epoch.
    fn leader(&self, master: Option<NodeId>, epoch: Option<Epoch>) -> String {
        let who = master.map_or(self.word(Word::NoMaster), |master| self.plan().name(master));
        match epoch {
            None => who.to_owned(),
            Some(epoch) => format!("{who} ({})", self.say(Word::Epoch, &[&epoch.to_string()])),
        }
    }

    /// What a client believes: the masters of its topics, and the members of its group.
    fn client_beliefs(&self, ui: &mut Ui, client: &Client, group: Option<GroupId>) {
        self.head(ui, Word::Believes);
        let plan = self.plan();
        let now = self.session.scene().at();
        let mut nothing = true;
        for belief in client.beliefs().iter().filter(|belief| belief.version.is_some()) {
            nothing = false;
            for set in plan.sets_of(belief.topic) {
                let of = self.say(Word::MasterOf, &[&plan.sets[set].name]);
                let master = client.master(belief.topic, set).map(|(node, _)| node);
                ui.label(format!("{of}: {}", self.leader(master, client.epoch(belief.topic, set))));
            }
            self.age(ui, now, belief.since);
        }
        if let (Some(group), Some(members)) = (group, client.members()) {
            nothing = false;
            let names: Vec<&str> = members.consumers.iter().map(|node| plan.name(*node)).collect();
            let of = self.say(Word::MembersOf, &[&plan.groups[group].name]);
            ui.add(egui::Label::new(format!("{of}: {}", names.join(", "))).wrap());
            self.age(ui, now, client.members_since());
        }
        if nothing {
            ui.label(self.word(Word::BelievesNothing));
        }
    }

    /// How old a belief is.
    fn age(&self, ui: &mut Ui, now: Time, since: Time) {
        let age = self.say(Word::AsOf, &[&span(now.since(since))]);
        ui.label(RichText::new(age).small().color(self.palette.soft));
    }

    /// A queue: its offsets, and how far each group is.
    fn queue(&self, ui: &mut Ui, queue: QueueId, wishes: &mut Vec<Wish>) {
        let plan = self.plan();
        self.title(ui, &plan.queues[queue].name, Word::Queue);
        let row = self.cluster.sets.iter().flat_map(|set| &set.rows).find(|row| row.queue == queue);
        if let Some(row) = row {
            ui.label(self.say(Word::Offsets, &[&count(row.start.0), &count(row.end.0)]));
            for lane in &row.lanes {
                ui.add_space(GRID * 0.5);
                let hue = self.palette.hue(lane.group.index());
                ui.label(RichText::new(&plan.groups[lane.group].name).color(hue));
                let committed = self.say(Word::Committed, &[&count(lane.committed.0)]);
                ui.label(format!("{committed}, {} {}", self.word(Word::Lag), count(lane.lag)));
                let owner = lane.owner.map_or_else(
                    || self.word(Word::NoOwner).to_owned(),
                    |owner| self.say(Word::OwnedBy, &[plan.name(owner)]),
                );
                ui.label(owner);
            }
        }
        self.history(ui, |told| record::queue(&told.record.kind) == Some(queue), wishes);
    }

    /// A group: its lag, and the last records of its members.
    fn group(&self, ui: &mut Ui, group: GroupId, wishes: &mut Vec<Wish>) {
        let plan = self.plan();
        self.title(ui, &plan.groups[group].name, Word::Group);
        let of = &self.cluster.groups[group.index()];
        ui.label(format!("{} {}", self.word(Word::Lag), count(of.lag)));
        ui.label(format!("{} {}", self.word(Word::Accepted), count(of.accepted)));
        let members = &plan.groups[group].consumers;
        self.history(ui, |told| members.contains(&told.record.node), wishes);
    }

    /// A message: its whole life.
    fn message(&self, ui: &mut Ui, wishes: &mut Vec<Wish>) {
        let Some(life) = self.life else { return };
        self.title(ui, &self.plan().message(life.message), Word::Message);
        self.head(ui, Word::WholeLife);
        let now = self.session.scene();
        ui.scope(|ui| {
            tight(ui);
            let mut past = true;
            for told in &life.told {
                // A line in the list marks the present moment.
                if past && told.event > now.events() {
                    past = false;
                    ui.separator();
                }
                self.record(ui, told, wishes);
            }
            if !life.is_found() {
                ui.label(RichText::new(self.word(Word::LookingForIt)).color(self.palette.soft));
            }
        });
    }
}

/// Puts records close together.
fn tight(ui: &mut Ui) {
    ui.spacing_mut().interact_size.y = log::ROW;
    ui.spacing_mut().item_spacing.y = 0.0;
}
