//! Refuses paths that must not be written, so that nothing that a user has given as input or has written by hand is lost to
//! a slip.
//!
//! It knows nothing of how a file is written, nor of what will be in it.

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::whole::{self, Destination};

/// A file that will be written, looked at before anything runs.
#[derive(Clone, Debug)]
pub struct OutputFile {
    /// As the user named it.
    path: PathBuf,
}

/// The reason why a path is not written: one sentence about what is wrong, and one about what would remedy it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// The reason.
    pub message: String,
    /// The remedy.
    pub help: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "; {help}"))
    }
}

impl std::error::Error for Refusal {}

/// Larger files are not searched for TOML.
const MAX_SEARCHED: u64 = 16 * 1024 * 1024;

impl OutputFile {
    /// `path` is where `what` (`"the JUnit report"`) is to go, `option` is what asked for it, and `inputs` are all files
    /// that are read: the path is none of them, under whatever name, is no scenario, and can be written as far as can be
    /// known. `-` is standard output.
    ///
    /// # Errors
    /// The path cannot or must not be written: a sentence with a remedy.
    pub fn new(path: &Path, what: &str, option: &str, inputs: &[PathBuf]) -> Result<Self, Refusal> {
        let output = Self { path: path.to_owned() };
        if output.is_standard() {
            return Ok(output);
        }
        let shown = path.display();
        let refuse = |message: String, help: String| Err(Refusal { message, help: Some(help) });
        let place = Destination::of(path).map_err(|error| output.failed(&error))?;
        let remedy = format!("{option} takes the name of {what}: give one before the files that are read");
        if let Destination::File(file) = &place {
            if inputs.iter().any(|input| is_same_file(file, input)) {
                return refuse(format!("{shown} is one of the files that are read; {what} would replace it"), remedy);
            }
            let named = [path, file].into_iter().any(is_named_like_a_scenario);
            if named || holds_toml(file) {
                let is = if file.exists() { "is a scenario; it was left as it is" } else { "is a scenario's name" };
                return refuse(format!("{shown} {is}"), remedy);
            }
        }
        place.probe().map_err(|error| output.failed(&error))?;
        Ok(output)
    }

    /// Writes the file: whole, or not at all.
    ///
    /// # Errors
    /// The system's error, as a sentence.
    #[expect(clippy::disallowed_methods, reason = "for data, to where it was asked for")]
    pub fn write(&self, bytes: &[u8]) -> Result<(), Refusal> {
        let written = if self.is_standard() {
            let mut out = io::stdout().lock();
            out.write_all(bytes).and_then(|()| out.flush())
        } else {
            whole::replace(&self.path, bytes)
        };
        written.map_err(|error| self.failed(&error))
    }

    fn is_standard(&self) -> bool {
        self.path == Path::new("-")
    }

    fn failed(&self, error: &io::Error) -> Refusal {
        let shown = self.path.display();
        let help = match error.kind() {
            io::ErrorKind::IsADirectory => Some("give the name of a file in it".to_owned()),
            io::ErrorKind::NotFound => Some("its folder has to be there".to_owned()),
            _ => None,
        };
        Refusal { message: format!("{shown} cannot be written: {error}"), help }
    }
}

/// Whether two paths are one file, through links of both kinds and other spellings. A path without a file is none.
fn is_same_file(file: &Path, other: &Path) -> bool {
    same_file::is_same_file(file, other).unwrap_or(false)
}

fn is_named_like_a_scenario(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"))
}

/// A scenario may have any name. No report and no picture is TOML.
fn holds_toml(file: &Path) -> bool {
    let small = fs::metadata(file).is_ok_and(|there| there.len() <= MAX_SEARCHED);
    let table = || fs::read_to_string(file).ok()?.parse::<toml::Table>().ok();
    small && table().is_some_and(|table| !table.is_empty())
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the files of the tests themselves")]
mod tests {
    use super::*;

    const SCENARIO: &str = "title = \"mine\"\n[[brokers]]\nname = \"b\"\n";

    /// The refusal of a path, with these inputs, in a folder with a few files.
    fn refused(path: &str, inputs: &[&str]) -> Option<String> {
        let desk = tempfile::tempdir().expect("a folder for the test");
        let at = |name: &str| desk.path().join(name);
        fs::create_dir(at("folder")).expect("a folder");
        for (name, text) in [("a.toml", SCENARIO), ("mine", SCENARIO), ("old.xml", "<testsuites/>"), ("notes", "x")] {
            fs::write(at(name), text).expect("a file");
        }
        fs::hard_link(at("notes"), at("hard")).expect("a link");
        #[cfg(unix)]
        for (name, target) in [("soft", "notes"), ("softer", "soft"), ("report.xml", "a.toml"), ("new", "new.toml")] {
            std::os::unix::fs::symlink(target, at(name)).expect("a link");
        }
        let inputs: Vec<PathBuf> = inputs.iter().map(|name| at(name)).collect();
        OutputFile::new(&at(path), "the JUnit report", "--junit", &inputs).err().map(|refusal| refusal.to_string())
    }

    #[test]
    fn a_file_that_is_read_is_not_written_under_any_name() {
        let names: &[&str] =
            if cfg!(unix) { &["notes", "./notes", "folder/../notes", "hard", "soft", "softer"] } else { &["notes"] };
        for name in names {
            for input in names {
                let said = refused(name, &["a.toml", input]);
                let said = said.unwrap_or_else(|| panic!("{name}, with {input} as input, is not refused"));
                assert!(said.contains("one of the files that are read") && said.contains("--junit"), "{said}");
            }
        }
    }

    #[test]
    fn a_scenario_is_not_written_over_whether_it_is_read_or_not() {
        for name in ["a.toml", "mine", "new.toml", "NEW.TOML"] {
            let said = refused(name, &[]).unwrap_or_else(|| panic!("{name} is not refused"));
            assert!(said.contains("scenario") && said.contains("--junit"), "{said}");
        }
        #[cfg(unix)]
        for name in ["report.xml", "new"] {
            assert!(refused(name, &[]).is_some_and(|said| said.contains("scenario")), "{name}");
        }
    }

    #[test]
    fn a_path_that_cannot_be_written_is_refused_beforehand() {
        for (name, says) in [("folder", "directory"), ("none/a.xml", "cannot be written"), ("notes/a.xml", "cannot")] {
            let said = refused(name, &[]).unwrap_or_else(|| panic!("{name} is not refused"));
            assert!(said.contains(says), "{said}");
        }
    }

    #[test]
    fn a_report_of_before_and_a_file_that_is_not_read_are_replaced() {
        for name in ["old.xml", "notes", "new.xml", "folder/new.xml"] {
            assert_eq!(refused(name, &["a.toml"]), None, "{name}");
        }
    }
}
