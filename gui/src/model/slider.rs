//! The sliders of a node: one for each setting that can be changed during a run.

use queuescope::kernel::{Distribution, Span, Time};
use queuescope::plan::{NodeId, Plan, Role, Setting};
use queuescope::session::Session;

use crate::text::Word;

/// A slider for a setting of a node, at a moment of the run.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SettingSlider {
    /// The setting, with its value at that moment.
    pub setting: Setting,
    /// Its name.
    pub word: Word,
}

impl SettingSlider {
    /// The setting with another value. For a time, the value is the middle of its distribution in nanoseconds, and the
    /// distribution keeps its shape; for other settings, it is their number or rate.
    #[must_use]
    pub fn with_value(self, value: f64) -> Setting {
        let with_middle = |time: Distribution| match time.middle() {
            Span(0) => Distribution::Constant(Span::from_nanos_f64(value)),
            middle => time.times(value / middle.0 as f64),
        };
        let number = value.round() as u32;
        match self.setting {
            Setting::Interval(time) => Setting::Interval(with_middle(time)),
            Setting::ServiceTime(time) => Setting::ServiceTime(with_middle(time)),
            Setting::StoreTime(time) => Setting::StoreTime(with_middle(time)),
            Setting::Threads(_) => Setting::Threads(number.max(1)),
            Setting::Workers(_) => Setting::Workers(number.max(1)),
            Setting::StoreLimit(_) => Setting::StoreLimit(number),
            Setting::QueueLimit(_) => Setting::QueueLimit(number),
            Setting::FailureRate(_) => Setting::FailureRate(value.clamp(0.0, 1.0)),
        }
    }

    /// The value, in the unit that [`Self::with_value`] takes.
    #[must_use]
    pub const fn value(self) -> f64 {
        match self.setting {
            Setting::Interval(time) | Setting::ServiceTime(time) | Setting::StoreTime(time) => time.middle().0 as f64,
            Setting::Threads(n) | Setting::Workers(n) | Setting::StoreLimit(n) | Setting::QueueLimit(n) => n as f64,
            Setting::FailureRate(rate) => rate,
        }
    }
}

/// The sliders of a node at a moment; none once the run is over, because no change would have an effect then.
#[must_use]
pub fn sliders(session: &Session, at: Time, node: NodeId) -> Vec<SettingSlider> {
    let plan = session.plan();
    let settings = match &plan.nodes[node].role {
        Role::Producer(producer) => {
            producer.interval.map(|time| (Setting::Interval(time), Word::SliderInterval)).into_iter().collect()
        }
        Role::Consumer(consumer) => vec![
            (Setting::ServiceTime(consumer.service_time), Word::SliderServiceTime),
            (Setting::Threads(consumer.threads), Word::SliderThreads),
            (Setting::FailureRate(consumer.failure_rate), Word::SliderFailures),
        ],
        Role::Service(service) => vec![
            (Setting::ServiceTime(service.service_time), Word::SliderServiceTime),
            (Setting::Workers(service.workers), Word::SliderWorkers),
        ],
        Role::Broker { set } => vec![(Setting::StoreTime(plan.sets[*set].store_time), Word::SliderStoreTime)],
        Role::Nameserver => Vec::new(),
    };
    let is_over = session.scene().is_over();
    let slider = |(first, word)| SettingSlider { setting: setting_at(plan, at, node, first), word };
    settings.into_iter().filter(|_| !is_over).map(slider).collect()
}

/// The value of a setting of a node at a moment: `first`, as the file gives it, or the value of the last change before.
pub(super) fn setting_at(plan: &Plan, at: Time, node: NodeId, first: Setting) -> Setting {
    let changes = plan.changes.iter().filter(|change| change.node == node && change.at < at);
    let of_setting = changes.filter(|change| change.setting.key() == first.key());
    of_setting.max_by_key(|change| change.at).map_or(first, |change| change.setting)
}
