//! The command line end to end: the built program, with files and a pipe, against the contract.

#![expect(clippy::disallowed_methods, reason = "the files of the tests themselves")]

mod files;
mod hostile;
mod import;
mod input;
mod reports;
mod traces;
mod usage;

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder with files, to run the program in.
struct TestFolder(TempDir);

/// What a run of the program came to.
#[derive(PartialEq, Eq, Debug)]
struct Finished {
    status: i32,
    out: String,
    err: String,
}

impl TestFolder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder for the test"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("below the folder")).expect("a folder below it");
        fs::write(path, text).expect("a file for the test");
        self
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("the file is there")
    }

    /// The program, in this folder and in an environment that says nothing.
    fn command<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_queuescope"));
        command.args(arguments).current_dir(&self.0).stdin(Stdio::null());
        for name in ["LC_ALL", "LC_MESSAGES", "LANG", "CLICOLOR", "CLICOLOR_FORCE", "NO_COLOR", "NO_GRAPHICS"] {
            command.env_remove(name);
        }
        command
    }

    fn call<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Finished {
        done(&self.command(arguments).output().expect("the program runs"))
    }
}

fn done(output: &Output) -> Finished {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("the program writes UTF-8");
    let status = output.status.code().unwrap_or_else(|| panic!("{}: {}", output.status, text(&output.stderr)));
    Finished { status, out: text(&output.stdout), err: text(&output.stderr) }
}

/// A queue with one producer and one consumer, and what is to be added to it.
fn scenario(more: &str) -> String {
    format!(
        r#"
title = {{ en = "A queue", zh = "一个队列" }}
duration = "2s"
settle = "10s"
[[brokers]]
name = "b"
[[topics]]
name = "t"
queues = {{ b = 2 }}
[[producers]]
name = "p"
topic = "t"
interval = {{ exp = "20ms" }}
messages = 50
[[groups]]
name = "g"
topic = "t"
[[consumers]]
name = "c"
group = "g"
service_time = {{ exp = "10ms" }}
{more}
"#
    )
}

/// An expectation about how many messages the group is done with.
fn expect_done(number: u32) -> String {
    format!("[[expect]]\nmetric = \"done\"\ngroup = \"g\"\nequals = {number}\n")
}
