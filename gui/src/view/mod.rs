//! Views: how view-models look. Each takes data and tells what its user wants ([`wish`]); none changes anything by itself.

pub mod caption;
pub mod editor;
pub mod gallery;
pub mod keys;
mod line;
pub mod menu;
pub mod palette;
pub mod save;
pub mod side;
mod sign;
pub mod stage;
pub mod timeline;
pub mod topbar;
pub mod transport;
pub mod wish;
