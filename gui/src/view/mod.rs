//! Views: how view-models look. A view takes data and adds what its user wants to a list ([`wish`]); it changes nothing but
//! what is its own, such as a text that is being typed.

pub mod caption;
pub mod command_palette;
pub mod gallery;
pub mod keys;
mod line;
pub mod menu;
pub mod save;
pub mod side;
mod sign;
pub mod stage;
pub mod text_editor;
pub mod timeline;
pub mod topbar;
pub mod transport;
pub mod wish;
