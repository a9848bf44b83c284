//! Compiles expectations. Each compares a figure, which is a metric of a selector over a span of time, with a bound.

use super::super::file::{Against, Expect, FigureKeys};
use super::super::section::SectionKey;
use super::super::value::Reference;
use super::super::written::TomlPlace;
use super::names::NodeKind;
use super::{Compiler, all};
use crate::kernel::{Span, Time};
use crate::observe::Unit;
use crate::observe::metric::{Metric, SelectorKey};
use crate::plan::{Bound, Comparison, Expectation, Figure, Selector};

impl Compiler<'_, '_, '_> {
    pub(super) fn expectations(&mut self) -> Option<Vec<Expectation>> {
        all(self.file.expect.list().iter().map(|expect| self.expectation(expect)))
    }

    fn expectation(&mut self, expect: &Expect) -> Option<Expectation> {
        let figure = self.figure(&expect.figure_keys());
        let metric = expect.metric.get();
        let bounds = [
            (Comparison::Equals, "equals", &expect.equals),
            (Comparison::AtMost, "at_most", &expect.at_most),
            (Comparison::AtLeast, "at_least", &expect.at_least),
        ];
        // Reading the file has already reported an expectation with several bounds: here the last one wins.
        let mut found = None;
        for (comparison, key, bound) in bounds {
            if let Some((against, place)) = bound.placed() {
                found = self.bound(metric, key, against, place).map(|bound| (comparison, bound)).or(found);
            }
        }
        let (comparison, bound) = found?;
        let line = u32::try_from(self.reader.line(expect.place)).unwrap_or(u32::MAX);
        Some(Expectation { figure: figure?, comparison, bound, line })
    }

    fn bound(&mut self, metric: Option<&Metric>, key: &str, against: &Against, place: TomlPlace) -> Option<Bound> {
        let is_time = metric.map(|metric| metric.unit == Unit::Time);
        let name = metric.map_or("", |metric| metric.name);
        match against {
            Against::Number(number) => {
                if is_time == Some(true) {
                    let message = format!("`{key}` is {number}, but `{name}` is a time: expected a duration");
                    let help = format!("write {key} = \"{number}s\"");
                    self.report(place, message, "expected a duration like \"5s\"", Some(&help));
                }
                Some(Bound::Number(*number))
            }
            Against::Time(span) => {
                if is_time == Some(false) {
                    let message = format!("`{key}` is {span}, but `{name}` is no time: expected a number");
                    self.report(place, message, "expected a number", None);
                }
                Some(Bound::Time(*span))
            }
            Against::Figure(other) => {
                let figure = self.figure(&other.figure_keys());
                let other_is_time = other.metric.get().map(|metric| metric.unit == Unit::Time);
                if let (Some(is_time), Some(other_is_time), Some((found, place))) =
                    (is_time, other_is_time, other.metric.placed())
                    && is_time != other_is_time
                {
                    let kind = |is_time| if is_time { "a time" } else { "a number" };
                    let message =
                        format!("`{}` is {}, but `{name}` is {}", found.name, kind(other_is_time), kind(is_time));
                    self.report(place, message, "cannot be compared", None);
                }
                Some(Bound::Figure(figure?, other.times.get()?.0))
            }
        }
    }

    /// The figure that a section asks for; none if it names no metric, or if its selector names something that does not
    /// exist.
    pub(super) fn figure(&mut self, keys: &FigureKeys<'_>) -> Option<Figure> {
        let of = self.selector(keys);
        let (from, to) = self.span(keys);
        Some(Figure { metric: keys.metric.get()?.name, of: of?, from, to })
    }

    fn selector(&mut self, keys: &FigureKeys<'_>) -> Option<Selector> {
        let mut written: Vec<(SelectorKey, &SectionKey<Reference>)> =
            keys.selectors.iter().copied().filter(|(_, key)| key.is_written()).collect();
        written.sort_by_key(|(_, key)| key.place);
        if let [.., (first, _), (last, key)] = written.as_slice() {
            let (first, last) = (first.key().unwrap_or_default(), last.key().unwrap_or_default());
            let message = format!("`{first}` and `{last}` are given together, expected at most one of them");
            self.report(key.place.unwrap_or(keys.place), message, "one too many", None);
        }
        let mut selector = Some(Selector::Any);
        for (kind, key) in written {
            let fits = self.fits(keys.metric.get(), kind, key.place.unwrap_or(keys.place));
            selector = key.value.as_ref().filter(|_| fits).and_then(|reference| self.select(kind, reference));
        }
        selector
    }

    /// Whether a metric applies to this kind of selector; reports it if not. Without a metric, everything applies.
    fn fits(&mut self, metric: Option<&Metric>, selector: SelectorKey, place: TomlPlace) -> bool {
        let Some(metric) = metric else { return true };
        let fits = metric.selectors.contains(&selector);
        if !fits {
            let allowed: Vec<String> =
                metric.selectors.iter().filter_map(|selector| selector.key()).map(|key| format!("`{key}`")).collect();
            let key = selector.key().unwrap_or_default();
            let message = format!("`{}` cannot be asked of a `{key}`", metric.name);
            let help = format!("it is of a {}", allowed.join(" or a "));
            self.report(place, message, "not of this metric", Some(&help));
        }
        fits
    }

    fn select(&mut self, selector: SelectorKey, reference: &Reference) -> Option<Selector> {
        let (names, reader) = (self.names, &mut *self.reader);
        let key = selector.key()?;
        let mut node = |kind| names.node_of(key, reference, &[kind], reader).map(|(node, _)| node);
        match selector {
            SelectorKey::All => None,
            SelectorKey::Group => names.group_of(key, reference, reader).map(Selector::Group),
            SelectorKey::Producer => node(NodeKind::Producer).map(Selector::Producer),
            SelectorKey::Topic => names.topic_of(key, reference, reader).map(Selector::Topic),
            SelectorKey::Queue => names.queue_of(key, reference, reader).map(Selector::Queue),
            SelectorKey::Service => node(NodeKind::Service).map(Selector::Service),
            SelectorKey::Set => names.set_of(key, reference, reader).map(Selector::Set),
            SelectorKey::Consumer => node(NodeKind::Consumer).map(Selector::Consumer),
        }
    }

    /// The span of time of a figure: from `from`, by default the start of the run, to `to`, by default its end.
    fn span(&mut self, keys: &FigureKeys<'_>) -> (Time, Option<Time>) {
        for (name, key) in [("from", keys.from), ("to", keys.to)] {
            if let Some((at, place)) = key.placed() {
                self.in_time(name, *at, place, self.end, true, "the end of the run (`duration` and `settle`)");
            }
        }
        let (from, to) = (keys.from.get().unwrap_or(Time::ZERO), keys.to.get());
        let is_state = keys.metric.get().is_some_and(|metric| metric.state);
        if let (Some(place), Some(to)) = (keys.from.place, to)
            && (from > to || (from == to && !is_state))
        {
            let span = |time: Time| -> Span { time.since(Time::ZERO) };
            let message = format!("`from` is {}, expected a time before `to`, {}", span(from), span(to));
            self.report(place, message, "not before `to`", None);
        }
        (from, to)
    }
}
