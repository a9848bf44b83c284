//! Whether a node is as it should be at one moment, and if not, what is wrong with it. Faults and schedules say so, not the
//! node itself.

use queuescope::inspect::Presence;
use queuescope::kernel::Time;
use queuescope::plan::NodeId;
use queuescope::session::Scene;

/// How a node is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Condition {
    /// As it should be.
    Well,
    /// It starts at this time.
    Absent(Time),
    /// It has crashed.
    Down,
    /// It does nothing.
    Paused,
    /// Its work takes so many times as long.
    Slow(f64),
    /// Its disk has no room.
    Full,
    /// It has left.
    Left,
}

impl Condition {
    /// The condition of a node.
    #[must_use]
    pub fn of(scene: &Scene, node: NodeId) -> Self {
        let world = scene.world();
        match world.presence(node) {
            Presence::Absent => Self::Absent(world.plan().begins(node)),
            Presence::Down(_) => Self::Down,
            Presence::Left => Self::Left,
            Presence::Up if world.is_paused(node) => Self::Paused,
            Presence::Up => match world.slowness(node) {
                1.0 if world.has_full_disk(node) => Self::Full,
                1.0 => Self::Well,
                factor => Self::Slow(factor),
            },
        }
    }
}
