//! A film: pictures one after the other, and their GIF. It knows nothing of where they come from.
//!
//! A GIF has 256 colours. The whole film has one palette, so that nothing flickers; it is chosen when all pictures are known.
//! Until then a picture is kept as its differences from the one before.

use std::collections::BTreeMap;

use gif::{DisposalMethod, Encoder, EncodingError, Frame, Repeat};

use super::image::Image;
use super::palette::{self, Rgb};

/// A film that starts over after its last picture.
pub struct Film {
    width: u16,
    height: u16,
    // The number of each colour.
    colours: BTreeMap<Rgb, u32>,
    // How many pixels changed to a colour, by its number.
    counts: Vec<u64>,
    last: Vec<Rgb>,
    steps: Vec<FilmStep>,
}

/// What changes from one picture to the next.
struct FilmStep {
    hundredths: u16,
    // A pixel's place in the picture, and its new colour's number.
    changes: Vec<(u32, u32)>,
}

/// A change on the screen: the place of a pixel, and its new shade in the palette.
type PixelChange = (u32, u8);

/// The shade of a pixel that stays as it is.
const UNCHANGED: u8 = 0;

impl Film {
    /// An empty film of pictures of one size, in pixels.
    ///
    /// # Panics
    ///
    /// If a side has no pixel or more than 65 535: GIF has no more.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        let side = |pixels: u32| u16::try_from(pixels).ok().filter(|&pixels| pixels > 0).expect("a GIF's side");
        let (width, height) = (side(width), side(height));
        Self { width, height, colours: BTreeMap::new(), counts: Vec::new(), last: Vec::new(), steps: Vec::new() }
    }

    /// Adds a picture that is shown for so many hundredths of a second. Browsers show none for less than two.
    ///
    /// # Panics
    ///
    /// If its size is not the film's.
    pub fn add(&mut self, image: &Image, hundredths: u16) {
        assert_eq!((image.width, image.height), (u32::from(self.width), u32::from(self.height)), "one size for all");
        let next: Vec<Rgb> = image.pixels.as_chunks().0.iter().map(|&[r, g, b, _]| [r, g, b]).collect();
        let mut changes = Vec::new();
        // Neighbours mostly have the same colour: then it is not looked up again.
        let mut known: Option<(Rgb, u32)> = None;
        for (place, &colour) in (0..).zip(&next) {
            if self.last.get(at(place)) == Some(&colour) {
                continue;
            }
            let number = known.filter(|known| known.0 == colour).map_or_else(|| self.number(colour), |known| known.1);
            known = Some((colour, number));
            self.counts[at(number)] += 1;
            changes.push((place, number));
        }
        self.last = next;
        self.steps.push(FilmStep { hundredths, changes });
    }

    fn number(&mut self, colour: Rgb) -> u32 {
        let next = u32::try_from(self.counts.len()).expect("there are 16 million colours");
        *self.colours.entry(colour).or_insert_with(|| {
            self.counts.push(0);
            next
        })
    }

    /// The GIF file of it. The same pictures give the same bytes.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        let counts = self.colours.iter().map(|(&colour, &number)| (colour, self.counts[at(number)])).collect();
        let palette = palette::choose(&counts, 255);
        let mut shades = vec![UNCHANGED; self.counts.len()];
        for (&colour, &number) in &self.colours {
            let shade = 1 + palette::nearest(&palette, colour);
            shades[at(number)] = u8::try_from(shade).expect("255 colours and the one that changes nothing");
        }
        let table: Vec<u8> = [[0; 3]].iter().chain(&palette).flatten().copied().collect();
        let mut file = Vec::new();
        let written = Encoder::new(&mut file, self.width, self.height, &table).and_then(|mut encoder| {
            encoder.set_repeat(Repeat::Infinite)?;
            self.frames(&shades, |frame| encoder.write_frame(frame))
        });
        written.expect("a vector takes every byte, and there is a palette");
        file
    }

    /// Writes all frames: what changes on the screen once each colour has become a shade of the palette. Where that is
    /// nothing, the frame before is shown longer.
    fn frames(
        &self,
        shades: &[u8],
        mut write: impl FnMut(&Frame<'_>) -> Result<(), EncodingError>,
    ) -> Result<(), EncodingError> {
        let mut shown = vec![UNCHANGED; usize::from(self.width) * usize::from(self.height)];
        let mut before: Option<Frame<'_>> = None;
        for step in &self.steps {
            let new = step.changes.iter().map(|&(place, colour)| (place, shades[at(colour)]));
            let changes: Vec<PixelChange> = new.filter(|&(place, shade)| shown[at(place)] != shade).collect();
            changes.iter().for_each(|&(place, shade)| shown[at(place)] = shade);
            if changes.is_empty()
                && let Some(before) = &mut before
                && let Some(longer) = before.delay.checked_add(step.hundredths)
            {
                before.delay = longer;
                continue;
            }
            if let Some(before) = before.replace(frame(&changes, u32::from(self.width), step.hundredths)) {
                write(&before)?;
            }
        }
        before.iter().try_for_each(write)
    }
}

/// A frame with these changes, as small as it can be.
fn frame(changes: &[PixelChange], width: u32, hundredths: u16) -> Frame<'static> {
    let side = |pixels: u32| u16::try_from(pixels).expect("it is within the picture");
    let columns = || changes.iter().map(|(place, _)| place % width);
    let rows = || changes.iter().map(|(place, _)| place / width);
    let (left, top) = (columns().min().unwrap_or(0), rows().min().unwrap_or(0));
    // Without any change it is one pixel: GIF has no smaller frame.
    let (right, bottom) = (columns().max().unwrap_or(0), rows().max().unwrap_or(0));
    let (columns, rows) = (right - left + 1, bottom - top + 1);
    let mut buffer = vec![UNCHANGED; at(columns * rows)];
    for &(place, shade) in changes {
        buffer[at((place / width - top) * columns + place % width - left)] = shade;
    }
    Frame {
        delay: hundredths,
        dispose: DisposalMethod::Keep,
        transparent: Some(UNCHANGED),
        left: side(left),
        top: side(top),
        width: side(columns),
        height: side(rows),
        buffer: buffer.into(),
        ..Frame::default()
    }
}

/// A number as an index. Where many are kept they are `u32`.
fn at(number: u32) -> usize {
    usize::try_from(number).expect("a picture fits into the memory")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREY: Rgb = [90, 90, 90];
    const RED: Rgb = [200, 10, 20];

    fn image(width: u32, height: u32, colour: impl Fn(u32, u32) -> Rgb) -> Image {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let pixel = |(x, y)| {
            let [r, g, b] = colour(x, y);
            [r, g, b, 255]
        };
        Image { width, height, pixels: places.flat_map(pixel).collect() }
    }

    /// A square of 10 × 10 on grey.
    fn square(left: u32) -> Image {
        image(60, 40, |x, y| if (left..left + 10).contains(&x) && (20..30).contains(&y) { RED } else { GREY })
    }

    fn film(images: &[(Image, u16)]) -> Vec<u8> {
        let mut film = Film::new(images[0].0.width, images[0].0.height);
        images.iter().for_each(|(image, hundredths)| film.add(image, *hundredths));
        film.finish()
    }

    /// What a viewer shows: each frame's rectangle, for how long, and the pixels of the whole picture then.
    fn watch(file: &[u8]) -> Vec<([u16; 4], u16, Vec<u8>)> {
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(gif::ColorOutput::RGBA);
        let mut decoder = options.read_info(file).unwrap();
        let width = usize::from(decoder.width());
        let mut shown = vec![0; width * usize::from(decoder.height()) * 4];
        let mut scenes = Vec::new();
        while let Some(frame) = decoder.read_next_frame().unwrap() {
            for (place, pixel) in frame.buffer.chunks(4).enumerate().filter(|(_, pixel)| pixel[3] > 0) {
                let (x, y) = (place % usize::from(frame.width), place / usize::from(frame.width));
                let start = 4 * ((y + usize::from(frame.top)) * width + x + usize::from(frame.left));
                shown[start..start + 4].copy_from_slice(pixel);
            }
            scenes.push(([frame.left, frame.top, frame.width, frame.height], frame.delay, shown.clone()));
        }
        scenes
    }

    #[test]
    fn a_film_shows_its_pictures_and_writes_only_what_changes() {
        let images = [(square(5), 8), (square(8), 8), (square(40), 50)];
        let scenes = watch(&film(&images));
        assert_eq!(scenes.len(), 3);
        for ((_, hundredths, shown), (image, expected)) in scenes.iter().zip(&images) {
            assert_eq!((hundredths, shown), (expected, &image.pixels));
        }
        let rectangles: Vec<_> = scenes.iter().map(|scene| scene.0).collect();
        assert_eq!(rectangles, [[0, 0, 60, 40], [5, 20, 13, 10], [8, 20, 42, 10]]);
        assert_eq!(gif::Decoder::new(&film(&images)[..]).unwrap().repeat(), Repeat::Infinite);
    }

    #[test]
    fn a_picture_that_changes_nothing_shows_the_one_before_it_longer() {
        let scenes = watch(&film(&[(square(5), 8), (square(5), 9), (square(6), 10), (square(6), 11), (square(6), 12)]));
        assert_eq!(scenes.iter().map(|scene| scene.1).collect::<Vec<_>>(), [17, 33]);
        let long = watch(&film(&[(square(5), 65_000), (square(5), 600)]));
        assert_eq!(
            long.iter().map(|scene| (scene.0, scene.1)).collect::<Vec<_>>(),
            [([0, 0, 60, 40], 65_000), ([0, 0, 1, 1], 600),]
        );
        assert_eq!(long[1].2, square(5).pixels);
    }

    #[test]
    fn of_more_colours_than_a_gif_has_the_flat_ones_are_kept_and_the_others_are_near() {
        let many = |moment: u32| {
            image(64, 64, move |x, y| if y < 48 { GREY } else { [(x * 4) as u8, (y * 4) as u8, (moment * 20) as u8] })
        };
        let scenes = watch(&film(&[(many(0), 8), (many(3), 8)]));
        for ((_, _, shown), moment) in scenes.iter().zip([0, 3]) {
            let expected = many(moment).pixels;
            assert_eq!(shown[..48 * 64 * 4], expected[..48 * 64 * 4]);
            let off = shown.iter().zip(&expected).map(|(a, b)| a.abs_diff(*b)).max();
            assert!((1..24).contains(&off.unwrap()), "{off:?}");
        }
    }

    #[test]
    fn what_looks_the_same_in_the_palette_is_not_written_again() {
        let many = |blue: u8| {
            let colour = move |x, y| [(x * 4) as u8, (y * 4) as u8, if (x, y) == (31, 17) { blue } else { 0 }];
            image(64, 64, colour)
        };
        let scenes = watch(&film(&[(many(0), 8), (many(1), 9)]));
        assert_eq!(scenes.iter().map(|scene| scene.1).collect::<Vec<_>>(), [17]);
        assert_eq!(watch(&film(&[(many(0), 8), (many(255), 9)]))[1].0, [31, 17, 1, 1]);
    }

    #[test]
    fn the_same_pictures_give_the_same_file() {
        let images = [(square(5), 8), (square(8), 8)];
        assert_eq!(film(&images), film(&images));
    }

    #[test]
    #[should_panic(expected = "one size for all")]
    fn a_picture_of_another_size_is_refused() {
        film(&[(square(5), 8), (image(40, 60, |_, _| GREY), 8)]);
    }
}
