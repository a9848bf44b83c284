//! The application in a window of 1280 × 720 points, without a screen: for tests that use it as its users do.

use egui::vec2;
use egui_kittest::Harness;
use queuescope_gui::app::App;
use queuescope_gui::font::{self, Faces};

pub(crate) type Window = Harness<'static, App>;

/// Shows an application, and lets it come to rest.
pub(crate) fn window(app: App) -> Window {
    let mut window = Harness::builder()
        .with_size(vec2(1280.0, 720.0))
        .with_context_setup(|ctx| font::install(ctx, Faces::Own))
        .build_ui_state(|ui, app: &mut App| app.show(ui), app);
    window.run_steps(3);
    window
}
