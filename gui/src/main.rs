//! `queuescope-gui`: the native window, and pictures without one. The only place of this package with files, a terminal
//! and exit statuses.

mod arguments;
mod display;
mod text_mode;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use egui_system_font_provider::SystemFontProvider;
use queuescope::scenario::{self, Draft, NotNamed};
use queuescope::{import, limit};
use queuescope_gui::app::{App, FileRequest};
use queuescope_gui::font::{self, Faces};
use queuescope_gui::theme;

use self::arguments::{Look, PictureVerb};

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|info| text_mode::tell(&format!("a bug of ours, please report it: {info}"))));
    let arguments = match arguments::parse() {
        Ok(arguments) => arguments,
        Err(error) => return text_mode::clap_exit(&error),
    };
    let done = match &arguments.verb {
        Some(PictureVerb::Picture(picture)) => picture.make(),
        Some(PictureVerb::Movie(movie)) => movie.make(),
        None => window(&arguments.look),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            text_mode::tell(&complaint);
            ExitCode::from(2)
        }
    }
}

/// Opens the window; where there is no display, writes the report of the scenario.
fn window(look: &Look) -> Result<(), String> {
    let draft = look.scenario.as_deref().map(read).transpose()?;
    if let Err(why) = display::find() {
        text_mode::tell(&format!("no window: {why}. The scenario follows as text."));
        let plan = draft.map(|(draft, _)| Arc::clone(draft.plan()));
        return text_mode::play(plan, look.scenario.as_deref(), look.lang);
    }
    let options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("Queuescope")
            .with_app_id("queuescope")
            .with_inner_size([1280.0, 720.0])
            .with_min_inner_size([640.0, 400.0]),
        // `font` adds the system's faces itself.
        system_font_fallback: false,
        ..Default::default()
    };
    let app = open(draft, look);
    let shown = eframe::run_native(
        "Queuescope",
        options,
        Box::new(|context| {
            font::install(&context.egui_ctx, Faces::And(Arc::new(SystemFontProvider::new())));
            let mut app = app;
            let seen = context.storage.and_then(|storage| storage.get_string(SEEN)).unwrap_or_default();
            app.remember(seen.lines());
            Ok(Box::new(Native { app, read_at: 0.0, seen: (0, 0.0) }))
        }),
    );
    shown.map_err(|error| format!("the window cannot be opened: {error}"))
}

/// The application: playing, or paused at the time that the options name.
fn open(draft: Option<(Draft, bool)>, look: &Look) -> App {
    let (language, mode) = (look.lang, look.mode());
    let mut app = match draft {
        Some((draft, true)) => App::with_file(draft, language, mode),
        Some((draft, false)) => App::with_scenario(draft, language, mode),
        None => App::with_lessons(language, mode),
    };
    match look.at {
        Some(at) => app.go_to(at),
        None => app.play(),
    }
    app
}

/// Reads a scenario from a file, or finds a built-in lesson; whether it is a file.
fn read(path: &Path) -> Result<(Draft, bool), String> {
    let name = path.to_string_lossy();
    let (name, text, is_file) = match queuescope::files::read(path, limit::FILE_BYTES) {
        Ok(text) => (name.as_ref(), text, true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let wanted = name.trim_end_matches(".toml").trim_start_matches("scenarios/");
            let lesson = scenario::lesson(wanted).map_err(|why| unnamed(path, wanted, &why))?;
            (lesson.name, lesson.text.to_owned(), false)
        }
        Err(error) => return Err(format!("{name} cannot be read: {error}")),
    };
    Draft::read(name, &text).map(|draft| (draft, is_file)).map_err(|problems| problems.to_string())
}

/// The message that nothing has this name, with what may have been meant.
fn unnamed(path: &Path, wanted: &str, why: &NotNamed) -> String {
    if let NotNamed::Several(names) = why {
        return format!("{wanted} is the number of more than one lesson: {}; give the whole name", names.join(", "));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let beside = fs::read_dir(folder.unwrap_or(Path::new("."))).into_iter().flatten().flatten();
    let beside = beside.map(|entry| folder.map_or_else(|| entry.file_name().into(), |_| entry.path()));
    let beside = beside.filter(|file: &PathBuf| file.extension().is_some_and(|ending| ending == "toml"));
    let near = scenario::near(wanted, beside.map(|file| file.display().to_string()));
    let meant = if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(" or ")) };
    format!("{}: there is no such file, and no lesson of that name or number{meant}", path.display())
}

/// Writes a new file, or one that still has the text that it is known to have, so that saving loses nothing.
fn save(path: &str, text: &str, instead_of: Option<&str>) -> Result<String, String> {
    let is_known = instead_of.is_some_and(|known| fs::read_to_string(path).is_ok_and(|now| now == known));
    let write = if is_known { queuescope::files::replace } else { queuescope::files::create };
    match write(Path::new(path), text.as_bytes()) {
        Ok(()) => Ok(path.to_owned()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && instead_of.is_some() => {
            Err(format!("{path} has changed on disk since it was read: read it again, or choose another name"))
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(format!("{path} exists already: choose another name"))
        }
        Err(error) => Err(format!("{path} cannot be written: {error}")),
    }
}

/// The application in a native window.
struct Native {
    app: App,
    /// When the file of the open scenario was read last, in the window's seconds.
    read_at: f64,
    /// How many lessons had been seen at the last frame, and when that number changed last, in the window's seconds.
    seen: (usize, f64),
}

/// How often the file of the open scenario is read.
const READ_INTERVAL: Duration = Duration::from_millis(500);

impl Native {
    /// Requests frames until the lessons that were seen are stored: eframe stores them with a frame, and there is none while
    /// nothing moves.
    fn request_storing(&mut self, ctx: &egui::Context) {
        let (seen, now) = (self.app.seen().count(), ctx.input(|input| input.time));
        if self.seen.0 != seen {
            self.seen = (seen, now);
        }
        let left = (STORE_INTERVAL * 2).as_secs_f64() - (now - self.seen.1);
        if left > 0.0 {
            ctx.request_repaint_after(Duration::from_secs_f64(left));
        }
    }

    /// Opens files that were dropped on the window: a scenario, or what is known of a real cluster.
    fn open_dropped(&mut self, paths: &[PathBuf]) {
        let read = |path: &PathBuf| {
            let name = path.to_string_lossy().into_owned();
            match queuescope::files::read_file(path, limit::FILE_BYTES) {
                Ok(bytes) => Ok((name, bytes)),
                Err(error) => Err(format!("{name} cannot be read: {error}")),
            }
        };
        let read = match paths.iter().map(read).collect::<Result<Vec<_>, String>>() {
            Ok(read) => read,
            Err(trouble) => return self.app.show_notice(trouble),
        };
        if let [(name, bytes)] = &read[..]
            && name.ends_with(".toml")
        {
            return match std::str::from_utf8(bytes) {
                Ok(text) => self.app.open_text(name, text, true),
                Err(error) => self.app.show_notice(format!("{name} cannot be read: {error}")),
            };
        }
        let files: Vec<import::File<'_>> = read.iter().map(|(name, bytes)| import::File { name, bytes }).collect();
        match import::scenario(&files) {
            Ok(imported) => self.app.open_text("imported.toml", &imported.text, false),
            Err(problems) => self.app.show_notice(problems.iter().map(ToString::to_string).collect()),
        }
    }

    /// Tells the application when the file of the open scenario has changed.
    fn watch(&mut self, ctx: &egui::Context) {
        let Some(path) = self.app.watched_file() else { return };
        let now = ctx.input(|input| input.time);
        if now - self.read_at >= READ_INTERVAL.as_secs_f64() {
            self.read_at = now;
            // A file that cannot be read may be half written: the next attempt will do.
            let bytes = queuescope::files::read_file(Path::new(path), limit::FILE_BYTES).ok();
            if let Some(text) = bytes.and_then(|bytes| String::from_utf8(bytes).ok()) {
                self.app.file_changed(&text);
            }
        }
        ctx.request_repaint_after(READ_INTERVAL);
    }
}

/// How soon the lessons that were seen are stored.
const STORE_INTERVAL: Duration = Duration::from_secs(2);

/// The key under which the names of the lessons that were seen are stored, one on each line.
const SEEN: &str = "seen";

impl eframe::App for Native {
    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        // Lessons that are not open now keep having been seen.
        let before = storage.get_string(SEEN).unwrap_or_default();
        let seen: BTreeSet<&str> = before.lines().chain(self.app.seen()).collect();
        storage.set_string(SEEN, seen.into_iter().collect::<Vec<_>>().join("\n"));
    }

    fn auto_save_interval(&self) -> Duration {
        STORE_INTERVAL
    }

    fn persist_egui_memory(&self) -> bool {
        false
    }

    fn ui(&mut self, ui: &mut egui::Ui, _: &mut eframe::Frame) {
        // The zoom follows from the size of the window, whatever the system says of its pixels.
        let points = ui.ctx().content_rect().size() * ui.ctx().zoom_factor();
        let zoom = theme::zoom(points);
        if (zoom - ui.ctx().zoom_factor()).abs() > 0.01 {
            ui.ctx().set_zoom_factor(zoom);
        }
        self.watch(ui.ctx());
        let dropped = ui.ctx().input(|input| input.raw.dropped_files.clone());
        let dropped: Vec<PathBuf> = dropped.into_iter().map(|file| file.path().to_path_buf()).collect();
        if !dropped.is_empty() {
            self.open_dropped(&dropped);
        }
        self.app.show(ui);
        self.request_storing(ui.ctx());
        for request in self.app.take_requests() {
            let FileRequest::Save { path, text, instead_of } = request;
            self.app.saved(save(&path, &text, instead_of.as_deref()));
            ui.ctx().request_repaint();
        }
    }
}
