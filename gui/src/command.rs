//! Everything that keys and buttons can do, in one table: a name, a key, nothing of how it is done. And which views
//! there are to choose from: in the middle of the window, and in its side panel.

use egui::{Event, Key, Modifiers};

use crate::model::chart::Chart;
use crate::text::Word;

/// What takes the middle of the window.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MainView {
    /// The cluster.
    #[default]
    Stage,
    /// The cluster for an audience: in big type, and around it only the clock and what the scenario says.
    Presentation,
    /// One chart.
    Chart(Chart),
}

/// A tab of the side panel.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Tab {
    /// What the scenario says of itself.
    #[default]
    Lesson,
    /// What is selected.
    Inspect,
    /// What is expected.
    Expect,
    /// What happened last.
    Log,
    /// How the run goes.
    Charts,
    /// The keys of the file, while it is on the desk.
    Form,
}

impl Tab {
    /// All, in their order.
    pub const ALL: [Self; 6] = [Self::Lesson, Self::Inspect, Self::Expect, Self::Log, Self::Charts, Self::Form];

    /// Its name.
    #[must_use]
    pub const fn word(self) -> Word {
        match self {
            Self::Lesson => Word::Lesson,
            Self::Inspect => Word::Inspect,
            Self::Expect => Word::Expect,
            Self::Log => Word::Log,
            Self::Charts => Word::Charts,
            Self::Form => Word::Form,
        }
    }
}

/// Something to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AppCommand {
    /// Play, or pause.
    Play,
    /// One event on.
    NextEvent,
    /// One event back.
    PreviousEvent,
    /// On to what matters next.
    NextMark,
    /// Back to what mattered last.
    PreviousMark,
    /// A higher rate.
    Faster,
    /// A lower rate.
    Slower,
    /// Even pace again.
    EvenPace,
    /// To the start.
    Start,
    /// To the end.
    End,
    /// To a note, by its number from 0.
    Note(u32),
    /// A tab of the side panel.
    Tab(Tab),
    /// All lessons.
    Gallery,
    /// Opens a lesson, by its number.
    Open(usize),
    /// Opens the lesson that is chosen in the gallery, while that is open.
    OpenChosen,
    /// The next lesson of the gallery; its number before.
    NextLesson,
    /// The lesson before.
    PreviousLesson,
    /// The stage as large as fits.
    Fit,
    /// Nearer.
    ZoomIn,
    /// Farther.
    ZoomOut,
    /// Heartbeats and the like, shown or not.
    Routine,
    /// The other language.
    Language,
    /// Light or dark.
    Theme,
    /// Full screen or not.
    FullScreen,
    /// Big type and nothing but the picture and what is said of it.
    Presenter,
    /// The legend, kept open or closed.
    Legend,
    /// The keys.
    Keys,
    /// What can be done to what is selected.
    Do,
    /// The next branch.
    NextBranch,
    /// The branch before.
    PreviousBranch,
    /// Saves the branch, or what is on the desk, as a scenario.
    Save,
    /// Puts the file that is open on the desk, as text and form, or takes it away.
    Desk,
    /// A cluster of one's own, to begin with.
    NewCluster,
    /// Saves the charts as a table.
    SaveCharts,
    /// Everything that can be done, to be found by its name.
    Palette,
    /// Closes what is open, or selects nothing.
    Escape,
}

impl AppCommand {
    /// Whether a value that is being typed in the form is meant by then: the file is saved, or another thing is looked at.
    #[must_use]
    pub const fn ends_typing(self) -> bool {
        matches!(
            self,
            Self::Save
                | Self::Desk
                | Self::NewCluster
                | Self::Open(_)
                | Self::OpenChosen
                | Self::Tab(_)
                | Self::Presenter
                | Self::Palette
        )
    }
}

/// A command with its name and the key that gives it.
#[derive(Clone, Copy, Debug)]
pub struct KeyBinding {
    /// What it does.
    pub command: AppCommand,
    /// Its name.
    pub word: Word,
    /// The key.
    pub key: Key,
    /// And what is held with it.
    pub with: Modifiers,
    /// As the list of keys shows it.
    pub shown: &'static str,
}

const fn entry(command: AppCommand, word: Word, key: Key, with: Modifiers, shown: &'static str) -> KeyBinding {
    KeyBinding { command, word, key, with, shown }
}

/// Every key. Those with modifiers come before the same keys without.
pub const KEYS: &[KeyBinding] = &[
    entry(AppCommand::Palette, Word::Palette, Key::K, Modifiers::COMMAND, "Ctrl K"),
    entry(AppCommand::SaveCharts, Word::SaveCharts, Key::S, Modifiers::COMMAND.plus(Modifiers::SHIFT), "Ctrl Shift S"),
    entry(AppCommand::Save, Word::Save, Key::S, Modifiers::COMMAND, "Ctrl S"),
    entry(AppCommand::NewCluster, Word::NewCluster, Key::N, Modifiers::COMMAND, "Ctrl N"),
    entry(AppCommand::Desk, Word::EditFile, Key::E, Modifiers::COMMAND, "Ctrl E"),
    entry(AppCommand::Play, Word::Play, Key::Space, Modifiers::NONE, "Space"),
    entry(AppCommand::NextMark, Word::NextMark, Key::ArrowRight, Modifiers::SHIFT, "Shift →"),
    entry(AppCommand::PreviousMark, Word::PreviousMark, Key::ArrowLeft, Modifiers::SHIFT, "Shift ←"),
    entry(AppCommand::NextEvent, Word::NextEvent, Key::ArrowRight, Modifiers::NONE, "→"),
    entry(AppCommand::PreviousEvent, Word::PreviousEvent, Key::ArrowLeft, Modifiers::NONE, "←"),
    entry(AppCommand::NextMark, Word::NextMark, Key::PageDown, Modifiers::NONE, "PgDn"),
    entry(AppCommand::PreviousMark, Word::PreviousMark, Key::PageUp, Modifiers::NONE, "PgUp"),
    entry(AppCommand::Faster, Word::Faster, Key::ArrowUp, Modifiers::NONE, "↑"),
    entry(AppCommand::Slower, Word::Slower, Key::ArrowDown, Modifiers::NONE, "↓"),
    entry(AppCommand::EvenPace, Word::EvenPace, Key::E, Modifiers::NONE, "E"),
    entry(AppCommand::Start, Word::ToStart, Key::Home, Modifiers::NONE, "Home"),
    entry(AppCommand::End, Word::ToEnd, Key::End, Modifiers::NONE, "End"),
    entry(AppCommand::Gallery, Word::Lessons, Key::G, Modifiers::NONE, "G"),
    entry(AppCommand::Tab(Tab::Lesson), Word::Lesson, Key::F1, Modifiers::NONE, "F1"),
    entry(AppCommand::Tab(Tab::Inspect), Word::Inspect, Key::F2, Modifiers::NONE, "F2"),
    entry(AppCommand::Tab(Tab::Expect), Word::Expect, Key::F3, Modifiers::NONE, "F3"),
    entry(AppCommand::Tab(Tab::Log), Word::Log, Key::F4, Modifiers::NONE, "F4"),
    entry(AppCommand::Tab(Tab::Charts), Word::Charts, Key::F5, Modifiers::NONE, "F5"),
    entry(AppCommand::Do, Word::DoSomething, Key::X, Modifiers::NONE, "X"),
    entry(AppCommand::NextBranch, Word::NextBranch, Key::CloseBracket, Modifiers::NONE, "]"),
    entry(AppCommand::PreviousBranch, Word::PreviousBranch, Key::OpenBracket, Modifiers::NONE, "["),
    entry(AppCommand::Fit, Word::Fit, Key::Num0, Modifiers::NONE, "0"),
    entry(AppCommand::ZoomIn, Word::ZoomIn, Key::Plus, Modifiers::NONE, "+"),
    entry(AppCommand::ZoomOut, Word::ZoomOut, Key::Minus, Modifiers::NONE, "-"),
    entry(AppCommand::Routine, Word::ShowRoutine, Key::R, Modifiers::NONE, "R"),
    entry(AppCommand::Language, Word::SwitchLanguage, Key::C, Modifiers::NONE, "C"),
    entry(AppCommand::Theme, Word::SwitchTheme, Key::D, Modifiers::NONE, "D"),
    entry(AppCommand::FullScreen, Word::FullScreen, Key::F, Modifiers::NONE, "F"),
    entry(AppCommand::Presenter, Word::Presenter, Key::P, Modifiers::NONE, "P"),
    entry(AppCommand::Keys, Word::ShowKeys, Key::Questionmark, Modifiers::NONE, "?"),
    entry(AppCommand::Escape, Word::Close, Key::Escape, Modifiers::NONE, "Esc"),
];

/// The digits that go to notes, in order.
pub const NOTE_KEYS: [Key; 9] =
    [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];

/// What a key gives.
fn command(key: Key, with: Modifiers) -> Option<AppCommand> {
    let entry = KEYS.iter().find(|entry| entry.key == key && with.matches_logically(entry.with));
    let note = || NOTE_KEYS.iter().position(|it| *it == key).filter(|_| !with.command);
    entry.map(|entry| entry.command).or_else(|| note().map(|number| AppCommand::Note(number as u32)))
}

/// What a key gives while the gallery is open: there up and down choose a lesson, and Enter opens it.
fn in_gallery(key: Key, with: Modifiers) -> Option<AppCommand> {
    match command(key, with) {
        Some(AppCommand::Slower) => Some(AppCommand::NextLesson),
        Some(AppCommand::Faster) => Some(AppCommand::PreviousLesson),
        None if key == Key::Enter => Some(AppCommand::OpenChosen),
        command => command,
    }
}

/// The commands of the keys that were pressed in this frame, each as often and in the order in which they were pressed;
/// while somebody types, of those with Ctrl only.
pub fn pressed(ctx: &egui::Context, gallery: bool) -> Vec<AppCommand> {
    let types = ctx.egui_wants_keyboard_input();
    let given = if gallery { in_gallery } else { command };
    let mut commands = Vec::new();
    ctx.input_mut(|input| {
        input.events.retain(|event| {
            let Event::Key { key, pressed: true, modifiers, .. } = event else { return true };
            let given = given(*key, *modifiers).filter(|_| !types || modifiers.command);
            commands.extend(given);
            given.is_none()
        });
    });
    commands
}
