//! The application: what is open, how it is played, what is selected, and what commands do to it.
//!
//! - the picture of a frame: `paint`; what is wanted there is done: `grant`
//! - what is done by hand, and branches: `interaction`
//! - what is saved, and what is said of that: `saving`
//! - the file as text and form: `scenario_editor`
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
use crate::text::Language;
use crate::theme::{self, Mode};
use crate::view::caption::Guesses;
use crate::view::gallery::Card;
use crate::view::stage::Camera;
use crate::view::wish::SaveKind;

/// Events that a frame can spare: half of the time that it has at sixty a second.
pub const FRAME_EVENTS: u64 = 30_000;
/// Events that a frame spends on the life of a message.
const LIFE_EVENTS: u64 = 10_000;

/// Where a lesson or a file comes from that can be opened.
#[derive(Clone, Debug)]
struct GalleryEntry {
    draft: Draft,
    /// What was written of it and not saved, sound or not.
    unsaved: Option<UnsavedText>,
    card: Card,
}

/// A text under its name.
#[derive(Clone, PartialEq, Eq, Debug)]
struct UnsavedText {
    name: String,
    text: String,
}

/// What is open.
struct OpenRun {
    branches: Branches,
    player: Player,
    camera: Camera,
    guesses: Guesses,
    /// Of the branch that is looked at.
    plan: Arc<Plan>,
    /// All names of that plan, and as the stage has them.
    names: NameSet,
    names_on_stage: NameSet,
    selected: Option<Selected>,
    life: Option<MessageLife>,
    /// Expectations that do not come true, once the run is known.
    broken: Option<Vec<(Time, usize)>>,
}

/// The application.
pub struct App {
    entries: Vec<GalleryEntry>,
    /// Which of them is chosen in the gallery.
    chosen: usize,
    open: OpenRun,
    /// Where the main view was in the last frame.
    picture: Rect,
    tab: Tab,
    main: MainView,
    gallery: bool,
    keys: bool,
    legend: bool,
    routine: Routine,
    language: Language,
    mode: Mode,
    filter: String,
    full_screen: bool,
    hand: Interaction,
    saves: Saves,
    /// The file as text and form, if somebody writes; and whether somebody asked for it, or what is wrong with it did.
    desk: Option<ScenarioEditor>,
    keeps_desk: bool,
    /// The file that is open, if it is one.
    on_disk: Option<OnDisk>,
}

impl App {
    /// With all lessons, the first one open.
    ///
    /// # Panics
    /// When a lesson that is built in cannot be read, which is a bug of ours: tests read them all.
    #[must_use]
    pub fn with_lessons(language: Language, mode: Mode) -> Self {
        let read = |lesson: &scenario::Lesson| {
            let draft = Draft::read(lesson.name, lesson.text).expect("lessons that are built in can be read");
            GalleryEntry { card: card(draft.plan()), draft, unsaved: None }
        };
        Self::with(lessons().iter().map(read).collect(), language, mode)
    }

    /// With one scenario.
    #[must_use]
    pub fn with_scenario(draft: Draft, language: Language, mode: Mode) -> Self {
        Self::with(vec![GalleryEntry { card: card(draft.plan()), draft, unsaved: None }], language, mode)
    }

    /// With a file that is on disk under the draft's name.
    #[must_use]
    pub fn with_file(draft: Draft, language: Language, mode: Mode) -> Self {
        let on_disk = OnDisk { path: draft.name().to_owned(), text: draft.text().to_owned(), newer: None };
        Self { on_disk: Some(on_disk), ..Self::with_scenario(draft, language, mode) }
    }

    fn with(entries: Vec<GalleryEntry>, language: Language, mode: Mode) -> Self {
        let open = OpenRun::of(&entries[0].draft);
        // Where there is a choice, it is shown.
        let choice = entries.len() > 1;
        Self {
            open,
            entries,
            chosen: 0,
            picture: Rect::ZERO,
            tab: Tab::default(),
            main: MainView::default(),
            gallery: choice,
            keys: false,
            legend: false,
            routine: Routine::default(),
            language,
            mode,
            filter: String::new(),
            full_screen: false,
            hand: Interaction::default(),
            saves: Saves::default(),
            desk: None,
            keeps_desk: false,
            on_disk: None,
        }
    }

    /// The scenarios that were seen to their end, by name: to be remembered.
    pub fn seen(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter(|entry| entry.card.seen).map(|entry| entry.card.name.as_str())
    }

    /// These were seen before.
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

    /// How it is played.
    #[must_use]
    pub const fn player(&self) -> &Player {
        &self.open.player
    }

    /// The language.
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
        self.gallery
    }

    /// The tab of the side panel.
    #[must_use]
    pub const fn tab(&self) -> Tab {
        self.tab
    }

    /// What takes the middle of the window.
    #[must_use]
    pub const fn main_view(&self) -> MainView {
        self.main
    }

    /// Whether somebody presents.
    #[must_use]
    pub const fn presents(&self) -> bool {
        matches!(self.main, MainView::Presentation)
    }

    /// What is selected.
    #[must_use]
    pub const fn selected(&self) -> Option<Selected> {
        self.open.selected
    }

    /// Begins to play.
    pub const fn play(&mut self) {
        self.open.player.play_alone();
    }

    /// Goes to a time at once, however much has to be run for it.
    pub fn go_to(&mut self, at: Time) {
        self.open.player.moved();
        self.open.branches.session_mut().aim(Aim::Time(at));
        while !self.open.session().is_there() {
            self.open.branches.work(FRAME_EVENTS);
        }
    }

    /// Lets so many seconds pass on the wall, as if it were played, but not beyond a time of the run; stops for nothing.
    pub fn pass(&mut self, seconds: f64, until: Time) {
        let open = &mut self.open;
        open.player.pass(open.branches.session_mut(), seconds, until);
        while !open.session().is_there() {
            open.branches.work(FRAME_EVENTS);
        }
    }

    /// Selects something, and looks at it.
    pub fn select(&mut self, what: Option<Selected>) {
        self.enter();
        self.open.selected = what;
        self.open.look_at_selected();
        if self.tab == Tab::Form {
            self.look_at_form();
        } else if what.is_some() {
            self.tab = Tab::Inspect;
        }
    }

    /// Does what a key or a button says.
    pub fn act(&mut self, command: AppCommand, ctx: &egui::Context) {
        if command.ends_typing() {
            self.enter();
        }
        let open = &mut self.open;
        match command {
            AppCommand::Play => open.player.toggle(open.branches.session_mut(), ctx.input(|input| input.time)),
            AppCommand::NextEvent => open.step(|session| session.aim(Aim::NextRecord)),
            AppCommand::PreviousEvent => open.step(Session::aim_back),
            AppCommand::NextMark => open.step(|session| session.aim(Aim::NextMark)),
            AppCommand::PreviousMark => open.step(Session::aim_at_previous_mark),
            AppCommand::Start => open.step(|session| session.aim(Aim::Event(0))),
            AppCommand::End => open.step(|session| session.aim(Aim::End)),
            AppCommand::Faster => open.player.change_rate(true),
            AppCommand::Slower => open.player.change_rate(false),
            AppCommand::EvenPace => open.player.even(),
            AppCommand::Note(place) => {
                let at = caption::notes(open.session()).get(place as usize).and_then(|(_, at)| *at);
                if let Some(at) = at {
                    open.step(|session| session.aim(Aim::Time(at)));
                }
            }
            AppCommand::Tab(tab) => self.tab = tab,
            AppCommand::Gallery => self.gallery = !self.gallery,
            AppCommand::Open(index) => self.open(index),
            AppCommand::OpenChosen => self.open(self.chosen),
            AppCommand::NextLesson => self.choose(1),
            AppCommand::PreviousLesson => self.choose(self.entries.len() - 1),
            AppCommand::Fit => open.camera.fit(),
            AppCommand::ZoomIn => open.camera.zoom_by(1.25),
            AppCommand::ZoomOut => open.camera.zoom_by(0.8),
            AppCommand::Routine => self.routine = if self.routine.any() { Routine::default() } else { Routine::ALL },
            AppCommand::Language => self.language = self.language.other(),
            AppCommand::Theme => self.mode = self.mode.other(),
            AppCommand::FullScreen => self.fill_screen(!self.full_screen, ctx),
            AppCommand::Presenter if self.presents() => self.look_at(MainView::Stage, ctx),
            AppCommand::Presenter => self.look_at(MainView::Presentation, ctx),
            AppCommand::Legend => self.legend = !self.legend,
            AppCommand::Keys => self.keys = !self.keys,
            AppCommand::Do => self.open_menu_of_selected(),
            AppCommand::NextBranch => self.turn_branch(1),
            AppCommand::PreviousBranch => self.turn_branch(self.open.branches.all().len() - 1),
            AppCommand::Save => self.save(),
            AppCommand::SaveCharts => self.open_saving(SaveKind::Charts),
            AppCommand::Desk => self.turn_desk(),
            AppCommand::NewCluster => self.new_cluster(),
            AppCommand::Palette => self.hand.open_palette(),
            AppCommand::Escape => self.escape(ctx),
        }
    }

    fn fill_screen(&mut self, full: bool, ctx: &egui::Context) {
        self.full_screen = full;
        ctx.send_viewport_cmd(ViewportCommand::Fullscreen(full));
    }

    /// Puts a view into the middle of the window. A presentation fills the screen.
    fn look_at(&mut self, view: MainView, ctx: &egui::Context) {
        let presents = view == MainView::Presentation;
        if presents != self.presents() {
            self.fill_screen(presents, ctx);
        }
        self.gallery &= !presents;
        self.main = view;
    }

    /// Opens another scenario: its cluster is in the middle of the window.
    fn open_run(&mut self, draft: &Draft) {
        self.open = OpenRun::of(draft);
        if !self.presents() {
            self.main = MainView::Stage;
        }
    }

    fn escape(&mut self, ctx: &egui::Context) {
        if self.hand.close() {
            // One thing is closed at a time.
        } else if self.keys {
            self.keys = false;
        } else if self.gallery {
            self.gallery = false;
        } else if self.main != MainView::Stage {
            self.look_at(MainView::Stage, ctx);
        } else {
            self.select(None);
        }
    }

    fn choose(&mut self, by: usize) {
        self.chosen = (self.chosen + by) % self.entries.len();
    }

    /// Opens a lesson and plays it.
    fn open(&mut self, index: usize) {
        if let Some(entry) = self.entries.get(index) {
            self.chosen = index;
            let (draft, unsaved) = (entry.draft.clone(), entry.unsaved.clone());
            self.keep_what_is_written();
            self.open_run(&draft);
            (self.desk, self.on_disk) = (None, None);
            self.hand.close();
            self.open.player.play();
            self.gallery = false;
            self.tab = Tab::Lesson;
            if let Some(UnsavedText { name, text }) = unsaved {
                self.turn_desk();
                self.name_desk(&name);
                self.put_on_desk(text);
            }
        }
    }

    /// One frame: the commands of its keys, the time that has passed, its picture, and what is wanted there.
    pub fn show(&mut self, ui: &mut Ui) {
        let ctx = ui.ctx().clone();
        // Each place where it is shown has to be told once.
        let told = egui::Id::unique("mode");
        if ctx.data(|data| data.get_temp(told)) != Some(self.mode) {
            theme::apply(&ctx, self.mode);
            ctx.data_mut(|data| data.insert_temp(told, self.mode));
        }
        for command in self.pressed(&ctx) {
            self.act(command, &ctx);
        }
        self.pass_time(&ctx);
        let wishes = self.paint(ui);
        self.grant(wishes, &ctx);
    }

    /// The commands of this frame's keys. Those of a list or a question that is open are its own.
    fn pressed(&self, ctx: &egui::Context) -> Vec<AppCommand> {
        if self.hand.has_keys() {
            let escape = ctx.input_mut(|input| input.consume_key(egui::Modifiers::NONE, Key::Escape));
            return escape.then_some(AppCommand::Escape).into_iter().collect();
        }
        command::pressed(ctx, self.gallery)
    }

    /// Lets time pass, and the run go ahead.
    fn pass_time(&mut self, ctx: &egui::Context) {
        let open = &mut self.open;
        // After a pause without frames the first one would leap.
        let (seconds, wall) = ctx.input(|input| (f64::from(input.stable_dt).min(0.1), input.time));
        let coming = open.branches.is_coming();
        if !coming {
            open.player.tick(open.branches.session_mut(), seconds, wall);
        }
        let idle = open.branches.work(if coming { 4 * FRAME_EVENTS } else { FRAME_EVENTS });
        self.look();
        self.copy_to_desk();
        let open = &mut self.open;
        if open.session().scene().is_over()
            && open.branches.here() == 0
            && let Some(entry) = self.entries.get_mut(self.chosen)
        {
            entry.card.seen |= entry.card.name == open.plan.scenario;
        }
        if open.session().is_known() && open.broken.is_none() {
            open.broken = Some(mark::broken(open.session()));
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
            broken: None,
        }
    }

    fn session(&self) -> &Session {
        self.branches.session()
    }

    fn look_at_selected(&mut self) {
        self.life = match self.selected {
            Some(Selected::Message(message)) => Some(MessageLife::of(self.session(), message)),
            _ => None,
        };
    }

    /// Goes somewhere else, and stands still there.
    fn step(&mut self, go: impl FnOnce(&mut Session)) {
        // Of two steps in one frame the second one goes on from the first, if that is not far.
        if !self.session().is_there() {
            self.branches.work(FRAME_EVENTS);
        }
        self.player.pause();
        self.player.moved();
        go(self.branches.session_mut());
    }
}

fn card(plan: &Plan) -> Card {
    Card { name: plan.scenario.clone(), title: plan.title.clone(), summary: plan.summary.clone(), seen: false }
}
