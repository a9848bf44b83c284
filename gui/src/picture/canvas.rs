//! Renders an egui user interface to images, without a window. It knows nothing of what is drawn.

use egui::{Event, FullOutput, Key, Modifiers, RawInput, Rect, Ui, Vec2, ViewportId, ViewportInfo, pos2};

use super::image::Image;
use super::raster::Raster;

/// An egui context without a window: it has a size, runs a user interface frame by frame and returns each frame as an image.
/// It has no mouse; [`Canvas::press`] presses keys, and [`Canvas::frame`] is given the time.
pub struct Canvas {
    context: egui::Context,
    raster: Raster,
    size: [u32; 2],
    pixels_per_point: f32,
    has_drawn: bool,
    /// The input of the next frame.
    events: Vec<Event>,
}

impl Canvas {
    /// A canvas with a size in pixels, and with the scale of egui's points. `set_up` is called once, before the first
    /// frame, and sets fonts, theme and style.
    #[must_use]
    pub fn new(width_px: u32, height_px: u32, pixels_per_point: f32, set_up: impl FnOnce(&egui::Context)) -> Self {
        let context = egui::Context::default();
        // egui lays new windows and grids out again once their size is known, and nested ones more than once.
        context.options_mut(|options| options.max_passes = 4.try_into().expect("not zero"));
        set_up(&context);
        // Without animations: otherwise windows would fade in, and the first frame would be nearly empty.
        context.all_styles_mut(|style| style.animation_time = 0.0);
        Self {
            context,
            raster: Raster::default(),
            size: [width_px, height_px],
            pixels_per_point,
            has_drawn: false,
            events: Vec::new(),
        }
    }

    /// Presses a key and releases it, before the next frame.
    pub fn press(&mut self, modifiers: Modifiers, key: Key) {
        let key_event = |pressed| Event::Key { key, physical_key: None, pressed, repeat: false, modifiers };
        self.events.extend([key_event(true), key_event(false)]);
    }

    /// Types a text, before the next frame.
    pub fn write(&mut self, text: &str) {
        self.events.push(Event::Text(text.to_owned()));
    }

    /// Runs a frame and returns its image. `time_seconds` counts from any moment, and never decreases from one frame to the
    /// next. The background is that of egui's panels.
    ///
    /// `draw` may be called several times, and only the last call is shown: egui lays widgets out again once it knows their
    /// sizes, and the first frame is run twice, because panels and scroll areas take their sizes from the frame before.
    pub fn frame(&mut self, time_seconds: f64, mut draw: impl FnMut(&mut Ui)) -> Image {
        let mut output = self.run(time_seconds, &mut draw);
        if !std::mem::replace(&mut self.has_drawn, true) {
            output.append(self.run(time_seconds, &mut draw));
        }
        self.rasterise(output)
    }

    /// Runs one egui frame with the input since the last one.
    fn run(&mut self, time_seconds: f64, draw: &mut impl FnMut(&mut Ui)) -> FullOutput {
        let [width, height] = self.size.map(|pixels| pixels as f32);
        let viewport = ViewportInfo { native_pixels_per_point: Some(self.pixels_per_point), ..ViewportInfo::default() };
        let input = RawInput {
            viewports: [(ViewportId::ROOT, viewport)].into_iter().collect(),
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), Vec2::new(width, height) / self.pixels_per_point)),
            max_texture_side: Some(MAX_TEXTURE_SIDE),
            time: Some(time_seconds),
            events: std::mem::take(&mut self.events),
            ..RawInput::default()
        };
        self.context.run_ui(input, draw)
    }

    /// Rasterises the output of a frame.
    fn rasterise(&mut self, output: FullOutput) -> Image {
        let FullOutput { mut textures_delta, shapes, pixels_per_point, .. } = output;
        let [width, height] = self.size;
        let background = self.context.global_style().visuals.panel_fill;
        let primitives = self.context.tessellate(shapes, pixels_per_point);
        self.raster.set_textures(&mut textures_delta);
        let pixels = self.raster.paint(self.size, pixels_per_point, background, &primitives);
        self.raster.free_textures(&mut textures_delta);
        Image { width, height, pixels }
    }
}

/// The maximum width and height of a texture, in texels. egui's glyph atlas starts small and grows: at this size it has room
/// for twenty thousand large glyphs.
const MAX_TEXTURE_SIDE: usize = 4096;

#[cfg(test)]
mod tests {
    use egui::{Align2, Color32, ColorImage, FontId, Shape, Stroke, TextureOptions, pos2, vec2};

    use super::*;

    const RED: Color32 = Color32::from_rgb(200, 30, 40);
    const BLUE: Color32 = Color32::from_rgb(20, 60, 220);

    fn dark_theme(context: &egui::Context) {
        context.set_theme(egui::Theme::Dark);
        context.set_visuals(egui::Visuals { panel_fill: Color32::BLACK, ..egui::Visuals::dark() });
    }

    fn pixel(image: &Image, x: u32, y: u32) -> [u8; 4] {
        let start = usize::try_from(4 * (y * image.width + x)).unwrap();
        image.pixels[start..start + 4].try_into().unwrap()
    }

    /// The rectangle around all pixels that are not black: its left, upper, right and lower edge.
    fn ink_bounds(image: &Image) -> [u32; 4] {
        let positions = (0..image.height).flat_map(|y| (0..image.width).map(move |x| (x, y)));
        let inked = positions.filter(|&(x, y)| pixel(image, x, y) != [0, 0, 0, 255]);
        inked.fold([u32::MAX, u32::MAX, 0, 0], |[left, top, right, bottom], (x, y)| {
            [left.min(x), top.min(y), right.max(x + 1), bottom.max(y + 1)]
        })
    }

    #[test]
    fn shapes_are_where_they_are_drawn_and_have_soft_edges() {
        let image = Canvas::new(100, 60, 2.0, dark_theme).frame(0.0, |ui| {
            assert_eq!((ui.max_rect().size(), ui.pixels_per_point()), (vec2(50.0, 30.0), 2.0));
            ui.painter().rect_filled(Rect::from_min_max(pos2(5.0, 5.0), pos2(15.0, 10.0)), 0.0, RED);
            ui.painter().circle_filled(pos2(35.0, 15.0), 4.0, BLUE);
        });
        assert_eq!((image.width, image.height, image.pixels.len()), (100, 60, 100 * 60 * 4));
        let (red, blue, black) = (RED.to_array(), BLUE.to_array(), [0, 0, 0, 255]);
        assert_eq!([pixel(&image, 11, 11), pixel(&image, 28, 18), pixel(&image, 20, 15)], [red; 3]);
        assert_eq!(
            [pixel(&image, 8, 15), pixel(&image, 31, 15), pixel(&image, 20, 8), pixel(&image, 20, 22)],
            [black; 4]
        );
        assert_eq!([pixel(&image, 70, 30), pixel(&image, 64, 30), pixel(&image, 70, 36)], [blue; 3]);
        assert_eq!([pixel(&image, 60, 30), pixel(&image, 80, 30), pixel(&image, 77, 37)], [black; 3]);
        let row: Vec<u8> = (60..80).map(|x| pixel(&image, x, 30)[2]).collect();
        assert!(row.iter().any(|&blue| 0 < blue && blue < BLUE.b()), "its edge is soft: {row:?}");
    }

    #[test]
    fn text_is_where_it_is_written() {
        let write = |ui: &mut Ui| {
            let font = FontId::proportional(20.0);
            ui.painter().text(pos2(30.0, 40.0), Align2::LEFT_TOP, "H", font, Color32::WHITE)
        };
        let mut place = Rect::NOTHING;
        let image = Canvas::new(100, 100, 1.0, dark_theme).frame(0.0, |ui| place = write(ui));
        let [left, top, right, bottom] = ink_bounds(&image);
        let (width, height) = (right - left, bottom - top);
        assert!(
            left >= 30 && top >= 40 && right as f32 <= place.right() && bottom as f32 <= place.bottom(),
            "{place:?}"
        );
        assert!((11..=15).contains(&width) && (13..=16).contains(&height), "{width} × {height}");
        let column: Vec<u8> = (top..bottom).map(|y| pixel(&image, left + width / 2, y)[0]).collect();
        assert_eq!(
            (column[..4].iter().max(), column[column.len() - 4..].iter().max()),
            (Some(&0), Some(&0)),
            "{column:?}"
        );
        assert!(column.iter().max() > Some(&150), "the bar of the H: {column:?}");
    }

    fn show_texture(ui: &Ui, texture: &egui::TextureHandle) {
        let place = Rect::from_min_size(pos2(7.0, 9.0), texture.size_vec2());
        ui.painter().image(texture.id(), place, Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0)), Color32::WHITE);
    }

    #[test]
    fn a_texture_is_shown_texel_by_texel_even_after_a_partial_update() {
        let texel = |x: u8, y: u8| Color32::from_rgb(10 + 9 * x, 20 + 8 * y, 30 + 5 * (x ^ y));
        let texels = (0..25).flat_map(|y| (0..25).map(move |x| texel(x, y))).collect();
        let mut canvas = Canvas::new(60, 60, 1.0, dark_theme);
        let mut texture =
            canvas.context.load_texture("25 × 25", ColorImage::new([25, 25], texels), TextureOptions::NEAREST);
        let image = canvas.frame(0.0, |ui| show_texture(ui, &texture));
        for (x, y) in (0..25).flat_map(|y| (0..25).map(move |x| (x, y))) {
            assert_eq!(pixel(&image, 7 + u32::from(x), 9 + u32::from(y)), texel(x, y).to_array(), "{x}, {y}");
        }
        assert_eq!(ink_bounds(&image), [7, 9, 32, 34]);
        texture.set_partial([3, 5], ColorImage::filled([2, 4], RED), TextureOptions::NEAREST);
        let image = canvas.frame(0.0, |ui| show_texture(ui, &texture));
        for (x, y) in (0..25).flat_map(|y| (0..25).map(move |x| (x, y))) {
            let red = (3..5).contains(&x) && (5..9).contains(&y);
            let expected = if red { RED } else { texel(x, y) };
            assert_eq!(pixel(&image, 7 + u32::from(x), 9 + u32::from(y)), expected.to_array(), "{x}, {y}");
        }
    }

    /// A line, a circle, a frame, dashes and text.
    fn drawing(painter: &egui::Painter, centre: egui::Pos2) {
        painter.line_segment([centre - vec2(310.3, 207.7), centre + vec2(299.1, 190.2)], Stroke::new(3.3, RED));
        painter.circle(centre + vec2(3.2, 1.7), 90.0, BLUE.gamma_multiply(0.4), Stroke::new(2.0, Color32::WHITE));
        painter.rect_filled(Rect::from_center_size(centre, vec2(51.5, 33.25)), 8.0, Color32::from_white_alpha(90));
        let dashes = [centre - vec2(200.0, -40.0), centre + vec2(220.0, -31.0)];
        painter.extend(Shape::dashed_line(&dashes, Stroke::new(1.0, Color32::YELLOW), 7.0, 4.0));
        let font = FontId::proportional(30.0);
        painter.text(centre, Align2::CENTER_CENTER, "a drawing", font, Color32::LIGHT_GREEN);
    }

    #[test]
    fn a_clipped_picture_has_the_same_pixels_as_the_whole_one() {
        let draw = |part: Rect| {
            let mut canvas = Canvas::new(700, 450, 1.0, dark_theme);
            canvas.frame(0.0, |ui| drawing(&ui.painter().with_clip_rect(part), pos2(341.0, 222.0)))
        };
        let whole = draw(Rect::EVERYTHING);
        for [left, top, right, bottom] in
            [[341, 0, 700, 450], [0, 0, 341, 450], [0, 222, 700, 450], [301, 190, 377, 261]]
        {
            let [min, max] = [[left, top], [right, bottom]].map(|[x, y]: [u16; 2]| pos2(x.into(), y.into()));
            let part = draw(Rect::from_min_max(min, max));
            for (x, y) in (0..450).flat_map(|y| (0..700).map(move |x| (x, y))) {
                let within = (left..right).contains(&x) && (top..bottom).contains(&y);
                let (x, y) = (x.into(), y.into());
                assert_eq!(pixel(&part, x, y), if within { pixel(&whole, x, y) } else { [0, 0, 0, 255] }, "{x}, {y}");
            }
        }
    }

    #[test]
    fn a_drawing_has_the_same_pixels_on_a_large_picture_as_on_a_small_one() {
        let large =
            Canvas::new(2560, 1440, 1.0, dark_theme).frame(0.0, |ui| drawing(ui.painter(), pos2(1280.0, 720.0)));
        let small = Canvas::new(1280, 720, 1.0, dark_theme).frame(0.0, |ui| drawing(ui.painter(), pos2(640.0, 360.0)));
        for (x, y) in (0..720).flat_map(|y| (0..1280).map(move |x| (x, y))) {
            let (a, b) = (pixel(&large, x + 640, y + 360), pixel(&small, x, y));
            // egui computes corners in `f32`, which is less exact for large coordinates.
            assert!(a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= 2), "{x}, {y}: {a:?} {b:?}");
        }
        let [left, top, right, bottom] = ink_bounds(&small);
        assert_eq!(ink_bounds(&large), [left + 640, top + 360, right + 640, bottom + 360]);
    }

    #[test]
    fn the_same_frames_give_the_same_bytes() {
        let frames = || {
            let mut canvas = Canvas::new(300, 200, 1.5, dark_theme);
            let frame = |moment: u8, ui: &mut Ui| {
                egui::Window::new("a window").show(ui.ctx(), |ui| ui.label(format!("moment {moment}")));
                drawing(ui.painter(), pos2(f32::from(moment), 50.0));
            };
            [0, 1, 2].map(|moment| canvas.frame(f64::from(moment), |ui| frame(moment, ui)).pixels)
        };
        let [first, second] = [frames(), frames()];
        assert_ne!(first[0], first[1]);
        assert!(first == second);
    }

    #[test]
    fn the_first_frame_is_laid_out_like_all_others() {
        let mut canvas = Canvas::new(400, 300, 1.0, dark_theme);
        let frame = |ui: &mut Ui| {
            egui::Panel::left("left").show(ui, |ui| ui.label("as wide as its text"));
            egui::Window::new("a window").anchor(Align2::RIGHT_BOTTOM, vec2(0.0, 0.0)).show(ui.ctx(), |ui| {
                egui::Grid::new("a grid").show(ui, |ui| {
                    ui.label("a long cell, then");
                    ui.label("a short one");
                    ui.end_row();
                    ui.label("short");
                    ui.label("a cell that is much longer");
                });
            });
            egui::CentralPanel::default().show(ui, |ui| ui.centered_and_justified(|ui| ui.label("in the centre")));
        };
        let first = canvas.frame(0.0, frame);
        assert!(first == canvas.frame(1.0, frame));
    }
}
