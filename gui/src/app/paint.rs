//! Paints a frame: lays out the panels and the main view, and gives each view its data. It changes nothing but the state that
//! views keep for themselves, such as a text that is being typed; what the user asks for comes back as wishes.

use std::sync::Arc;

use egui::{CentralPanel, Frame, Key, Panel, Ui};
use queuescope::words::{Language, fill};

use super::{App, OpenRun};
use crate::command::{AppCommand, MainView, Tab};
use crate::model::belief;
use crate::model::caption::{self, NoteOrQuestion};
use crate::model::chart::{Chart, ChartSelection};
use crate::model::cluster::ClusterView;
use crate::model::flight;
use crate::model::selection::Selected;
use crate::text::Word;
use crate::theme::{self, GRID, Palette};
use crate::view::side::charts::Charts;
use crate::view::side::inspect::Inspector;
use crate::view::stage::{self, StageContent};
use crate::view::topbar::TopBar;
use crate::view::wish::Wish;
use crate::view::{caption as caption_view, gallery, keys, side, timeline, transport};

/// The minimum width of the main view and the side panel together, in points. With less, the side panel is hidden.
const MIN_WITH_SIDE_PANEL: f32 = 500.0;
/// The minimum width of the main view beside the gallery, in points. With less, the gallery is alone.
const MIN_BESIDE_GALLERY: f32 = 240.0;

impl App {
    /// Paints this frame. Returns what the user asked for in it.
    pub(super) fn paint(&mut self, ui: &mut Ui) -> Vec<Wish> {
        let palette = Palette::of(self.mode);
        let (language, mode) = (self.language, self.mode);
        let panel_frame =
            |margin: i8| Frame::new().fill(palette.panel).inner_margin(egui::Margin::symmetric(12, margin));
        let ctx = ui.ctx().clone();
        let mut wishes = Vec::new();
        if !self.presents() {
            Panel::top("top").exact_size(44.0).frame(panel_frame(4)).show(ui, |ui| {
                let plan = self.open.session().plan();
                let bar = TopBar { plan, language, mode, on: (self.shows_legend, self.editor.is_some()), palette };
                bar.show(ui, &mut self.routine, &mut wishes);
            });
        }
        // In a narrow window the gallery leaves no room for anything else.
        let gallery_is_alone = self.shows_gallery && ui.available_width() < gallery::WIDTH + MIN_BESIDE_GALLERY;
        if self.shows_gallery {
            let cards = self.entries.iter().map(|entry| &entry.card);
            let show = |ui: &mut Ui| gallery::show(ui, cards, self.chosen, language, palette, &mut wishes);
            if gallery_is_alone {
                CentralPanel::default().frame(panel_frame(8)).show(ui, show);
            } else {
                Panel::left("gallery").exact_size(gallery::WIDTH).frame(panel_frame(8)).show(ui, show);
            }
        }
        // There is no room for both the gallery and the editor.
        if !self.presents() && !self.shows_gallery {
            self.paint_editor(ui, panel_frame(8), &mut wishes);
        }
        if !gallery_is_alone {
            self.paint_run(ui, panel_frame, &mut wishes);
        }
        if self.shows_keys {
            keys::show(&ctx, language, palette, &mut wishes);
        }
        // The wishes of the overlay come first: it closes before another wish opens something in its place.
        let mut in_order = Vec::new();
        self.paint_overlay(&ctx, &mut in_order);
        in_order.append(&mut wishes);
        in_order
    }

    /// Paints the main view with the panels around it.
    fn paint_run(&mut self, ui: &mut Ui, panel_frame: impl Fn(i8) -> Frame, wishes: &mut Vec<Wish>) {
        let cluster = ClusterView::of(self.open.session().scene());
        if !self.presents() {
            self.paint_timeline(ui, panel_frame(4), wishes);
        }
        if !self.presents() && ui.available_width() >= MIN_WITH_SIDE_PANEL {
            let side = Panel::right("side").default_size(300.0).size_range(240.0..=520.0).frame(panel_frame(8));
            side.show(ui, |ui| self.paint_side(ui, &cluster, wishes));
        }
        self.paint_caption(ui, panel_frame(6), wishes);
        self.main_view_rect = ui.available_rect_before_wrap();
        match self.main_view {
            MainView::Stage | MainView::Presentation => {
                let stage = CentralPanel::default().frame(Frame::new());
                stage.show(ui, |ui| self.paint_stage(ui, &cluster, wishes));
            }
            MainView::Chart(chart) => self.paint_chart(ui, chart, wishes),
        }
    }

    /// Paints the timeline with the controls of the player.
    fn paint_timeline(&mut self, ui: &mut Ui, panel_frame: Frame, wishes: &mut Vec<Wish>) {
        let (language, palette) = (self.language, Palette::of(self.mode));
        let open = &self.open;
        Panel::bottom("timeline").frame(panel_frame).show(ui, |ui| {
            let broken = open.broken_expectations.as_deref().unwrap_or_default();
            timeline::show(ui, (&open.branches, &open.names), &open.player, broken, language, palette, wishes);
        });
    }

    /// Paints the caption, and in a presentation the figures below it.
    fn paint_caption(&mut self, ui: &mut Ui, panel_frame: Frame, wishes: &mut Vec<Wish>) {
        let (language, palette) = (self.language, Palette::of(self.mode));
        let presents = self.presents();
        let scale = if presents { theme::type_size::PRESENTER } else { 1.0 };
        let open = &mut self.open;
        if presents {
            // A presentation hides the timeline, which shows these figures otherwise.
            Panel::bottom("figures").exact_size(36.0).frame(panel_frame).show(ui, |ui| {
                ui.horizontal_centered(|ui| {
                    transport::figures(ui, open.branches.session(), &open.player, language, palette);
                });
            });
        }
        // In a low window the main view keeps most of the room.
        let height = (caption_view::HEIGHT * scale).min(ui.available_height() * 0.3);
        let caption = Panel::bottom("caption").exact_size(height).frame(panel_frame);
        caption.show(ui, |ui| {
            let session = open.branches.session();
            if let Some(passed) = session.passed() {
                let words = fill(Word::LimitPassed.text(language), &[&passed.to_string()]);
                ui.label(egui::RichText::new(words).color(palette.alarm));
                return;
            }
            caption_view::show(ui, session, &open.player, &mut open.guesses, (language, scale), palette, wishes);
        });
    }

    /// Paints the side panel: the tab buttons, and the content of the tab that is open.
    fn paint_side(&mut self, ui: &mut Ui, cluster: &ClusterView, wishes: &mut Vec<Wish>) {
        let palette = Palette::of(self.mode);
        let language = self.language;
        ui.horizontal(|ui| {
            // So narrow that all tab buttons fit into one row in either language.
            ui.spacing_mut().item_spacing.x = 2.0;
            ui.spacing_mut().button_padding.x = GRID * 0.75;
            for tab in Tab::ALL.into_iter().filter(|tab| *tab != Tab::Form || self.editor.is_some()) {
                let button = egui::Button::selectable(self.tab == tab, tab.word().text(language));
                if ui.add(button).clicked() {
                    wishes.push(Wish::Do(AppCommand::Tab(tab)));
                }
            }
        });
        ui.add_space(GRID * 0.5);
        let open = &self.open;
        match self.tab {
            Tab::Lesson => side::lesson::show(ui, open.session(), language, palette, wishes),
            Tab::Inspect => {
                let next = open.branches.act_time();
                let (session, names, life) = (open.session(), &open.names, open.life.as_ref());
                let inspector = Inspector { session, names, next, cluster, life, language, palette };
                inspector.show(ui, open.selected, wishes);
            }
            Tab::Expect => {
                side::expect::show(ui, open.session(), &open.session().scene().findings(), language, palette);
            }
            Tab::Log => {
                let routine = self.routine.any();
                side::log::show(
                    ui,
                    (open.session(), &open.names),
                    &mut self.filter,
                    routine,
                    language,
                    palette,
                    wishes,
                );
            }
            Tab::Charts => open.charts(language, palette).show(ui, self.main_view.chart(), wishes),
            Tab::Form => self.paint_form(ui, wishes),
        }
    }

    /// Paints a chart as the main view.
    fn paint_chart(&self, ui: &mut Ui, chart: Chart, wishes: &mut Vec<Wish>) {
        let charts = self.open.charts(self.language, Palette::of(self.mode));
        let frame = Frame::new().fill(charts.palette.ground).inner_margin(GRID * 2.0);
        CentralPanel::default().frame(frame).show(ui, |ui| charts.show_large(ui, chart, wishes));
    }

    /// Paints the stage as the main view.
    fn paint_stage(&mut self, ui: &mut Ui, cluster: &ClusterView, wishes: &mut Vec<Wish>) {
        let open = &mut self.open;
        let session = open.branches.session();
        let scene = session.scene();
        let plan = Arc::clone(session.plan());
        let stopped = open.player.stopped().filter(|due| due.at == scene.at()).map(|due| due.what);
        // A question takes the place of the note, so the nodes of the note are not marked meanwhile.
        let mentioned = match (stopped, caption::note(session)) {
            (Some(NoteOrQuestion::Question(_)), _) | (_, None) => &[][..],
            (_, Some(number)) => &plan.notes[number as usize].focus,
        };
        let content = StageContent {
            plan: &plan,
            names: &open.names_on_stage,
            cluster,
            packets: &flight::in_flight(scene, self.routine),
            drops: flight::drops(scene),
            tails: flight::truncated_tails(scene),
            belief_of: &|node| belief::of(scene, node),
            now: scene.at(),
            rate: open.player.rate(),
            mentioned,
            selected: open.selected,
            legend: self.shows_legend
                || ui.input(|input| input.key_down(Key::L)) && !ui.ctx().egui_wants_keyboard_input(),
            language: self.language,
            palette: Palette::of(self.mode),
        };
        stage::show(ui, &mut open.camera, &content, wishes);
    }
}

impl OpenRun {
    /// The charts of the run that is shown, with the line of the selected node or queue.
    fn charts(&self, language: Language, palette: &'static Palette) -> Charts<'_> {
        let mut selected = ChartSelection::default();
        match self.selected {
            Some(Selected::Node(node)) => selected.node = Some(node),
            Some(Selected::Queue(queue)) => selected.queue = Some(queue),
            Some(Selected::Group(_) | Selected::Message(_)) | None => {}
        }
        Charts { session: self.session(), names: &self.names, selected, language, palette }
    }
}
