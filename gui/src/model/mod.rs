//! View-models: what the window shows at one moment, as plain data. Made from a scene and nothing else; they know nothing
//! of egui, of pixels, or of how time is played.

pub mod belief;
pub mod caption;
pub mod chart;
pub mod cluster;
pub mod condition;
pub mod edit;
pub mod flight;
pub mod life;
pub mod mark;
pub mod name;
pub mod offer;
pub mod partition;
pub mod record;
pub mod replica;
pub mod selection;
pub mod slider;
pub mod syntax;
