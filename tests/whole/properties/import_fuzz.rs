//! Import under a mutating fuzz: samples of every output, changed in every small way and put together at random, never make
//! it panic or take long, and what comes of them is a scenario that is sound, or problems with places.
//!
//! How to fuzz for longer: `fuzz`.

use std::path::Path;

use queuescope::import::{File, Imported, scenario};
use queuescope::scenario::{Diagnostics, read};
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::fuzz::{as_long_as_asked, guarded};

/// Texts that are tried each time.
const CASES: u64 = 3_000;

/// A file: its name and what is in it.
type Content = (String, Vec<u8>);

/// Every sample of the library.
fn samples() -> Vec<Content> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sim/src/import/samples");
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut samples: Vec<Content> = files
        .map(|file| {
            let path = file.expect("an entry of the folder").path();
            let name = path.file_name().expect("a file").to_string_lossy().into_owned();
            (name, std::fs::read(path).expect("a sample"))
        })
        .collect();
    samples.sort();
    assert!(samples.len() > 40, "{}", samples.len());
    samples
}

/// Words that mean something to a reader of some output, or might.
const PIECES: &[&str] = &[
    "#",
    "#Topic",
    "#Cluster Name",
    "#Group  #Count",
    "#Topic #Broker Name #QID #Diff\n",
    "GROUP TOPIC PARTITION LAG\n",
    "|",
    "| ",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "'",
    "\\",
    ":",
    ",",
    "=",
    "====",
    "-",
    "--",
    "...",
    "```",
    "> ",
    "$ ",
    "# ",
    "C:\\>",
    "[root@a b]# ",
    "mqadmin ",
    "mqadmin topicList\n",
    "mqadmin consumerProgress -g ",
    "kafka-topics.sh --describe --topic ",
    "%RETRY%",
    "%RETRY%a+b ",
    "_",
    "+",
    "0",
    "-1",
    "1e9",
    "99999999999999999999",
    "4294967295",
    "0x7f",
    "NaN",
    "N/A",
    "NO_CONSUMER",
    "BROADCASTING",
    "Exception: ",
    "\tat a.b(c)\n",
    "Topic: t\tPartition: 0\tLeader: 1\tReplicas: 1,2\tIsr: 1",
    "Consumer group 'g' has no active members.\n",
    "brokerName = b\n",
    "brokerRole=SLAVE\n",
    "\n",
    "\n\n",
    "\r",
    "\r\n",
    "\t",
    " ",
    "    ",
    "\u{0}",
    "\u{8}",
    "\u{1b}[31m",
    "\u{1b}]0;",
    "\u{85}",
    "\u{a0}",
    "\u{feff}",
    "\u{202e}",
    "\u{fffd}",
    "主从",
    "│",
    "┌──┬──┐\n",
    "🦀",
    "\"queueDatas\":[]",
    "\"brokerDatas\":{}",
    "\"topicList\":[1,null,\"t\"]",
    "\"queues\":[{\"name\":\"q\"}]",
    "null",
    "true",
    "{\"status\":0,\"data\":",
    "\"brokers\":[{\"name\":\"\"}]",
];

/// One change of a text.
fn mutate(text: &mut Vec<u8>, samples: &[Content], random: &mut ChaCha8Rng) {
    let at = |length: usize, random: &mut ChaCha8Rng| random.random_range(0..=length);
    let (from, to) = (at(text.len(), random), at(text.len(), random));
    let (from, to) = (from.min(to), from.max(to));
    match random.random_range(0..18) {
        0 => text.truncate(to),
        1 => drop(text.drain(from..to.min(from + 12))),
        2 => insert(text, from, PIECES.choose(random).copied().unwrap_or_default().as_bytes()),
        3 => insert(text, from, &[random.random()]),
        4 => {
            if let Some(byte) = text.get_mut(from) {
                *byte ^= 1 << random.random_range(0..8);
            }
        }
        5 => {
            let part = text[from..to.min(from + 400)].to_vec();
            insert(text, to, &part);
        }
        6 => {
            let (_, other) = samples.choose(random).expect("a sample");
            let begin = at(other.len(), random);
            insert(text, from, &other[begin..]);
        }
        7 => {
            // Blanks are fewer.
            let mut last = 0;
            text.retain(|byte| std::mem::replace(&mut last, *byte) != b' ' || *byte != b' ');
        }
        8 => with_lines(text, |lines| {
            if !lines.is_empty() {
                let (a, b) = (random.random_range(0..lines.len()), random.random_range(0..lines.len()));
                lines.swap(a, b);
            }
        }),
        9 => with_lines(text, |lines| {
            if !lines.is_empty() {
                let gone = random.random_range(0..lines.len());
                lines.remove(gone);
            }
        }),
        10 => with_lines(text, |lines| {
            let mark = ["> ", "    ", "\t", "| ", "+ ", "\u{1b}[1m", "# "].choose(random).copied().unwrap_or_default();
            lines.iter_mut().for_each(|line| *line = [mark.as_bytes(), line].concat());
        }),
        11 => with_lines(text, |lines| {
            let wide = random.random_range(3..120);
            *lines = lines.iter().flat_map(|line| line.chunks(wide).map(<[u8]>::to_vec)).collect();
        }),
        12 => with_lines(text, |lines| {
            let number = |(number, line): (usize, &Vec<u8>)| [format!("{}: ", number + 1).as_bytes(), line].concat();
            *lines = lines.iter().enumerate().map(number).collect();
        }),
        13 => {
            // A name, or a number, is another one wherever it stands.
            let word: Vec<u8> = text[from..].iter().copied().take_while(u8::is_ascii_alphanumeric).take(20).collect();
            let other = PIECES.choose(random).copied().unwrap_or_default();
            if word.len() > 1 {
                *text = String::from_utf8_lossy(text).replace(&*String::from_utf8_lossy(&word), other).into_bytes();
            }
        }
        14 => {
            let utf16: Vec<u8> = String::from_utf8_lossy(text).encode_utf16().flat_map(u16::to_le_bytes).collect();
            *text = [&[0xff, 0xfe][..], &utf16].concat();
        }
        15 => with_lines(text, |lines| {
            // A column is gone.
            let (a, b) = (random.random_range(0..60), random.random_range(0..40));
            for line in lines {
                let from = a.min(line.len());
                line.drain(from..(from + b).min(line.len()));
            }
        }),
        16 => with_lines(text, |lines| lines.iter_mut().for_each(|line| line.push(b'\r'))),
        _ => {
            let piece = PIECES.choose(random).copied().unwrap_or_default().repeat(random.random_range(1..60));
            insert(text, from, piece.as_bytes());
        }
    }
    text.truncate(64 * 1024);
}

fn insert(text: &mut Vec<u8>, at: usize, piece: &[u8]) {
    text.splice(at..at, piece.iter().copied());
}

fn with_lines(text: &mut Vec<u8>, change: impl FnOnce(&mut Vec<Vec<u8>>)) {
    let mut lines: Vec<Vec<u8>> = text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    change(&mut lines);
    *text = lines.join(&b'\n');
}

/// The files of a number.
fn files(number: u64, samples: &[Content]) -> Vec<Content> {
    let mut random = ChaCha8Rng::seed_from_u64(number);
    let count = *[1, 1, 1, 2, 3].choose(&mut random).expect("a number");
    let mut files: Vec<Content> = (0..count).map(|_| samples.choose(&mut random).expect("a sample").clone()).collect();
    for (_, text) in &mut files {
        for _ in 0..random.random_range(0..10) {
            mutate(text, samples, &mut random);
        }
    }
    files
}

fn import(files: &[Content]) -> Result<Imported, Vec<Diagnostics>> {
    let files: Vec<File<'_>> = files.iter().map(|(name, bytes)| File { name, bytes }).collect();
    scenario(&files)
}

/// What is wrong with what came of files.
fn judge(files: &[Content]) -> Result<(), String> {
    let came = guarded(|| import(files))?;
    match &came {
        Ok(imported) => {
            read("imported.toml", &imported.text).map_err(|problems| format!("{problems}\n{}", imported.text))?;
            let told = imported.passed_over.iter().chain(&imported.taken).map(ToString::to_string);
            for told in told {
                if told.contains(char::is_control) {
                    return Err(format!("a terminal would obey {told:?}"));
                }
            }
        }
        Err(bad) => {
            if bad.is_empty() {
                return Err("nothing is said".to_owned());
            }
            for diagnostics in bad {
                if diagnostics.problems.is_empty() {
                    return Err(format!("nothing is said of {}", diagnostics.file));
                }
                for problem in &diagnostics.problems {
                    let is_placed = diagnostics.text.get(problem.place.clone()).is_some();
                    let has_help = problem.help.as_ref().is_some_and(|help| !help.is_empty());
                    if !is_placed || !has_help {
                        return Err(format!("{problem:?}"));
                    }
                    let _ = diagnostics.position(problem);
                }
            }
        }
    }
    if import(files) == came { Ok(()) } else { Err("the same files give another scenario".to_owned()) }
}

/// Judges the files of a number, and shows them where something is wrong.
fn try_one(number: u64, samples: &[Content]) {
    let files = files(number, samples);
    if let Err(wrong) = judge(&files) {
        let shown: String =
            files.iter().map(|(name, text)| format!("--- {name}\n{}\n", String::from_utf8_lossy(text))).collect();
        panic!("FUZZ_ONLY={number}: {wrong}\n{shown}");
    }
}

#[test]
fn samples_that_were_changed_are_read_or_refused_with_places() {
    let samples = samples();
    (0..CASES).for_each(|number| try_one(number, &samples));
}

#[test]
#[ignore = "it takes as long as it is asked to"]
fn fuzz_import() {
    let samples = samples();
    as_long_as_asked(CASES, |number| try_one(number, &samples));
}
