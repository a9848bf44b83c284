//! Faults on links: scissors and a word where a partition cuts one, a word where messages arrive twice. Links of nameservers
//! are not drawn otherwise; those that are cut are.

use egui::{Align2, Pos2};
use queuescope::plan::{NodeId, Role};

use super::links::DrawnLink;
use super::path::LinkPath;
use super::stage_map::StageMap;
use crate::text::Word;
use crate::theme::type_size;

/// As many cuts have a word; with more of them the scissors alone must do.
const WORDS: usize = 12;

/// Marks every link that is cut, over the cards.
pub(super) fn show(map: &StageMap<'_>, links: &[DrawnLink]) {
    show_repetition(map, links);
    if map.cluster.partitions.is_empty() {
        return;
    }
    let brush = map.brush;
    let registry = to_nameservers(map);
    for path in &registry {
        brush.dashed(path.points(), crate::theme::FINE, brush.palette.alarm.gamma_multiply(0.7));
    }
    let middles = registry.iter().map(|path| path.at(0.4, 0.0));
    let links = links.iter().filter(|link| is_cut(map, link.ends.0, link.ends.1));
    let links = links.map(|link| link.path.at(0.5, 0.0));
    for (number, at) in middles.chain(links).enumerate() {
        sign(map, at, number < WORDS);
    }
}

/// Writes on every link on which messages arrive twice that they do.
fn show_repetition(map: &StageMap<'_>, links: &[DrawnLink]) {
    let (brush, palette) = (map.brush, map.brush.palette);
    for (one, other) in &map.cluster.repeating_links {
        for link in links.iter().filter(|link| link.ends == (*one, *other) || link.ends == (*other, *one)) {
            let at = link.path.at(0.5, 0.0);
            brush.plate(at, Align2::CENTER_CENTER, brush.word(Word::Twice), palette.alarm, palette.ground);
        }
    }
}

fn is_cut(map: &StageMap<'_>, one: NodeId, other: NodeId) -> bool {
    map.cluster.partitions.iter().any(|cut| cut.separates(one, other))
}

/// The paths between nameservers and nodes that register, where they are cut.
fn to_nameservers(map: &StageMap<'_>) -> Vec<LinkPath> {
    let plan = map.plan;
    let pairs = plan
        .nodes_where(|role| matches!(role, Role::Nameserver))
        .flat_map(|nameserver| plan.nodes_where(Role::registers).map(move |node| (nameserver, node)));
    pairs
        .filter(|(nameserver, node)| is_cut(map, *nameserver, *node))
        .filter_map(|(nameserver, node)| map.coordination(nameserver, node))
        .collect()
}

fn sign(map: &StageMap<'_>, at: Pos2, with_word: bool) {
    let brush = map.brush;
    let palette = brush.palette;
    brush.painter.circle_filled(at, brush.size(10.0), palette.ground);
    brush.scissors(at, palette.alarm);
    if with_word {
        let below = at + egui::vec2(0.0, brush.size(type_size::SMALL + 3.0));
        brush.plate(below, Align2::CENTER_CENTER, brush.word(Word::Cut), palette.alarm, palette.ground);
    }
}
