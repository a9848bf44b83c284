//! Where nodes are on the screen, and which path a packet takes between two of them. It paints nothing.
//!
//! A node is where its card is; a broker with other replicas is where its line is on the card of the set.

use egui::{Pos2, Rect, pos2};
use queuescope::plan::{NodeId, Plan, QueueId, Role, SetId, TopicId};

use super::brush::Brush;
use super::path::LinkPath;
use crate::layout::{DetailLevel, Layout, RowBox};
use crate::model::cluster::{BrokerSetView, ClusterView, QueueView};
use crate::model::flight::{PacketInFlight, PacketKind};

/// The places of everything on the stage.
#[derive(Clone, Copy)]
pub(super) struct StageMap<'a> {
    pub(super) brush: &'a Brush<'a>,
    pub(super) plan: &'a Plan,
    pub(super) layout: &'a Layout,
    pub(super) cluster: &'a ClusterView,
}

/// Where the silence of a node is shown.
pub(super) enum SilencePlace {
    /// Around the crown of a replica, or where it would be.
    AroundCrown(Pos2),
    /// At a corner of a card or a line.
    Corner(Pos2),
}

/// Where a client sends messages.
pub(super) struct Entrance {
    pub(super) at: Pos2,
    pub(super) broker: NodeId,
    /// Whether the client believes that this broker is the master; else it knows of none.
    pub(super) is_believed: bool,
}

impl StageMap<'_> {
    fn role(&self, node: NodeId) -> &Role {
        &self.plan.nodes[node].role
    }

    /// The set of a broker, and its place in the set.
    fn set_of(&self, broker: NodeId) -> Option<(&BrokerSetView, usize)> {
        let set = &self.cluster.sets[self.plan.broker_set(broker)?.index()];
        Some((set, set.replicas.iter().position(|replica| replica.node == broker)?))
    }

    /// The row of a queue: its box, and its view.
    pub(super) fn row(&self, queue: QueueId) -> Option<(&RowBox, &QueueView)> {
        let set = &self.cluster.sets[self.plan.queues[queue].set.index()];
        Some((self.layout.row(queue)?, set.rows.iter().find(|row| row.queue == queue)?))
    }

    /// The strip on which a replica's messages of a queue lie.
    pub(super) fn strip(&self, queue: QueueId, broker: NodeId) -> Option<Rect> {
        let (_, place) = self.set_of(broker)?;
        let (row_box, row) = self.row(queue)?;
        Some(self.brush.view.rect(row_box.strip(place, row.leader)))
    }

    /// The line of a broker with other replicas: in the row of the set's first queue, or where its name stands.
    pub(super) fn line(&self, broker: NodeId) -> Option<Rect> {
        let (set, place) = self.set_of(broker).filter(|(set, _)| set.replicas.len() > 1)?;
        let on_card = &self.layout.sets.iter().find(|it| it.set == set.set)?;
        if self.layout.level == DetailLevel::Cells {
            return Some(self.brush.view.rect(on_card.rows.first()?.line(place, set.leader)));
        }
        on_card.replicas.get(place).or(on_card.replicas.last()).map(|rect| self.brush.view.rect(*rect))
    }

    /// Where the silence of a node is shown.
    pub(super) fn silence_at(&self, node: NodeId) -> Option<SilencePlace> {
        let corner = |rect: Rect| rect.right_top() + egui::vec2(-2.0, 2.0) * self.brush.scale;
        match self.line(node) {
            Some(line) if self.layout.level == DetailLevel::Cells => {
                let crown = pos2(line.left() + self.brush.size(17.0), line.center().y);
                Some(SilencePlace::AroundCrown(crown))
            }
            Some(line) => Some(SilencePlace::Corner(corner(line))),
            None => Some(SilencePlace::Corner(corner(self.body(node)?))),
        }
    }

    /// The line of a node, if it has one; else its card.
    pub(super) fn body(&self, node: NodeId) -> Option<Rect> {
        self.line(node).or_else(|| self.layout.card(node).map(|rect| self.brush.view.rect(rect)))
    }

    /// The box of the group to which one end of a link belongs, as far as it is on the stage.
    pub(super) fn own_group(&self, one: NodeId, other: NodeId) -> Option<Rect> {
        let consumer = self.plan.consumer(one).or_else(|| self.plan.consumer(other))?;
        let group = self.layout.groups.iter().find(|place| place.group == consumer.group)?;
        Some(self.brush.view.rect(group.rect).intersect(self.brush.painter.clip_rect()))
    }

    /// Where the link to the reader of a lane begins: at the edge of the card.
    pub(super) fn lane_end(&self, queue: QueueId, lane: usize) -> Option<Pos2> {
        let set = self.layout.sets.iter().find(|set| set.rows.iter().any(|row| row.queue == queue))?;
        let row = set.rows.iter().find(|row| row.queue == queue)?;
        let y = row.lanes.get(lane.min(row.lanes.len().saturating_sub(1))).copied()?;
        Some(self.brush.view.at(pos2(set.rect.right(), y)))
    }

    /// A place on a node's card, by parts of its width and height.
    pub(super) fn side(&self, node: NodeId, x: f32, y: f32) -> Option<Pos2> {
        let rect = self.brush.view.rect(self.layout.card(node)?);
        Some(pos2(rect.left() + rect.width() * x, rect.top() + rect.height() * y))
    }

    /// The height at which calls (0), or what is published (1), pass below everything.
    fn passage(&self, which: usize) -> f32 {
        self.brush.view.at(pos2(0.0, self.layout.passages[which])).y
    }

    /// The path of a packet.
    pub(super) fn path_of(&self, packet: &PacketInFlight) -> Option<LinkPath> {
        if matches!(packet.kind, PacketKind::Coordination | PacketKind::Heartbeat | PacketKind::Register) {
            return self.coordination(packet.from, packet.to);
        }
        let slot = |group: queuescope::plan::GroupId| self.plan.groups[group].slot.index();
        Some(match (self.role(packet.from), self.role(packet.to)) {
            (Role::Producer(_), Role::Broker { .. }) => {
                LinkPath::across(self.side(packet.from, 1.0, 0.5)?, self.entry(packet.queue, packet.to)?)
            }
            (Role::Broker { .. }, Role::Producer(_)) => {
                LinkPath::across(self.side(packet.to, 1.0, 0.5)?, self.entry(packet.queue, packet.from)?).reversed()
            }
            (Role::Broker { .. }, Role::Broker { .. }) => self.copying(packet)?,
            (Role::Broker { .. }, Role::Consumer(_)) => match (packet.queue, packet.group) {
                (Some(queue), Some(group)) => self.reading(queue, slot(group), packet.from, packet.to)?,
                // The answer to a message that a consumer has published.
                _ => self.published(packet.to, packet.from)?.reversed(),
            },
            (Role::Consumer(_), Role::Broker { .. }) => match (packet.queue, packet.group) {
                (Some(queue), Some(group)) => self.reading(queue, slot(group), packet.to, packet.from)?.reversed(),
                _ => self.published(packet.from, packet.to)?,
            },
            (Role::Consumer(_), Role::Service(_)) => self.consumer_call(packet.from, packet.to)?,
            (Role::Service(_), Role::Consumer(_)) => self.consumer_call(packet.to, packet.from)?.reversed(),
            (Role::Producer(_), Role::Service(_)) => self.producer_call(packet.from, packet.to)?,
            (Role::Service(_), Role::Producer(_)) => self.producer_call(packet.to, packet.from)?.reversed(),
            _ => self.coordination(packet.from, packet.to)?,
        })
    }

    /// The path from a queue to its reader: it begins at the lane, or, of a replica that does not lead, at its line.
    pub(super) fn reading(&self, queue: QueueId, lane: usize, broker: NodeId, reader: NodeId) -> Option<LinkPath> {
        let aside = self.set_of(broker).filter(|(set, place)| *place != set.leader && set.replicas.len() > 1);
        let from = match aside.and_then(|_| Some((self.strip(queue, broker)?, self.side(broker, 1.0, 0.5)?))) {
            Some((strip, side)) => pos2(side.x, strip.center().y),
            None => self.lane_end(queue, lane).or_else(|| self.side(broker, 1.0, 0.5))?,
        };
        Some(LinkPath::across(from, self.side(reader, 0.0, 0.5)?))
    }

    /// Where messages enter a broker: beside the queue's strip, or, where strips are too small, beside its line or card.
    pub(super) fn entry(&self, queue: Option<QueueId>, broker: NodeId) -> Option<Pos2> {
        let card = self.brush.view.rect(self.layout.card(broker)?);
        let strip =
            queue.filter(|_| self.layout.level == DetailLevel::Cells).and_then(|queue| self.strip(queue, broker));
        let y = strip.or_else(|| self.line(broker)).map_or(card.center().y, |strip| strip.center().y);
        Some(pos2(card.left(), y))
    }

    /// The path from a master to a slave, within the card: from the message's cell to the same place on the slave's strip.
    /// Other packets go beside the tapes.
    fn copying(&self, packet: &PacketInFlight) -> Option<LinkPath> {
        if self.layout.level != DetailLevel::Cells {
            // There is no room; the thin lines tell enough.
            return None;
        }
        let Some(queue) = packet.queue else { return self.coordination(packet.from, packet.to) };
        let (from, to) = (self.strip(queue, packet.from)?, self.strip(queue, packet.to)?);
        let (place, row) = self.row(queue)?;
        let tape = self.brush.tape(place, row);
        let x = packet.offset.map_or(from.right(), |offset| (tape.x(offset) + tape.x(offset + 1)) / 2.0);
        Some(LinkPath::through(vec![pos2(x, from.center().y), pos2(x, to.center().y)]))
    }

    /// The path of a call from a consumer to a service.
    pub(super) fn consumer_call(&self, from: NodeId, to: NodeId) -> Option<LinkPath> {
        Some(LinkPath::across(self.side(from, 1.0, 0.5)?, self.side(to, 0.0, 0.5)?))
    }

    /// The path of a call from a producer to a service, below everything.
    pub(super) fn producer_call(&self, from: NodeId, to: NodeId) -> Option<LinkPath> {
        let (from, to) = (self.side(from, 0.5, 1.0)?, self.side(to, 0.5, 1.0)?);
        Some(LinkPath::below(from, to, self.passage(0), self.brush.size(12.0)))
    }

    /// The path of a message that a consumer publishes, below everything.
    pub(super) fn published(&self, from: NodeId, to: NodeId) -> Option<LinkPath> {
        let group = self.layout.groups.iter().find(|group| group.consumers.iter().any(|(node, _)| *node == from))?;
        let group = self.brush.view.rect(group.rect);
        let from = pos2(group.left() + group.width() * 0.3, group.bottom());
        Some(LinkPath::below(from, self.side(to, 0.5, 1.0)?, self.passage(1), self.brush.size(12.0)))
    }

    /// The path of packets of coordination: straight; between replicas of a set along the right edge of the card, where there
    /// are no words.
    pub(super) fn coordination(&self, from: NodeId, to: NodeId) -> Option<LinkPath> {
        let (out, into) = (self.way_out(from, to)?, self.way_out(to, from)?);
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

    /// How a path leaves a node for another one: from the node to the edge of its card.
    fn way_out(&self, node: NodeId, other: NodeId) -> Option<Vec<Pos2>> {
        let card = self.brush.view.rect(self.layout.card(node)?);
        let peer = self.brush.view.rect(self.layout.card(other)?);
        if let Some(line) = self.line(node) {
            let x = card.right() - self.brush.size(3.0);
            return Some(vec![pos2(x, line.center().y), pos2(x, card.top())]);
        }
        Some(vec![match self.role(node) {
            // On the side that faces the other node.
            Role::Nameserver => {
                let x = (peer.center().x - card.center().x) / self.brush.size(6.0);
                pos2((card.center().x + x).clamp(card.left(), card.right()), card.bottom())
            }
            _ => pos2(card.center().x, card.top()),
        }])
    }

    /// Where a client that believes in these masters sends the messages of a topic: to each queue, or, where queues are too
    /// small, to each set. Of a set without a master that it knows: to the leader.
    pub(super) fn entries(&self, topic: TopicId, believed_masters: &[(SetId, Option<NodeId>)]) -> Vec<Entrance> {
        let master = |set: SetId| {
            let known = believed_masters.iter().find(|(of, _)| *of == set).and_then(|(_, master)| *master);
            (known.unwrap_or_else(|| self.cluster.sets[set.index()].leading_replica().node), known.is_some())
        };
        let at = |queue: Option<QueueId>, set: SetId| {
            let (broker, is_believed) = master(set);
            Some(Entrance { at: self.entry(queue, broker)?, broker, is_believed })
        };
        if self.layout.level == DetailLevel::Cells {
            let queues = self.plan.topics[topic].queues.iter();
            queues.filter_map(|queue| at(Some(*queue), self.plan.queues[*queue].set)).collect()
        } else {
            self.plan.sets_of(topic).into_iter().filter_map(|set| at(None, set)).collect()
        }
    }
}
