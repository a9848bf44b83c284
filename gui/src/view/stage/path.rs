//! The path of a link: along it packets move.

use egui::epaint::CubicBezierShape;
use egui::{Color32, Pos2, Stroke, Vec2, pos2, vec2};

/// A path from one place on the stage to another, as a polyline.
#[derive(Clone, Debug)]
pub(super) struct LinkPath {
    points: Vec<Pos2>,
    /// The length of the path up to each point.
    lengths: Vec<f32>,
}

impl LinkPath {
    /// Through these points, in straight lines.
    pub(super) fn through(points: Vec<Pos2>) -> Self {
        let mut length = 0.0;
        let mut lengths = vec![0.0];
        for pair in points.windows(2) {
            length += pair[0].distance(pair[1]);
            lengths.push(length);
        }
        Self { points, lengths }
    }

    /// A curve from the right side of one thing to the left side of another; it leaves and arrives horizontally.
    pub(super) fn across(from: Pos2, to: Pos2) -> Self {
        let reach = (to.x - from.x) * 0.45;
        let curve = CubicBezierShape::from_points_stroke(
            [from, from + vec2(reach, 0.0), to - vec2(reach, 0.0), to],
            false,
            Color32::TRANSPARENT,
            Stroke::NONE,
        );
        if (from.y - to.y).abs() < 1.0 {
            return Self::through(vec![from, to]);
        }
        Self::through((0..=20).map(|step| curve.sample(step as f32 / 20.0)).collect())
    }

    /// Down to a depth below everything, along there, and up again, with round corners.
    pub(super) fn below(from: Pos2, to: Pos2, depth: f32, round: f32) -> Self {
        let turn = if to.x > from.x { round } else { -round };
        let mut points = vec![from];
        let corner = |corner: Pos2, before: Vec2, after: Vec2| {
            (0..=6).map(move |step| {
                let t = step as f32 / 6.0;
                let (a, b) = (corner + before * (1.0 - t), corner + after * t);
                a.lerp(b, t)
            })
        };
        points.extend(corner(pos2(from.x, depth), vec2(0.0, -round), vec2(turn, 0.0)));
        points.extend(corner(pos2(to.x, depth), vec2(-turn, 0.0), vec2(0.0, -round)));
        points.push(to);
        Self::through(points)
    }

    pub(super) fn points(&self) -> &[Pos2] {
        &self.points
    }

    /// The same path in the other direction.
    pub(super) fn reversed(&self) -> Self {
        Self::through(self.points.iter().rev().copied().collect())
    }

    pub(super) fn length(&self) -> f32 {
        self.lengths.last().copied().unwrap_or(0.0)
    }

    /// The place after a part of the path, from 0 to 1, and so far to its right.
    pub(super) fn at(&self, share: f32, aside: f32) -> Pos2 {
        let length = self.length() * share.clamp(0.0, 1.0);
        let next = self.lengths.partition_point(|it| *it <= length).clamp(1, self.points.len() - 1);
        let (a, b) = (self.points[next - 1], self.points[next]);
        let along = self.lengths[next] - self.lengths[next - 1];
        let t = if along > 0.0 { (length - self.lengths[next - 1]) / along } else { 0.0 };
        a.lerp(b, t) - (b - a).normalized().rot90() * aside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_walked_evenly_from_end_to_end() {
        let path = LinkPath::through(vec![pos2(0.0, 0.0), pos2(10.0, 0.0), pos2(10.0, 30.0)]);
        let near = |path: &LinkPath, share: f32, x: f32, y: f32| path.at(share, 0.0).distance(pos2(x, y)) < 1e-3;
        assert!(near(&path, 0.0, 0.0, 0.0) && near(&path, 0.25, 10.0, 0.0) && near(&path, 0.5, 10.0, 10.0));
        assert!(near(&path, 1.0, 10.0, 30.0) && near(&path.reversed(), 0.5, 10.0, 10.0));
        assert!(path.at(0.1, 3.0).distance(pos2(4.0, 3.0)) < 1e-3, "to the right of its direction");
        let curve = LinkPath::across(pos2(0.0, 0.0), pos2(100.0, 50.0));
        assert!(near(&curve, 0.0, 0.0, 0.0) && near(&curve, 1.0, 100.0, 50.0));
        let ahead: Vec<f32> = (0..=10).map(|step| curve.at(step as f32 / 10.0, 0.0).x).collect();
        assert!(ahead.is_sorted());
    }
}
