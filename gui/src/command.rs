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

impl MainView {
    /// The chart, if it is one.
    #[must_use]
    pub const fn chart(self) -> Option<Chart> {
        if let Self::Chart(chart) = self { Some(chart) } else { None }
    }
}

/// A tab of the side panel.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Tab {
    /// The scenario's summary and notes.
    #[default]
    Lesson,
    /// The inspector: what is selected.
    Inspect,
    /// The expectations.
    Expect,
    /// The last records.
    Log,
    /// The charts.
    Charts,
    /// The form, while the editor is open.
    Form,
}

impl Tab {
    /// All tabs, in their order.
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

/// A command: what a key or a button does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AppCommand {
    /// Plays, or pauses.
    Play,
    /// Goes to the next event.
    NextEvent,
    /// Goes to the event before.
    PreviousEvent,
    /// Goes to the next mark of the timeline.
    NextMark,
    /// Goes to the mark before.
    PreviousMark,
    /// Takes the next higher rate.
    Faster,
    /// Takes the next lower rate.
    Slower,
    /// Returns to the even pace.
    EvenPace,
    /// Goes to the start.
    Start,
    /// Goes to the end.
    End,
    /// Goes to a note, by its number from 0.
    Note(u32),
    /// Shows a tab of the side panel.
    Tab(Tab),
    /// Opens the gallery, or closes it.
    Gallery,
    /// Opens a lesson, by its number.
    Open(usize),
    /// Opens the lesson that is chosen in the gallery.
    OpenChosen,
    /// Chooses the next lesson of the gallery.
    NextLesson,
    /// Chooses the lesson before.
    PreviousLesson,
    /// Shows the whole cluster on the stage.
    Fit,
    /// Zooms in.
    ZoomIn,
    /// Zooms out.
    ZoomOut,
    /// Shows routine packets, or hides them.
    Routine,
    /// Switches to the other language.
    Language,
    /// Switches between light and dark.
    Theme,
    /// Fills the screen, or not.
    FullScreen,
    /// Begins a presentation, or ends it.
    Presenter,
    /// Shows the legend, or hides it.
    Legend,
    /// Shows the list of keys, or hides it.
    Keys,
    /// Opens the menu of what is selected.
    Menu,
    /// Shows the next branch.
    NextBranch,
    /// Shows the branch before.
    PreviousBranch,
    /// Saves the branch, or the edited text, as a scenario.
    Save,
    /// Opens the scenario editor, or closes it.
    Editor,
    /// Opens a new cluster in the editor.
    NewCluster,
    /// Saves the charts as a table.
    SaveCharts,
    /// Opens the palette of commands.
    Palette,
    /// Closes what is open, one thing at a time; if nothing is, deselects.
    Escape,
}

impl AppCommand {
    /// Whether it puts a value that is being typed in the form into the text first: the text is saved, or something else is
    /// shown.
    #[must_use]
    pub const fn ends_typing(self) -> bool {
        matches!(
            self,
            Self::Save
                | Self::Editor
                | Self::NewCluster
                | Self::Open(_)
                | Self::OpenChosen
                | Self::Tab(_)
                | Self::Presenter
                | Self::Palette
        )
    }
}

/// A key with its command.
#[derive(Clone, Copy, Debug)]
pub struct KeyBinding {
    /// The command.
    pub command: AppCommand,
    /// The name of the command.
    pub word: Word,
    /// The key.
    pub key: Key,
    /// The modifiers that are held with it.
    pub with: Modifiers,
    /// The key as the list of keys shows it.
    pub shown: &'static str,
}

const fn binding(command: AppCommand, word: Word, key: Key, with: Modifiers, shown: &'static str) -> KeyBinding {
    KeyBinding { command, word, key, with, shown }
}

/// All keys. A key with modifiers comes before the same key without.
pub const KEYS: &[KeyBinding] = &[
    binding(AppCommand::Palette, Word::Palette, Key::K, Modifiers::COMMAND, "Ctrl K"),
    binding(
        AppCommand::SaveCharts,
        Word::SaveCharts,
        Key::S,
        Modifiers::COMMAND.plus(Modifiers::SHIFT),
        "Ctrl Shift S",
    ),
    binding(AppCommand::Save, Word::Save, Key::S, Modifiers::COMMAND, "Ctrl S"),
    binding(AppCommand::NewCluster, Word::NewCluster, Key::N, Modifiers::COMMAND, "Ctrl N"),
    binding(AppCommand::Editor, Word::EditFile, Key::E, Modifiers::COMMAND, "Ctrl E"),
    binding(AppCommand::Play, Word::Play, Key::Space, Modifiers::NONE, "Space"),
    binding(AppCommand::NextMark, Word::NextMark, Key::ArrowRight, Modifiers::SHIFT, "Shift →"),
    binding(AppCommand::PreviousMark, Word::PreviousMark, Key::ArrowLeft, Modifiers::SHIFT, "Shift ←"),
    binding(AppCommand::NextEvent, Word::NextEvent, Key::ArrowRight, Modifiers::NONE, "→"),
    binding(AppCommand::PreviousEvent, Word::PreviousEvent, Key::ArrowLeft, Modifiers::NONE, "←"),
    binding(AppCommand::NextMark, Word::NextMark, Key::PageDown, Modifiers::NONE, "PgDn"),
    binding(AppCommand::PreviousMark, Word::PreviousMark, Key::PageUp, Modifiers::NONE, "PgUp"),
    binding(AppCommand::Faster, Word::Faster, Key::ArrowUp, Modifiers::NONE, "↑"),
    binding(AppCommand::Slower, Word::Slower, Key::ArrowDown, Modifiers::NONE, "↓"),
    binding(AppCommand::EvenPace, Word::EvenPace, Key::E, Modifiers::NONE, "E"),
    binding(AppCommand::Start, Word::ToStart, Key::Home, Modifiers::NONE, "Home"),
    binding(AppCommand::End, Word::ToEnd, Key::End, Modifiers::NONE, "End"),
    binding(AppCommand::Gallery, Word::Lessons, Key::G, Modifiers::NONE, "G"),
    binding(AppCommand::Tab(Tab::Lesson), Word::Lesson, Key::F1, Modifiers::NONE, "F1"),
    binding(AppCommand::Tab(Tab::Inspect), Word::Inspect, Key::F2, Modifiers::NONE, "F2"),
    binding(AppCommand::Tab(Tab::Expect), Word::Expect, Key::F3, Modifiers::NONE, "F3"),
    binding(AppCommand::Tab(Tab::Log), Word::Log, Key::F4, Modifiers::NONE, "F4"),
    binding(AppCommand::Tab(Tab::Charts), Word::Charts, Key::F5, Modifiers::NONE, "F5"),
    binding(AppCommand::Menu, Word::DoSomething, Key::X, Modifiers::NONE, "X"),
    binding(AppCommand::NextBranch, Word::NextBranch, Key::CloseBracket, Modifiers::NONE, "]"),
    binding(AppCommand::PreviousBranch, Word::PreviousBranch, Key::OpenBracket, Modifiers::NONE, "["),
    binding(AppCommand::Fit, Word::Fit, Key::Num0, Modifiers::NONE, "0"),
    binding(AppCommand::ZoomIn, Word::ZoomIn, Key::Plus, Modifiers::NONE, "+"),
    binding(AppCommand::ZoomOut, Word::ZoomOut, Key::Minus, Modifiers::NONE, "-"),
    binding(AppCommand::Routine, Word::ShowRoutine, Key::R, Modifiers::NONE, "R"),
    binding(AppCommand::Language, Word::SwitchLanguage, Key::C, Modifiers::NONE, "C"),
    binding(AppCommand::Theme, Word::SwitchTheme, Key::D, Modifiers::NONE, "D"),
    binding(AppCommand::FullScreen, Word::FullScreen, Key::F, Modifiers::NONE, "F"),
    binding(AppCommand::Presenter, Word::Presenter, Key::P, Modifiers::NONE, "P"),
    binding(AppCommand::Keys, Word::ShowKeys, Key::Questionmark, Modifiers::NONE, "?"),
    binding(AppCommand::Escape, Word::Close, Key::Escape, Modifiers::NONE, "Esc"),
];

/// The keys that go to notes, in the order of the notes.
pub const NOTE_KEYS: [Key; 9] =
    [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];

/// The command of a key.
fn command(key: Key, with: Modifiers) -> Option<AppCommand> {
    let bound = KEYS.iter().find(|it| it.key == key && with.matches_logically(it.with));
    let note = || NOTE_KEYS.iter().position(|it| *it == key).filter(|_| !with.command);
    bound.map(|it| it.command).or_else(|| note().map(|number| AppCommand::Note(number as u32)))
}

/// The command of a key while the gallery is open: up and down choose a lesson, Enter opens it.
fn in_gallery(key: Key, with: Modifiers) -> Option<AppCommand> {
    match command(key, with) {
        Some(AppCommand::Slower) => Some(AppCommand::NextLesson),
        Some(AppCommand::Faster) => Some(AppCommand::PreviousLesson),
        None if key == Key::Enter => Some(AppCommand::OpenChosen),
        command => command,
    }
}

/// The commands of the keys that were pressed in this frame, in their order; while a text is being typed only of keys with
/// Ctrl.
pub fn pressed(ctx: &egui::Context, gallery: bool) -> Vec<AppCommand> {
    let types = ctx.egui_wants_keyboard_input();
    let command_of = if gallery { in_gallery } else { command };
    let mut commands = Vec::new();
    ctx.input_mut(|input| {
        input.events.retain(|event| {
            let Event::Key { key, pressed: true, modifiers, .. } = event else { return true };
            let command = command_of(*key, *modifiers).filter(|_| !types || modifiers.command);
            commands.extend(command);
            command.is_none()
        });
    });
    commands
}
