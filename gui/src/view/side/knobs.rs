//! Settings that can be turned while the run goes on: a slider each. What is turned is done when it is let go.

use egui::{Id, Slider, Ui};
use queuescope::kernel::Span;
use queuescope::plan::{NodeId, Setting};
use queuescope::scenario::Act;

use crate::model::figures::span;
use crate::model::offer::SettingSlider;
use crate::text::Language;
use crate::theme::Palette;
use crate::view::wish::Wish;

/// The shortest and the longest time that a slider reaches, in nanoseconds.
const TIMES: std::ops::RangeInclusive<f64> = 100_000.0..=10_000_000_000.0;
/// The most threads or workers.
const MOST: f64 = 64.0;

/// A value to two digits: nobody means more by a slider.
fn plain(value: f64) -> f64 {
    format!("{value:.1e}").parse().unwrap_or(value)
}

/// Shows a slider for each setting of a node with its name.
pub(super) fn show(
    ui: &mut Ui,
    (node, name): (NodeId, &str),
    knobs: &[SettingSlider],
    language: Language,
    palette: &'static Palette,
    wishes: &mut Vec<Wish>,
) {
    // A rail that is seen on the panel.
    ui.visuals_mut().widgets.inactive.bg_fill = palette.line;
    for knob in knobs {
        let id = Id::unique(("knob", name, knob.setting.key()));
        // While it is being turned the value is the hand's, not the run's.
        let turning: Option<f64> = ui.data(|data| data.get_temp(id));
        let mut value = turning.unwrap_or(knob.value());
        let slider = match knob.setting {
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
        let slider = slider.clamping(egui::SliderClamping::Edits).text(knob.word.text(language));
        let response = ui.add(slider);
        let held = response.dragged() || response.is_pointer_button_down_on();
        if response.changed() || (held && turning.is_some()) {
            ui.data_mut(|data| data.insert_temp(id, value));
        }
        let let_go = !held && (response.drag_stopped() || response.changed() || turning.is_some());
        if let_go {
            ui.data_mut(|data| data.remove_temp::<f64>(id));
            let setting = knob.turned(plain(value));
            if setting != knob.setting {
                wishes.push(Wish::Act(Act::Set(node, setting)));
            }
        }
    }
}
