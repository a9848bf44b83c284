//! Reads the scenarios that the user names: a file, the files of a folder, or a lesson that is built in. It knows nothing
//! of what is done with them.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use queuescope::plan::Plan;
use queuescope::scenario::{self, Diagnostics, Lesson, NotNamed};
use queuescope::{limit, printable};

use super::diagnostic;
use super::names::{self, SourceName};
use super::trouble::{BadFile, CliError, Complaint};

/// A scenario that can be run.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// As the user named it, so that the same words name it again.
    pub(crate) path: PathBuf,
    /// Its name among all that were read: the file's name, with as much of its folder as tells it apart.
    pub(crate) name: String,
    pub(crate) plan: Arc<Plan>,
    /// Warnings: places where the file is sound and does not do what it seems to say.
    pub(crate) warnings: Option<Diagnostics>,
}

impl Source {
    /// Prints the warnings.
    pub(crate) fn print_warnings(&self) {
        if let Some(warnings) = &self.warnings {
            diagnostic::print_warnings(warnings);
        }
    }
}

/// The scenarios of all paths, and the paths that could not be read.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// In the order of the paths.
    pub(crate) good: Vec<Source>,
    pub(crate) bad: Vec<BadFile>,
}

impl Sources {
    /// Reads everything that the paths name, whatever is wrong with some of it.
    pub(crate) fn read(paths: &[PathBuf]) -> Self {
        let mut sources = Self::default();
        for path in paths {
            match PathMeaning::find(path) {
                Ok(PathMeaning::Lesson(lesson)) => sources.add(path, lesson.name, lesson.text),
                Ok(PathMeaning::Files(files)) => files.iter().for_each(|file| sources.read_file(file)),
                Err(complaint) => sources.bad.push(BadFile::Unread(complaint)),
            }
        }
        sources
    }

    /// All of them, if none is bad.
    pub(crate) fn all(mut self) -> Result<Vec<Source>, CliError> {
        let files = self.good.len() + self.bad.len();
        if !self.bad.is_empty() {
            return Err(CliError::Files(self.bad, files));
        }
        let named = self.good.iter().map(|Source { path, plan, .. }| SourceName {
            identity: fs::canonicalize(path).unwrap_or_else(|_| PathBuf::from(&plan.scenario)),
            path,
            stem: &plan.scenario,
        });
        let names = names::apart(&named.collect::<Vec<_>>());
        for (source, name) in self.good.iter_mut().zip(names) {
            source.name = name;
        }
        Ok(self.good)
    }

    fn read_file(&mut self, file: &Path) {
        match text(file, "a scenario in TOML") {
            Ok(text) => self.add(file, &file.to_string_lossy(), &text),
            Err(complaint) => self.bad.push(BadFile::Unread(complaint)),
        }
    }

    fn add(&mut self, path: &Path, name: &str, text: &str) {
        match scenario::read_with_warnings(name, text) {
            Ok((plan, mut warnings)) => {
                let shown = printable::name(path);
                warnings.iter_mut().for_each(|warnings| warnings.file.clone_from(&shown));
                let (path, name) = (path.to_owned(), plan.scenario.clone());
                self.good.push(Source { path, name, plan: Arc::new(plan), warnings });
            }
            Err(mut diagnostics) => {
                diagnostics.file = printable::name(path);
                self.bad.push(BadFile::Problems(diagnostics));
            }
        }
    }
}

/// The files or the lesson that a path names.
enum PathMeaning {
    Files(Vec<PathBuf>),
    Lesson(&'static Lesson),
}

impl PathMeaning {
    /// A file or folder comes before a lesson of the same name.
    fn find(path: &Path) -> Result<Self, Complaint> {
        match fs::metadata(path) {
            Ok(there) if there.is_dir() => Ok(Self::Files(folder(path)?)),
            Ok(_) => Ok(Self::Files(vec![path.to_owned()])),
            Err(error) if error.kind() == io::ErrorKind::NotFound => lesson(path).map(Self::Lesson),
            Err(error) => Err(unreadable(path, &error)),
        }
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Complaint {
    Complaint::new(format!("{} cannot be read: {error}", printable::path(path)))
}

/// The scenario files directly in a folder, in the order of their names without the ending: a name comes before those
/// that it begins.
fn folder(path: &Path) -> Result<Vec<PathBuf>, Complaint> {
    let mut files = scenarios(path).map_err(|error| unreadable(path, &error))?;
    files.retain(|file| is_read(file));
    if files.is_empty() {
        let complaint = Complaint::new(format!("there is no scenario in the folder {}", printable::path(path)));
        return Err(complaint.help("a folder stands for all *.toml directly in it"));
    }
    Ok(files)
}

/// Everything in a folder that is named like a scenario.
fn scenarios(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(path)? {
        files.push(entry?.path());
    }
    files.retain(|file| is_scenario(file));
    files.sort_by(|a, b| a.file_stem().cmp(&b.file_stem()));
    Ok(files)
}

/// Whether a file of a folder is read. A pipe, a socket or a device among them is no scenario, and reading it
/// may block for ever: it is passed over with a warning. A file whose metadata cannot be read counts as one, so that
/// reading it reports the error.
fn is_read(file: &Path) -> bool {
    let Ok(there) = fs::metadata(file) else { return true };
    if !there.is_file() && !there.is_dir() {
        Complaint::new(format!("{} is no file; it was passed over", printable::path(file))).print_warning();
    }
    there.is_file()
}

/// As a shell understands `*.toml`.
fn is_scenario(file: &Path) -> bool {
    let hidden = file.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    !hidden && file.extension().is_some_and(|ending| ending == "toml")
}

/// A file's bytes, up to the limit on files.
pub(super) fn bytes(file: &Path) -> Result<Vec<u8>, Complaint> {
    let open = File::open(file).map_err(|error| unreadable(file, &error))?;
    bytes_of(open, file)
}

/// The bytes of a file that is open already, as [`bytes`].
pub(super) fn bytes_of(from: impl io::Read, file: &Path) -> Result<Vec<u8>, Complaint> {
    let mut bytes = Vec::new();
    let read = from.take(limit::FILE_BYTES as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(file, &error))?;
    if bytes.len() > limit::FILE_BYTES {
        let (path, most) = (printable::path(file), limit::FILE_BYTES);
        return Err(Complaint::new(format!("{path}:1:1: the file has more than {most} bytes (limit `file_bytes`)")));
    }
    Ok(bytes)
}

/// A file's text, up to the limit on files; `expected` is what is to be in it.
fn text(file: &Path, expected: &str) -> Result<String, Complaint> {
    let path = printable::path(file);
    String::from_utf8(bytes(file)?).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let good = String::from_utf8_lossy(good);
        let line = good.matches('\n').count() + 1;
        let column = good.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Complaint::new(format!("{path}:{line}:{column}: not UTF-8, expected {expected}"))
    })
}

/// The lesson of that name, or of that number where only one has it.
pub(super) fn lesson(path: &Path) -> Result<&'static Lesson, Complaint> {
    let word = path.to_string_lossy();
    scenario::lesson(&word).map_err(|why| match why {
        NotNamed::Unknown => unknown(path, &word),
        NotNamed::Several(names) => {
            Complaint::new(format!("{word} is the number of more than one scenario: {}", names.join(", ")))
                .help("give the whole name")
        }
    })
}

fn unknown(path: &Path, word: &str) -> Complaint {
    let complaint = Complaint::new(format!("there is no file, folder or built-in scenario {word}"));
    let near = near(path, word);
    complaint.help(if near.is_empty() {
        "`queuescope list` names the scenarios that are built in, `queuescope new FILE` writes one to start from"
            .to_owned()
    } else {
        format!("did you mean {}?", near.join(" or "))
    })
}

/// Up to three names that may have been meant: files beside the one that is not there, and lessons.
fn near(path: &Path, word: &str) -> Vec<String> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let beside = scenarios(parent.unwrap_or(Path::new("."))).unwrap_or_default();
    // Without the folder where none was given.
    let beside = beside.iter().map(|file| if parent.is_none() { file.strip_prefix(".").unwrap_or(file) } else { file });
    scenario::near(word, beside.map(|file| file.display().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_files_and_other_endings_are_no_scenarios_of_a_folder() {
        let are = ["a.toml", ".a.toml", "a.toml.bak", "toml", "a.TOML"].map(|file| is_scenario(Path::new(file)));
        assert_eq!(are, [true, false, false, false, false]);
    }
}
