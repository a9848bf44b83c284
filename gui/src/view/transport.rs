//! The controls of the player: play, pause, steps, rate; and the figures that are always on the screen. Where there is no
//! room for all of them, those that are needed most stay.

use egui::{Align, Button, Color32, FontId, Layout, Pos2, Rect, RichText, Role, Stroke, Ui, WidgetInfo, vec2};
use queuescope::session::Session;
use queuescope::words::figure::{clock, span};
use queuescope::words::{Language, fill};

use crate::command::AppCommand;
use crate::player::Player;
use crate::text::Word;
use crate::theme::{GRID, Palette, type_size};
use crate::view::wish::Wish;

/// The height of a button, in points.
const HEIGHT: f32 = 32.0;
/// In less room than this there are no buttons for marks.
const EVENTS_ONLY: f32 = 360.0;
/// In less room than this there are no buttons for steps, either.
const PLAY_ONLY: f32 = 230.0;
/// In less room than this there are no buttons for the rate.
const WITHOUT_RATE: f32 = 560.0;

/// A sign on a button. It is painted, since fonts differ.
#[derive(Clone, Copy)]
enum ButtonSign {
    Play,
    Pause,
    Next,
    Previous,
    NextMark,
    PreviousMark,
}

/// Shows the buttons, as many as there is room for.
pub fn buttons(ui: &mut Ui, player: &Player, language: Language, palette: &'static Palette, wishes: &mut Vec<Wish>) {
    let room = ui.available_width();
    let play = if player.is_playing() { (ButtonSign::Pause, Word::Pause) } else { (ButtonSign::Play, Word::Play) };
    let buttons = [
        (ButtonSign::PreviousMark, Word::PreviousMark, AppCommand::PreviousMark, "Shift ←"),
        (ButtonSign::Previous, Word::PreviousEvent, AppCommand::PreviousEvent, "←"),
        (play.0, play.1, AppCommand::Play, "Space"),
        (ButtonSign::Next, Word::NextEvent, AppCommand::NextEvent, "→"),
        (ButtonSign::NextMark, Word::NextMark, AppCommand::NextMark, "Shift →"),
    ];
    let has_room = |command: AppCommand| match command {
        AppCommand::Play => true,
        AppCommand::PreviousEvent | AppCommand::NextEvent => room >= PLAY_ONLY,
        _ => room >= EVENTS_ONLY,
    };
    for (sign, word, command, key) in buttons.into_iter().filter(|it| has_room(it.2)) {
        let wide = matches!(command, AppCommand::Play);
        let size = vec2(if wide { 52.0 } else { 36.0 }, HEIGHT);
        let response = ui.add_sized(size, Button::new(""));
        let name = word.text(language);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
        paint(ui, response.rect.center(), sign, palette);
        if response.on_hover_text(format!("{name}  ({key})")).clicked() {
            wishes.push(Wish::Do(command));
        }
    }
    ui.add_space(GRID);
    if room < WITHOUT_RATE {
        return;
    }
    for (sign, word, command, key) in
        [("−", Word::Slower, AppCommand::Slower, "↓"), ("+", Word::Faster, AppCommand::Faster, "↑")]
    {
        let response = ui.add_sized([28.0, HEIGHT], Button::new(sign));
        let name = word.text(language);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
        if response.on_hover_text(format!("{name}  ({key})")).clicked() {
            wishes.push(Wish::Do(command));
        }
    }
    let even = ui.add_sized([0.0, HEIGHT], Button::selectable(player.is_even(), Word::EvenPace.text(language)));
    if even.clicked() {
        wishes.push(Wish::Do(AppCommand::EvenPace));
    }
    ui.add_space(GRID);
}

/// The clock, the rate, the seed and the fingerprint: a photograph of the screen is enough to repeat the run. Figures for
/// which there is no room are shown when the pointer is on the clock.
pub fn figures(ui: &mut Ui, session: &Session, player: &Player, language: Language, palette: &'static Palette) {
    let scene = session.scene();
    let digest = format!("{:016x}", scene.observer().fingerprint());
    let rate = fill(Word::Rate.text(language), &[&span(player.rate())]);
    let seed = fill(Word::Seed.text(language), &[&session.seed().to_string()]);
    let fingerprint = fill(Word::Fingerprint.text(language), &[&digest]);
    let ahead = if session.is_known() { "" } else { Word::Computing.text(language) };
    let now = FontId::proportional(type_size::TITLE * 0.8);
    let (body, small) = (FontId::proportional(type_size::BODY), FontId::proportional(type_size::SMALL));
    // In the order in which they are needed.
    let figures = [(&*rate, body), (&*seed, small.clone()), (&*fingerprint, small.clone()), (ahead, small)];
    let mut room = ui.available_width() - width(ui, &clock(scene.at()), &now);
    let shown = figures.map(|(text, font)| {
        room -= width(ui, text, &font);
        room >= 0.0 && !text.is_empty()
    });
    let hidden = [&rate, &seed, &fingerprint].into_iter().zip(shown).filter(|(_, shown)| !shown);
    let hidden: Vec<&str> = hidden.map(|(text, _)| text.as_str()).collect();
    let clock = egui::Label::new(RichText::new(clock(scene.at())).font(now)).selectable(false).extend();
    let clock = ui.add(clock);
    if !hidden.is_empty() {
        clock.on_hover_text(hidden.join("\n"));
    }
    let soft = |text: &str| RichText::new(text).color(palette.soft);
    if shown[0] {
        ui.add(egui::Label::new(soft(&rate)).selectable(false).extend());
    }
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        for (text, _) in [(&*fingerprint, shown[2]), (&*seed, shown[1]), (ahead, shown[3])].iter().filter(|it| it.1) {
            ui.label(soft(text).small());
        }
    });
}

/// The width of a text, with the room beside it.
fn width(ui: &Ui, text: &str, font: &FontId) -> f32 {
    let galley = ui.painter().layout_no_wrap(text.to_owned(), font.clone(), Color32::PLACEHOLDER);
    galley.size().x + ui.spacing().item_spacing.x
}

/// Paints the sign of a button.
fn paint(ui: &Ui, at: Pos2, sign: ButtonSign, palette: &Palette) {
    let painter = ui.painter();
    let ink = palette.ink;
    let triangle = |x: f32, way: f32| {
        let points = [vec2(-4.0 * way, -6.0), vec2(5.0 * way, 0.0), vec2(-4.0 * way, 6.0)];
        let points = points.map(|it| at + vec2(x, 0.0) + it).to_vec();
        painter.add(egui::Shape::convex_polygon(points, ink, Stroke::NONE));
    };
    let bar = |x: f32, width: f32| {
        painter.rect_filled(Rect::from_center_size(at + vec2(x, 0.0), vec2(width, 12.0)), 0.0, ink);
    };
    match sign {
        ButtonSign::Play => triangle(0.0, 1.2),
        ButtonSign::Pause => {
            bar(-4.0, 4.0);
            bar(4.0, 4.0);
        }
        ButtonSign::Next => {
            bar(-5.0, 2.0);
            triangle(2.0, 1.0);
        }
        ButtonSign::Previous => {
            bar(5.0, 2.0);
            triangle(-2.0, -1.0);
        }
        ButtonSign::NextMark => {
            triangle(-5.0, 1.0);
            triangle(3.0, 1.0);
            bar(9.0, 2.0);
        }
        ButtonSign::PreviousMark => {
            triangle(5.0, -1.0);
            triangle(-3.0, -1.0);
            bar(-9.0, 2.0);
        }
    }
}
