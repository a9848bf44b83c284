//! A file's text, up to a limit: neither a device without an end nor a pipe in a place where nobody may wait is read.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// Reads a file. A pipe or a device is not opened, since a window would wait for it for ever.
///
/// # Errors
/// As [`read`], and a sentence where it is no file.
pub fn read_file(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    bytes(path, limit)
}

/// Reads a text from a file, or from what was named as one: the end of a pipe, `<(…)`.
///
/// # Errors
/// Those of the system; [`io::ErrorKind::InvalidData`] where it is no UTF-8; a sentence where it has more than `limit`
/// bytes.
pub fn read(path: &Path, limit: usize) -> io::Result<String> {
    String::from_utf8(bytes(path, limit)?).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

fn bytes(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > limit {
        return Err(io::Error::other(format!("the file has more than {limit} bytes (limit `file_bytes`)")));
    }
    Ok(bytes)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the files of the tests themselves")]
mod tests {
    use super::*;

    #[test]
    fn only_a_file_is_read_and_only_so_much_of_it() {
        let desk = tempfile::tempdir().expect("a folder for the test");
        let path = desk.path().join("a");
        std::fs::write(&path, "text").expect("a file");
        assert_eq!(read_file(&path, 4).ok().as_deref(), Some(&b"text"[..]));
        assert!(read_file(&path, 3).is_err_and(|error| error.to_string().contains("limit `file_bytes`")));
        assert!(read_file(desk.path(), 4).is_err() && read_file(&desk.path().join("none"), 4).is_err());
        #[cfg(unix)]
        assert!(read_file(Path::new("/dev/zero"), 4).is_err() && read(Path::new("/dev/zero"), 4).is_err());
    }
}
