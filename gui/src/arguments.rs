//! The options of `queuescope-gui`, and its verbs, which write pictures and films to files.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use queuescope::files::OutputFile;
use queuescope::kernel::{Span, Time};
use queuescope::printable;
use queuescope::words::Language;
use queuescope_gui::app::App;
use queuescope_gui::command::Tab;
use queuescope_gui::model::selection::Selected;
use queuescope_gui::studio::{Studio, Take, Touch};
use queuescope_gui::theme::Mode;

/// Watch a message queue at work.
#[derive(Parser, Debug)]
#[command(name = "queuescope-gui", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) verb: Option<PictureVerb>,
    #[command(flatten)]
    pub(crate) look: Look,
}

/// Pictures without a window.
#[derive(Subcommand, Debug)]
pub(crate) enum PictureVerb {
    /// A picture of a moment, as PNG; needs no display and no GPU
    Picture(Picture),
    /// A film of a stretch of time, as GIF; needs no display and no GPU
    Movie(Movie),
}

/// What is shown, and how.
#[derive(Args, Clone, Debug)]
pub(crate) struct Look {
    /// A scenario file, or the name or number of a lesson; without it the first lesson plays
    pub(crate) scenario: Option<PathBuf>,
    /// Stands still at this time of the run, like 12s or 1m 30s
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) at: Option<Time>,
    /// The language of the window
    #[arg(long, value_parser = language(), default_value = Language::default().code())]
    pub(crate) lang: Language,
    /// Light or dark
    #[arg(long, value_enum, default_value_t)]
    pub(crate) theme: Theme,
}

impl Look {
    pub(crate) const fn mode(&self) -> Mode {
        match self.theme {
            Theme::Light => Mode::Light,
            Theme::Dark => Mode::Dark,
        }
    }
}

/// Takes the code of a language.
fn language() -> impl TypedValueParser<Value = Language> {
    let codes = Language::ALL.map(|language| PossibleValue::new(language.code()).help(language.name()));
    PossibleValuesParser::new(codes).try_map(|code| Language::of_code(&code).ok_or("no language has this code"))
}

/// A theme.
#[derive(Clone, Copy, ValueEnum, Default, Debug)]
pub(crate) enum Theme {
    /// Dark ink on paper
    #[default]
    Light,
    /// Light ink on slate
    Dark,
}

/// A tab of the side panel.
#[derive(Clone, Copy, ValueEnum, Debug)]
pub(crate) enum SideTab {
    /// What the scenario says of itself
    Lesson,
    /// What is selected
    Inspect,
    /// What is expected
    Expect,
    /// What happened last
    Log,
    /// How the run goes
    Charts,
}

/// `picture`.
#[derive(Args, Debug)]
pub(crate) struct Picture {
    #[command(flatten)]
    look: Look,
    /// Width and height in pixels
    #[arg(long, value_name = "WxH", default_value = "1280x720", value_parser = size)]
    size: (u32, u32),
    /// Pixels a point: 2 draws everything twice as large; without it what suits the size
    #[arg(long)]
    scale: Option<f32>,
    /// The tab of the side panel
    #[arg(long, value_enum)]
    tab: Option<SideTab>,
    /// With every sign explained
    #[arg(long)]
    legend: bool,
    /// The node that is selected, by its name
    #[arg(long, value_name = "NODE")]
    select: Option<String>,
    /// Keys that are pressed first, one after the other, as the list of keys shows them; 'in quotes': typed
    #[arg(long, value_name = "KEY", value_parser = Touch::parse)]
    press: Vec<Touch>,
    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// `movie`.
#[derive(Args, Debug)]
pub(crate) struct Movie {
    #[command(flatten)]
    look: Look,
    /// Where it begins
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "0s")]
    from: Time,
    /// Where it ends
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Time,
    /// Width and height in pixels
    #[arg(long, value_name = "WxH", default_value = "1280x720", value_parser = size)]
    size: (u32, u32),
    /// Pixels a point; without it what suits the size
    #[arg(long)]
    scale: Option<f32>,
    /// Frames a second
    #[arg(long, default_value_t = 12.5)]
    fps: f64,
    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

impl Picture {
    pub(crate) fn make(&self) -> Result<(), String> {
        let output = output(&self.output, "the picture", &self.look)?;
        let mut app = opened(&self.look)?;
        app.go_to(self.look.at.unwrap_or(Time::ZERO));
        let tab = self.tab.map(|tab| match tab {
            SideTab::Lesson => Tab::Lesson,
            SideTab::Inspect => Tab::Inspect,
            SideTab::Expect => Tab::Expect,
            SideTab::Log => Tab::Log,
            SideTab::Charts => Tab::Charts,
        });
        let mut studio = Studio::new(self.size, self.scale)?;
        if let Some(name) = &self.select {
            let node = app.session().plan().nodes.iter().position(|node| node.name == *name);
            let node = node.ok_or_else(|| format!("there is no node named {name}: --select"))?;
            app.select(Some(Selected::Node(node.into())));
        }
        let png = studio.picture(&mut app, tab, self.legend, &self.press);
        output.write(&png).map_err(|refusal| refusal.to_string())
    }
}

impl Movie {
    pub(crate) fn make(&self) -> Result<(), String> {
        if self.to <= self.from {
            return Err("a film ends after it begins: --to is not after --from".to_owned());
        }
        if !(1.0..=50.0).contains(&self.fps) {
            return Err("a film has from 1 to 50 frames a second: --fps".to_owned());
        }
        let output = output(&self.output, "the film", &self.look)?;
        let mut app = opened(&self.look)?;
        let mut studio = Studio::new(self.size, self.scale)?;
        let gif = studio.film(&mut app, &Take { from: self.from, to: self.to, frames_a_second: self.fps })?;
        output.write(&gif).map_err(|refusal| refusal.to_string())
    }
}

/// The application with the scenario that the options name, or with all lessons.
fn opened(look: &Look) -> Result<App, String> {
    let draft = look.scenario.as_deref().map(super::read).transpose()?;
    Ok(match draft {
        Some((draft, _)) => App::with_scenario(draft, look.lang, look.mode()),
        None => App::with_lessons(look.lang, look.mode()),
    })
}

/// The file to write: never the one that the scenario comes from.
fn output(path: &Path, what: &str, look: &Look) -> Result<OutputFile, String> {
    let inputs: Vec<PathBuf> = look.scenario.iter().cloned().collect();
    OutputFile::new(path, what, "--output", &inputs).map_err(|refusal| refusal.to_string())
}

/// Parses the arguments; an error quotes them in printable characters.
pub(crate) fn parse() -> Result<Arguments, clap::Error> {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let shown = || arguments.iter().map(|argument| printable::path(argument.as_ref()));
    Arguments::try_parse_from(&arguments).map_err(|error| Arguments::try_parse_from(shown()).err().unwrap_or(error))
}

fn time(text: &str) -> Result<Time, String> {
    queuescope::scenario::duration(text).map(|span: Span| Time::ZERO + span)
}

fn size(text: &str) -> Result<(u32, u32), String> {
    let parts =
        text.split_once(['x', '×']).and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    let allowed = 64..=7680;
    parts
        .filter(|(width, height)| allowed.contains(width) && allowed.contains(height))
        .ok_or_else(|| "a size is a width and a height in pixels, like 1280x720, each from 64 to 7680".to_owned())
}
