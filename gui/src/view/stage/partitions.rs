//! Links that are cut: scissors, and a word. A nameserver has no lines to those whom it hears; one that is cut is drawn.

use egui::{Align2, Pos2};
use queuescope::plan::{NodeId, Role};

use super::brush::LinkPath;
use super::links::DrawnLink;
use super::stage_map::StageMap;
use crate::text::Word;
use crate::theme::type_size;

/// As many cuts have a word of their own; of more, the scissors tell.
const WORDS: usize = 12;

/// Marks every link that is cut. It is painted over cards.
pub(super) fn show(ground: &StageMap<'_>, strands: &[DrawnLink]) {
    if ground.cluster.partitions.is_empty() {
        return;
    }
    let brush = ground.brush;
    let registry = to_nameservers(ground);
    for way in &registry {
        brush.dashed(way.points(), crate::theme::FINE, brush.palette.alarm.gamma_multiply(0.7));
    }
    let middles = registry.iter().map(|way| way.at(0.4, 0.0));
    let links = strands.iter().filter(|strand| is_cut(ground, strand.ends.0, strand.ends.1));
    let links = links.map(|strand| strand.way.at(0.5, 0.0));
    for (number, at) in middles.chain(links).enumerate() {
        sign(ground, at, number < WORDS);
    }
}

fn is_cut(ground: &StageMap<'_>, one: NodeId, other: NodeId) -> bool {
    ground.cluster.partitions.iter().any(|cut| cut.separates(one, other))
}

/// From nameservers to those who register.
fn to_nameservers(ground: &StageMap<'_>) -> Vec<LinkPath> {
    let plan = ground.plan;
    let pairs = plan
        .nodes_where(|role| matches!(role, Role::Nameserver))
        .flat_map(|nameserver| plan.nodes_where(Role::registers).map(move |node| (nameserver, node)));
    pairs
        .filter(|(nameserver, node)| is_cut(ground, *nameserver, *node))
        .filter_map(|(nameserver, node)| ground.registry(nameserver, node))
        .collect()
}

fn sign(ground: &StageMap<'_>, at: Pos2, with_word: bool) {
    let brush = ground.brush;
    let palette = brush.palette;
    brush.painter.circle_filled(at, brush.size(10.0), palette.ground);
    brush.scissors(at, palette.alarm);
    if with_word {
        let below = at + egui::vec2(0.0, brush.size(type_size::SMALL + 3.0));
        brush.plate(below, Align2::CENTER_CENTER, brush.word(Word::Cut), palette.alarm, palette.ground);
    }
}
