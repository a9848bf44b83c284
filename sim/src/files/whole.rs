//! The one place that writes files: a file is there whole or not at all, whatever happens on the way.
//!
//! The bytes go into a file beside the wanted one, which gets the name only when all of them are on the disk. On Linux
//! that file has no name until then (`O_TMPFILE`), so that nothing is left behind by a signal either. It knows nothing
//! of what the bytes are, nor of which paths may be written.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// More symbolic links than this, one after the other, are a circle (Linux: `ELOOP` beyond 40).
const MAX_LINKS: usize = 40;

/// The destination to which a path leads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Destination {
    /// A file, or a name for one. Not a symbolic link.
    File(PathBuf),
    /// A device, a pipe, a descriptor of this process: what is written there does not wait for the end.
    Stream(PathBuf),
}

impl Destination {
    /// Follows symbolic links, also one to a file that is not there yet.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let mut path = path.to_owned();
        for _ in 0..MAX_LINKS {
            if is_descriptor(&path) {
                return Ok(Self::Stream(path));
            }
            match fs::symlink_metadata(&path) {
                Ok(there) if there.is_symlink() => {
                    let to = fs::read_link(&path)?;
                    path = folder(&path).join(to);
                }
                Ok(there) if there.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
                Ok(there) if there.is_file() => return Ok(Self::File(path)),
                Ok(_) => return Ok(Self::Stream(path)),
                Err(error) if error.kind() == io::ErrorKind::NotFound && path.file_name().is_some() => {
                    return Ok(Self::File(path));
                }
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("too many symbolic links, one to the other"))
    }

    /// Fails where it could not be written now, as far as that can be found out without writing.
    pub(crate) fn probe(&self) -> io::Result<()> {
        let Self::File(path) = self else { return Ok(()) };
        writable(path)?;
        tempfile::tempfile_in(folder(path)).map(drop)
    }
}

/// `/dev/stdout` and the like: renaming a file to what they lead to would not reach whoever holds them open.
fn is_descriptor(path: &Path) -> bool {
    let text = path.to_string_lossy();
    matches!(&*text, "/dev/stdin" | "/dev/stdout" | "/dev/stderr")
        || text.starts_with("/dev/fd/")
        || (text.starts_with("/proc/") && path.parent().is_some_and(|parent| parent.ends_with("fd")))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// That a name may be taken over does not say that the file under it may be changed: its owner's word counts.
#[expect(clippy::disallowed_methods, reason = "nothing is written")]
fn writable(path: &Path) -> io::Result<Option<Metadata>> {
    match OpenOptions::new().write(true).open(path) {
        Ok(file) => file.metadata().map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes a file, in place of one that may be there. A program that opens it meanwhile gets the old one or the new one, whole.
/// Symbolic links are followed, permissions are kept; devices, pipes and `/dev/stdout` are written as they are.
///
/// # Errors
/// Those of the system; whatever was there is then as it was.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match Destination::of(path)? {
        Destination::Stream(path) => write_on(&path, bytes),
        Destination::File(path) => {
            let before = writable(&path)?;
            place(&path, bytes, before.as_ref(), NamePolicy::Replace)
        }
    }
}

/// Writes a file that is not there yet.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] where anything has that name, also a link that leads nowhere; else the system's.
pub fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::symlink_metadata(path).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    place(path, bytes, None, NamePolicy::MustBeFree)
}

#[expect(clippy::disallowed_methods, reason = "a stream has no name that could change hands")]
fn write_on(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // What is there already, where standard output is a file, stays.
    let mut stream = OpenOptions::new().append(true).open(path)?;
    stream.write_all(bytes)?;
    stream.flush()
}

/// What to do about a file that has the name already.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NamePolicy {
    /// It is replaced.
    Replace,
    /// It is an error.
    MustBeFree,
}

fn place(path: &Path, bytes: &[u8], before: Option<&Metadata>, policy: NamePolicy) -> io::Result<()> {
    let fill = |file: &mut File| {
        file.write_all(bytes)?;
        if let Some(before) = before {
            keep(file, before)?;
        }
        // A full disk may say so only now.
        file.sync_all()
    };
    #[cfg(target_os = "linux")]
    if nameless::place(path, &fill, policy)? {
        return Ok(());
    }
    let mut beside = beside(path, create_new)?;
    fill(beside.as_file_mut())?;
    take_name(beside, path, policy)
}

/// The new file is as the old one was. It may have to be another's, who cannot be named: then it is ours.
fn keep(file: &File, before: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, fchown};
        let _ = fchown(file, Some(before.uid()), Some(before.gid()));
    }
    file.set_permissions(before.permissions())
}

#[expect(clippy::disallowed_methods, reason = "a name of its own, and the wanted one only when it is whole")]
fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Something beside the path, under a name that nobody has; removed when it is dropped.
fn beside<R>(path: &Path, make: impl FnMut(&Path) -> io::Result<R>) -> io::Result<tempfile::NamedTempFile<R>> {
    tempfile::Builder::new().prefix(".").suffix(".part").make_in(folder(path), make)
}

fn take_name<R>(beside: tempfile::NamedTempFile<R>, path: &Path, policy: NamePolicy) -> io::Result<()> {
    match policy {
        NamePolicy::Replace => beside.persist(path).map(drop).map_err(|refused| refused.error),
        NamePolicy::MustBeFree => beside.persist_noclobber(path).map(drop).map_err(|refused| refused.error),
    }
}

/// Files that have no name while they are written.
#[cfg(target_os = "linux")]
mod nameless {
    use std::fs::{File, OpenOptions};
    use std::io;
    use std::os::fd::AsRawFd as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    use std::path::Path;

    use rustix::fs::{AtFlags, CWD, OFlags, linkat};
    use rustix::io::Errno;

    use super::{NamePolicy, beside, folder, take_name};

    /// Writes the file. False where the system, or the disk, knows no files without names: nothing has happened then.
    pub(super) fn place(
        path: &Path,
        fill: &impl Fn(&mut File) -> io::Result<()>,
        policy: NamePolicy,
    ) -> io::Result<bool> {
        let Some(mut file) = open(folder(path))? else { return Ok(false) };
        fill(&mut file)?;
        match link(&file, path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && policy == NamePolicy::Replace => {
                // A link replaces nothing; a rename does, and needs a name.
                take_name(beside(path, |name| link(&file, name))?, path, policy).map(|()| true)
            }
            // Without /proc.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the file has no name")]
    fn open(folder: &Path) -> io::Result<Option<File>> {
        match OpenOptions::new().write(true).custom_flags(OFlags::TMPFILE.bits() as i32).open(folder) {
            Ok(file) => Ok(Some(file)),
            // open(2): the three ways in which O_TMPFILE is not known.
            Err(error)
                if matches!(
                    Errno::from_io_error(&error),
                    Some(Errno::OPNOTSUPP | Errno::ISDIR | Errno::NOENT | Errno::INVAL)
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Gives it a name that is free.
    fn link(file: &File, path: &Path) -> io::Result<()> {
        let descriptor = format!("/proc/self/fd/{}", file.as_raw_fd());
        Ok(linkat(CWD, descriptor.as_str(), CWD, path, AtFlags::SYMLINK_FOLLOW)?)
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the files of the tests themselves")]
mod tests {
    use super::*;

    /// Names of what is in a folder.
    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        let mut names: Vec<_> = entries.map(|entry| entry.expect("an entry").file_name()).collect();
        names.sort();
        names.into_iter().map(|name| name.to_string_lossy().into_owned()).collect()
    }

    fn desk() -> tempfile::TempDir {
        tempfile::tempdir().expect("a folder for the test")
    }

    #[test]
    fn a_new_file_is_made_once() {
        let desk = desk();
        let path = desk.path().join("a");
        create(&path, b"first").expect("there is none yet");
        let again = create(&path, b"second").expect_err("there is one").kind();
        assert_eq!((again, fs::read(&path).ok().as_deref()), (io::ErrorKind::AlreadyExists, Some(&b"first"[..])));
        assert_eq!(names(desk.path()), ["a"]);
    }

    #[test]
    fn of_many_that_make_one_file_at_once_one_does() {
        let desk = desk();
        let path = desk.path().join("a");
        let texts: Vec<Vec<u8>> = (b'a'..b'i').map(|letter| vec![letter; 100_000]).collect();
        let made = std::thread::scope(|scope| {
            let threads: Vec<_> = texts.iter().map(|text| scope.spawn(|| create(&path, text).is_ok())).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).filter(|made| *made).count()
        });
        assert_eq!(made, 1);
        assert!(texts.contains(&fs::read(&path).expect("it is there")));
        assert_eq!(names(desk.path()), ["a"]);
    }

    #[test]
    fn of_many_that_replace_one_file_at_once_one_leaves_its_own_whole() {
        let desk = desk();
        let path = desk.path().join("a");
        let texts: Vec<Vec<u8>> = (b'a'..b'i').map(|letter| vec![letter; 100_000]).collect();
        std::thread::scope(|scope| {
            for text in &texts {
                scope.spawn(|| (0..20).for_each(|_| replace(&path, text).expect("it can be written")));
            }
            for _ in 0..200 {
                if let Ok(seen) = fs::read(&path) {
                    assert!(texts.contains(&seen), "half a file of {} bytes was seen", seen.len());
                }
            }
        });
        assert!(texts.contains(&fs::read(&path).expect("it is there")));
        assert_eq!(names(desk.path()), ["a"]);
    }

    #[test]
    fn a_directory_is_no_file() {
        let desk = desk();
        assert_eq!(replace(desk.path(), b"x").map_err(|error| error.kind()), Err(io::ErrorKind::IsADirectory));
        assert_eq!(names(desk.path()), [""; 0]);
    }

    #[cfg(unix)]
    mod unix {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        use super::*;

        #[test]
        fn permissions_stay_and_those_of_a_new_file_are_the_users_usual_ones() {
            let desk = desk();
            let [path, new, usual] = ["a", "b", "c"].map(|name| desk.path().join(name));
            fs::write(&path, "old").expect("a file");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("its owner may");
            replace(&path, b"new").expect("it can be written");
            replace(&new, b"new").expect("it can be written");
            fs::write(&usual, "x").expect("a file");
            let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o7777;
            assert_eq!((mode(&path), mode(&new)), (0o640, mode(&usual)));
        }

        #[test]
        fn a_link_stays_a_link_and_its_target_is_written_there_or_not() {
            let desk = desk();
            fs::create_dir(desk.path().join("below")).expect("a folder");
            for target in ["below/there", "below/new"] {
                let (link, file) = (desk.path().join("link"), desk.path().join(target));
                symlink(target, &link).expect("a link");
                if target.ends_with("there") {
                    fs::write(&file, "old").expect("a file");
                }
                replace(&link, b"new").expect("it can be written");
                assert!(fs::symlink_metadata(&link).is_ok_and(|it| it.is_symlink()));
                assert_eq!(fs::read(&file).ok().as_deref(), Some(&b"new"[..]), "{target}");
                assert!(create(&link, b"newer").is_err());
                fs::remove_file(&link).expect("a link");
            }
            assert_eq!(names(&desk.path().join("below")), ["new", "there"]);
            symlink("circle", desk.path().join("circle")).expect("a link");
            assert!(replace(&desk.path().join("circle"), b"x").is_err());
        }

        #[test]
        fn a_pipe_or_device_is_written_as_it_is() {
            replace(Path::new("/dev/null"), b"x").expect("it takes everything");
            let full = replace(Path::new("/dev/full"), b"x");
            assert!(cfg!(not(target_os = "linux")) || full.is_err());
            assert!(!fs::metadata("/dev/null").expect("it is there").is_file());
        }
    }
}
