//! Signs that more than one view draws, since egui's fonts do not have them.

use egui::{Color32, Painter, Pos2, Shape, Stroke, vec2};

/// The corners of a crown, half as wide as `half`, from its left foot to its right one.
fn corners(centre: Pos2, half: f32) -> [Pos2; 7] {
    let at = |(x, y): (f32, f32)| centre + vec2(x, y) * half;
    [(-1.0, 0.7), (-1.0, -0.5), (-0.5, 0.05), (0.0, -0.75), (0.5, 0.05), (1.0, -0.5), (1.0, 0.7)].map(at)
}

/// A crown, the sign of a master.
pub(super) fn crown(painter: &Painter, centre: Pos2, half: f32, ink: Color32) {
    let body = corners(centre, half);
    // Not convex: three triangles and the band below them.
    for triangle in [[0, 1, 2], [2, 3, 4], [4, 5, 6]] {
        let points = triangle.map(|corner: usize| body[corner]).to_vec();
        painter.add(Shape::convex_polygon(points, ink, Stroke::NONE));
    }
    let band = vec![body[0], body[2], body[4], body[6]];
    painter.add(Shape::convex_polygon(band, ink, Stroke::NONE));
}

/// A hollow crown: there is no master at the moment, or a node takes itself for one that is out of date.
pub(super) fn hollow_crown(painter: &Painter, centre: Pos2, half: f32, stroke: Stroke) {
    painter.add(Shape::closed_line(corners(centre, half).to_vec(), stroke));
}
