//! What somebody believes, as ghosts over what is: dotted lines to whom it takes for the master, with a hollow crown and the
//! epoch that it has heard of, to the queues that it takes for its own, to those who are alive for it; and how long ago
//! it was told.

use egui::{Align2, Pos2, Rect, pos2, vec2};
use queuescope::plan::{QueueId, Role};

use super::brush::LinkPath;
use super::stage_map::StageMap;
use crate::model::belief::{BelievedMaster, NodeBelief};
use crate::model::figures::span;
use crate::text::Word;

/// The links that somebody believes in; cards are painted over them.
pub(super) fn links(ground: &StageMap<'_>, belief: &NodeBelief) {
    let brush = ground.brush;
    for lead in &belief.masters {
        if let Some(way) = to_master(ground, belief, lead) {
            brush.dotted(way.points(), brush.palette.ink);
        }
    }
    if let Some(consumer) = ground.plan.consumer(belief.node) {
        let hue = brush.palette.hue(consumer.group.index());
        for way in belief.owns.iter().filter_map(|queue| owned(ground, *queue, consumer.group, belief)) {
            brush.dotted(way.points(), hue);
        }
    }
}

/// Whom a client takes for the master of a set: from its side of the card.
fn to_master(ground: &StageMap<'_>, belief: &NodeBelief, lead: &BelievedMaster) -> Option<LinkPath> {
    let entry = ground.entry(first_queue(ground, lead), lead.master?)?;
    match ground.plan.nodes[belief.node.index()].role {
        Role::Producer(_) => Some(LinkPath::across(ground.side(belief.node, 1.0, 0.5)?, entry)),
        Role::Consumer(_) => {
            let from = pos2(ground.side(lead.master?, 1.0, 0.5)?.x, entry.y);
            Some(LinkPath::across(from, ground.side(belief.node, 0.0, 0.5)?))
        }
        _ => None,
    }
}

/// What is painted over the cards: crowns as they are seen, who is alive, how old all that is.
pub(super) fn signs(ground: &StageMap<'_>, belief: &NodeBelief) {
    let brush = ground.brush;
    let Some(body) = ground.body(belief.node) else { return };
    let role = &ground.plan.nodes[belief.node.index()].role;
    for lead in &belief.masters {
        let Some(master) = lead.master.filter(|master| *master != belief.node) else { continue };
        if let Some(line) = ground.body(master) {
            let left = matches!(role, Role::Producer(_));
            crown(ground, if left { line.left_center() } else { line.right_center() }, left, lead.epoch);
        }
        if let Some(way) = ground.registry(belief.node, master).filter(|_| matches!(role, Role::Broker { .. })) {
            brush.dotted(way.points(), brush.palette.ink);
        }
    }
    match role {
        Role::Nameserver => {
            for way in belief.members.iter().filter_map(|node| ground.registry(belief.node, *node)) {
                brush.dotted(way.points(), brush.palette.soft);
            }
        }
        Role::Consumer(consumer) => members(ground, belief, brush.palette.hue(consumer.group.index())),
        _ => {}
    }
    told(ground, belief, body);
}

/// Who is in its group, as a consumer believes: a dotted line along their cards.
fn members(ground: &StageMap<'_>, belief: &NodeBelief, hue: egui::Color32) {
    let brush = ground.brush;
    let at = |rect: Rect| pos2(rect.right() + brush.size(5.0), rect.center().y);
    let places: Vec<Pos2> = belief.members.iter().filter_map(|node| ground.body(*node)).map(at).collect();
    brush.dotted(&places, hue);
    for place in places {
        brush.painter.circle_filled(place, brush.size(3.0), hue);
    }
}

fn first_queue(ground: &StageMap<'_>, lead: &BelievedMaster) -> Option<QueueId> {
    ground.plan.sets[lead.set.index()].queues.first().copied()
}

/// From a consumer to a queue that it takes for its own: to its master, as far as it knows one.
fn owned(
    ground: &StageMap<'_>,
    queue: QueueId,
    group: queuescope::plan::GroupId,
    belief: &NodeBelief,
) -> Option<LinkPath> {
    let of = &ground.plan.queues[queue.index()];
    let leads = || ground.cluster.sets[of.set.index()].leading_replica().node;
    let master = belief.masters.iter().find(|lead| lead.set == of.set).and_then(|lead| lead.master);
    let lane = ground.plan.groups[group.index()].slot as usize;
    ground.reading(queue, lane, master.unwrap_or_else(leads), belief.node)
}

/// A crown as it is seen, outside the card, at the edge of a line.
fn crown(ground: &StageMap<'_>, edge: Pos2, left: bool, epoch: u32) {
    let brush = ground.brush;
    let size = vec2(brush.size(34.0), brush.size(19.0));
    let away = (size.x / 2.0 + brush.size(6.0)) * if left { -1.0 } else { 1.0 };
    let rect = Rect::from_center_size(edge + vec2(away, 0.0), size);
    brush.painter.rect_filled(rect, 3.0, brush.palette.ground);
    brush.dots_around(rect, brush.palette.soft);
    brush.crown_of(pos2(rect.left() + brush.size(4.0), edge.y), epoch, false);
}

/// How old the belief is, beside who believes it; that nobody leads a set, if that is what it believes.
fn told(ground: &StageMap<'_>, belief: &NodeBelief, body: Rect) {
    let brush = ground.brush;
    let Some(age) = belief.age else { return };
    let unknown = belief.masters.iter().any(|lead| lead.master.is_none());
    let ignorant = unknown.then(|| brush.word(Word::KnowsNoMaster).to_owned());
    let age = brush.say(Word::AsOf, &[&span(age)]);
    let lines = [Some(age), ignorant].into_iter().flatten();
    if matches!(ground.plan.nodes[belief.node.index()].role, Role::Producer(_)) {
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
