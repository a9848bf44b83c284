//! Rasterises triangles: finds the pixels that a triangle covers, and the barycentric weights of each of them. It knows
//! nothing of colours.
//!
//! Corners lie on a grid with 256 steps per pixel, and everything but the weights is computed in integers. So triangles
//! that share an edge leave no gap and cover no pixel twice, and clipping a drawing does not change the pixels inside.

use std::ops::Range;

/// The grid steps per pixel.
const STEPS_PER_PIXEL: i64 = 256;

/// A point of the grid.
pub(super) type GridPoint = [i64; 2];

/// A rectangle of whole pixels.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Area {
    pub(super) columns: Range<i64>,
    pub(super) rows: Range<i64>,
}

/// Adjacent pixels of one row that a triangle covers.
pub(super) struct PixelRun {
    pub(super) row: i64,
    pub(super) columns: Range<i64>,
    // The edge functions that give the weights of the second and the third corner: their values at the first pixel, and
    // what each of them gains with every pixel to the right. A weight is such a value divided by `whole`.
    start: [i64; 2],
    gain: [i64; 2],
    whole: i64,
}

impl PixelRun {
    /// The barycentric weights of the second and the third corner at each pixel: a weight is 1 in its own corner, and 0 in
    /// the other two.
    pub(super) fn weights(&self) -> impl Iterator<Item = [f32; 2]> + use<> {
        let (columns, [start_b, start_c], [gain_b, gain_c], whole) =
            (self.columns.clone(), self.start, self.gain, self.whole as f32);
        (0..columns.end - columns.start).map(move |offset| {
            let weight = |start: i64, gain: i64| (start + offset * gain) as f32 / whole;
            [weight(start_b, gain_b), weight(start_c, gain_c)]
        })
    }
}

/// The nearest grid point. Coordinates far outside any picture are clamped, so that the integer arithmetic cannot
/// overflow.
pub(super) fn place(pixels: [f32; 2]) -> GridPoint {
    const FAR: f32 = 1_000_000.0;
    pixels.map(|pixels| (pixels.clamp(-FAR, FAR) * STEPS_PER_PIXEL as f32).round() as i64)
}

/// Calls `draw` for each run of pixels that a triangle covers inside an area, from top to bottom.
///
/// A pixel is covered when its centre is inside. By the top-left rule, a centre on an edge belongs to the triangle to the
/// right of the edge, or below it.
pub(super) fn cover(corners: [GridPoint; 3], area: &Area, mut draw: impl FnMut(PixelRun)) {
    let [a, b, c] = corners;
    let whole = edge_function(a, b, c);
    if whole == 0 {
        return;
    }
    // Make the edges run clockwise, so that a point inside has only positive edge functions.
    let is_counter_clockwise = whole < 0;
    let edges = if is_counter_clockwise { [[c, b], [a, c], [b, a]] } else { [[b, c], [c, a], [a, b]] };
    let centre = |pixel: i64| pixel * STEPS_PER_PIXEL + STEPS_PER_PIXEL / 2;
    let (top, bottom) = (a[1].min(b[1]).min(c[1]), a[1].max(b[1]).max(c[1]));
    let first_row = (-(STEPS_PER_PIXEL / 2 - top).div_euclid(STEPS_PER_PIXEL)).max(area.rows.start);
    let last_row = (bottom - STEPS_PER_PIXEL / 2).div_euclid(STEPS_PER_PIXEL).min(area.rows.end - 1);
    for row in first_row..=last_row {
        let mut columns = area.columns.clone();
        let mut at_column_0 = [0; 3];
        for (value, [from, to]) in at_column_0.iter_mut().zip(edges) {
            *value = edge_function(from, to, [centre(0), centre(row)]);
            let is_top_or_left = to[1] < from[1] || to[1] == from[1] && to[0] > from[0];
            // One less for the other edges: so a centre is inside exactly where the margin is not negative.
            let margin = *value - i64::from(!is_top_or_left);
            match gain_per_column([from, to]) {
                gain if gain > 0 => columns.start = columns.start.max(-margin.div_euclid(gain)),
                gain if gain < 0 => columns.end = columns.end.min(margin.div_euclid(-gain) + 1),
                _ if margin < 0 => columns.end = columns.start,
                _ => {}
            }
        }
        if columns.is_empty() {
            continue;
        }
        let gain = [gain_per_column(edges[1]), gain_per_column(edges[2])];
        let start = [at_column_0[1] + columns.start * gain[0], at_column_0[2] + columns.start * gain[1]];
        draw(PixelRun { row, columns, start, gain, whole: whole.abs() });
    }
}

/// Twice the signed area of the triangle between an edge and a point, negative if the three run counter-clockwise on the
/// screen. Its sign says on which side of the edge the point lies.
fn edge_function(from: GridPoint, to: GridPoint, point: GridPoint) -> i64 {
    (to[0] - from[0]) * (point[1] - from[1]) - (to[1] - from[1]) * (point[0] - from[0])
}

/// What [`edge_function`] gains when the point moves one pixel to the right.
fn gain_per_column([from, to]: [GridPoint; 2]) -> i64 {
    (from[1] - to[1]) * STEPS_PER_PIXEL
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The side of the test area, in pixels.
    const SIDE: i64 = 24;
    const PIXELS: usize = 24 * 24;

    /// How many of the triangles cover each pixel of the square, row by row.
    fn cover_counts(triangles: &[[GridPoint; 3]], area: &Area) -> Vec<u8> {
        let mut pixels = vec![0; PIXELS];
        for &corners in triangles {
            cover(corners, area, |run| {
                for column in run.columns {
                    pixels[usize::try_from(run.row * SIDE + column).unwrap()] += 1;
                }
            });
        }
        pixels
    }

    fn square() -> Area {
        Area { columns: 0..SIDE, rows: 0..SIDE }
    }

    /// Pseudo-random points, the same each time the tests run.
    fn scattered_points(count: usize) -> Vec<GridPoint> {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // On quarters of a pixel, so that pixel centres often lie exactly on an edge.
            i64::try_from(state >> 33).unwrap() % (SIDE * 4) * STEPS_PER_PIXEL / 4
        };
        (0..count).map(|_| [next(), next()]).collect()
    }

    #[test]
    fn a_triangle_covers_the_pixels_whose_centres_are_inside() {
        let corners = [[1.0, 1.0], [5.0, 1.0], [1.0, 5.0]].map(place);
        let rows: Vec<Vec<u8>> = cover_counts(&[corners], &square()).chunks(24).map(<[u8]>::to_vec).take(6).collect();
        let covered: Vec<&[u8]> = rows.iter().map(|row| &row[..6]).collect();
        // The centres on the long edge belong to a triangle below it.
        let expected = [[0, 0, 0, 0, 0, 0], [0, 1, 1, 1, 0, 0], [0, 1, 1, 0, 0, 0], [0, 1, 0, 0, 0, 0], [0; 6], [0; 6]];
        assert_eq!(covered, expected);
        let [a, b, c] = corners;
        for reordered in [[a, c, b], [b, c, a], [c, b, a]] {
            assert_eq!(cover_counts(&[reordered], &square()), cover_counts(&[corners], &square()));
        }
    }

    #[test]
    fn triangles_around_a_common_corner_cover_each_pixel_once() {
        let edge = SIDE * STEPS_PER_PIXEL;
        let corners = [[0, 0], [edge, 0], [edge, edge], [0, edge]];
        for middle in scattered_points(500) {
            let around: Vec<[GridPoint; 3]> =
                (0..4).map(|side| [corners[side], corners[(side + 1) % 4], middle]).collect();
            assert_eq!(cover_counts(&around, &square()), [1; PIXELS], "{middle:?}");
        }
    }

    #[test]
    fn clipping_does_not_change_the_pixels_inside() {
        let part = Area { columns: 7..15, rows: 5..18 };
        for corners in scattered_points(900).as_chunks::<3>().0 {
            let (whole, clipped) = (cover_counts(&[*corners], &square()), cover_counts(&[*corners], &part));
            for (pixel, (whole, clipped)) in (0..).zip(whole.into_iter().zip(clipped)) {
                let within = part.columns.contains(&(pixel % SIDE)) && part.rows.contains(&(pixel / SIDE));
                assert_eq!(clipped, if within { whole } else { 0 }, "{corners:?}");
            }
        }
    }

    #[test]
    fn a_weight_is_one_in_its_corner_and_falls_to_zero_on_the_opposite_edge() {
        let corners = [[0.5, 0.5], [16.5, 0.5], [0.5, 8.5]].map(place);
        let mut rows = Vec::new();
        cover(corners, &square(), |run| rows.push(run.weights().collect::<Vec<_>>()));
        assert_eq!(rows[0][0], [0.0, 0.0]);
        assert_eq!(rows[0][8], [0.5, 0.0]);
        assert_eq!(rows[4][0], [0.0, 0.5]);
        assert_eq!(rows[2][4], [0.25, 0.25]);
        let [a, b, c] = corners;
        cover([c, a, b], &square(), |run| {
            if run.row == 0 {
                assert_eq!(run.weights().nth(8), Some([0.5, 0.5]), "the second and the third corner are now a and b");
            }
        });
    }

    #[test]
    fn a_distant_or_flat_triangle_covers_nothing_and_a_huge_one_does_not_overflow() {
        let far = [[f32::MAX, 0.0], [f32::INFINITY, 5.0], [f32::MAX, f32::MAX]].map(place);
        let flat = [[0.0, 0.0], [10.0, 10.0], [20.0, 20.0]].map(place);
        assert_eq!(cover_counts(&[far, flat], &square()), [0; PIXELS]);
        let huge = [[f32::MIN, f32::MIN], [f32::MAX, f32::MIN], [0.0, f32::MAX]].map(place);
        assert_eq!(cover_counts(&[huge], &square()), [1; PIXELS]);
    }
}
