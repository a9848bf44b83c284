//! The timeline: a scrubber with the lag of each group behind it and marks for what mattered; below it the branches, and the
//! controls of the player.

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, Button, FontId, Pos2, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use queuescope::kernel::Time;
use queuescope::plan::Selector;
use queuescope::session::{ActDone, Branches, Mark, MarkKind, Session};
use queuescope::words::figure::moment;
use queuescope::words::{Language, fill};

use crate::command::AppCommand;
use crate::model::chart;
use crate::model::mark::{self, Tone};
use crate::model::name::NameSet;
use crate::model::offer;
use crate::player::Player;
use crate::text::Word;
use crate::theme::{FINE, GRID, LINE, Palette, type_size};
use crate::view::line::{self, Elision};
use crate::view::wish::Wish;
use crate::view::{sign, transport};

/// Room left of the scrubber for its scale, in points.
const GUTTER: f32 = 72.0;

/// The height of a branch, in points, and how many branches are seen at once.
const ROW: f32 = 17.0;
const ROWS: f32 = 4.0;

/// The height of the scrubber, in points.
const SCRUBBER: f32 = 46.0;

/// How far apart notes and questions stand at least, in points.
const ANNOTATION: f32 = 15.5;

/// Shows the timeline; `names` are all names of the plan.
pub fn show(
    ui: &mut Ui,
    (branches, names): (&Branches, &NameSet),
    player: &Player,
    broken: &[(Time, usize)],
    language: Language,
    palette: &'static Palette,
    wishes: &mut Vec<Wish>,
) {
    let session = branches.session();
    ui.add_space(GRID * 0.5);
    let scrubber = Scrubber { session, names, broken, language, palette };
    wishes.extend(scrubber.show(ui).map(Wish::GoTo));
    if branches.all().len() > 1 {
        scrubber.branches(ui, branches, wishes);
    }
    ui.add_space(GRID * 0.5);
    ui.horizontal(|ui| {
        transport::buttons(ui, player, language, palette, wishes);
        transport::figures(ui, session, player, language, palette);
    });
}

/// The timeline of one branch.
struct Scrubber<'a> {
    session: &'a Session,
    names: &'a NameSet,
    /// The expectations that are broken: when each was measured, and its number.
    broken: &'a [(Time, usize)],
    language: Language,
    palette: &'static Palette,
}

impl Scrubber<'_> {
    /// Where a time stands on the track.
    fn x(&self, rect: Rect, at: Time) -> f32 {
        rect.left() + rect.width() * (at.0 as f64 / chart::axis_end(self.session).0.max(1) as f64) as f32
    }

    /// Shows the scrubber; the time to which somebody goes by clicking there.
    fn show(&self, ui: &mut Ui) -> Option<Time> {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), SCRUBBER), Sense::click_and_drag());
        let now = self.session.scene().at();
        let name = Word::Scrubber.text(self.language);
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::Slider, true, name);
            info.value = Some(now.seconds());
            info
        });
        // The scale of the curves stands left of them.
        let track = Rect::from_min_max(rect.min + vec2(GUTTER, 0.0), rect.max - vec2(8.0, 0.0));
        self.lags(ui, track);
        self.marks(ui, track, &response);
        self.cursor(ui, track, now);
        let at = response.interact_pointer_pos().filter(|_| response.dragged() || response.clicked())?;
        let share = f64::from((at.x - track.left()) / track.width()).clamp(0.0, 1.0);
        Some(Time((chart::axis_end(self.session).0 as f64 * share) as u64))
    }

    /// The lag of each group as a curve, all at one scale.
    fn lags(&self, ui: &Ui, track: Rect) {
        let painter = ui.painter();
        let base = track.bottom() - 6.0;
        painter.rect_filled(Rect::from_x_y_ranges(track.x_range(), base..=base + 4.0), 2.0, self.palette.faint);
        let known = self.x(track, self.session.ahead().at());
        let part = Rect::from_x_y_ranges(track.left()..=known, base..=base + 4.0);
        painter.rect_filled(part, 2.0, self.palette.line);
        let series = self.session.series();
        let groups = self.session.plan().groups.len();
        let lags: Vec<Vec<f64>> = (0..groups)
            .map(|group| series.values("max_lag", Selector::Group(group.into())))
            .map(|lags| lags.iter().flatten().map(|lag| lag.number()).collect())
            .collect();
        let max = lags.iter().flatten().copied().fold(0.0, f64::max);
        if max == 0.0 {
            return;
        }
        let height = base - track.top() - 12.0;
        for (group, lags) in lags.iter().enumerate() {
            let points = series.intervals().zip(lags).flat_map(|((from, to), lag)| {
                let y = base - height * (lag / max) as f32;
                [from, to].map(|at| pos2(self.x(track, at).min(track.right()), y))
            });
            let points: Vec<Pos2> = points.collect();
            painter.add(egui::Shape::line(points, Stroke::new(1.5, self.palette.hue(group))));
        }
        // The scale, where the curve is highest.
        let words = format!("{} {max}", Word::Lag.text(self.language));
        let font = FontId::proportional(type_size::SMALL);
        let at = pos2(track.left() - GUTTER + 4.0, track.top() + 12.0);
        painter.text(at, Align2::LEFT_CENTER, words, font, self.palette.soft);
    }

    /// Paints the marks, and shows the words of the one under the pointer.
    fn marks(&self, ui: &Ui, track: Rect, response: &Response) {
        let painter = ui.painter();
        let pointer = response.hover_pos();
        let mut pointed: Option<(&Mark, f32)> = None;
        let mut annotations = self.annotation_places(track).into_iter();
        for mark in self.session.index().marks() {
            let x = self.x(track, mark.at);
            let base = track.bottom() - 4.0;
            match mark::tone(mark.kind) {
                Tone::Alarm => {
                    let until = self.x(track, mark.until).max(x + 3.0);
                    let body = Rect::from_x_y_ranges(x - 1.5..=until, base - 5.0..=base + 3.0);
                    painter.rect_filled(body, 1.0, self.palette.alarm);
                }
                Tone::Crown => sign::crown(painter, pos2(x, base - 11.0), 4.5, self.palette.ink),
                Tone::Plain => {
                    let body = Rect::from_center_size(pos2(x, base - 1.0), vec2(2.0, 8.0));
                    painter.rect_filled(body, 0.0, self.palette.ink);
                }
                Tone::Annotation => {
                    let x = annotations.next().unwrap_or(x);
                    self.annotation(painter, pos2(x, track.top() + 8.0), mark.kind);
                }
            }
            let distance = pointer.map_or(f32::MAX, |pointer| (pointer.x - x).abs());
            if distance < 6.0 && pointed.is_none_or(|(_, nearest)| distance < nearest) {
                pointed = Some((mark, distance));
            }
        }
        for (at, number) in self.broken {
            let x = self.x(track, *at);
            let base = track.bottom() - 4.0;
            for way in [1.0, -1.0] {
                let half = vec2(4.0, 4.0 * way);
                painter
                    .line_segment([pos2(x, base) - half, pos2(x, base) + half], Stroke::new(LINE, self.palette.alarm));
            }
            if pointer.is_some_and(|pointer| (pointer.x - x).abs() < 6.0) {
                let metric = self.session.plan().expectations[*number].figure.metric;
                let words = fill(Word::MarkBroken.text(self.language), &[metric]);
                response.clone().on_hover_text(format!("{}  {words}", moment(*at)));
            }
        }
        if let Some((mark, _)) = pointed {
            let times = if mark.count > 1 { format!(" × {}", mark.count) } else { String::new() };
            let words = mark::words(self.session.plan(), mark.kind, self.language);
            response.clone().on_hover_text(format!("{}  {words}{times}", moment(mark.at)));
        }
    }

    /// Where notes and questions stand: side by side where they would hide each other, as far as the track has room.
    fn annotation_places(&self, track: Rect) -> Vec<f32> {
        let annotations =
            self.session.index().marks().iter().filter(|mark| matches!(mark::tone(mark.kind), Tone::Annotation));
        let mut places: Vec<f32> = annotations.map(|mark| self.x(track, mark.at)).collect();
        let apart = ANNOTATION.min(track.width().max(0.0) / places.len().max(1) as f32);
        let mut last = f32::MIN;
        for place in &mut places {
            last = place.max(last + apart);
            *place = last;
        }
        let mut next = track.right();
        for place in places.iter_mut().rev() {
            *place = place.min(next);
            next = *place - apart;
        }
        places
    }

    /// Paints a note as its number, a question as a question mark.
    fn annotation(&self, painter: &egui::Painter, at: Pos2, kind: MarkKind) {
        let text = match kind {
            MarkKind::Note(number) => (number + 1).to_string(),
            _ => "?".to_owned(),
        };
        let fill = if matches!(kind, MarkKind::Note(_)) { self.palette.panel } else { self.palette.faint };
        painter.circle(at, 7.5, fill, Stroke::new(FINE, self.palette.soft));
        painter.text(at, Align2::CENTER_CENTER, text, FontId::proportional(10.5), self.palette.ink);
    }

    /// A row for each branch, which begins where it leaves the branch before; the one that is shown can be saved.
    fn branches(&self, ui: &mut Ui, branches: &Branches, wishes: &mut Vec<Wish>) {
        let all = branches.all();
        let rows = egui::ScrollArea::vertical().id_salt("branches").max_height(ROWS * ROW).auto_shrink([false, true]);
        rows.show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for (number, branch) in all.iter().enumerate() {
                let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
                let words = branch.fork().map_or_else(
                    || Word::TheFile.text(self.language).to_owned(),
                    |fork| {
                        let own = branch.done().iter().filter(|done| done.at >= fork.at);
                        let words = |done: &ActDone| offer::words(&done.before, &done.act, self.language);
                        let acts: Vec<String> = own.map(words).collect();
                        acts.join(Word::Comma.text(self.language))
                    },
                );
                let here = number == branches.shown();
                response.widget_info(|| WidgetInfo::selected(Role::Button, true, here, &words));
                let is_cut =
                    self.branch(ui, rect, branch.fork().map(|fork| fork.at), (&words, here, response.hovered()));
                let response = if is_cut { response.on_hover_text(&words) } else { response };
                if response.clicked() {
                    wishes.push(Wish::Branch(number));
                }
                if here && number > 0 && self.save(ui, rect) {
                    wishes.push(Wish::Do(AppCommand::Save));
                }
            }
        });
    }

    /// The button that saves a branch; whether it was clicked.
    fn save(&self, ui: &mut Ui, row: Rect) -> bool {
        let words = egui::RichText::new(Word::SaveIt.text(self.language)).small();
        let place = Rect::from_min_max(row.min + vec2(2.0, 0.0), pos2(row.left() + GUTTER - 12.0, row.bottom()));
        let save = |ui: &mut Ui| {
            ui.spacing_mut().button_padding.y = 0.0;
            ui.spacing_mut().interact_size.y = place.height();
            ui.put(place, Button::new(words).min_size(place.size())).on_hover_text("Ctrl S").clicked()
        };
        ui.scope(save).inner
    }

    /// Paints a branch, from where it leaves another one; whether its words had to be cut.
    fn branch(&self, ui: &Ui, rect: Rect, from: Option<Time>, (words, here, hovered): (&str, bool, bool)) -> bool {
        let painter = ui.painter_at(rect);
        let track = Rect::from_min_max(rect.min + vec2(GUTTER, 0.0), rect.max - vec2(8.0, 0.0));
        let ink = match (here, hovered) {
            (true, _) => self.palette.selected,
            (_, true) => self.palette.ink,
            _ => self.palette.soft,
        };
        let (x, y) = (from.map_or(track.left(), |at| self.x(track, at).min(track.right())), rect.center().y);
        painter.line_segment([pos2(x, y), pos2(track.right(), y)], Stroke::new(if here { LINE } else { FINE }, ink));
        if from.is_some() {
            painter.line_segment([pos2(x, rect.top()), pos2(x, y)], Stroke::new(FINE, ink));
            painter.circle_filled(pos2(x, y), 3.0, ink);
        }
        let (font, room) = (FontId::proportional(type_size::SMALL), track.width() - 18.0);
        let shown = line::fitted(&painter, words, &font, room, Elision::NamesWithin(self.names));
        let mut job = LayoutJob::single_section(shown.into_owned(), TextFormat::simple(font, ink));
        job.wrap = TextWrapping::truncate_at_width(room);
        let galley = painter.layout_job(job);
        let is_cut = galley.elided || galley.text() != words;
        let max = (track.right() - galley.size().x - 8.0).max(track.left());
        let at = pos2((x + 10.0).min(max), y - galley.size().y / 2.0);
        let ground = Rect::from_min_size(at, galley.size()).expand2(vec2(4.0, 0.0));
        painter.rect_filled(ground, 0.0, self.palette.panel);
        painter.galley(at, galley, ink);
        is_cut
    }

    fn cursor(&self, ui: &Ui, track: Rect, now: Time) {
        let x = self.x(track, now);
        let painter = ui.painter();
        painter.line_segment([pos2(x, track.top()), pos2(x, track.bottom())], Stroke::new(LINE, self.palette.selected));
        painter.circle_filled(pos2(x, track.bottom() - 4.0), 6.0, self.palette.selected);
    }
}
