//! The stage: the cluster at the present moment, with all packets in flight.
//!
//! Where things stand comes from `layout`, what is shown from the view-models. Here it is painted, and what is under the
//! pointer is found.

mod beliefs;
mod brush;
mod content;
mod legend;
mod links;
mod matrix;
mod node;
mod packets;
mod partitions;
mod path;
mod queue;
mod replica;
mod stage_map;
mod tape;
mod truncation;

use std::cell::RefCell;

use egui::{Color32, Pos2, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo, vec2};
use queuescope::plan::{MessageId, NodeId, Plan, SetId};

use self::brush::{Brush, StageTransform};
use self::content::Attention;
pub use self::content::StageContent;
use self::links::DrawnLink;
use self::stage_map::{SilencePlace, StageMap};
use crate::layout::{DetailLevel, Layout, RowBox};
use crate::model::cluster::LaneView;
use crate::model::selection::{MenuSubject, Selected};
use crate::text::Word;
use crate::view::wish::Wish;

/// A stage that is narrower or lower than this, in points, stays empty: nothing could be told apart on it.
const LEAST: f32 = 24.0;
/// The least zoom; at 1 the whole cluster just fits.
const FARTHEST: f32 = 0.25;
/// The greatest zoom, as a multiple of the natural size.
const NEAREST: f32 = 6.0;

/// How the stage is looked at: zoom and pan, as its user has left them.
#[derive(Clone, Debug)]
pub struct Camera {
    zoom: f32,
    pan: Vec2,
    /// The factor by which the layout was made smaller to fit, when it was painted last.
    fit_scale: f32,
    /// The layout, and the size of the stage for which it was made.
    layout: Option<(Vec2, Layout)>,
}

impl Default for Camera {
    fn default() -> Self {
        Self { zoom: 1.0, pan: Vec2::ZERO, fit_scale: 1.0, layout: None }
    }
}

impl Camera {
    /// Shows the whole cluster, in the middle.
    pub const fn fit(&mut self) {
        self.zoom = 1.0;
        self.pan = Vec2::ZERO;
    }

    /// Zooms around the middle.
    pub fn zoom_by(&mut self, factor: f32) {
        self.zoom_around(factor, Vec2::ZERO);
    }

    /// Zooms around a point, given by its distance from the middle.
    fn zoom_around(&mut self, factor: f32, away: Vec2) {
        let before = self.zoom;
        self.zoom *= factor;
        self.limit_zoom();
        self.pan = away - (away - self.pan) * (self.zoom / before);
    }

    /// Keeps the zoom between the least and the greatest.
    fn limit_zoom(&mut self) {
        self.zoom = self.zoom.min(NEAREST / self.fit_scale).max(FARTHEST);
    }

    /// Forgets the layout: another cluster is shown.
    pub(crate) fn rebuild(&mut self) {
        self.layout = None;
    }

    /// The layout of a plan on a stage of this size.
    fn layout(&mut self, plan: &Plan, size: Vec2) -> &Layout {
        if self.layout.as_ref().is_none_or(|(made_for, _)| *made_for != size) {
            self.layout = Some((size, Layout::of(plan, size)));
        }
        &self.layout.as_ref().expect("it was just made").1
    }

    /// Where the layout is on the screen.
    fn transform(&mut self, rect: Rect, bounds: Rect) -> StageTransform {
        // What is larger than the stage is made to fit.
        self.fit_scale = (rect.width() / bounds.width()).min(rect.height() / bounds.height()).min(1.0);
        self.limit_zoom();
        let zoom = self.zoom * self.fit_scale;
        let middle = bounds.center().to_vec2() * zoom;
        StageTransform { origin: rect.center() - middle + self.pan, zoom }
    }

    /// Pans by dragging, and zooms by the wheel.
    fn follow_pointer(&mut self, response: &Response, ui: &Ui) {
        if response.dragged() {
            self.pan += response.drag_delta();
        }
        if response.hovered() {
            let (wheel, pinch, at) =
                ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta(), input.pointer.hover_pos()));
            let factor = pinch * (wheel / 240.0).exp();
            if factor != 1.0 {
                // What is under the pointer stays there.
                self.zoom_around(factor, at.map_or(Vec2::ZERO, |at| at - response.rect.center()));
            }
        }
    }
}

/// Shows the stage.
pub fn show(ui: &mut Ui, camera: &mut Camera, content: &StageContent<'_>, wishes: &mut Vec<Wish>) {
    let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::click_and_drag());
    let name = Word::Stage.text(content.language);
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, name));
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 0.0, content.palette.ground);
    if rect.width() < LEAST || rect.height() < LEAST {
        return;
    }
    camera.follow_pointer(&response, ui);
    let layout = camera.layout(content.plan, rect.size()).clone();
    let view = camera.transform(rect, layout.bounds);
    let scale = layout.scale * view.zoom;
    let pointer = ui.input(|input| input.pointer.hover_pos()).filter(|at| rect.contains(*at));
    let (cut_texts, names) = (RefCell::default(), content.names);
    let brush = Brush {
        painter: &painter,
        palette: content.palette,
        language: content.language,
        view,
        scale,
        names,
        cut_texts: &cut_texts,
    };
    let map = StageMap { brush: &brush, plan: content.plan, layout: &layout, cluster: content.cluster };
    let links = links::all(&map);
    let places = paint(&map, content, &links, (rect, pointer));
    let clicked = name_cards(ui, &map, content, rect);
    let on_top = |at: &Pos2| ui.ctx().layer_id_at(*at).is_none_or(|layer| layer == ui.layer_id());
    if let Some(at) = pointer.filter(on_top) {
        point_out(&brush, content, &places, at);
        let cut = cut_texts.borrow().iter().rev().find(|(rect, _)| rect.contains(at)).map(|(_, text)| text.clone());
        let cut = cut.map(|text| (text, content.palette.ink)).into_iter();
        show_tooltip(ui, cut.chain(lanes_under(&brush, &layout, content, at)).collect());
    }
    let at = response.interact_pointer_pos().filter(|_| response.clicked());
    let selected = match (at, clicked) {
        (Some(at), _) | (None, Some((Some(at), _))) => Some(find(&map, content, &places, at)),
        (None, Some((None, what))) => Some(Some(what)),
        (None, None) => None,
    };
    // Packets move too fast to be the subject of a menu.
    let asked = pointer.filter(|_| ui.input(|input| input.pointer.secondary_clicked()));
    let subject = |at: Pos2| {
        let thing = find(&map, content, &[], at);
        // A link may cross the box of a group.
        let link = thing.is_none_or(|thing| matches!(thing, Selected::Group(_)));
        let link = link.then(|| links::near(&map, &links, at)).flatten();
        let link = link.map(|(one, other)| MenuSubject::Link(one, other));
        link.or(thing.map(MenuSubject::Thing)).unwrap_or(MenuSubject::Scenario)
    };
    wishes.extend(selected.map(Wish::Select));
    wishes.extend(asked.filter(on_top).map(|at| Wish::Menu(subject(at), at)));
}

/// Paints everything, from back to front. Where each packet is, to be found by the pointer.
fn paint(
    map: &StageMap<'_>,
    content: &StageContent<'_>,
    links: &[DrawnLink],
    (stage, pointer): (Rect, Option<Pos2>),
) -> Vec<(Pos2, usize)> {
    let StageMap { brush, layout, .. } = *map;
    // A link passes behind the boxes of other groups than its own.
    links::paint(map, links);
    let traffic = packets::traffic(map, content.packets, content.rate);
    packets::streams_of_groups(map, &traffic, false);
    paint_groups(brush, layout, content);
    links::paint_within_groups(map, links);
    packets::streams_of_groups(map, &traffic, true);
    let belief = believer(map, content, pointer).and_then(content.belief_of);
    if let Some(belief) = &belief {
        beliefs::links(map, belief);
    }
    paint_nodes(map, content);
    packets::holds(map, content.now);
    partitions::show(map, links);
    let places = packets::show(map, content.packets, &traffic);
    packets::drops(map, content);
    truncation::show(map, content);
    if let Some(Selected::Message(message)) = content.selected {
        packets::selected_message(brush, layout, content.cluster, message);
        mark_packets(brush, &places, content, message);
    }
    if content.legend {
        legend::show(brush, layout, stage, content);
    }
    if let Some(belief) = &belief {
        beliefs::signs(map, belief);
    }
    places
}

/// The node whose beliefs are shown: the one under the pointer; else the selected one.
fn believer(map: &StageMap<'_>, content: &StageContent<'_>, pointer: Option<Pos2>) -> Option<NodeId> {
    let pointed = pointer.and_then(|at| find(map, content, &[], at));
    [pointed, content.selected].into_iter().flatten().find_map(|what| match what {
        Selected::Node(node) => Some(node),
        _ => None,
    })
}

/// Paints the boxes of groups, on which consumers stand.
fn paint_groups(brush: &Brush<'_>, layout: &Layout, content: &StageContent<'_>) {
    for place in &layout.groups {
        let group = &content.cluster.groups[place.group.index()];
        let selected = content.selected == Some(Selected::Group(place.group));
        let of = if selected { Attention::Selected } else { Attention::None };
        brush.group(content.plan, place, brush.view.rect(place.rect), group, of);
    }
}

/// Paints the cards of all nodes, and which of them are silent.
fn paint_nodes(map: &StageMap<'_>, content: &StageContent<'_>) {
    let StageMap { brush, plan, layout, .. } = *map;
    let attention = |node: NodeId| {
        if content.selected == Some(Selected::Node(node)) {
            Attention::Selected
        } else if content.mentioned.contains(&node) {
            Attention::Mentioned
        } else {
            Attention::None
        }
    };
    let card = |node: NodeId| layout.card(node).map(|rect| brush.view.rect(rect));
    for node in &content.cluster.nameservers {
        if let Some(rect) = card(node.node) {
            brush.nameserver(plan, rect, node, attention(node.node));
        }
    }
    for node in &content.cluster.producers {
        if let Some(rect) = card(node.node) {
            brush.producer(plan, rect, node, attention(node.node));
        }
    }
    for place in &layout.sets {
        let set = &content.cluster.sets[place.set.index()];
        brush.set(plan, place, set, layout.level, attention);
    }
    for place in &layout.groups {
        let group = &content.cluster.groups[place.group.index()];
        let hue = brush.palette.hue(place.group.index());
        for (node, rect) in place.consumers.iter().filter(|_| layout.level != DetailLevel::Sets) {
            if let Some(consumer) = group.consumers.iter().find(|it| it.node == *node) {
                brush.consumer(plan, brush.view.rect(*rect), consumer, hue, attention(*node));
            }
        }
    }
    for node in &content.cluster.services {
        if let Some(rect) = card(node.node) {
            brush.service(plan, rect, node, attention(node.node));
        }
    }
    if layout.level == DetailLevel::Sets {
        matrix::show(brush, layout, content);
    }
    for (node, share) in &content.cluster.silent {
        match map.silence_at(*node) {
            Some(SilencePlace::AroundCrown(at)) => brush.silence_around(at, brush.size(9.5), *share),
            Some(SilencePlace::Corner(at)) => brush.silence(at, *share),
            None => {}
        }
    }
}

/// Gives every card a name that can be read out. Which one was clicked, and where, unless it was by a key.
fn name_cards(
    ui: &Ui,
    map: &StageMap<'_>,
    content: &StageContent<'_>,
    stage: Rect,
) -> Option<(Option<Pos2>, Selected)> {
    let StageMap { brush, layout, .. } = *map;
    let mut clicked = None;
    let mut named = |rect: Rect, name: &str, what: Selected| {
        let rect = rect.intersect(stage);
        if rect.is_positive() {
            let response = ui.interact(rect, ui.scope_id().with(("card", name)), Sense::click());
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
            if response.clicked() {
                clicked = Some((response.interact_pointer_pos(), what));
            }
        }
    };
    for (node, rect) in content.plan.nodes.keys().zip(&layout.cards) {
        if let (Some(rect), None) = (rect, content.plan.broker_set(node)) {
            named(brush.view.rect(*rect), content.plan.name(node), Selected::Node(node));
        }
    }
    for set in &layout.sets {
        for row in &set.rows {
            named(brush.view.rect(row.rect), &content.plan.queues[row.queue].name, Selected::Queue(row.queue));
        }
        let head = Rect::from_min_size(set.rect.min, vec2(set.rect.width(), 28.0 * layout.scale));
        for node in &content.plan.sets[set.set].replicas {
            let place = map.line(*node).unwrap_or_else(|| brush.view.rect(head));
            named(place, content.plan.name(*node), Selected::Node(*node));
        }
    }
    clicked
}

/// Shows beside the pointer what there is no room for on the stage.
fn show_tooltip(ui: &Ui, lines: Vec<(String, Color32)>) {
    if lines.is_empty() {
        return;
    }
    let (layer, id) = (ui.layer_id(), ui.scope_id().with("told"));
    let tooltip = egui::Tooltip::always_open(ui.ctx().clone(), layer, id, egui::PopupAnchor::Pointer).gap(12.0);
    tooltip.show(|ui| {
        for (words, ink) in lines {
            ui.label(egui::RichText::new(words).color(ink));
        }
    });
}

/// The lanes of all groups of the queue under the pointer, if it shows only one of them.
fn lanes_under(brush: &Brush<'_>, layout: &Layout, content: &StageContent<'_>, at: Pos2) -> Vec<(String, Color32)> {
    let rows = layout.sets.iter().flat_map(|set| &set.rows);
    let Some(place) = rows.into_iter().find(|row| brush.view.rect(row.rect).contains(at)) else { return Vec::new() };
    let row = content.cluster.sets.iter().flat_map(|set| &set.rows).find(|row| row.queue == place.queue);
    let told = |lane: &LaneView| {
        let owner = lane.owner.map_or(brush.word(Word::NoOwner), |owner| content.plan.name(owner));
        let group = &content.plan.groups[lane.group].name;
        let words = format!("{group}: {} {}, {owner}", brush.word(Word::Lag), lane.lag);
        (words, brush.palette.hue(lane.group.index()))
    };
    let row = row.filter(|row| row.lanes.len() > place.lanes.len());
    row.map_or_else(Vec::new, |row| row.lanes.iter().map(told).collect())
}

/// Marks the packets in flight that carry a message.
fn mark_packets(brush: &Brush<'_>, places: &[(Pos2, usize)], content: &StageContent<'_>, message: MessageId) {
    for (at, index) in places {
        if content.packets[*index].messages.1 == Some(message) {
            let stroke = egui::Stroke::new(brush.size(2.0), brush.palette.selected);
            brush.painter.circle_stroke(*at, brush.size(8.0), stroke);
        }
    }
}

/// What is at a place: a message in flight or on a tape, a node, a queue or a group.
fn find(map: &StageMap<'_>, content: &StageContent<'_>, places: &[(Pos2, usize)], at: Pos2) -> Option<Selected> {
    let StageMap { brush, layout, .. } = *map;
    let near = places.iter().filter(|(place, _)| place.distance(at) < brush.size(10.0));
    let near = near.min_by(|a, b| a.0.distance(at).total_cmp(&b.0.distance(at)));
    if let Some(message) = near.and_then(|(_, index)| content.packets[*index].messages.1) {
        return Some(Selected::Message(message));
    }
    let inside = |rect: Rect| brush.view.rect(rect).contains(at);
    let cards = layout.cards.iter().enumerate().filter(|(node, _)| content.plan.broker_set((*node).into()).is_none());
    let card = cards.filter_map(|(node, rect)| rect.filter(|rect| inside(*rect)).map(|_| node)).next();
    if let Some(node) = card {
        return Some(Selected::Node(node.into()));
    }
    if let Some(set) = layout.sets.iter().find(|set| inside(set.rect)) {
        let Some(place) = set.rows.iter().find(|row| inside(row.rect)) else {
            let replicas = &content.plan.sets[set.set].replicas;
            let named = replicas.iter().find(|node| map.line(**node).is_some_and(|line| line.contains(at)));
            return named.or(replicas.first()).map(|node| Selected::Node(*node));
        };
        return Some(find_in_row(map, set.set, place, at));
    }
    layout.groups.iter().find(|group| inside(group.rect)).map(|group| Selected::Group(group.group))
}

/// What is at a place in a queue's row: a message, a replica, or the queue itself.
fn find_in_row(map: &StageMap<'_>, set: SetId, place: &RowBox, at: Pos2) -> Selected {
    let set = &map.cluster.sets[set.index()];
    let row = set.rows.iter().find(|row| row.queue == place.queue).filter(|_| map.layout.level == DetailLevel::Cells);
    let Some(row) = row else { return Selected::Queue(place.queue) };
    if let Some(message) = map.brush.message_at(place, row, at) {
        return Selected::Message(message);
    }
    let on_line = |index: &usize| map.brush.view.rect(place.line(*index, row.leader)).contains(at);
    match (0..set.replicas.len()).filter(|_| place.is_replicated()).find(on_line) {
        Some(index) => Selected::Node(set.replicas[index].node),
        None => Selected::Queue(place.queue),
    }
}

/// Writes the name of the message in flight under the pointer.
fn point_out(brush: &Brush<'_>, content: &StageContent<'_>, places: &[(Pos2, usize)], at: Pos2) {
    let near = places.iter().find(|(place, _)| place.distance(at) < brush.size(9.0));
    let Some((place, index)) = near else { return };
    if let Some(message) = content.packets[*index].messages.1 {
        let name = content.plan.message(message);
        brush.words(*place - vec2(0.0, brush.size(14.0)), egui::Align2::CENTER_BOTTOM, &name, 12.0, brush.palette.ink);
    }
}
