//! The charts, one below the other on one time axis, with the present moment in each. A click or a drag goes to a time, as
//! on the timeline. Where the run has not gone ahead yet they are empty.

use egui::{Color32, FontId, Rangef, Rect, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};
use egui_plot::{AxisHints, GridInput, GridMark, LineStyle, Plot, PlotBounds, PlotPoints, PlotTransform, VLine};
use queuescope::kernel::Time;
use queuescope::observe::Series;
use queuescope::session::Session;
use queuescope::words::figure::{digits, moment, span};
use queuescope::words::{Language, fill};

use crate::command::{AppCommand, MainView};
use crate::model::chart::{self, Chart, ChartLine, ChartLines, ChartSelection, ChartUnit, LineColour, LinePattern};
use crate::model::name::NameSet;
use crate::text::Word;
use crate::theme::{FINE, GRID, LINE, Palette, type_size};
use crate::view::line::{self, Elision};
use crate::view::wish::Wish;

/// The height of a chart among others, in points.
const HEIGHT: f32 = 84.0;
/// Room left of each chart for its scale, in points: the same for all, so that a moment stands at one place in all of
/// them.
const SCALE: f32 = 46.0;
/// Room right of it, for half of the last label of its time.
const MARGIN: f32 = 14.0;
/// The width of a line, in points.
const WIDTH: f32 = 1.5;

/// The charts of a run.
pub struct Charts<'a> {
    /// The run.
    pub session: &'a Session,
    /// All names of its plan.
    pub names: &'a NameSet,
    /// The selected node or queue.
    pub selected: ChartSelection,
    /// The language of their words.
    pub language: Language,
    /// Their colours.
    pub palette: &'static Palette,
}

impl Charts<'_> {
    /// Shows all of them in the side panel; `large` is the one in the middle of the window.
    pub fn show(&self, ui: &mut Ui, large: Option<Chart>, wishes: &mut Vec<Wish>) {
        ui.horizontal(|ui| {
            if ui.button(Word::SaveCharts.text(self.language)).clicked() {
                wishes.push(Wish::Do(AppCommand::SaveCharts));
            }
            let interval = span(self.session.series().interval());
            let words = fill(Word::ChartInterval.text(self.language), &[&interval]);
            ui.label(RichText::new(words).small().color(self.palette.soft));
        });
        let scroll = ScrollArea::vertical().id_salt("charts").auto_shrink(false);
        scroll.show(ui, |ui| {
            for chart in Chart::ALL {
                let lines = chart::lines(self.session.series(), chart, self.selected, self.language);
                if lines.lines.is_empty() {
                    continue;
                }
                ui.add_space(GRID * 0.5);
                if self.head(ui, &lines, large == Some(chart)) {
                    let view = if large == Some(chart) { MainView::Stage } else { MainView::Chart(chart) };
                    wishes.push(Wish::LookAt(view));
                }
                wishes.extend(self.plot(ui, &lines, HEIGHT).map(Wish::GoTo));
            }
        });
    }

    /// Shows one in the middle of the window.
    pub fn show_large(&self, ui: &mut Ui, chart: Chart, wishes: &mut Vec<Wish>) {
        let lines = chart::lines(self.session.series(), chart, self.selected, self.language);
        if self.head(ui, &lines, true) {
            wishes.push(Wish::LookAt(MainView::Stage));
        }
        wishes.extend(self.plot(ui, &lines, ui.available_height()).map(Wish::GoTo));
    }

    /// A chart's title, unit and legend; whether the title was clicked.
    fn head(&self, ui: &mut Ui, lines: &ChartLines, large: bool) -> bool {
        let soft = |words: &str| RichText::new(words).small().color(self.palette.soft);
        let row = ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(GRID * 0.5, 1.0);
            ui.spacing_mut().interact_size.y = 20.0;
            ui.spacing_mut().button_padding = vec2(0.0, 1.0);
            let title = ui.add(egui::Button::selectable(large, lines.chart.word().text(self.language)));
            let unit = lines.unit.word().text(self.language);
            let percentiles = Word::ChartPercentiles.text(self.language);
            let unit = if lines.chart.has_percentiles() { fill(percentiles, &[unit]) } else { unit.to_owned() };
            ui.label(soft(&unit));
            ui.add_space(GRID * 0.5);
            for line in &lines.lines {
                if let Some(name) = &line.name {
                    self.name(ui, line, name);
                }
            }
            if lines.more > 0 {
                ui.label(soft(&fill(Word::ChartMore.text(self.language), &[&lines.more.to_string()])));
            }
            let word = if large { Word::ChartSmaller } else { Word::ChartLarger };
            title.on_hover_text(word.text(self.language)).clicked()
        });
        row.inner
    }

    /// An entry of the legend: the name of a line, behind a sample of it.
    fn name(&self, ui: &mut Ui, line: &ChartLine, name: &str) {
        let font = FontId::proportional(type_size::SMALL);
        let room = ui.max_rect().width() - 28.0;
        let shown = line::fitted(ui.painter(), name, &font, room, Elision::NamesWithin(self.names));
        let is_cut = shown != name;
        let galley = ui.painter().layout_no_wrap(shown.into_owned(), font, self.palette.ink);
        let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + 28.0, 20.0), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, name));
        self.sample(ui, line, Rect::from_min_size(rect.min, vec2(16.0, rect.height())));
        let at = pos2(rect.left() + 20.0, rect.center().y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, self.palette.ink);
        if is_cut {
            response.on_hover_text(name);
        }
    }

    /// A sample of how a line is drawn.
    fn sample(&self, ui: &Ui, line: &ChartLine, rect: Rect) {
        let (from, to) = (rect.left_center(), rect.right_center());
        let stroke = egui::Stroke::new(LINE, self.ink(line));
        match line.pattern {
            LinePattern::Solid => _ = ui.painter().line_segment([from, to], stroke),
            LinePattern::Dashed => ui.painter().extend(egui::Shape::dashed_line(&[from, to], stroke, 6.0, 4.0)),
            LinePattern::Dotted => ui.painter().extend(egui::Shape::dotted_line(&[from, to], stroke.color, 5.0, 1.5)),
        }
    }

    fn ink(&self, line: &ChartLine) -> Color32 {
        match line.colour {
            LineColour::Group(group) => self.palette.hue(group),
            LineColour::Plain(true) => self.palette.ink,
            LineColour::Plain(false) => self.palette.soft,
            LineColour::Selected => self.palette.selected,
        }
    }

    /// A chart's lines; the time to which somebody goes by clicking there.
    fn plot(&self, ui: &mut Ui, lines: &ChartLines, height: f32) -> Option<Time> {
        let (end, now) = (chart::axis_end(self.session), self.session.scene().at());
        let max = match lines.unit {
            ChartUnit::Percent => 100.0,
            _ => lines.max_value().max(if lines.unit == ChartUnit::Seconds { 0.1 } else { 1.0 }),
        };
        let pointer = ui.ctx().pointer_hover_pos().filter(|_| ui.rect_contains_pointer(ui.max_rect()));
        let bounds = PlotBounds::from_min_max([0.0, 0.0], [end.seconds().max(1e-9), max * 1.08]);
        let plot = Plot::new(lines.chart.word().text(Language::English))
            .height(height)
            .width(ui.available_width() - MARGIN)
            .allow_drag(false)
            .allow_zoom(false)
            .allow_scroll(false)
            .allow_boxed_zoom(false)
            .allow_axis_zoom_drag(false)
            .allow_double_click_reset(false)
            .show_x(false)
            .show_y(false)
            .show_background(false)
            .grid_spacing(Rangef::new(1.0, 2.0))
            .grid_color(self.palette.faint)
            .x_grid_spacer(|input| marks(input, 56.0))
            .y_grid_spacer(|input| marks(input, 26.0))
            .custom_x_axes(vec![self.axis(AxisHints::new_x(), time_at)])
            .custom_y_axes(vec![self.axis(AxisHints::new_y(), figure).min_thickness(SCALE)]);
        let shown = plot.show(ui, |plot| {
            plot.set_plot_bounds(bounds);
            for line in &lines.lines {
                for points in unbroken_parts(self.session.series(), line) {
                    plot.line(
                        egui_plot::Line::new(line.label.as_str(), points)
                            .stroke(self.stroke(line))
                            .style(style(line))
                            .allow_band(false),
                    );
                }
            }
            plot.vline(VLine::new("now", now.seconds()).stroke(egui::Stroke::new(LINE, self.palette.selected)));
            if let Some(pointer) = pointer {
                let at = plot.plot_from_screen(pointer).x;
                plot.vline(VLine::new("pointer", at).stroke(egui::Stroke::new(FINE, self.palette.soft)));
            }
        });
        let name = fill(Word::ChartOf.text(self.language), &[lines.chart.word().text(self.language)]);
        shown.response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::Slider, true, &name);
            info.value = Some(now.seconds());
            info
        });
        if let Some(pointer) = shown.response.hover_pos() {
            let at = moment_at(&shown.transform, pointer, end);
            shown.response.clone().on_hover_ui_at_pointer(|ui| self.values(ui, lines, at));
        }
        let response = shown.response;
        let at = response.interact_pointer_pos().filter(|_| response.dragged() || response.clicked())?;
        Some(moment_at(&shown.transform, at, end))
    }

    fn stroke(&self, line: &ChartLine) -> egui::Stroke {
        egui::Stroke::new(WIDTH, self.ink(line))
    }

    fn axis<'b>(&self, axis: AxisHints<'b>, figure: fn(f64, f64) -> String) -> AxisHints<'b> {
        axis.formatter(move |mark, _| figure(mark.value, mark.step_size))
            .label_spacing(Rangef::new(1.0, 2.0))
            .tick_label_color(self.palette.soft)
            .tick_label_font(FontId::proportional(type_size::SMALL))
    }

    /// The values of all lines at a time.
    fn values(&self, ui: &mut Ui, lines: &ChartLines, at: Time) {
        let place = self.session.series().intervals().position(|(_, to)| at <= to);
        ui.spacing_mut().item_spacing.y = 1.0;
        ui.spacing_mut().interact_size.y = 16.0;
        ui.label(RichText::new(moment(at)).small().color(self.palette.soft));
        let unit = lines.unit.word().text(self.language);
        for line in &lines.lines {
            let value = place.and_then(|place| line.values[place]);
            let value = value.map_or("–".to_owned(), |value| format!("{} {unit}", digits(value)));
            ui.horizontal(|ui| {
                let (rect, _) = ui.allocate_exact_size(vec2(16.0, 14.0), Sense::hover());
                self.sample(ui, line, rect);
                ui.label(RichText::new(format!("{}  {value}", line.label)).small());
            });
        }
    }
}

impl ChartUnit {
    const fn word(self) -> Word {
        match self {
            Self::Messages => Word::UnitMessages,
            Self::PerSecond => Word::UnitPerSecond,
            Self::Seconds => Word::UnitSeconds,
            Self::Milliseconds => Word::UnitMilliseconds,
            Self::Percent => Word::UnitPercent,
        }
    }
}

/// The moment at a place on the screen.
fn moment_at(transform: &PlotTransform, at: egui::Pos2, end: Time) -> Time {
    let seconds = transform.value_from_position(pos2(at.x, at.y)).x.max(0.0);
    Time((seconds * 1e9) as u64).min(end)
}

/// The parts of a line between its gaps, as steps: each value as wide as its interval.
fn unbroken_parts(series: &Series, line: &ChartLine) -> Vec<PlotPoints<'static>> {
    let points = series.intervals().zip(&line.values).map(|((from, to), value)| {
        let (from, to) = (from.seconds(), to.seconds());
        value.map(|value| (from, to, value))
    });
    let points: Vec<Option<(f64, f64, f64)>> = points.collect();
    let runs = points.split(Option::is_none).filter(|run| !run.is_empty());
    let steps = |run: &[Option<(f64, f64, f64)>]| {
        let points = run.iter().flatten().flat_map(|(from, to, value)| [[*from, *value], [*to, *value]]);
        points.collect::<Vec<[f64; 2]>>()
    };
    runs.map(|run| PlotPoints::from(steps(run))).collect()
}

const fn style(line: &ChartLine) -> LineStyle {
    match line.pattern {
        LinePattern::Solid => LineStyle::Solid,
        LinePattern::Dashed => LineStyle::Dashed { length: 5.0 },
        LinePattern::Dotted => LineStyle::Dotted { spacing: 3.5 },
    }
}

/// Marks at round values, at least so many points apart.
fn marks(input: GridInput, points: f64) -> Vec<GridMark> {
    // The base is what a point is worth, since the least spacing is one.
    let min = input.base_step_size * points;
    let step = round_up(min);
    let (from, to) = input.bounds;
    let first = (from / step).ceil().max(0.0) as u64;
    let marks = (first..first.saturating_add(100)).map(|n| GridMark { value: n as f64 * step, step_size: step });
    marks.take_while(|mark| mark.value <= to).collect()
}

/// The least value of 1, 2 or 5 times a power of ten that is not below `min`.
fn round_up(min: f64) -> f64 {
    let mut unit = 1e-9;
    while unit * 10.0 < min && unit < 1e18 {
        unit *= 10.0;
    }
    [1.0, 2.0, 5.0, 10.0].map(|times| times * unit).into_iter().find(|it| *it >= min).unwrap_or(unit)
}

/// The label of a time on a scale with such steps, in seconds. The beginning has none: there stands the zero of the other
/// scale.
fn time_at(value: f64, step: f64) -> String {
    if value > 0.0 { format!("{} s", figure(value, step)) } else { String::new() }
}

/// The label of a value on a scale with such steps.
fn figure(value: f64, step: f64) -> String {
    let places = [1.0, 0.1, 0.01, 0.001].iter().position(|unit| step >= unit * 0.999).unwrap_or(4);
    format!("{value:.places$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_has_round_steps_and_as_many_digits_as_they_need() {
        assert_eq!([0.3, 1.0, 1.1, 4.2, 5.1, 730.0].map(round_up), [0.5, 1.0, 2.0, 5.0, 10.0, 1000.0]);
        let figures = [(0.1, 0.1), (2.0, 1.0), (0.5, 0.5), (20.0, 10.0), (0.02, 0.02)];
        assert_eq!(figures.map(|(value, step)| figure(value, step)), ["0.1", "2", "0.5", "20", "0.02"]);
        let marks = marks(GridInput { bounds: (0.0, 100.0), base_step_size: 1.0 }, 26.0);
        assert_eq!(marks.iter().map(|mark| mark.value).collect::<Vec<_>>(), [0.0, 50.0, 100.0]);
    }
}
