//! The menu of what can be done to a node, a link or the file. What would change nothing is grey, and says why.

use egui::{Align, Button, Layout, Pos2, RichText, Role, ScrollArea, Ui, vec2};
use queuescope::kernel::{Span, Time};
use queuescope::plan::{NodeId, Plan};
use queuescope::scenario::Act;
use queuescope::words::figure::{moment, span};
use queuescope::words::{Language, fill};

use crate::command::{AppCommand, Tab};
use crate::model::edit::FormEdit;
use crate::model::name::NameSet;
use crate::model::offer::Offer;
use crate::text::Word;
use crate::theme::{self, GRID, Palette, type_size};
use crate::view::line::{self, Elision};
use crate::view::wish::Wish;

/// A menu that is open.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Menu {
    /// The node; none: the file.
    pub node: Option<NodeId>,
    /// Its place on the screen; none: the middle.
    pub at: Option<Pos2>,
    /// The node at the other end, while the menu is about a link.
    pub link: Option<NodeId>,
    /// For how long a fault lasts; none: until somebody ends it.
    pub lasts: Option<Span>,
    /// Whether it was opened, or turned to a link or back, after the last frame.
    pub fresh: bool,
}

/// What the menu offers.
pub struct MenuContent<'a> {
    /// The plan, for names.
    pub plan: &'a Plan,
    /// All names of the plan.
    pub names: &'a NameSet,
    /// When an act would take effect.
    pub next: Time,
    /// What can be done to the node.
    pub offers: Vec<Vec<Offer>>,
    /// What can be done to its links.
    pub links: Vec<(NodeId, Vec<Offer>)>,
    /// What can be done to the file, while the editor is open.
    pub edits: Vec<(String, FormEdit)>,
}

/// What was chosen in the menu.
#[derive(Clone)]
enum Chosen {
    Act(Act),
    Edit(FormEdit),
    /// To turn to a link, or back to the node.
    Link(Option<NodeId>),
    /// For how long a fault is to last.
    Length(Option<Span>),
}

/// How long a fault can last that is made here.
const LENGTHS: [Option<Span>; 3] = [None, Some(Span::from_secs(3)), Some(Span::from_secs(10))];

/// The width of the menu, in points.
const WIDTH: f32 = 280.0;
/// The height of an entry, in points.
const ROW: f32 = 24.0;
/// The height of what stands above the entries, in points.
const AROUND: f32 = 64.0;

/// Shows the menu.
pub fn show(
    ctx: &egui::Context,
    menu: &mut Menu,
    choice: &MenuContent<'_>,
    language: Language,
    palette: &'static Palette,
    wishes: &mut Vec<Wish>,
) {
    let window = egui::Window::new("hand")
        .id(egui::Id::unique("hand"))
        .title_bar(false)
        .resizable(false)
        .constrain(true)
        .order(egui::Order::Foreground);
    let window = match menu.at {
        Some(at) => window.fixed_pos(at),
        None => window.anchor(egui::Align2::CENTER_CENTER, egui::Vec2::ZERO),
    };
    let shown = window.show(ctx, |ui| {
        ui.set_width(WIDTH);
        list(ui, *menu, choice, language, palette)
    });
    let Some(shown) = shown else { return };
    let outside = ctx.input(|input| {
        let pressed = input.pointer.any_pressed().then(|| input.pointer.interact_pos()).flatten();
        pressed.is_some_and(|at| !shown.response.rect.contains(at))
    });
    // The click that opened the menu was outside of it, too.
    let is_left = !std::mem::take(&mut menu.fresh) && outside;
    match shown.inner.flatten() {
        Some(Chosen::Act(act)) => wishes.extend([Wish::Close, Wish::Act(act)]),
        Some(Chosen::Edit(edit)) => {
            wishes.extend([Wish::Close, Wish::Do(AppCommand::Tab(Tab::Form)), Wish::Edit(edit)]);
        }
        Some(Chosen::Link(link)) => (menu.link, menu.fresh) = (link, true),
        Some(Chosen::Length(lasts)) => menu.lasts = lasts,
        None if is_left => wishes.push(Wish::Close),
        None => return,
    }
    ctx.request_repaint();
}

/// The entries of the menu; what was chosen.
fn list(
    ui: &mut Ui,
    menu: Menu,
    choice: &MenuContent<'_>,
    language: Language,
    palette: &'static Palette,
) -> Option<Chosen> {
    title(ui, menu, choice, language, palette);
    let lasts = (!choice.offers.is_empty()).then(|| lengths(ui, menu.lasts, language, palette)).flatten();
    let offers = match menu.link {
        None => choice.offers.clone(),
        Some(peer) => choice.links.iter().filter(|(node, _)| *node == peer).map(|(_, offers)| offers.clone()).collect(),
    };
    let mut entries = Entries { names: choice.names, language, palette, takes_focus: menu.fresh, chosen: None };
    let max = (theme::dialog_room(ui.ctx()).y - AROUND).max(ROW);
    ScrollArea::vertical().max_height(max).show(ui, |ui| {
        ui.with_layout(Layout::top_down_justified(Align::Min), |ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            if menu.link.is_none() && !choice.edits.is_empty() {
                ui.separator();
                for (name, edit) in &choice.edits {
                    entries.add(ui, name, &Ok(Chosen::Edit(edit.clone())));
                }
            }
            for section in &offers {
                ui.separator();
                for Offer { word, act, .. } in section {
                    let lasting = |act: Act| match act {
                        Act::Break { fault, .. } => Chosen::Act(Act::Break { fault, lasts: menu.lasts }),
                        act => Chosen::Act(act),
                    };
                    entries.add(ui, word.text(language), &act.clone().map(lasting));
                }
            }
            if menu.node.is_some() {
                ui.separator();
            }
            if menu.link.is_some() {
                entries.add(ui, Word::Back.text(language), &Ok(Chosen::Link(None)));
                return;
            }
            for (peer, _) in &choice.links {
                let name = format!("{} ›", fill(Word::DoLink.text(language), &[choice.plan.name(*peer)]));
                entries.add(ui, &name, &Ok(Chosen::Link(Some(*peer))));
            }
        });
    });
    entries.chosen.or(lasts.map(Chosen::Length))
}

/// What the menu is about, and when an act would take effect.
fn title(ui: &mut Ui, menu: Menu, choice: &MenuContent<'_>, language: Language, palette: &'static Palette) {
    let name = menu.node.map_or(Word::HeadOfFile.text(language), |node| choice.plan.name(node));
    let title = match menu.link {
        None => name.to_owned(),
        Some(peer) => format!("{name} – {}", choice.plan.name(peer)),
    };
    ui.allocate_ui_with_layout(vec2(WIDTH, ROW), Layout::right_to_left(Align::Center), |ui| {
        if menu.node.is_some() {
            let when = fill(Word::DoAt.text(language), &[&moment(choice.next)]);
            ui.label(RichText::new(when).small().color(palette.soft));
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.add_space(GRID * 0.5);
            line::label(ui, &title, (type_size::HEADING, palette.ink), Elision::NamesWithin(choice.names));
        });
    });
}

/// Adds entries to the menu, one below the other.
struct Entries<'a> {
    names: &'a NameSet,
    language: Language,
    palette: &'static Palette,
    /// Whether the next entry that can be chosen takes the focus.
    takes_focus: bool,
    chosen: Option<Chosen>,
}

impl Entries<'_> {
    /// Adds an entry; one that cannot be chosen says why.
    fn add(&mut self, ui: &mut Ui, name: &str, entry: &Result<Chosen, Word>) {
        match entry {
            Ok(chosen) => {
                let elision = Elision::NamesWithin(self.names);
                let shown = line::for_button(ui, name, WIDTH - 2.0 * GRID, elision);
                let button = Button::new(shown.as_ref()).frame_when_inactive(false).truncate();
                let button = ui.add(button.min_size(vec2(WIDTH, ROW)));
                let button = line::with_whole_text(button, Role::Button, name, shown == name);
                if std::mem::take(&mut self.takes_focus) {
                    button.request_focus();
                }
                if button.clicked() {
                    self.chosen = Some(chosen.clone());
                }
            }
            Err(why) => {
                let words = format!("{name}  ({})", why.text(self.language));
                let words = RichText::new(words).small().color(self.palette.soft);
                let indent = ui.spacing().button_padding.x;
                ui.horizontal(|ui| {
                    ui.add_space(indent);
                    ui.add(egui::Label::new(words).truncate().selectable(false));
                });
            }
        }
    }
}

/// The choice of how long faults last; the length that was clicked.
fn lengths(ui: &mut Ui, now: Option<Span>, language: Language, palette: &'static Palette) -> Option<Option<Span>> {
    let mut chosen = None;
    ui.horizontal(|ui| {
        ui.add_space(GRID * 0.5);
        ui.label(RichText::new(Word::Lasts.text(language)).small().color(palette.soft));
        for length in LENGTHS {
            let name = length.map_or_else(|| Word::UntilEnded.text(language).to_owned(), span);
            if ui.selectable_label(now == length, RichText::new(name).small()).clicked() {
                chosen = Some(length);
            }
        }
    });
    chosen
}
