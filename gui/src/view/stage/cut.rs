//! Links that are cut: scissors, and a word. A nameserver has no lines to those whom it hears; one that is cut is drawn.

use egui::{Align2, Pos2};
use queuescope::plan::{NodeId, Role, Target};

use super::brush::Way;
use super::queue::shown_lanes;
use super::way::Ground;
use crate::layout::Level;
use crate::text::Word;
use crate::theme::type_size;

/// As many cuts have a word of their own; of more, the scissors tell.
const WORDS: usize = 12;

/// Marks every link that is cut. It is painted over cards.
pub(super) fn show(ground: &Ground<'_>) {
    if ground.cluster.cuts.is_empty() {
        return;
    }
    let brush = ground.brush;
    let registry = to_nameservers(ground);
    for way in &registry {
        brush.dashed(way.points(), crate::theme::FINE, brush.palette.alarm.gamma_multiply(0.7));
    }
    let middles = registry.iter().map(|way| way.at(0.4, 0.0));
    let links = senders(ground).into_iter().chain(readers(ground)).map(|way| way.at(0.5, 0.0));
    for (number, at) in middles.chain(links).enumerate() {
        sign(ground, at, number < WORDS);
    }
}

fn is_cut(ground: &Ground<'_>, one: NodeId, other: NodeId) -> bool {
    ground.cluster.cuts.iter().any(|cut| cut.parts(one, other))
}

/// From those who send or call, as far as they are cut off from whom they send to.
fn senders(ground: &Ground<'_>) -> Vec<Way> {
    let Ground { plan, cluster, .. } = *ground;
    let mut ways = Vec::new();
    for producer in &cluster.producers {
        let node = producer.node;
        match plan.producer(node).map(|settings| settings.target) {
            Some(Target::Service(service)) if is_cut(ground, node, service) => {
                ways.extend(ground.direct(node, service));
            }
            Some(Target::Topic(topic)) => {
                let cut = |(_, broker, _): &(Pos2, NodeId, bool)| is_cut(ground, node, *broker);
                let ends = ground.entries(topic, &producer.aims).into_iter().filter(cut);
                let from = ground.side(node, 1.0, 0.5);
                ways.extend(ends.filter_map(|(to, ..)| Some(Way::across(from?, to))));
            }
            _ => {}
        }
    }
    for node in plan.nodes_where(|role| matches!(role, Role::Consumer(_))) {
        let service = plan.consumer(node).and_then(|consumer| consumer.calls);
        if let Some(service) = service.filter(|service| is_cut(ground, node, *service)) {
            ways.extend(ground.called(node, service));
        }
    }
    ways
}

/// From queues to those who read them, as far as they are cut off from the broker.
fn readers(ground: &Ground<'_>) -> Vec<Way> {
    let Ground { layout, cluster, .. } = *ground;
    let mut ways = Vec::new();
    if layout.level != Level::Cells {
        return ways;
    }
    for set in &cluster.sets {
        let broker = set.leads().node;
        for row in &set.rows {
            let Some(place) = layout.row(row.queue) else { continue };
            for (slot, lane) in shown_lanes(row, place).enumerate() {
                let owner = lane.owner.filter(|owner| is_cut(ground, broker, *owner));
                ways.extend(owner.and_then(|owner| ground.reading(row.queue, slot, broker, owner)));
            }
        }
    }
    ways
}

/// From nameservers to those who register.
fn to_nameservers(ground: &Ground<'_>) -> Vec<Way> {
    let plan = ground.plan;
    let pairs = plan
        .nodes_where(|role| matches!(role, Role::Nameserver))
        .flat_map(|nameserver| plan.nodes_where(Role::registers).map(move |node| (nameserver, node)));
    pairs
        .filter(|(nameserver, node)| is_cut(ground, *nameserver, *node))
        .filter_map(|(nameserver, node)| ground.registry(nameserver, node))
        .collect()
}

fn sign(ground: &Ground<'_>, at: Pos2, with_word: bool) {
    let brush = ground.brush;
    let palette = brush.palette;
    brush.painter.circle_filled(at, brush.size(10.0), palette.ground);
    brush.scissors(at, palette.alarm);
    if with_word {
        let below = at + egui::vec2(0.0, brush.size(type_size::SMALL + 3.0));
        brush.plate(below, Align2::CENTER_CENTER, brush.word(Word::Cut), palette.alarm, palette.ground);
    }
}
