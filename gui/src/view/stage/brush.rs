//! The brush of the stage: lines, words and signs at the stage's own scale. It knows shapes and colours, and nothing of
//! what they stand for.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use egui::epaint::TextShape;
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, Color32, FontFamily, FontId, Galley, Painter, Pos2, Rect, Shape, Stroke, Vec2, pos2, vec2};
use queuescope::plan::Epoch;
use queuescope::words::{Language, fill};

use crate::model::name::NameSet;
use crate::text::Word;
use crate::theme::{FINE, LINE, Palette, type_size};
use crate::view::line::{self, Elision};
use crate::view::sign;

/// Where the layout is on the screen.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct StageTransform {
    /// The place of the layout's origin on the screen.
    pub(super) origin: Pos2,
    /// Points of the screen for a point of the layout.
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
    /// How many times larger than its natural size everything is.
    pub(super) scale: f32,
    /// All names on the stage: a name that has to be cut stays different from all of them.
    pub(super) names: &'a NameSet,
    /// The texts that had to be cut, and where they stand.
    pub(super) cut_texts: &'a RefCell<Vec<(Rect, String)>>,
}

impl Brush<'_> {
    /// The length on the screen of a natural length.
    pub(super) fn size(&self, natural: f32) -> f32 {
        natural * self.scale
    }

    /// The width of a stroke: always the same, but finer on a small stage, where it would hide things.
    pub(super) fn stroke(&self, width: f32) -> f32 {
        width.min(self.size(width * 2.0)).max(FINE)
    }

    pub(super) fn word(&self, word: Word) -> &'static str {
        word.text(self.language)
    }

    pub(super) fn say(&self, word: Word, with: &[&str]) -> String {
        fill(word.text(self.language), with)
    }

    /// The font for a natural size, in halves of a point, so that there are few sizes; none where the type would be too small
    /// to be read.
    fn font(&self, natural: f32) -> Option<FontId> {
        let size = (self.size(natural) * 2.0).round() / 2.0;
        (size >= type_size::LEAST).then(|| FontId::new(size, FontFamily::Proportional))
    }

    /// A text on one line, laid out.
    pub(super) fn galley(&self, text: &str, natural: f32, ink: Color32) -> Arc<Galley> {
        self.cut_off(text, natural, ink, f32::INFINITY)
    }

    /// A text on one line, laid out, its end cut off beyond a width.
    fn cut_off(&self, text: &str, natural: f32, ink: Color32, max_width: f32) -> Arc<Galley> {
        let (text, font) = match self.font(natural) {
            Some(font) => (text, font),
            None => ("", FontId::proportional(type_size::LEAST)),
        };
        let mut job = LayoutJob::single_section(text.to_owned(), TextFormat::simple(font, ink));
        job.wrap = TextWrapping { max_width, max_rows: 1, break_anywhere: true, ..TextWrapping::default() };
        self.painter.fonts_mut(|fonts| fonts.layout_job(job))
    }

    fn write(&self, at: Pos2, anchor: Align2, galley: Arc<Galley>, ink: Color32) -> Rect {
        let rect = anchor.anchor_size(at, galley.size());
        self.painter.add(TextShape::new(rect.min, galley, ink));
        rect
    }

    /// Writes a text on one line, its end cut off where it is too long; where it stands.
    pub(super) fn text(
        &self,
        at: Pos2,
        anchor: Align2,
        text: &str,
        natural: f32,
        ink: Color32,
        max_width: f32,
    ) -> Rect {
        let galley = self.cut_off(text, natural, ink, max_width);
        let is_cut = galley.elided;
        self.remembered(self.write(at, anchor, galley, ink), text, is_cut)
    }

    /// Writes a name on one line, its middle cut out where it is too long; where it stands.
    pub(super) fn name(
        &self,
        at: Pos2,
        anchor: Align2,
        name: &str,
        natural: f32,
        ink: Color32,
        max_width: f32,
    ) -> Rect {
        let shown = self.fitted(name, natural, max_width, Elision::Name(self.names));
        let rect = self.words(at, anchor, &shown, natural, ink);
        self.remembered(rect, name, matches!(shown, Cow::Owned(_)))
    }

    /// Writes a sentence on one line; where it is too long, first the names in it are cut, then its end; where it stands.
    pub(super) fn sentence(
        &self,
        at: Pos2,
        anchor: Align2,
        text: &str,
        natural: f32,
        ink: Color32,
        max_width: f32,
    ) -> Rect {
        let shown = self.fitted(text, natural, max_width, Elision::NamesWithin(self.names));
        let galley = self.cut_off(&shown, natural, ink, max_width);
        let is_cut = galley.elided || matches!(shown, Cow::Owned(_));
        self.remembered(self.write(at, anchor, galley, ink), text, is_cut)
    }

    /// A text, cut to a width.
    fn fitted<'t>(&self, text: &'t str, natural: f32, max_width: f32, elision: Elision<'_>) -> Cow<'t, str> {
        let font = self.font(natural);
        font.map_or(Cow::Borrowed(text), |font| line::fitted(self.painter, text, &font, max_width, elision))
    }

    /// Remembers a text that had to be cut, to be shown under the pointer; where it stands.
    fn remembered(&self, rect: Rect, text: &str, is_cut: bool) -> Rect {
        if is_cut {
            self.cut_texts.borrow_mut().push((rect, text.to_owned()));
        }
        rect
    }

    /// Writes a text on one line, however long it is; where it stands.
    pub(super) fn words(&self, at: Pos2, anchor: Align2, text: &str, natural: f32, ink: Color32) -> Rect {
        self.write(at, anchor, self.galley(text, natural, ink), ink)
    }

    /// Writes a small text on a ground of its own, which hides what lies behind it.
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

    /// A dashed line.
    pub(super) fn dashed(&self, points: &[Pos2], width: f32, ink: Color32) {
        let (dash, gap) = (self.size(6.0), self.size(4.0));
        self.painter.extend(Shape::dashed_line(points, Stroke::new(width, ink), dash, gap));
    }

    /// A dotted line, the sign of what is only believed.
    pub(super) fn dotted(&self, points: &[Pos2], ink: Color32) {
        self.painter.extend(Shape::dotted_line(points, ink, self.size(4.5), self.size(1.1)));
    }

    /// A card.
    pub(super) fn card(&self, rect: Rect, fill: Color32, edge: Stroke) {
        self.painter.rect(rect, self.size(6.0), fill, edge, egui::StrokeKind::Inside);
    }

    /// A dashed outline, of something that is not there.
    pub(super) fn outline(&self, rect: Rect, edge: Stroke) {
        let rect = rect.shrink(edge.width.max(1.0));
        let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
        self.dashed(&corners, edge.width, edge.color);
    }

    /// A dotted frame, the sign of a node whose belief is out of date.
    pub(super) fn dots_around(&self, rect: Rect, ink: Color32) {
        let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
        self.painter.extend(Shape::dotted_line(&corners, ink, self.size(4.0), self.size(1.2)));
    }

    /// Hatching, the sign of a node that is down.
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

    /// A crown with the epoch's number: filled for a master, hollow for a node that is only believed to be one. Where the
    /// number ends.
    pub(super) fn crown_of(&self, left: Pos2, epoch: Epoch, leads: bool) -> f32 {
        let centre = left + vec2(self.size(7.0), 0.0);
        if leads {
            self.crown(centre, self.palette.ink);
        } else {
            self.hollow_crown(centre, self.palette.soft);
        }
        let at = left + vec2(self.size(17.0), 0.0);
        self.words(at, Align2::LEFT_CENTER, &epoch.to_string(), type_size::SMALL, self.palette.soft).right()
    }

    /// A hollow crown: no master, or one that is out of date.
    pub(super) fn hollow_crown(&self, centre: Pos2, ink: Color32) {
        sign::hollow_crown(self.painter, centre, self.size(6.5), Stroke::new(self.size(1.2), ink));
    }

    /// Scissors, the sign of a partition.
    pub(super) fn scissors(&self, centre: Pos2, ink: Color32) {
        let at = |x: f32, y: f32| centre + vec2(x, y) * self.size(1.0);
        let stroke = Stroke::new(self.size(1.6), ink);
        // Two blades that cross, open to the right; a ring for each finger.
        for way in [1.0, -1.0] {
            self.painter.line_segment([at(-2.5, 2.2 * way), at(7.0, -4.0 * way)], stroke);
            self.painter.circle_stroke(at(-4.5, 3.4 * way), self.size(2.3), Stroke::new(self.size(1.4), ink));
        }
    }

    /// A crown, the sign of a master.
    pub(super) fn crown(&self, centre: Pos2, ink: Color32) {
        sign::crown(self.painter, centre, self.size(6.5), ink);
    }

    /// A flag on a pole, the sign of a committed offset.
    pub(super) fn flag(&self, foot: Pos2, ink: Color32) {
        let u = self.size(1.0);
        self.line(foot, foot - vec2(0.0, 11.0 * u), LINE.min(1.6 * u), ink);
        let cloth = vec![foot + vec2(0.0, -11.0) * u, foot + vec2(7.0, -8.5) * u, foot + vec2(0.0, -6.0) * u];
        self.painter.add(Shape::convex_polygon(cloth, ink, Stroke::NONE));
    }

    /// A ring that closes with the part of the work that is done.
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

    /// A ring that closes until a silent node is declared dead, on a ground of its own.
    pub(super) fn silence(&self, centre: Pos2, share: f32) {
        let radius = self.size(9.0);
        self.painter.circle(centre, radius, self.palette.card, Stroke::new(FINE, self.palette.line));
        self.ring(centre, radius - self.size(3.0), share, self.size(3.0), self.palette.alarm);
    }

    /// The same ring around another sign.
    pub(super) fn silence_around(&self, centre: Pos2, radius: f32, share: f32) {
        self.painter.circle_stroke(centre, radius, Stroke::new(self.size(2.5), self.palette.faint));
        self.ring(centre, radius, share, self.size(2.5), self.palette.alarm);
    }

    /// A cross, the sign of what was dropped or rejected.
    pub(super) fn cross(&self, centre: Pos2, natural: f32, ink: Color32) {
        let u = self.size(natural);
        self.line(centre - vec2(u, u), centre + vec2(u, u), LINE, ink);
        self.line(centre - vec2(u, -u), centre + vec2(u, -u), LINE, ink);
    }
}
