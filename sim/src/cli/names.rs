//! Names of scenarios beside each other, so that two `a.toml` of two folders are told apart wherever names stand
//! alone. It knows nothing of what is in them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use queuescope::printable;

/// A scenario that was read.
pub(super) struct SourceName<'a> {
    /// Its file without links, or the lesson's name: two of one scenario have one name.
    pub(super) identity: PathBuf,
    /// As the user named it.
    pub(super) path: &'a Path,
    /// Its name where no other scenario has the same.
    pub(super) stem: &'a str,
}

/// A name for each, in their order. It has as many folders as tell it apart from others, `north/a`; where none do, it is
/// the path as it was given.
pub(super) fn apart(sources: &[SourceName<'_>]) -> Vec<String> {
    let first = |named: &SourceName<'_>| sources.iter().position(|other| other.identity == named.identity);
    let different: Vec<usize> = sources.iter().filter_map(first).collect::<BTreeSet<_>>().into_iter().collect();
    let mut names: BTreeMap<usize, String> = different.iter().map(|i| (*i, sources[*i].stem.to_owned())).collect();
    let deepest = sources.iter().map(|named| folders(named.path).len()).max().unwrap_or(0);
    for depth in 1..=deepest {
        let count = count(&names);
        for (i, name) in names.iter_mut().filter(|(_, name)| count[*name] > 1) {
            let folders = folders(sources[*i].path);
            let from = folders.len().saturating_sub(depth);
            let parts = folders[from..].iter().map(String::as_str).chain([sources[*i].stem]);
            *name = parts.collect::<Vec<_>>().join("/");
        }
    }
    let count = count(&names);
    for (i, name) in names.iter_mut().filter(|(_, name)| count[*name] > 1) {
        *name = printable::name(sources[*i].path);
    }
    sources.iter().filter_map(first).map(|i| names[&i].clone()).collect()
}

fn count(names: &BTreeMap<usize, String>) -> BTreeMap<String, u32> {
    let mut count = BTreeMap::new();
    for name in names.values() {
        *count.entry(name.clone()).or_default() += 1;
    }
    count
}

/// The folders above a file, without those that say nothing.
fn folders(path: &Path) -> Vec<String> {
    let named = path.parent().into_iter().flat_map(Path::components).filter_map(|part| match part {
        Component::Normal(name) => Some(printable::name(Path::new(name))),
        Component::ParentDir => Some("..".to_owned()),
        _ => None,
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(paths: &[&str]) -> Vec<String> {
        let named = paths.iter().map(|path| {
            let file = path.rsplit('/').next().unwrap_or(path);
            let identity = path.trim_start_matches("./").into();
            SourceName { identity, path: Path::new(*path), stem: file.strip_suffix(".toml").unwrap_or(file) }
        });
        apart(&named.collect::<Vec<_>>())
    }

    #[test]
    fn a_file_is_called_by_its_name_and_as_many_folders_as_tell_it_apart() {
        for (paths, names) in [
            (&["a.toml", "x/b.toml"][..], &["a", "b"][..]),
            (&["x/a.toml", "y/a.toml", "y/b.toml"], &["x/a", "y/a", "b"]),
            (&["a.toml", "x/a.toml"], &["a", "x/a"]),
            (&["p/x/a.toml", "q/x/a.toml", "q/y/a.toml"], &["p/x/a", "q/x/a", "y/a"]),
            (&["/x/a.toml", "../x/a.toml"], &["x/a", "../x/a"]),
            (&["a.toml", "./a.toml"], &["a", "a"]),
            (&["x/a.toml", "x/a", "b"], &["x/a.toml", "x/a", "b"]),
        ] {
            assert_eq!(named(paths), names, "{paths:?}");
        }
    }
}
