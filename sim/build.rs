//! Builds the lessons in: every `scenarios/*.toml` of the workspace, in the order of their names.
//!
//! It does not read them; without the folder there are none.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

#[expect(clippy::disallowed_methods, clippy::disallowed_macros, reason = "cargo's own folder, and what cargo reads")]
fn main() -> io::Result<()> {
    let folder = Path::new(&variable("CARGO_MANIFEST_DIR")?).join("../scenarios");
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut files: Vec<PathBuf> = match fs::read_dir(&folder) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
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
