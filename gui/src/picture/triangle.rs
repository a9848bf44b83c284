//! Which pixels a triangle covers, and how near each of them is to its corners. It knows nothing of colours.
//!
//! Corners lie on a grid of 256 steps to a pixel, and all but the nearness is computed in integers. So triangles that share an
//! edge leave no pixel out and cover none twice, and a pixel is the same wherever a drawing is clipped.

use std::ops::Range;

/// How many steps of the grid a pixel has.
const STEP: i64 = 256;

/// A point of the grid.
pub(super) type GridPoint = [i64; 2];

/// A rectangle of whole pixels.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Area {
    pub(super) columns: Range<i64>,
    pub(super) rows: Range<i64>,
}

/// Neighbouring pixels in a row that a triangle covers.
pub(super) struct PixelRun {
    pub(super) row: i64,
    pub(super) columns: Range<i64>,
    // The nearness to the second and to the third corner at the first pixel, and what a step to the right adds.
    start: [i64; 2],
    step: [i64; 2],
    whole: i64,
}

impl PixelRun {
    /// How near each pixel is to the second and to the third corner: 1 in that corner, and 0 in the others.
    pub(super) fn nearness(&self) -> impl Iterator<Item = [f32; 2]> + use<> {
        let (columns, [a, b], [step_a, step_b], whole) =
            (self.columns.clone(), self.start, self.step, self.whole as f32);
        (0..columns.end - columns.start).map(move |right| {
            let share = |start: i64, step: i64| (start + right * step) as f32 / whole;
            [share(a, step_a), share(b, step_b)]
        })
    }
}

/// The nearest point of the grid. Far away from any picture coordinates are clamped, so that nothing overflows.
pub(super) fn place(pixels: [f32; 2]) -> GridPoint {
    const FAR: f32 = 1_000_000.0;
    pixels.map(|pixels| (pixels.clamp(-FAR, FAR) * STEP as f32).round() as i64)
}

/// Calls `draw` for each run of pixels in an area that a triangle covers, from the top.
///
/// A pixel is covered when its centre is inside. A centre on an edge belongs to the triangle to the right of the edge, or
/// below it.
pub(super) fn cover(corners: [GridPoint; 3], area: &Area, mut draw: impl FnMut(PixelRun)) {
    let [a, b, c] = corners;
    let whole = side(a, b, c);
    if whole == 0 {
        return;
    }
    // For the other orientation every edge runs in the other direction.
    let turned = whole < 0;
    let edges = if turned { [[c, b], [a, c], [b, a]] } else { [[b, c], [c, a], [a, b]] };
    let centre = |pixel: i64| pixel * STEP + STEP / 2;
    let (top, bottom) = (a[1].min(b[1]).min(c[1]), a[1].max(b[1]).max(c[1]));
    let first = (-(STEP / 2 - top).div_euclid(STEP)).max(area.rows.start);
    let last = (bottom - STEP / 2).div_euclid(STEP).min(area.rows.end - 1);
    for row in first..=last {
        let mut columns = area.columns.clone();
        let mut start = [0; 3];
        for (start, [from, to]) in start.iter_mut().zip(edges) {
            *start = side(from, to, [centre(0), centre(row)]);
            let owns = to[1] < from[1] || to[1] == from[1] && to[0] > from[0];
            // A centre is inside when this is not negative.
            let inside = *start - i64::from(!owns);
            match across([from, to]) {
                step if step > 0 => columns.start = columns.start.max(-inside.div_euclid(step)),
                step if step < 0 => columns.end = columns.end.min(inside.div_euclid(-step) + 1),
                _ if inside < 0 => columns.end = columns.start,
                _ => {}
            }
        }
        if columns.is_empty() {
            continue;
        }
        let step = [across(edges[1]), across(edges[2])];
        let start = [start[1] + columns.start * step[0], start[2] + columns.start * step[1]];
        draw(PixelRun { row, columns, start, step, whole: whole.abs() });
    }
}

/// Twice the signed area of a triangle, negative if its corners run counter-clockwise: it says on which side of an edge a
/// point lies.
fn side(from: GridPoint, to: GridPoint, place: GridPoint) -> i64 {
    (to[0] - from[0]) * (place[1] - from[1]) - (to[1] - from[1]) * (place[0] - from[0])
}

/// What one pixel to the right adds to [`side`].
fn across([from, to]: [GridPoint; 2]) -> i64 {
    (from[1] - to[1]) * STEP
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: i64 = 24;

    /// How often each pixel of a square is covered, row after row.
    fn count(triangles: &[[GridPoint; 3]], area: &Area) -> Vec<u8> {
        let mut pixels = vec![0; 24 * 24];
        for &corners in triangles {
            cover(corners, area, |span| {
                for column in span.columns {
                    pixels[usize::try_from(span.row * SIDE + column).unwrap()] += 1;
                }
            });
        }
        pixels
    }

    fn square() -> Area {
        Area { columns: 0..SIDE, rows: 0..SIDE }
    }

    /// Places here and there, the same on each run.
    fn places(count: usize) -> Vec<GridPoint> {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // Many on quarters of a pixel, so that centres often are on an edge.
            i64::try_from(state >> 33).unwrap() % (SIDE * 4) * STEP / 4
        };
        (0..count).map(|_| [next(), next()]).collect()
    }

    #[test]
    fn a_triangle_covers_the_pixels_whose_centres_are_inside() {
        let corners = [[1.0, 1.0], [5.0, 1.0], [1.0, 5.0]].map(place);
        let rows: Vec<Vec<u8>> = count(&[corners], &square()).chunks(24).map(<[u8]>::to_vec).take(6).collect();
        let covered: Vec<&[u8]> = rows.iter().map(|row| &row[..6]).collect();
        // The centres on the long edge belong to what is below it.
        let expected = [[0, 0, 0, 0, 0, 0], [0, 1, 1, 1, 0, 0], [0, 1, 1, 0, 0, 0], [0, 1, 0, 0, 0, 0], [0; 6], [0; 6]];
        assert_eq!(covered, expected);
        let [a, b, c] = corners;
        for turned in [[a, c, b], [b, c, a], [c, b, a]] {
            assert_eq!(count(&[turned], &square()), count(&[corners], &square()));
        }
    }

    #[test]
    fn triangles_around_a_place_cover_each_pixel_once() {
        let edge = SIDE * STEP;
        let corners = [[0, 0], [edge, 0], [edge, edge], [0, edge]];
        for middle in places(500) {
            let around: Vec<[GridPoint; 3]> =
                (0..4).map(|side| [corners[side], corners[(side + 1) % 4], middle]).collect();
            assert_eq!(count(&around, &square()), [1; 24 * 24], "{middle:?}");
        }
    }

    #[test]
    fn what_is_cut_off_does_not_change_the_rest() {
        let part = Area { columns: 7..15, rows: 5..18 };
        for corners in places(900).as_chunks::<3>().0 {
            let (whole, part_of_it) = (count(&[*corners], &square()), count(&[*corners], &part));
            for (place, (whole, covered)) in (0..).zip(whole.into_iter().zip(part_of_it)) {
                let within = part.columns.contains(&(place % SIDE)) && part.rows.contains(&(place / SIDE));
                assert_eq!(covered, if within { whole } else { 0 }, "{corners:?}");
            }
        }
    }

    #[test]
    fn nearness_is_one_in_a_corner_and_falls_to_nothing_on_the_edge_opposite() {
        let corners = [[0.5, 0.5], [16.5, 0.5], [0.5, 8.5]].map(place);
        let mut rows = Vec::new();
        cover(corners, &square(), |span| rows.push(span.nearness().collect::<Vec<_>>()));
        assert_eq!(rows[0][0], [0.0, 0.0]);
        assert_eq!(rows[0][8], [0.5, 0.0]);
        assert_eq!(rows[4][0], [0.0, 0.5]);
        assert_eq!(rows[2][4], [0.25, 0.25]);
        let [a, b, c] = corners;
        cover([c, a, b], &square(), |span| {
            if span.row == 0 {
                assert_eq!(span.nearness().nth(8), Some([0.5, 0.5]), "of the other two corners now");
            }
        });
    }

    #[test]
    fn what_is_far_away_or_flat_covers_nothing_and_does_not_overflow() {
        let far = [[f32::MAX, 0.0], [f32::INFINITY, 5.0], [f32::MAX, f32::MAX]].map(place);
        let flat = [[0.0, 0.0], [10.0, 10.0], [20.0, 20.0]].map(place);
        assert_eq!(count(&[far, flat], &square()), [0; 24 * 24]);
        let huge = [[f32::MIN, f32::MIN], [f32::MAX, f32::MIN], [0.0, f32::MAX]].map(place);
        assert_eq!(count(&[huge], &square()), [1; 24 * 24]);
    }
}
