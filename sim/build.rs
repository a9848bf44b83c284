//! Builds the lessons in: every `scenarios/*.toml`, in the order of their names.
//!
//! The folder belongs to the workspace, where people look for it. `sim/scenarios` is a link to it, which `cargo package`
//! follows: the package carries the files themselves. A checkout on Windows may have no links, so the folder of the
//! workspace is looked for as well. Without either there are no lessons. The files are not read here.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

#[expect(clippy::disallowed_methods, clippy::disallowed_macros, reason = "cargo's own folder, and what cargo reads")]
fn main() -> io::Result<()> {
    let package = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let mut files = Vec::new();
    for folder in [package.join("scenarios"), package.join("../scenarios")] {
        println!("cargo:rerun-if-changed={}", folder.display());
        if folder.is_dir() {
            files = fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
            break;
        }
    }
    files.retain(|file| file.extension().is_some_and(|ending| ending == "toml"));
    // By name without ending: `10-slow` comes before `10-slow-more`.
    files.sort_by(|a, b| a.file_stem().cmp(&b.file_stem()));
    let mut list = "&[\n".to_owned();
    for file in files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let path = fs::canonicalize(&file)?;
        println!("cargo:rerun-if-changed={}", path.display());
        list += &format!("    Lesson {{ name: {name:?}, text: include_str!({:?}) }},\n", path.to_string_lossy());
    }
    list += "]\n";
    fs::write(Path::new(&variable("OUT_DIR")?).join("lessons.rs"), list)
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(io::Error::other)
}
