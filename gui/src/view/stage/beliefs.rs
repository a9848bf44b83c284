//! What a node believes, in dotted lines over what is so: to the master that it believes in, with a hollow crown and an
//! epoch, to the queues that it believes it owns, to the nodes that it takes for alive; and how long ago it was told.

use egui::{Align2, Pos2, Rect, pos2, vec2};
use queuescope::plan::{Epoch, QueueId, Role};
use queuescope::words::figure::span;

use super::path::LinkPath;
use super::stage_map::StageMap;
use crate::model::belief::{BelievedMaster, NodeBelief};
use crate::text::Word;

/// Paints the links that a node believes in; cards are painted over them.
pub(super) fn links(map: &StageMap<'_>, belief: &NodeBelief) {
    let brush = map.brush;
    for believed in &belief.masters {
        if let Some(path) = to_master(map, belief, believed) {
            brush.dotted(path.points(), brush.palette.ink);
        }
    }
    if let Some(consumer) = map.plan.consumer(belief.node) {
        let hue = brush.palette.hue(consumer.group.index());
        for path in belief.owns.iter().filter_map(|queue| owned(map, *queue, consumer.group, belief)) {
            brush.dotted(path.points(), hue);
        }
    }
}

/// The path between a client and the master of a set that it believes in.
fn to_master(map: &StageMap<'_>, belief: &NodeBelief, believed: &BelievedMaster) -> Option<LinkPath> {
    let entry = map.entry(first_queue(map, believed), believed.master?)?;
    match map.plan.nodes[belief.node].role {
        Role::Producer(_) => Some(LinkPath::across(map.side(belief.node, 1.0, 0.5)?, entry)),
        Role::Consumer(_) => {
            let from = pos2(map.side(believed.master?, 1.0, 0.5)?.x, entry.y);
            Some(LinkPath::across(from, map.side(belief.node, 0.0, 0.5)?))
        }
        _ => None,
    }
}

/// Paints what lies over the cards: crowns, lines to nodes that are taken for alive, and how old the belief is.
pub(super) fn signs(map: &StageMap<'_>, belief: &NodeBelief) {
    let brush = map.brush;
    let Some(body) = map.body(belief.node) else { return };
    let role = &map.plan.nodes[belief.node].role;
    for believed in &belief.masters {
        let leader = believed.master.zip(believed.epoch).filter(|(master, _)| *master != belief.node);
        let Some((master, epoch)) = leader else { continue };
        if let Some(line) = map.body(master) {
            let left = matches!(role, Role::Producer(_));
            crown(map, if left { line.left_center() } else { line.right_center() }, left, epoch);
        }
        if let Some(path) = map.coordination(belief.node, master).filter(|_| matches!(role, Role::Broker { .. })) {
            brush.dotted(path.points(), brush.palette.ink);
        }
    }
    match role {
        Role::Nameserver => {
            for path in belief.members.iter().filter_map(|node| map.coordination(belief.node, *node)) {
                brush.dotted(path.points(), brush.palette.soft);
            }
        }
        Role::Consumer(consumer) => members(map, belief, brush.palette.hue(consumer.group.index())),
        _ => {}
    }
    age(map, belief, body);
}

/// Paints the members that a consumer believes are in its group: a dotted line along their cards.
fn members(map: &StageMap<'_>, belief: &NodeBelief, hue: egui::Color32) {
    let brush = map.brush;
    let at = |rect: Rect| pos2(rect.right() + brush.size(5.0), rect.center().y);
    let places: Vec<Pos2> = belief.members.iter().filter_map(|node| map.body(*node)).map(at).collect();
    brush.dotted(&places, hue);
    for place in places {
        brush.painter.circle_filled(place, brush.size(3.0), hue);
    }
}

fn first_queue(map: &StageMap<'_>, believed: &BelievedMaster) -> Option<QueueId> {
    map.plan.sets[believed.set].queues.first().copied()
}

/// The path between a consumer and a queue that it believes it owns, at the master that it believes in.
fn owned(
    map: &StageMap<'_>,
    queue: QueueId,
    group: queuescope::plan::GroupId,
    belief: &NodeBelief,
) -> Option<LinkPath> {
    let of = &map.plan.queues[queue];
    let leads = || map.cluster.sets[of.set.index()].leading_replica().node;
    let master = belief.masters.iter().find(|believed| believed.set == of.set).and_then(|believed| believed.master);
    let lane = map.plan.groups[group].slot.index();
    map.reading(queue, lane, master.unwrap_or_else(leads), belief.node)
}

/// Paints the crown of a master that is believed in, beside its card.
fn crown(map: &StageMap<'_>, edge: Pos2, left: bool, epoch: Epoch) {
    let brush = map.brush;
    let size = vec2(brush.size(34.0), brush.size(19.0));
    let away = (size.x / 2.0 + brush.size(6.0)) * if left { -1.0 } else { 1.0 };
    let rect = Rect::from_center_size(edge + vec2(away, 0.0), size);
    brush.painter.rect_filled(rect, 3.0, brush.palette.ground);
    brush.dots_around(rect, brush.palette.soft);
    brush.crown_of(pos2(rect.left() + brush.size(4.0), edge.y), epoch, false);
}

/// Writes how old the belief is beside the node, and whether it knows no master of some set.
fn age(map: &StageMap<'_>, belief: &NodeBelief, body: Rect) {
    let brush = map.brush;
    let Some(age) = belief.age else { return };
    let unknown = belief.masters.iter().any(|believed| believed.master.is_none());
    let no_master = unknown.then(|| brush.word(Word::KnowsNoMaster).to_owned());
    let age = brush.say(Word::AsOf, &[&span(age)]);
    let lines = [Some(age), no_master].into_iter().flatten();
    if matches!(map.plan.nodes[belief.node].role, Role::Producer(_)) {
        // Its links leave on the right, and crowns stand there.
        let words = lines.collect::<Vec<_>>().join(brush.word(Word::Comma));
        let at = body.left_top() + vec2(brush.size(4.0), -1.0);
        brush.plate(at, Align2::LEFT_BOTTOM, &words, brush.palette.ink, brush.palette.ground);
        return;
    }
    for (line, words) in lines.enumerate() {
        let at = pos2(body.left() - brush.size(20.0), body.bottom() + brush.size(4.0 + 17.0 * line as f32));
        brush.plate(at, Align2::RIGHT_CENTER, &words, brush.palette.ink, brush.palette.ground);
    }
}
