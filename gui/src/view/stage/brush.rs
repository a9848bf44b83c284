//! What the stage is painted with: lines, words and signs at the stage's own scale. It knows shapes and colours, and
//! nothing of what they stand for.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use egui::epaint::{CubicBezierShape, TextShape};
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, Color32, FontFamily, FontId, Galley, Painter, Pos2, Rect, Shape, Stroke, Vec2, pos2, vec2};

use crate::model::name::NameSet;
use crate::text::{Language, Word, fill};
use crate::theme::{FINE, LINE, Palette, type_size};
use crate::view::line::{self, Elision};
use crate::view::sign;

/// From the layout to the screen.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct StageTransform {
    /// Where the layout's origin is on the screen.
    pub(super) origin: Pos2,
    /// Points of the screen a point of the layout.
    pub(super) zoom: f32,
}

impl StageTransform {
    pub(super) fn at(&self, point: Pos2) -> Pos2 {
        self.origin + point.to_vec2() * self.zoom
    }

    pub(super) fn rect(&self, rect: Rect) -> Rect {
        Rect::from_min_max(self.at(rect.min), self.at(rect.max))
    }
}

/// A brush for one frame.
pub(super) struct Brush<'a> {
    pub(super) painter: &'a Painter,
    pub(super) palette: &'static Palette,
    pub(super) language: Language,
    pub(super) view: StageTransform,
    /// By how much everything is larger than its natural size.
    pub(super) scale: f32,
    /// All names, from which a cut one is told.
    pub(super) names: &'a NameSet,
    /// What was cut, and where it stands.
    pub(super) cut: &'a RefCell<Vec<(Rect, String)>>,
}

impl Brush<'_> {
    /// A length of the natural size on the screen.
    pub(super) fn size(&self, natural: f32) -> f32 {
        natural * self.scale
    }

    /// How wide a stroke is that keeps its width as long as it hides nothing: on a small stage it is finer.
    pub(super) fn stroke(&self, width: f32) -> f32 {
        width.min(self.size(width * 2.0)).max(FINE)
    }

    pub(super) fn word(&self, word: Word) -> &'static str {
        word.text(self.language)
    }

    pub(super) fn say(&self, word: Word, with: &[&str]) -> String {
        fill(word.text(self.language), with)
    }

    /// The type at a natural size, in halves of a point: so that few sizes are ever drawn. None where nobody could read
    /// it: there no text is drawn at all.
    fn font(&self, natural: f32) -> Option<FontId> {
        let size = (self.size(natural) * 2.0).round() / 2.0;
        (size >= type_size::LEAST).then(|| FontId::new(size, FontFamily::Proportional))
    }

    /// A text in one line, as long as it is.
    pub(super) fn galley(&self, text: &str, natural: f32, ink: Color32) -> Arc<Galley> {
        self.cut_off(text, natural, ink, f32::INFINITY)
    }

    /// A text in one line, its end cut off where it is wider than that.
    fn cut_off(&self, text: &str, natural: f32, ink: Color32, most: f32) -> Arc<Galley> {
        let (text, font) = match self.font(natural) {
            Some(font) => (text, font),
            None => ("", FontId::proportional(type_size::LEAST)),
        };
        let mut job = LayoutJob::single_section(text.to_owned(), TextFormat::simple(font, ink));
        job.wrap = TextWrapping { max_width: most, max_rows: 1, break_anywhere: true, ..TextWrapping::default() };
        self.painter.fonts_mut(|fonts| fonts.layout_job(job))
    }

    fn write(&self, at: Pos2, anchor: Align2, galley: Arc<Galley>, ink: Color32) -> Rect {
        let rect = anchor.anchor_size(at, galley.size());
        self.painter.add(TextShape::new(rect.min, galley, ink));
        rect
    }

    /// A text in one line, its end cut off where it is too long; where it stands.
    pub(super) fn text(&self, at: Pos2, anchor: Align2, text: &str, natural: f32, ink: Color32, most: f32) -> Rect {
        let galley = self.cut_off(text, natural, ink, most);
        let is_cut = galley.elided;
        self.noted(self.write(at, anchor, galley, ink), text, is_cut)
    }

    /// A name in one line, its middle cut out where it is too long; where it stands.
    pub(super) fn name(&self, at: Pos2, anchor: Align2, name: &str, natural: f32, ink: Color32, most: f32) -> Rect {
        let shown = self.shown(name, natural, most, Elision::Name(self.names));
        let rect = self.words(at, anchor, &shown, natural, ink);
        self.noted(rect, name, matches!(shown, Cow::Owned(_)))
    }

    /// A text in one line, where it is too long first the names in it are cut, and then its end; where it stands.
    pub(super) fn told(&self, at: Pos2, anchor: Align2, text: &str, natural: f32, ink: Color32, most: f32) -> Rect {
        let shown = self.shown(text, natural, most, Elision::NamesWithin(self.names));
        let galley = self.cut_off(&shown, natural, ink, most);
        let is_cut = galley.elided || matches!(shown, Cow::Owned(_));
        self.noted(self.write(at, anchor, galley, ink), text, is_cut)
    }

    fn shown<'t>(&self, text: &'t str, natural: f32, most: f32, cut: Elision<'_>) -> Cow<'t, str> {
        let font = self.font(natural);
        font.map_or(Cow::Borrowed(text), |font| line::fitted(self.painter, text, &font, most, cut))
    }

    /// Where a text stands, which is remembered if it was cut.
    fn noted(&self, rect: Rect, text: &str, is_cut: bool) -> Rect {
        if is_cut {
            self.cut.borrow_mut().push((rect, text.to_owned()));
        }
        rect
    }

    /// A text of any length.
    pub(super) fn words(&self, at: Pos2, anchor: Align2, text: &str, natural: f32, ink: Color32) -> Rect {
        self.write(at, anchor, self.galley(text, natural, ink), ink)
    }

    /// A small text on a ground of its own: what lies behind it is not read through it.
    pub(super) fn plate(&self, at: Pos2, anchor: Align2, text: &str, ink: Color32, ground: Color32) {
        let galley = self.galley(text, type_size::SMALL, ink);
        if galley.text().is_empty() {
            return;
        }
        let rect = anchor.anchor_size(at, galley.size());
        self.painter.rect_filled(rect.expand2(vec2(self.size(3.0), -1.0)), 2.0, ground);
        self.painter.galley(rect.min, galley, ink);
    }

    pub(super) fn line(&self, from: Pos2, to: Pos2, width: f32, ink: Color32) {
        self.painter.line_segment([from, to], Stroke::new(width, ink));
    }

    /// A dashed line that stands still.
    pub(super) fn dashed(&self, points: &[Pos2], width: f32, ink: Color32) {
        let (dash, gap) = (self.size(6.0), self.size(4.0));
        self.painter.extend(Shape::dashed_line(points, Stroke::new(width, ink), dash, gap));
    }

    /// A line of dots: what is only believed.
    pub(super) fn dotted(&self, points: &[Pos2], ink: Color32) {
        self.painter.extend(Shape::dotted_line(points, ink, self.size(4.5), self.size(1.1)));
    }

    /// A card.
    pub(super) fn card(&self, rect: Rect, fill: Color32, edge: Stroke) {
        self.painter.rect(rect, self.size(6.0), fill, edge, egui::StrokeKind::Inside);
    }

    /// An outline of something that is not there.
    pub(super) fn outline(&self, rect: Rect, edge: Stroke) {
        let rect = rect.shrink(edge.width.max(1.0));
        let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
        self.dashed(&corners, edge.width, edge.color);
    }

    /// A dotted frame: somebody who is out of date.
    pub(super) fn dots_around(&self, rect: Rect, ink: Color32) {
        let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
        self.painter.extend(Shape::dotted_line(&corners, ink, self.size(4.0), self.size(1.2)));
    }

    /// Hatching: dead.
    pub(super) fn hatch(&self, rect: Rect, ink: Color32) {
        let painter = self.painter.with_clip_rect(rect.intersect(self.painter.clip_rect()));
        let step = self.size(9.0);
        let mut x = rect.left() - rect.height();
        while x < rect.right() {
            let (from, to) = (pos2(x, rect.bottom()), pos2(x + rect.height(), rect.top()));
            painter.line_segment([from, to], Stroke::new(FINE, ink));
            x += step;
        }
    }

    /// A crown with the epoch's number, where a line begins: filled for who leads, hollow for who is thought to. Where the
    /// number ends.
    pub(super) fn crown_of(&self, left: Pos2, epoch: u32, leads: bool) -> f32 {
        let centre = left + vec2(self.size(7.0), 0.0);
        if leads {
            self.crown(centre, self.palette.ink);
        } else {
            self.hollow_crown(centre, self.palette.soft);
        }
        let at = left + vec2(self.size(17.0), 0.0);
        self.words(at, Align2::LEFT_CENTER, &epoch.to_string(), type_size::SMALL, self.palette.soft).right()
    }

    /// A crown that nobody bears at the moment, or not rightly.
    pub(super) fn hollow_crown(&self, centre: Pos2, ink: Color32) {
        sign::hollow_crown(self.painter, centre, self.size(6.5), Stroke::new(self.size(1.2), ink));
    }

    /// Scissors: cut off.
    pub(super) fn scissors(&self, centre: Pos2, ink: Color32) {
        let at = |x: f32, y: f32| centre + vec2(x, y) * self.size(1.0);
        let stroke = Stroke::new(self.size(1.6), ink);
        // Two blades that cross, open to the right; a ring for each finger.
        for way in [1.0, -1.0] {
            self.painter.line_segment([at(-2.5, 2.2 * way), at(7.0, -4.0 * way)], stroke);
            self.painter.circle_stroke(at(-4.5, 3.4 * way), self.size(2.3), Stroke::new(self.size(1.4), ink));
        }
    }

    /// A crown: master.
    pub(super) fn crown(&self, centre: Pos2, ink: Color32) {
        sign::crown(self.painter, centre, self.size(6.5), ink);
    }

    /// A flag on a pole that stands at a place: a committed offset.
    pub(super) fn flag(&self, foot: Pos2, ink: Color32) {
        let u = self.size(1.0);
        self.line(foot, foot - vec2(0.0, 11.0 * u), LINE.min(1.6 * u), ink);
        let cloth = vec![foot + vec2(0.0, -11.0) * u, foot + vec2(7.0, -8.5) * u, foot + vec2(0.0, -6.0) * u];
        self.painter.add(Shape::convex_polygon(cloth, ink, Stroke::NONE));
    }

    /// A ring that closes with the share of the work that is done.
    pub(super) fn ring(&self, centre: Pos2, radius: f32, share: f32, width: f32, ink: Color32) {
        let share = share.clamp(0.0, 1.0);
        if share <= 0.0 {
            return;
        }
        let steps = ((share * 40.0).ceil() as usize).max(2);
        let points = (0..=steps).map(|step| {
            let angle = share * step as f32 / steps as f32 * std::f32::consts::TAU - std::f32::consts::FRAC_PI_2;
            centre + Vec2::angled(angle) * radius
        });
        self.painter.add(Shape::line(points.collect(), Stroke::new(width, ink)));
    }

    /// Patience with a silent node that runs out: the cause before the effect.
    pub(super) fn silence(&self, centre: Pos2, share: f32) {
        let radius = self.size(9.0);
        self.painter.circle(centre, radius, self.palette.card, Stroke::new(FINE, self.palette.line));
        self.ring(centre, radius - self.size(3.0), share, self.size(3.0), self.palette.alarm);
    }

    /// The same around a sign that can still be seen.
    pub(super) fn patience(&self, centre: Pos2, radius: f32, share: f32) {
        self.painter.circle_stroke(centre, radius, Stroke::new(self.size(2.5), self.palette.faint));
        self.ring(centre, radius, share, self.size(2.5), self.palette.alarm);
    }

    /// A cross: what never arrives, what was turned away.
    pub(super) fn cross(&self, centre: Pos2, natural: f32, ink: Color32) {
        let u = self.size(natural);
        self.line(centre - vec2(u, u), centre + vec2(u, u), LINE, ink);
        self.line(centre - vec2(u, -u), centre + vec2(u, -u), LINE, ink);
    }
}

/// A way from one thing to another, as a polyline.
#[derive(Clone, Debug)]
pub(super) struct LinkPath {
    points: Vec<Pos2>,
    /// The length up to each point.
    lengths: Vec<f32>,
}

impl LinkPath {
    pub(super) fn through(points: Vec<Pos2>) -> Self {
        let mut length = 0.0;
        let mut lengths = vec![0.0];
        for pair in points.windows(2) {
            length += pair[0].distance(pair[1]);
            lengths.push(length);
        }
        Self { points, lengths }
    }

    /// From the right side of one thing to the left side of another, leaving and arriving level.
    pub(super) fn across(from: Pos2, to: Pos2) -> Self {
        let reach = (to.x - from.x) * 0.45;
        let curve = CubicBezierShape::from_points_stroke(
            [from, from + vec2(reach, 0.0), to - vec2(reach, 0.0), to],
            false,
            Color32::TRANSPARENT,
            Stroke::NONE,
        );
        if (from.y - to.y).abs() < 1.0 {
            return Self::through(vec![from, to]);
        }
        Self::through((0..=20).map(|step| curve.sample(step as f32 / 20.0)).collect())
    }

    /// Down, along below everything, and up again.
    pub(super) fn below(from: Pos2, to: Pos2, depth: f32, round: f32) -> Self {
        let turn = if to.x > from.x { round } else { -round };
        let mut points = vec![from];
        let corner = |corner: Pos2, before: Vec2, after: Vec2| {
            (0..=6).map(move |step| {
                let t = step as f32 / 6.0;
                let (a, b) = (corner + before * (1.0 - t), corner + after * t);
                a.lerp(b, t)
            })
        };
        points.extend(corner(pos2(from.x, depth), vec2(0.0, -round), vec2(turn, 0.0)));
        points.extend(corner(pos2(to.x, depth), vec2(-turn, 0.0), vec2(0.0, -round)));
        points.push(to);
        Self::through(points)
    }

    pub(super) fn points(&self) -> &[Pos2] {
        &self.points
    }

    /// The same way back.
    pub(super) fn back(&self) -> Self {
        Self::through(self.points.iter().rev().copied().collect())
    }

    pub(super) fn length(&self) -> f32 {
        self.lengths.last().copied().unwrap_or(0.0)
    }

    /// The place after a share of the way, so far to the right of it.
    pub(super) fn at(&self, share: f32, aside: f32) -> Pos2 {
        let length = self.length() * share.clamp(0.0, 1.0);
        let next = self.lengths.partition_point(|it| *it <= length).clamp(1, self.points.len() - 1);
        let (a, b) = (self.points[next - 1], self.points[next]);
        let along = self.lengths[next] - self.lengths[next - 1];
        let t = if along > 0.0 { (length - self.lengths[next - 1]) / along } else { 0.0 };
        a.lerp(b, t) - (b - a).normalized().rot90() * aside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_made_evenly_from_end_to_end() {
        let way = LinkPath::through(vec![pos2(0.0, 0.0), pos2(10.0, 0.0), pos2(10.0, 30.0)]);
        let near = |way: &LinkPath, share: f32, x: f32, y: f32| way.at(share, 0.0).distance(pos2(x, y)) < 1e-3;
        assert!(near(&way, 0.0, 0.0, 0.0) && near(&way, 0.25, 10.0, 0.0) && near(&way, 0.5, 10.0, 10.0));
        assert!(near(&way, 1.0, 10.0, 30.0) && near(&way.back(), 0.5, 10.0, 10.0));
        assert!(way.at(0.1, 3.0).distance(pos2(4.0, 3.0)) < 1e-3, "to the right of where it goes");
        let curve = LinkPath::across(pos2(0.0, 0.0), pos2(100.0, 50.0));
        assert!(near(&curve, 0.0, 0.0, 0.0) && near(&curve, 1.0, 100.0, 50.0));
        let ahead: Vec<f32> = (0..=10).map(|step| curve.at(step as f32 / 10.0, 0.0).x).collect();
        assert!(ahead.is_sorted());
    }
}
