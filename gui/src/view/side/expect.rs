//! The expectations of the scenario, and whether each holds as things stand: green or red from the first moment.

use egui::{RichText, ScrollArea, Ui};
use queuescope::observe::{ExpectationResult, Findings};
use queuescope::plan::Plan;
use queuescope::session::Session;
use queuescope::words::Language;

use crate::text::Word;
use crate::theme::{GRID, Palette};

/// Shows the expectations, measured at the present moment.
pub fn show(ui: &mut Ui, session: &Session, findings: &Findings, language: Language, palette: &'static Palette) {
    let plan = session.plan();
    let over = session.scene().is_over();
    let state = if over { Word::AtTheEnd } else { Word::SoFar };
    ui.horizontal(|ui| {
        ui.label(Word::Expectations.text(language));
        ui.label(RichText::new(state.text(language)).color(palette.soft));
    });
    ui.add_space(GRID * 0.5);
    if plan.expectations.is_empty() {
        ui.label(Word::NoExpectations.text(language));
        return;
    }
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        for expectation in &plan.expectations {
            verdict(ui, plan, &findings.verdict(expectation), language, palette);
        }
    });
}

fn verdict(ui: &mut Ui, plan: &Plan, verdict: &ExpectationResult, language: Language, palette: &'static Palette) {
    let (word, ink) = if verdict.passed { (Word::Met, palette.good) } else { (Word::Broken, palette.alarm) };
    let of = queuescope::observe::expectation::name(plan, verdict.subject)
        .map(|name| format!("  {name}"))
        .unwrap_or_default();
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(egui::vec2(14.0, 18.0), egui::Sense::hover());
        let centre = rect.center();
        if verdict.passed {
            let points = [egui::vec2(-5.0, 0.0), egui::vec2(-1.5, 4.0), egui::vec2(5.5, -5.0)].map(|it| centre + it);
            ui.painter().add(egui::Shape::line(points.to_vec(), egui::Stroke::new(2.0, ink)));
        } else {
            for way in [1.0, -1.0] {
                let half = egui::vec2(4.5, 4.5 * way);
                ui.painter().line_segment([centre - half, centre + half], egui::Stroke::new(2.0, ink));
            }
        }
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            ui.add(egui::Label::new(format!("{}{of} {}", verdict.metric, verdict.bound)).wrap());
            let value =
                verdict.value.map_or_else(|| Word::NoValue.text(language).to_owned(), |value| value.to_string());
            ui.label(RichText::new(format!("{}: {value}", word.text(language))).small().color(ink));
        });
    });
    ui.add_space(GRID * 0.5);
}
