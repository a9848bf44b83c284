//! What the file can ask for but the model cannot do yet: refused with its place, never ignored.
//!
//! Whoever teaches the model one of these deletes its lines here.

use super::file::{Fault, File};
use super::reader::Reader;
use super::written::Place;

fn refuse(place: Place, what: &str, instead: &str, reader: &mut Reader<'_>) {
    reader.report(place, format!("not yet simulated: {what}"), "not yet simulated", Some(instead.to_owned()));
}

/// Reports every part of the file that cannot be simulated yet.
pub(super) fn report(file: &File, reader: &mut Reader<'_>) {
    for fault in file.faults.list() {
        let kind = match fault {
            Fault::Partition(_) | Fault::Link(_) | Fault::DiskFull(_) | Fault::Wipe(_) => fault.parts(),
            Fault::Crash(_) | Fault::Pause(_) | Fault::Slow(_) | Fault::Unreadable => None,
        };
        if let Some((place, kind, _)) = kind {
            let what = format!("a fault of `kind = \"{kind}\"`");
            refuse(place, &what, "\"crash\", \"pause\" and \"slow\" are", reader);
        }
    }
}
