//! A rasteriser: it draws egui's triangles as a GPU would, on the processor. It knows nothing of widgets.

use std::collections::BTreeMap;

use egui::epaint::textures::{TextureFilter, TexturesDelta};
use egui::epaint::{ClippedPrimitive, ImageData, ImageDelta, Mesh, Primitive, Vertex};
use egui::{Color32, Rect, TextureId};

use super::triangle::{self, Area, PixelRun};

/// Red, green, blue and alpha; colours are multiplied by alpha, as in egui.
type Rgba = [u8; 4];

/// Draws triangles with egui's textures.
#[derive(Default)]
pub(super) struct Raster {
    textures: BTreeMap<TextureId, Texture>,
}

struct Texture {
    width: usize,
    height: usize,
    texels: Vec<Rgba>,
    filter: TextureFilter,
}

/// The surface on which is drawn.
struct Surface {
    width: usize,
    pixels: Vec<Rgba>,
}

impl Raster {
    /// Takes over the textures that are new or changed.
    pub(super) fn set_textures(&mut self, delta: &mut TexturesDelta) {
        for (id, changes) in delta.set.drain() {
            for ImageDelta { image: ImageData::Color(image), options, pos } in changes {
                let texels = image.pixels.iter().map(Color32::to_array);
                match (pos, self.textures.get_mut(&id)) {
                    (Some(place), Some(texture)) => texture.set(place, image.size, texels),
                    _ => {
                        let ([width, height], filter) = (image.size, options.magnification);
                        self.textures.insert(id, Texture { width, height, texels: texels.collect(), filter });
                    }
                }
            }
        }
    }

    /// Drops the textures that are no longer shown.
    pub(super) fn free_textures(&mut self, delta: &mut TexturesDelta) {
        for id in delta.free.drain() {
            self.textures.remove(&id);
        }
    }

    /// Draws triangles on a background; the pixels of the picture, row by row.
    pub(super) fn paint(
        &self,
        [width, height]: [u32; 2],
        pixels_per_point: f32,
        background: Color32,
        primitives: &[ClippedPrimitive],
    ) -> Vec<u8> {
        let size = |pixels: u32| usize::try_from(pixels).expect("a picture fits into the memory");
        let pixels = vec![background.to_opaque().to_array(); size(width) * size(height)];
        let mut surface = Surface { width: size(width), pixels };
        for ClippedPrimitive { clip_rect, primitive } in primitives {
            let area = area(*clip_rect, pixels_per_point, [width, height]);
            // Other primitives are for a GPU, and a texture that is gone shows nothing.
            if let Primitive::Mesh(mesh) = primitive
                && let Some(texture) = self.textures.get(&mesh.texture_id)
            {
                surface.draw(mesh, texture, pixels_per_point, &area);
            }
        }
        surface.pixels.into_flattened()
    }
}

/// The pixels of a picture that are within a rectangle in points.
fn area(rect: Rect, pixels_per_point: f32, [width, height]: [u32; 2]) -> Area {
    // Floats saturate when they become integers: some rectangles are without end.
    let edge = |points: f32, last: u32| ((points * pixels_per_point).round() as i64).clamp(0, last.into());
    Area {
        columns: edge(rect.min.x, width)..edge(rect.max.x, width),
        rows: edge(rect.min.y, height)..edge(rect.max.y, height),
    }
}

impl Texture {
    /// Replaces a rectangle.
    fn set(&mut self, [left, top]: [usize; 2], [width, height]: [usize; 2], texels: impl Iterator<Item = Rgba>) {
        let places = (top..top + height).flat_map(|y| (left..left + width).map(move |x| (x, y)));
        for ((x, y), texel) in places.zip(texels) {
            self.texels[y * self.width + x] = texel;
        }
    }

    /// The colour at a place, measured in texels from the centre of the upper left one. Beyond the edge it is that of the edge.
    fn at(&self, [x, y]: [f32; 2]) -> Rgba {
        // In 256ths, so that letters, whose texels lie on pixels, are copied exactly.
        let [x, y] = [x, y].map(|place| (place * 256.0).round() as i64);
        let [left, top] = match self.filter {
            TextureFilter::Linear => [x.div_euclid(256), y.div_euclid(256)],
            TextureFilter::Nearest => return self.texel((x + 128).div_euclid(256), (y + 128).div_euclid(256)),
        };
        let [right, down] = [x.rem_euclid(256) as u32, y.rem_euclid(256) as u32];
        if right == 0 && down == 0 {
            return self.texel(left, top);
        }
        let [a, b] = [self.texel(left, top), self.texel(left + 1, top)];
        let [c, d] = [self.texel(left, top + 1), self.texel(left + 1, top + 1)];
        [0, 1, 2, 3].map(|channel| {
            let row = |left: Rgba, beside: Rgba| {
                u32::from(left[channel]) * (256 - right) + u32::from(beside[channel]) * right
            };
            ((row(a, b) * (256 - down) + row(c, d) * down + 0x8000) >> 16) as u8
        })
    }

    fn texel(&self, x: i64, y: i64) -> Rgba {
        let within = |place: i64, size: usize| usize::try_from(place).unwrap_or(0).min(size - 1);
        self.texels[within(y, self.height) * self.width + within(x, self.width)]
    }
}

impl Surface {
    fn draw(&mut self, mesh: &Mesh, texture: &Texture, pixels_per_point: f32, area: &Area) {
        for corners in mesh.indices.as_chunks::<3>().0 {
            let corners = corners.map(|index| &mesh.vertices[usize::try_from(index).expect("an index")]);
            let places = corners
                .map(|corner| triangle::place([corner.pos.x * pixels_per_point, corner.pos.y * pixels_per_point]));
            let paint = Paint::of(corners, texture);
            triangle::cover(places, area, |span| self.fill(&span, &paint));
        }
    }

    fn fill(&mut self, span: &PixelRun, paint: &Paint<'_>) {
        // A run is within the surface, so its places are valid indexes.
        let at = |place: i64| usize::try_from(place).expect("within the picture");
        let start = at(span.row) * self.width;
        let row = &mut self.pixels[start + at(span.columns.start)..start + at(span.columns.end)];
        match paint {
            Paint::Flat([.., 0]) => {}
            Paint::Flat(colour @ [.., 255]) => row.fill(*colour),
            Paint::Flat(colour) => row.iter_mut().for_each(|pixel| *pixel = over(*colour, *pixel)),
            Paint::Blend(blend) => {
                for (pixel, weights) in row.iter_mut().zip(span.weights()) {
                    *pixel = over(blend.at(weights), *pixel);
                }
            }
            Paint::Texture(texture, place, colour) => {
                for (pixel, weights) in row.iter_mut().zip(span.weights()) {
                    let texel = texture.at(place.at(weights));
                    *pixel = over(product(texel, colour.at(weights)), *pixel);
                }
            }
        }
    }
}

/// How a triangle is filled.
enum Paint<'a> {
    Flat(Rgba),
    Blend(TriangleColour),
    Texture(&'a Texture, Plane<2>, TriangleColour),
}

impl<'a> Paint<'a> {
    fn of(corners: [&Vertex; 3], texture: &'a Texture) -> Self {
        let colours = corners.map(|corner| corner.color.to_array());
        let places =
            corners.map(|corner| [corner.uv.x * texture.width as f32 - 0.5, corner.uv.y * texture.height as f32 - 0.5]);
        // A shape without texture shows one white texel of the texture of letters.
        if places[0] != places[1] || places[0] != places[2] {
            return Self::Texture(texture, Plane::of(places), TriangleColour::of(colours));
        }
        let texel = texture.at(places[0]);
        match TriangleColour::of(colours.map(|colour| product(texel, colour))) {
            TriangleColour::Flat(colour) => Self::Flat(colour),
            shade => Self::Blend(shade),
        }
    }
}

/// The colour within a triangle.
enum TriangleColour {
    Flat(Rgba),
    Varies(Plane<4>),
}

impl TriangleColour {
    fn of(corners: [Rgba; 3]) -> Self {
        if corners[0] == corners[1] && corners[0] == corners[2] {
            return Self::Flat(corners[0]);
        }
        Self::Varies(Plane::of(corners.map(|colour| colour.map(f32::from))))
    }

    fn at(&self, weights: [f32; 2]) -> Rgba {
        match self {
            Self::Flat(colour) => *colour,
            Self::Varies(plane) => plane.at(weights).map(|channel| (channel + 0.5) as u8),
        }
    }
}

/// A value that varies linearly within a triangle: its value in the first corner, and the differences in the other two.
struct Plane<const N: usize> {
    first: [f32; N],
    second: [f32; N],
    third: [f32; N],
}

impl<const N: usize> Plane<N> {
    fn of([first, second, third]: [[f32; N]; 3]) -> Self {
        let less = |from: [f32; N]| std::array::from_fn(|index| from[index] - first[index]);
        Self { first, second: less(second), third: less(third) }
    }

    fn at(&self, [second, third]: [f32; 2]) -> [f32; N] {
        std::array::from_fn(|index| self.first[index] + self.second[index] * second + self.third[index] * third)
    }
}

/// One colour over another one that is opaque.
fn over(above: Rgba, below: Rgba) -> Rgba {
    let light = 255 - above[3];
    let [r, g, b] = [0, 1, 2].map(|channel| above[channel].saturating_add(share(below[channel], light)));
    [r, g, b, 255]
}

/// The product of two colours.
fn product(a: Rgba, b: Rgba) -> Rgba {
    [0, 1, 2, 3].map(|channel| share(a[channel], b[channel]))
}

/// `of` 255ths of a channel.
fn share(channel: u8, of: u8) -> u8 {
    let product = u32::from(channel) * u32::from(of) + 128;
    // This divides by 255 and rounds, without a division.
    ((product + (product >> 8)) >> 8) as u8
}

#[cfg(test)]
mod tests {
    use egui::{ColorImage, TextureOptions};

    use super::*;

    fn texture(filter: TextureFilter) -> Texture {
        let grey = |shade: u8| [shade, shade, shade, 255];
        Texture { width: 2, height: 2, texels: [0, 100, 200, 40].map(grey).to_vec(), filter }
    }

    #[test]
    fn colours_are_mixed_as_their_alpha_says() {
        assert_eq!(over([10, 20, 30, 255], [200, 200, 200, 255]), [10, 20, 30, 255]);
        assert_eq!(over([0, 0, 0, 0], [200, 100, 7, 255]), [200, 100, 7, 255]);
        assert_eq!(over([100, 0, 0, 102], [200, 100, 7, 255]), [220, 60, 4, 255]);
        assert_eq!(over([255, 255, 255, 0], [200, 100, 7, 255]), [255, 255, 255, 255], "it only adds light");
        for (a, b) in (0..=255).flat_map(|a| (0..=255).map(move |b| (a, b))) {
            let exact = f32::from(a) * f32::from(b) / 255.0;
            assert_eq!(share(a, b), exact.round() as u8, "{a} of {b}");
        }
    }

    #[test]
    fn a_texture_is_filtered_between_its_texels_only() {
        let smooth = texture(TextureFilter::Linear);
        assert_eq!(
            [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]].map(|place| smooth.at(place)[0]),
            [0, 100, 200, 40]
        );
        assert_eq!([[0.5, 0.0], [0.0, 0.25], [0.5, 0.5]].map(|place| smooth.at(place)[0]), [50, 50, 85]);
        assert_eq!(
            [[-3.0, -0.4], [9.0, 0.0], [1.3, 1.4]].map(|place| smooth.at(place)[0]),
            [0, 100, 40],
            "beyond the edge"
        );
        let sharp = texture(TextureFilter::Nearest);
        assert_eq!(
            [[0.4, 0.0], [0.6, 0.0], [0.4, 0.6], [-1.0, 5.0]].map(|place| sharp.at(place)[0]),
            [0, 100, 200, 200]
        );
    }

    #[test]
    fn an_area_is_whole_pixels_of_the_picture() {
        let rect = |min: [f32; 2], max: [f32; 2]| Rect::from_min_max(min.into(), max.into());
        let [left, right] = [[1.2, 0.0], [3.3, 2.0]];
        assert_eq!(area(rect(left, right), 2.0, [100, 50]), Area { columns: 2..7, rows: 0..4 });
        assert_eq!(area(Rect::EVERYTHING, 2.0, [100, 50]), Area { columns: 0..100, rows: 0..50 });
        assert_eq!(area(rect([-5.0, 40.0], [20.0, 90.0]), 2.0, [100, 50]), Area { columns: 0..40, rows: 50..50 });
    }

    #[test]
    fn textures_come_change_and_go() {
        let (letters, other) = (TextureId::Managed(0), TextureId::Managed(1));
        let filled = |size: [usize; 2], shade: u8| ColorImage::filled(size, Color32::from_gray(shade));
        let shades =
            |raster: &Raster, id| -> Vec<u8> { raster.textures[&id].texels.iter().map(|texel| texel[0]).collect() };
        let mut raster = Raster::default();
        let mut delta = TexturesDelta::default();
        delta.push(letters, ImageDelta::full(filled([3, 2], 10), TextureOptions::LINEAR));
        delta.push(letters, ImageDelta::partial([1, 1], filled([2, 1], 20), TextureOptions::LINEAR));
        delta.push(other, ImageDelta::full(filled([1, 1], 30), TextureOptions::NEAREST));
        raster.set_textures(&mut delta);
        assert_eq!(shades(&raster, letters), [10, 10, 10, 10, 20, 20]);
        assert_eq!((raster.textures[&other].filter, shades(&raster, other)), (TextureFilter::Nearest, vec![30]));
        delta.push(letters, ImageDelta::full(filled([1, 2], 40), TextureOptions::LINEAR));
        delta.free(other);
        raster.set_textures(&mut delta);
        raster.free_textures(&mut delta);
        assert_eq!((raster.textures.len(), shades(&raster, letters)), (1, vec![40, 40]));
        assert!(delta.is_empty());
    }
}
