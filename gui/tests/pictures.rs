//! Pictures of a few moments, held against those that were accepted before. They are drawn by the processor, the same on
//! each run; another platform may round differently, so a few pixels may differ.
//!
//! When a picture differs, look at it and at the difference; the failure says where they are. To accept all as they are:
//!
//! ```text
//! ACCEPT_PICTURES=1 cargo test -p queuescope-gui --test pictures
//! ```

#![expect(clippy::disallowed_methods, reason = "the files of the tests themselves")]

use std::fs::{self, File};
use std::io::{BufReader, Cursor, Read, Seek};
use std::path::{Path, PathBuf};

use queuescope::kernel::Time;
use queuescope::scenario::{Draft, lessons};
use queuescope::words::Language;
use queuescope_gui::app::App;
use queuescope_gui::command::Tab;
use queuescope_gui::picture::Image;
use queuescope_gui::studio::{Studio, Take};
use queuescope_gui::theme::Mode;

const SIZE: (u32, u32) = (960, 540);
/// By how much a colour of a pixel may differ.
const FAINT: u8 = 24;
/// How many pixels may differ by more: fewer than the smallest sign has.
const FEW: usize = 10;

fn app(lesson: &str, language: Language, mode: Mode) -> App {
    let lesson = lessons().iter().find(|it| it.name == lesson).expect("there is such a lesson");
    let draft = Draft::read(lesson.name, lesson.text).expect("lessons are sound");
    App::with_scenario(draft, language, mode)
}

const fn ms(ms: u64) -> Time {
    Time(ms * 1_000_000)
}

fn picture(app: &mut App, tab: Tab, legend: bool) -> Vec<u8> {
    let mut studio = Studio::new(SIZE, None).expect("a size at which something can be seen");
    studio.picture(app, Some(tab), legend, &[])
}

fn decode(file: impl Read + Seek) -> Image {
    let mut reader = png::Decoder::new(BufReader::new(file)).read_info().expect("a PNG");
    let mut bytes = vec![0; reader.output_buffer_size().expect("it fits")];
    let info = reader.next_frame(&mut bytes).expect("a whole PNG");
    assert_eq!(info.color_type, png::ColorType::Rgb);
    let pixels = bytes.chunks(3).flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 255]).collect();
    Image { width: info.width, height: info.height, pixels }
}

/// Whether each pixel differs.
fn differing(one: &Image, other: &Image) -> Vec<bool> {
    let pairs = one.pixels.chunks(4).zip(other.pixels.chunks(4));
    pairs.map(|(a, b)| a.iter().zip(b).any(|(a, b)| a.abs_diff(*b) > FAINT)).collect()
}

/// The accepted picture, pale, with what differs in red.
fn difference(accepted: &Image, others: &[bool]) -> Image {
    let pale = |byte: u8| 191 + byte / 4;
    let pixels = accepted.pixels.chunks(4).zip(others).flat_map(|(pixel, other)| {
        if *other { [220, 0, 0, 255] } else { [pale(pixel[0]), pale(pixel[1]), pale(pixel[2]), 255] }
    });
    Image { width: accepted.width, height: accepted.height, pixels: pixels.collect() }
}

/// How a picture differs, if it does, and where to see that.
fn complaint(name: &str, png: &[u8], accepted: &Path, beside: &Path) -> Option<String> {
    let actual = decode(Cursor::new(png));
    let write = |what: &str, bytes: &[u8]| {
        fs::create_dir_all(beside).expect("there is room beside the target");
        let path = beside.join(format!("{name}.{what}.png"));
        fs::write(&path, bytes).expect("there is room beside the target");
        path
    };
    let accept = "to accept: ACCEPT_PICTURES=1 cargo test -p queuescope-gui --test pictures";
    let Ok(file) = File::open(accepted) else {
        let path = write("actual", png);
        return Some(format!("{name} was never accepted; see {}; {accept}", path.display()));
    };
    let accepted = decode(file);
    if (accepted.width, accepted.height) != (actual.width, actual.height) {
        let path = write("actual", png);
        return Some(format!("{name} has another size; see {}; {accept}", path.display()));
    }
    let others = differing(&accepted, &actual);
    let count = others.iter().filter(|other| **other).count();
    (count > FEW).then(|| {
        let path = write("actual", png);
        let differs = write("difference", &difference(&accepted, &others).to_png());
        format!("{name}: {count} pixels differ; see {} and {}; {accept}", path.display(), differs.display())
    })
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures")
}

fn beside() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures")
}

fn assert_picture(name: &str, png: &[u8]) {
    let accepted = folder().join(format!("{name}.png"));
    if std::env::var_os("ACCEPT_PICTURES").is_some() {
        fs::write(&accepted, png).expect("the picture can be written");
    }
    if let Some(complaint) = complaint(name, png, &accepted, &beside()) {
        panic!("{complaint}");
    }
}

#[test]
fn a_message_on_its_way() {
    let mut app = app("01-first-message", Language::English, Mode::Light);
    app.go_to(ms(2_600));
    assert_picture("01-first-message", &picture(&mut app, Tab::Lesson, false));
}

#[test]
fn a_flash_sale() {
    let mut app = app("03-flash-sale", Language::Chinese, Mode::Dark);
    app.go_to(ms(8_400));
    assert_picture("03-flash-sale", &picture(&mut app, Tab::Log, false));
}

#[test]
fn one_consumer_too_many() {
    let mut app = app("08-who-owns-what", Language::Chinese, Mode::Light);
    app.go_to(ms(14_300));
    assert_picture("08-who-owns-what", &picture(&mut app, Tab::Expect, false));
}

#[test]
fn a_consumer_is_down() {
    let mut app = app("09-two-groups", Language::English, Mode::Dark);
    app.go_to(ms(13_000));
    assert_picture("09-two-groups", &picture(&mut app, Tab::Lesson, false));
}

#[test]
fn a_lag_and_every_sign_explained() {
    let mut app = app("10-slow-consumer", Language::English, Mode::Light);
    app.go_to(ms(20_000));
    assert_picture("10-slow-consumer", &picture(&mut app, Tab::Lesson, true));
}

#[test]
fn a_slave_is_behind() {
    let mut app = app("13-accepted-and-lost", Language::English, Mode::Light);
    app.go_to(ms(9_900));
    assert_picture("13-accepted-and-lost", &picture(&mut app, Tab::Lesson, false));
}

#[test]
fn a_slave_has_taken_over() {
    let mut app = app("12-failover", Language::Chinese, Mode::Dark);
    app.go_to(ms(14_600));
    assert_picture("12-failover", &picture(&mut app, Tab::Lesson, false));
}

#[test]
fn two_masters_and_one_is_stale() {
    let mut app = app("19-two-masters", Language::English, Mode::Light);
    app.go_to(ms(19_000));
    assert_picture("19-two-masters", &picture(&mut app, Tab::Lesson, false));
}

#[test]
fn a_moment_gives_the_same_bytes_however_it_was_reached() {
    let way = |stations: &[u64]| {
        let mut app = app("09-two-groups", Language::Chinese, Mode::Dark);
        let mut last = Vec::new();
        for at in stations {
            app.go_to(ms(*at));
            last = picture(&mut app, Tab::Log, false);
        }
        last
    };
    let straight = way(&[13_000]);
    assert!(straight == way(&[13_000]));
    assert!(straight == way(&[30_000, 13_000]), "from another moment, in a place of its own");
    assert!(straight != way(&[13_050]), "another moment is another picture");
}

#[test]
fn a_picture_that_differs_is_reported_and_shown() {
    let mut app = app("01-first-message", Language::English, Mode::Light);
    app.go_to(ms(2_600));
    let one = picture(&mut app, Tab::Lesson, false);
    app.go_to(ms(2_610));
    let other = picture(&mut app, Tab::Lesson, false);
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("complaint");
    fs::create_dir_all(&place).expect("there is room beside the target");
    let accepted = place.join("accepted.png");
    fs::write(&accepted, &one).expect("there is room beside the target");
    assert_eq!(complaint("same", &one, &accepted, &place), None);
    let complaint = complaint("other", &other, &accepted, &place).expect("ten milliseconds later it is another one");
    assert!(complaint.contains("ACCEPT_PICTURES=1"), "{complaint}");
    for what in ["actual", "difference"] {
        let path = place.join(format!("other.{what}.png"));
        assert!(complaint.contains(&path.display().to_string()), "{complaint}");
        let shown = decode(File::open(path).expect("it was written"));
        assert_eq!((shown.width, shown.height), SIZE);
    }
}

#[test]
fn a_film_of_a_second_has_a_picture_for_each_of_its_frames() {
    let mut app = app("01-first-message", Language::English, Mode::Light);
    let mut studio = Studio::new((480, 270), Some(0.5)).expect("a size at which something can be seen");
    // A hop of 200 ms takes 0.4 s; in a film the clock does not stop at notes.
    let take = Take { from: ms(2_500), to: ms(3_000), frames_a_second: 12.5 };
    let film = studio.film(&mut app, &take).expect("it is short");
    let mut decoder = gif::Decoder::new(Cursor::new(film)).expect("a GIF");
    let mut delays = Vec::new();
    while let Some(frame) = decoder.read_next_frame().expect("a whole GIF") {
        delays.push(frame.delay);
    }
    // From 0 to 0.96 s every 0.08 s, and the end.
    assert_eq!(delays, [8; 14]);
    assert_eq!(app.session().scene().at(), take.to);
}
