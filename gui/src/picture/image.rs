//! A picture: its pixels, and its PNG. It knows nothing of where they come from.

/// A picture in memory: opaque, in sRGB.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    /// How wide it is, in pixels.
    pub width: u32,
    /// How high it is, in pixels.
    pub height: u32,
    /// Red, green, blue, and alpha, which is always 255: four bytes a pixel, row after row from the top.
    pub pixels: Vec<u8>,
}

impl Image {
    /// The picture as a PNG file. The same picture gives the same bytes.
    #[must_use]
    pub fn to_png(&self) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::High);
        let opaque: Vec<u8> = self.pixels.as_chunks().0.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect();
        let written = encoder.write_header().and_then(|mut writer| {
            writer.write_image_data(&opaque)?;
            writer.finish()
        });
        written.expect("a vector takes every byte, and there are as many as the size says");
        file
    }
}

impl std::fmt::Debug for Image {
    // A failed test should not print a million bytes.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Image({} × {})", self.width, self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_png_decodes_to_the_pixels_it_was_made_of() {
        let mut pixels: Vec<u8> = (0..5 * 3 * 4).map(|byte| byte * 4).collect();
        pixels.iter_mut().skip(3).step_by(4).for_each(|alpha| *alpha = 255);
        let image = Image { width: 5, height: 3, pixels };
        let file = image.to_png();
        let mut reader = png::Decoder::new(std::io::Cursor::new(&file)).read_info().unwrap();
        let mut decoded = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut decoded).unwrap();
        assert_eq!((info.width, info.height, info.color_type), (5, 3, png::ColorType::Rgb));
        let opaque: Vec<u8> = image.pixels.chunks(4).flat_map(|pixel| &pixel[..3]).copied().collect();
        assert_eq!(decoded, opaque);
    }
}
