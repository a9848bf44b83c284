//! Where things on their way go: from whom to whom, along which line. It paints nothing.
//!
//! A broker that is one of several replicas is its line on the card of its set; everybody else is a card.

use egui::{Pos2, Rect, pos2};
use queuescope::plan::{NodeId, Plan, QueueId, Role, SetId, TopicId};

use super::brush::{Brush, LinkPath};
use crate::layout::{DetailLevel, Layout, RowBox};
use crate::model::cluster::{BrokerSetView, ClusterView, QueueView};
use crate::model::flight::{PacketInFlight, PacketKind};

/// The lie of the land.
#[derive(Clone, Copy)]
pub(super) struct StageMap<'a> {
    pub(super) brush: &'a Brush<'a>,
    pub(super) plan: &'a Plan,
    pub(super) layout: &'a Layout,
    pub(super) cluster: &'a ClusterView,
}

impl StageMap<'_> {
    fn role(&self, node: NodeId) -> &Role {
        &self.plan.nodes[node.index()].role
    }

    /// The set of a broker, with its place in it.
    fn set_of(&self, broker: NodeId) -> Option<(&BrokerSetView, usize)> {
        let set = &self.cluster.sets[self.plan.broker_set(broker)?.index()];
        Some((set, set.replicas.iter().position(|replica| replica.node == broker)?))
    }

    /// A queue's row.
    pub(super) fn row(&self, queue: QueueId) -> Option<(&RowBox, &QueueView)> {
        let set = &self.cluster.sets[self.plan.queues[queue.index()].set.index()];
        Some((self.layout.row(queue)?, set.rows.iter().find(|row| row.queue == queue)?))
    }

    /// Where a replica's messages of a queue lie, on the screen.
    pub(super) fn strip(&self, queue: QueueId, broker: NodeId) -> Option<Rect> {
        let (_, place) = self.set_of(broker)?;
        let (row_box, row) = self.row(queue)?;
        Some(self.brush.view.rect(row_box.strip(place, row.leader)))
    }

    /// The line of a replica of several, on the screen: in the row of its first queue, or where it is named.
    pub(super) fn line(&self, broker: NodeId) -> Option<Rect> {
        let (set, place) = self.set_of(broker).filter(|(set, _)| set.replicas.len() > 1)?;
        let on_card = &self.layout.sets.iter().find(|it| it.set == set.set)?;
        if self.layout.level == DetailLevel::Cells {
            return Some(self.brush.view.rect(on_card.rows.first()?.line(place, set.leader)));
        }
        on_card.replicas.get(place).or(on_card.replicas.last()).map(|rect| self.brush.view.rect(*rect))
    }

    /// Where patience with a silent node is shown: around the crown of a replica, or where that would be; at a corner of
    /// everything else.
    pub(super) fn patience_at(&self, node: NodeId) -> Option<(Pos2, bool)> {
        let corner = |rect: Rect| rect.right_top() + egui::vec2(-2.0, 2.0) * self.brush.scale;
        match self.line(node) {
            Some(line) if self.layout.level == DetailLevel::Cells => {
                Some((pos2(line.left() + self.brush.size(17.0), line.center().y), true))
            }
            Some(line) => Some((corner(line), false)),
            None => Some((corner(self.body(node)?), false)),
        }
    }

    /// What a node looks like from outside: its card, or its line.
    pub(super) fn body(&self, node: NodeId) -> Option<Rect> {
        self.line(node).or_else(|| self.layout.card(node).map(|rect| self.brush.view.rect(rect)))
    }

    /// The box of the group to which one end of a link belongs, on the screen, as far as it is seen.
    pub(super) fn own_group(&self, one: NodeId, other: NodeId) -> Option<Rect> {
        let consumer = self.plan.consumer(one).or_else(|| self.plan.consumer(other))?;
        let group = self.layout.groups.iter().find(|place| place.group == consumer.group)?;
        Some(self.brush.view.rect(group.rect).intersect(self.brush.painter.clip_rect()))
    }

    /// Where a lane of a queue ends on its card: there it is read.
    pub(super) fn reads_at(&self, queue: QueueId, lane: usize) -> Option<Pos2> {
        let set = self.layout.sets.iter().find(|set| set.rows.iter().any(|row| row.queue == queue))?;
        let row = set.rows.iter().find(|row| row.queue == queue)?;
        let y = row.lanes.get(lane.min(row.lanes.len().saturating_sub(1))).copied()?;
        Some(self.brush.view.at(pos2(set.rect.right(), y)))
    }

    /// A place on the edge of a node's card.
    pub(super) fn side(&self, node: NodeId, x: f32, y: f32) -> Option<Pos2> {
        let rect = self.brush.view.rect(self.layout.card(node)?);
        Some(pos2(rect.left() + rect.width() * x, rect.top() + rect.height() * y))
    }

    /// The height below everything at which calls pass, and what is published.
    fn passage(&self, which: usize) -> f32 {
        self.brush.view.at(pos2(0.0, self.layout.passages[which])).y
    }

    /// The way that a thing takes.
    pub(super) fn of(&self, flight: &PacketInFlight) -> Option<LinkPath> {
        if matches!(flight.kind, PacketKind::Coordination | PacketKind::Heartbeat | PacketKind::Register) {
            return self.registry(flight.from, flight.to);
        }
        let slot = |group: queuescope::plan::GroupId| self.plan.groups[group.index()].slot as usize;
        Some(match (self.role(flight.from), self.role(flight.to)) {
            (Role::Producer(_), Role::Broker { .. }) => {
                LinkPath::across(self.side(flight.from, 1.0, 0.5)?, self.entry(flight.queue, flight.to)?)
            }
            (Role::Broker { .. }, Role::Producer(_)) => {
                LinkPath::across(self.side(flight.to, 1.0, 0.5)?, self.entry(flight.queue, flight.from)?).back()
            }
            (Role::Broker { .. }, Role::Broker { .. }) => self.copying(flight)?,
            (Role::Broker { .. }, Role::Consumer(_)) => match (flight.queue, flight.group) {
                (Some(queue), Some(group)) => self.reading(queue, slot(group), flight.from, flight.to)?,
                // The answer to what a consumer publishes.
                _ => self.published(flight.to, flight.from)?.back(),
            },
            (Role::Consumer(_), Role::Broker { .. }) => match (flight.queue, flight.group) {
                (Some(queue), Some(group)) => self.reading(queue, slot(group), flight.to, flight.from)?.back(),
                _ => self.published(flight.from, flight.to)?,
            },
            (Role::Consumer(_), Role::Service(_)) => self.called(flight.from, flight.to)?,
            (Role::Service(_), Role::Consumer(_)) => self.called(flight.to, flight.from)?.back(),
            (Role::Producer(_), Role::Service(_)) => self.direct(flight.from, flight.to)?,
            (Role::Service(_), Role::Producer(_)) => self.direct(flight.to, flight.from)?.back(),
            _ => self.registry(flight.from, flight.to)?,
        })
    }

    /// From a queue to who reads it: from its lane; from a replica that does not lead, from its line.
    pub(super) fn reading(&self, queue: QueueId, lane: usize, broker: NodeId, reader: NodeId) -> Option<LinkPath> {
        let aside = self.set_of(broker).filter(|(set, place)| *place != set.leader && set.replicas.len() > 1);
        let from = match aside.and_then(|_| Some((self.strip(queue, broker)?, self.side(broker, 1.0, 0.5)?))) {
            Some((strip, side)) => pos2(side.x, strip.center().y),
            None => self.reads_at(queue, lane).or_else(|| self.side(broker, 1.0, 0.5))?,
        };
        Some(LinkPath::across(from, self.side(reader, 0.0, 0.5)?))
    }

    /// Where messages enter: the near end of a queue's tape; where there are many, the side of the card.
    pub(super) fn entry(&self, queue: Option<QueueId>, broker: NodeId) -> Option<Pos2> {
        let card = self.brush.view.rect(self.layout.card(broker)?);
        let strip =
            queue.filter(|_| self.layout.level == DetailLevel::Cells).and_then(|queue| self.strip(queue, broker));
        let y = strip.or_else(|| self.line(broker)).map_or(card.center().y, |strip| strip.center().y);
        Some(pos2(card.left(), y))
    }

    /// From master to slave, within the card: where the message lies, from one tape down or up to the other. What has no
    /// place on a tape goes beside the tapes.
    fn copying(&self, flight: &PacketInFlight) -> Option<LinkPath> {
        if self.layout.level != DetailLevel::Cells {
            // No room to go anywhere: the thin lines tell.
            return None;
        }
        let Some(queue) = flight.queue else { return self.registry(flight.from, flight.to) };
        let (from, to) = (self.strip(queue, flight.from)?, self.strip(queue, flight.to)?);
        let (place, row) = self.row(queue)?;
        let tape = self.brush.tape(place, row);
        let x = flight.offset.map_or(from.right(), |offset| (tape.x(offset) + tape.x(offset + 1)) / 2.0);
        Some(LinkPath::through(vec![pos2(x, from.center().y), pos2(x, to.center().y)]))
    }

    /// From a consumer to the service that it calls.
    pub(super) fn called(&self, from: NodeId, to: NodeId) -> Option<LinkPath> {
        Some(LinkPath::across(self.side(from, 1.0, 0.5)?, self.side(to, 0.0, 0.5)?))
    }

    /// A call straight from a producer to a service passes below everything.
    pub(super) fn direct(&self, from: NodeId, to: NodeId) -> Option<LinkPath> {
        let (from, to) = (self.side(from, 0.5, 1.0)?, self.side(to, 0.5, 1.0)?);
        Some(LinkPath::below(from, to, self.passage(0), self.brush.size(12.0)))
    }

    /// What a consumer publishes returns below the groups.
    pub(super) fn published(&self, from: NodeId, to: NodeId) -> Option<LinkPath> {
        let group = self.layout.groups.iter().find(|group| group.consumers.iter().any(|(node, _)| *node == from))?;
        let group = self.brush.view.rect(group.rect);
        let from = pos2(group.left() + group.width() * 0.3, group.bottom());
        Some(LinkPath::below(from, self.side(to, 0.5, 1.0)?, self.passage(1), self.brush.size(12.0)))
    }

    /// Words between a nameserver and anybody else, among replicas, or of a connection that is closed: as the crow flies;
    /// on a card with several replicas along its right edge, where no words stand.
    pub(super) fn registry(&self, from: NodeId, to: NodeId) -> Option<LinkPath> {
        let (out, into) = (self.gate(from, to)?, self.gate(to, from)?);
        let within = self.plan.broker_set(from).is_some() && self.plan.broker_set(from) == self.plan.broker_set(to);
        let mut points = out;
        if within {
            points.truncate(1);
            points.extend(into.first());
        } else {
            points.extend(into.iter().rev());
        }
        Some(LinkPath::through(points))
    }

    /// How one leaves a node for another one: from where it is to the edge of its card.
    fn gate(&self, node: NodeId, other: NodeId) -> Option<Vec<Pos2>> {
        let card = self.brush.view.rect(self.layout.card(node)?);
        let peer = self.brush.view.rect(self.layout.card(other)?);
        if let Some(line) = self.line(node) {
            let x = card.right() - self.brush.size(3.0);
            return Some(vec![pos2(x, line.center().y), pos2(x, card.top())]);
        }
        Some(vec![match self.role(node) {
            // On the side from which the other one is seen.
            Role::Nameserver => {
                let x = (peer.center().x - card.center().x) / self.brush.size(6.0);
                pos2((card.center().x + x).clamp(card.left(), card.right()), card.bottom())
            }
            _ => pos2(card.center().x, card.top()),
        }])
    }

    /// Where a topic's messages enter for somebody who believes in these masters: each queue, or each card where there
    /// are many. Where no master is known, the one that leads, and that it is not known.
    pub(super) fn entries(&self, topic: TopicId, aims: &[(SetId, Option<NodeId>)]) -> Vec<(Pos2, NodeId, bool)> {
        let aim = |set: SetId| {
            let known = aims.iter().find(|(of, _)| *of == set).and_then(|(_, master)| *master);
            (known.unwrap_or_else(|| self.cluster.sets[set.index()].leading_replica().node), known.is_some())
        };
        let at = |queue: Option<QueueId>, set: SetId| {
            let (broker, known) = aim(set);
            Some((self.entry(queue, broker)?, broker, known))
        };
        if self.layout.level == DetailLevel::Cells {
            let queues = self.plan.topics[topic.index()].queues.iter();
            queues.filter_map(|queue| at(Some(*queue), self.plan.queues[queue.index()].set)).collect()
        } else {
            self.plan.sets_of(topic).into_iter().filter_map(|set| at(None, set)).collect()
        }
    }
}
