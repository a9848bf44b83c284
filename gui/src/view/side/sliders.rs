//! A slider for each setting that can be changed while the run goes on. The change is made when the slider is released.

use egui::{Id, Slider, Ui};
use queuescope::kernel::Span;
use queuescope::plan::{NodeId, Setting};
use queuescope::scenario::Act;
use queuescope::words::Language;
use queuescope::words::figure::span;

use crate::model::slider::SettingSlider;
use crate::theme::Palette;
use crate::view::wish::Wish;

/// The shortest and the longest time on a slider, in nanoseconds.
const TIMES: std::ops::RangeInclusive<f64> = 100_000.0..=10_000_000_000.0;
/// The most threads or workers.
const MOST: f64 = 64.0;

/// A value with two significant digits: nobody aims more exactly with a slider.
fn rounded(value: f64) -> f64 {
    format!("{value:.1e}").parse().unwrap_or(value)
}

/// Shows the sliders of a node.
pub(super) fn show(
    ui: &mut Ui,
    (node, name): (NodeId, &str),
    sliders: &[SettingSlider],
    language: Language,
    palette: &'static Palette,
    wishes: &mut Vec<Wish>,
) {
    // A rail that is seen on the panel.
    ui.visuals_mut().widgets.inactive.bg_fill = palette.line;
    for setting in sliders {
        let id = Id::unique(("slider", name, setting.setting.key()));
        // While it is dragged it has a value of its own, not the run's.
        let dragged: Option<f64> = ui.data(|data| data.get_temp(id));
        let mut value = dragged.unwrap_or(setting.value());
        let slider = match setting.setting {
            Setting::Interval(_) | Setting::ServiceTime(_) | Setting::StoreTime(_) => {
                let shown = |nanos: f64, _| span(Span::from_nanos_f64(nanos));
                let slider = Slider::new(&mut value, TIMES).logarithmic(true).smallest_positive(1e5);
                slider.custom_formatter(shown).custom_parser(|text| {
                    queuescope::scenario::duration(&text.replace(' ', "")).ok().map(|span| span.0 as f64)
                })
            }
            Setting::FailureRate(_) => Slider::new(&mut value, 0.0..=1.0).fixed_decimals(2),
            _ => Slider::new(&mut value, 1.0..=MOST).integer(),
        };
        let slider = slider.clamping(egui::SliderClamping::Edits).text(setting.word.text(language));
        let response = ui.add(slider);
        let held = response.dragged() || response.is_pointer_button_down_on();
        if response.changed() || (held && dragged.is_some()) {
            ui.data_mut(|data| data.insert_temp(id, value));
        }
        let let_go = !held && (response.drag_stopped() || response.changed() || dragged.is_some());
        if let_go {
            ui.data_mut(|data| data.remove_temp::<f64>(id));
            let changed = setting.with_value(rounded(value));
            if changed != setting.setting {
                wishes.push(Wish::Act(Act::Set(node, changed)));
            }
        }
    }
}
