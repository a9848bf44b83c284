//! The application: which scenario is open, how its run is played, what is selected, and what commands do.
//!
//! - the picture of a frame: `paint`; the wishes that come of it: `grant`
//! - acts on the run, menu and palette: `interaction`
//! - what is saved: `saving`
//! - the scenario as text and form: `scenario_editor`
//!
//! It starts no thread and does no I/O, so that the same application runs in a native window, in a test and in a
//! picture.

mod grant;
mod interaction;
mod paint;
mod saving;
mod scenario_editor;

use std::sync::Arc;

use egui::{Key, Rect, Ui, ViewportCommand};
use queuescope::kernel::Time;
use queuescope::limit;
use queuescope::plan::Plan;
use queuescope::scenario::{self, Draft, lessons};
use queuescope::session::{Aim, Branches, Session};
use queuescope::words::Language;

use self::interaction::Interaction;
pub use self::saving::FileRequest;
use self::saving::Saves;
use self::scenario_editor::{OnDisk, ScenarioEditor};
use crate::command::{self, AppCommand, MainView, Tab};
use crate::model::caption;
use crate::model::flight::Routine;
use crate::model::life::MessageLife;
use crate::model::mark;
use crate::model::name::NameSet;
use crate::model::selection::Selected;
use crate::player::Player;
use crate::theme::{self, Mode};
use crate::view::caption::Guesses;
use crate::view::gallery::Card;
use crate::view::stage::Camera;
use crate::view::wish::SaveKind;

/// How many events of the run a frame has time for: half of its time, at sixty frames a second.
pub const FRAME_EVENTS: u64 = 30_000;
/// How many events a frame searches for the life of a message.
const LIFE_EVENTS: u64 = 10_000;

/// A lesson or a scenario of the gallery.
#[derive(Clone, Debug)]
struct GalleryEntry {
    draft: Draft,
    /// Its edited text that was not saved, sound or not.
    unsaved: Option<UnsavedText>,
    card: Card,
}

/// An edited text that was not saved, with the name of its file.
#[derive(Clone, PartialEq, Eq, Debug)]
struct UnsavedText {
    name: String,
    text: String,
}

/// The scenario that is open, with its branches.
struct OpenRun {
    branches: Branches,
    player: Player,
    camera: Camera,
    guesses: Guesses,
    /// The plan of the branch that is shown.
    plan: Arc<Plan>,
    /// All names of that plan, as in sentences and as on the stage.
    names: NameSet,
    names_on_stage: NameSet,
    selected: Option<Selected>,
    life: Option<MessageLife>,
    /// The expectations that are broken, once the run is known.
    broken_expectations: Option<Vec<(Time, usize)>>,
}

/// The application.
pub struct App {
    entries: Vec<GalleryEntry>,
    /// The place of the one that is chosen in the gallery.
    chosen: usize,
    open: OpenRun,
    /// Where the main view was in the last frame.
    main_view_rect: Rect,
    tab: Tab,
    main_view: MainView,
    shows_gallery: bool,
    shows_keys: bool,
    shows_legend: bool,
    routine: Routine,
    language: Language,
    mode: Mode,
    filter: String,
    full_screen: bool,
    interaction: Interaction,
    saves: Saves,
    /// The editor, while it is open; and whether its user opened it, or the problems of a file did.
    editor: Option<ScenarioEditor>,
    keeps_editor: bool,
    /// The file of the open scenario, if it has one.
    on_disk: Option<OnDisk>,
}

impl App {
    /// An application with all lessons, the first of them open.
    ///
    /// # Panics
    /// When a built-in lesson is no sound scenario, which is a bug of ours: tests read all of them.
    #[must_use]
    pub fn with_lessons(language: Language, mode: Mode) -> Self {
        let read = |lesson: &scenario::Lesson| {
            let draft = Draft::read(lesson.name, lesson.text).expect("lessons that are built in can be read");
            GalleryEntry { card: card(draft.plan()), draft, unsaved: None }
        };
        Self::with(lessons().iter().map(read).collect(), language, mode)
    }

    /// An application with one scenario.
    #[must_use]
    pub fn with_scenario(draft: Draft, language: Language, mode: Mode) -> Self {
        Self::with(vec![GalleryEntry { card: card(draft.plan()), draft, unsaved: None }], language, mode)
    }

    /// An application with a scenario from a file, whose path is the draft's name.
    #[must_use]
    pub fn with_file(draft: Draft, language: Language, mode: Mode) -> Self {
        let on_disk = OnDisk { path: draft.name().to_owned(), text: draft.text().to_owned(), newer: None };
        Self { on_disk: Some(on_disk), ..Self::with_scenario(draft, language, mode) }
    }

    fn with(entries: Vec<GalleryEntry>, language: Language, mode: Mode) -> Self {
        let open = OpenRun::of(&entries[0].draft);
        // The gallery is open where there is a choice.
        let has_choice = entries.len() > 1;
        Self {
            open,
            entries,
            chosen: 0,
            main_view_rect: Rect::ZERO,
            tab: Tab::default(),
            main_view: MainView::default(),
            shows_gallery: has_choice,
            shows_keys: false,
            shows_legend: false,
            routine: Routine::default(),
            language,
            mode,
            filter: String::new(),
            full_screen: false,
            interaction: Interaction::default(),
            saves: Saves::default(),
            editor: None,
            keeps_editor: false,
            on_disk: None,
        }
    }

    /// The names of the lessons that were seen to their end: the program remembers them.
    pub fn seen(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter(|entry| entry.card.seen).map(|entry| entry.card.name.as_str())
    }

    /// Takes over the names of lessons that were seen before.
    pub fn remember<'a>(&mut self, seen: impl IntoIterator<Item = &'a str>) {
        for name in seen {
            self.entries.iter_mut().filter(|entry| entry.card.name == name).for_each(|entry| entry.card.seen = true);
        }
    }

    /// The run that is open.
    #[must_use]
    pub fn session(&self) -> &Session {
        self.open.session()
    }

    /// The branches of the run that is open.
    #[must_use]
    pub const fn branches(&self) -> &Branches {
        &self.open.branches
    }

    /// How the run is played.
    #[must_use]
    pub const fn player(&self) -> &Player {
        &self.open.player
    }

    /// The language of the window.
    #[must_use]
    pub const fn language(&self) -> Language {
        self.language
    }

    /// Light or dark.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether the gallery is open.
    #[must_use]
    pub const fn shows_gallery(&self) -> bool {
        self.shows_gallery
    }

    /// The tab of the side panel.
    #[must_use]
    pub const fn tab(&self) -> Tab {
        self.tab
    }

    /// What takes the middle of the window.
    #[must_use]
    pub const fn main_view(&self) -> MainView {
        self.main_view
    }

    /// Whether the main view is a presentation.
    #[must_use]
    pub const fn presents(&self) -> bool {
        matches!(self.main_view, MainView::Presentation)
    }

    /// What is selected.
    #[must_use]
    pub const fn selected(&self) -> Option<Selected> {
        self.open.selected
    }

    /// Plays unattended: without stopping for notes and questions.
    pub const fn play(&mut self) {
        self.open.player.play_unattended();
    }

    /// Goes to a time, and runs everything up to there at once.
    pub fn go_to(&mut self, at: Time) {
        self.open.player.moved();
        self.open.branches.session_mut().aim(Aim::Time(at));
        while !self.open.session().is_there() {
            self.open.branches.work(FRAME_EVENTS);
        }
    }

    /// Plays for so many seconds on the wall, but not beyond a time of the run, and without stopping.
    pub fn pass(&mut self, seconds: f64, until: Time) {
        let open = &mut self.open;
        open.player.pass(open.branches.session_mut(), seconds, until);
        while !open.session().is_there() {
            open.branches.work(FRAME_EVENTS);
        }
    }

    /// Selects something, and shows it in the inspector, or in the form if that is open.
    pub fn select(&mut self, what: Option<Selected>) {
        self.finish_typing();
        self.open.selected = what;
        self.open.search_selected_life();
        if self.tab == Tab::Form {
            self.show_in_form();
        } else if what.is_some() {
            self.tab = Tab::Inspect;
        }
    }

    /// Runs a command.
    pub fn act(&mut self, command: AppCommand, ctx: &egui::Context) {
        if command.ends_typing() {
            self.finish_typing();
        }
        let open = &mut self.open;
        match command {
            AppCommand::Play => open.player.toggle(open.branches.session_mut(), ctx.input(|input| input.time)),
            AppCommand::NextEvent => open.go_and_pause(|session| session.aim(Aim::NextRecord)),
            AppCommand::PreviousEvent => open.go_and_pause(Session::aim_back),
            AppCommand::NextMark => open.go_and_pause(|session| session.aim(Aim::NextMark)),
            AppCommand::PreviousMark => open.go_and_pause(Session::aim_at_previous_mark),
            AppCommand::Start => open.go_and_pause(|session| session.aim(Aim::Event(0))),
            AppCommand::End => open.go_and_pause(|session| session.aim(Aim::End)),
            AppCommand::Faster => open.player.change_rate(true),
            AppCommand::Slower => open.player.change_rate(false),
            AppCommand::EvenPace => open.player.set_even_pace(),
            AppCommand::Note(place) => {
                let at = caption::notes(open.session()).get(place as usize).and_then(|(_, at)| *at);
                if let Some(at) = at {
                    open.go_and_pause(|session| session.aim(Aim::Time(at)));
                }
            }
            AppCommand::Tab(tab) => self.tab = tab,
            AppCommand::Gallery => self.shows_gallery = !self.shows_gallery,
            AppCommand::Open(index) => self.open_entry(index),
            AppCommand::OpenChosen => self.open_entry(self.chosen),
            AppCommand::NextLesson => self.choose_entry(1),
            AppCommand::PreviousLesson => self.choose_entry(self.entries.len() - 1),
            AppCommand::Fit => open.camera.fit(),
            AppCommand::ZoomIn => open.camera.zoom_by(1.25),
            AppCommand::ZoomOut => open.camera.zoom_by(0.8),
            AppCommand::Routine => self.routine = if self.routine.any() { Routine::default() } else { Routine::ALL },
            AppCommand::Language => self.language = self.language.other(),
            AppCommand::Theme => self.mode = self.mode.other(),
            AppCommand::FullScreen => self.set_full_screen(!self.full_screen, ctx),
            AppCommand::Presenter if self.presents() => self.look_at(MainView::Stage, ctx),
            AppCommand::Presenter => self.look_at(MainView::Presentation, ctx),
            AppCommand::Legend => self.shows_legend = !self.shows_legend,
            AppCommand::Keys => self.shows_keys = !self.shows_keys,
            AppCommand::Menu => self.open_menu_of_selection(),
            AppCommand::NextBranch => self.step_branch(1),
            AppCommand::PreviousBranch => self.step_branch(self.open.branches.all().len() - 1),
            AppCommand::Save => self.save(),
            AppCommand::SaveCharts => self.ask_for_name(SaveKind::Charts),
            AppCommand::Editor => self.toggle_editor(),
            AppCommand::NewCluster => self.new_cluster(),
            AppCommand::Palette => self.interaction.open_palette(),
            AppCommand::Escape => self.escape(ctx),
        }
    }

    /// Makes the window fill the screen, or not.
    fn set_full_screen(&mut self, full: bool, ctx: &egui::Context) {
        self.full_screen = full;
        ctx.send_viewport_cmd(ViewportCommand::Fullscreen(full));
    }

    /// Puts a view into the middle of the window. A presentation fills the screen.
    fn look_at(&mut self, view: MainView, ctx: &egui::Context) {
        let presents = view == MainView::Presentation;
        if presents != self.presents() {
            self.set_full_screen(presents, ctx);
        }
        self.shows_gallery &= !presents;
        self.main_view = view;
    }

    /// Opens another scenario: its cluster is in the middle of the window.
    fn open_run(&mut self, draft: &Draft) {
        self.open = OpenRun::of(draft);
        if !self.presents() {
            self.main_view = MainView::Stage;
        }
    }

    /// Closes what is open, one thing at a time, the topmost first; if nothing is, deselects.
    fn escape(&mut self, ctx: &egui::Context) {
        if self.interaction.close() {
            // That was something.
        } else if self.shows_keys {
            self.shows_keys = false;
        } else if self.shows_gallery {
            self.shows_gallery = false;
        } else if self.main_view != MainView::Stage {
            self.look_at(MainView::Stage, ctx);
        } else {
            self.select(None);
        }
    }

    /// Chooses the entry of the gallery that is so many further; after the last one comes the first.
    fn choose_entry(&mut self, by: usize) {
        self.chosen = (self.chosen + by) % self.entries.len();
    }

    /// Opens a scenario of the gallery, and plays it.
    fn open_entry(&mut self, index: usize) {
        if let Some(entry) = self.entries.get(index) {
            self.chosen = index;
            let (draft, unsaved) = (entry.draft.clone(), entry.unsaved.clone());
            self.keep_unsaved();
            self.open_run(&draft);
            (self.editor, self.on_disk) = (None, None);
            self.interaction.close();
            self.open.player.play();
            self.shows_gallery = false;
            self.tab = Tab::Lesson;
            if let Some(UnsavedText { name, text }) = unsaved {
                self.toggle_editor();
                self.rename_edited(&name);
                self.set_edited_text(text);
            }
        }
    }

    /// One frame: the commands of its keys, the time that has passed, its picture, and the wishes that come of it.
    pub fn show(&mut self, ui: &mut Ui) {
        let ctx = ui.ctx().clone();
        // Each egui context has to be styled once.
        let styled = egui::Id::unique("mode");
        if ctx.data(|data| data.get_temp(styled)) != Some(self.mode) {
            theme::apply(&ctx, self.mode);
            ctx.data_mut(|data| data.insert_temp(styled, self.mode));
        }
        for command in self.pressed(&ctx) {
            self.act(command, &ctx);
        }
        self.pass_time(&ctx);
        let wishes = self.paint(ui);
        self.grant(wishes, &ctx);
    }

    /// The commands of this frame's keys. While something is open over the picture, all keys but Escape are its own.
    fn pressed(&self, ctx: &egui::Context) -> Vec<AppCommand> {
        if self.interaction.has_keys() {
            let escape = ctx.input_mut(|input| input.consume_key(egui::Modifiers::NONE, Key::Escape));
            return escape.then_some(AppCommand::Escape).into_iter().collect();
        }
        command::pressed(ctx, self.shows_gallery)
    }

    /// Lets time pass, and lets the run go ahead.
    fn pass_time(&mut self, ctx: &egui::Context) {
        let open = &mut self.open;
        // The first frame after a pause would take a leap otherwise.
        let (seconds, wall) = ctx.input(|input| (f64::from(input.stable_dt).min(0.1), input.time));
        let coming = open.branches.is_switching();
        if !coming {
            open.player.tick(open.branches.session_mut(), seconds, wall);
        }
        let idle = open.branches.work(if coming { 4 * FRAME_EVENTS } else { FRAME_EVENTS });
        self.follow_run();
        self.follow_branch();
        let open = &mut self.open;
        if open.session().scene().is_over()
            && open.branches.shown() == 0
            && let Some(entry) = self.entries.get_mut(self.chosen)
        {
            entry.card.seen |= entry.card.name == open.plan.scenario;
        }
        if open.session().is_known() && open.broken_expectations.is_none() {
            open.broken_expectations = Some(mark::broken(open.session()));
        }
        if let Some(life) = &mut open.life {
            life.work(LIFE_EVENTS);
            let session = open.branches.session();
            if life.is_outdated(session) && session.is_known() {
                *life = MessageLife::of(session, life.message);
            }
        }
        let looking = open.life.as_ref().is_some_and(|life| !life.is_found());
        if open.player.is_playing() || !idle || looking {
            ctx.request_repaint();
        }
    }
}

impl OpenRun {
    fn of(draft: &Draft) -> Self {
        let branches = Branches::new(draft.clone(), limit::EVENTS);
        Self {
            guesses: Guesses::of(branches.session()),
            plan: Arc::clone(branches.session().plan()),
            names: NameSet::of(branches.session().plan()),
            names_on_stage: NameSet::on_stage(branches.session().plan()),
            branches,
            player: Player::default(),
            camera: Camera::default(),
            selected: None,
            life: None,
            broken_expectations: None,
        }
    }

    fn session(&self) -> &Session {
        self.branches.session()
    }

    /// Begins to search for the life of the selected message, if one is selected.
    fn search_selected_life(&mut self) {
        self.life = match self.selected {
            Some(Selected::Message(message)) => Some(MessageLife::of(self.session(), message)),
            _ => None,
        };
    }

    /// Goes to another moment, and pauses there.
    fn go_and_pause(&mut self, go: impl FnOnce(&mut Session)) {
        // Of two steps in one frame, the second one begins where the first one ends, if that is near.
        if !self.session().is_there() {
            self.branches.work(FRAME_EVENTS);
        }
        self.player.pause();
        self.player.moved();
        go(self.branches.session_mut());
    }
}

/// The card of a scenario.
fn card(plan: &Plan) -> Card {
    Card { name: plan.scenario.clone(), title: plan.title.clone(), summary: plan.summary.clone(), seen: false }
}
