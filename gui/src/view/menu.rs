//! What can be done to a node, a link or the file, as a list: what would change nothing is grey, and says why.

use egui::{Align, Button, Layout, Pos2, RichText, Role, ScrollArea, Ui, vec2};
use queuescope::kernel::{Span, Time};
use queuescope::plan::{NodeId, Plan};
use queuescope::scenario::Act;

use crate::command::{AppCommand, Tab};
use crate::model::edit::FormEdit;
use crate::model::figures::{span, time};
use crate::model::name::NameSet;
use crate::model::offer::Offer;
use crate::text::{Language, Word, fill};
use crate::theme::{self, GRID, Palette, type_size};
use crate::view::line::{self, Elision};
use crate::view::wish::Wish;

/// A list that is open.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Menu {
    /// To whom; none: to the file.
    pub node: Option<NodeId>,
    /// Where on the screen; none: in the middle.
    pub at: Option<Pos2>,
    /// The other end of a link, if it is about one.
    pub link: Option<NodeId>,
    /// For how long what breaks is to last; none: until somebody ends it.
    pub lasts: Option<Span>,
    /// Whether it has just been opened, or turned over.
    pub fresh: bool,
}

/// What the list offers.
pub struct MenuContent<'a> {
    /// Names.
    pub plan: &'a Plan,
    /// All of them, from which a cut one is told.
    pub names: &'a NameSet,
    /// When what is chosen would take effect.
    pub next: Time,
    /// What can be done to the node.
    pub offers: Vec<Vec<Offer>>,
    /// And to its links.
    pub links: Vec<(NodeId, Vec<Offer>)>,
    /// And to the file, while it is on the desk.
    pub edits: Vec<(String, FormEdit)>,
}

/// What was chosen in the list.
#[derive(Clone)]
enum Chosen {
    Act(Act),
    Edit(FormEdit),
    /// The list of a link, or that of the node again.
    Link(Option<NodeId>),
    /// For how long what breaks is to last.
    Length(Option<Span>),
}

/// For how long something may be broken, at a click.
const LENGTHS: [Option<Span>; 3] = [None, Some(Span::from_secs(3)), Some(Span::from_secs(10))];

/// The width of the list, in points.
const WIDTH: f32 = 280.0;
/// The height of what can be chosen, in points.
const ROW: f32 = 24.0;
/// The height of what stands above it.
const AROUND: f32 = 64.0;

/// Shows the list.
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
    // The click that opened the list was outside of it, too.
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

fn list(
    ui: &mut Ui,
    menu: Menu,
    choice: &MenuContent<'_>,
    language: Language,
    palette: &'static Palette,
) -> Option<Chosen> {
    let mut chosen = None;
    let mut first = menu.fresh;
    let name = menu.node.map_or(Word::HeadOfFile.text(language), |node| choice.plan.name(node));
    let title = match menu.link {
        None => name.to_owned(),
        Some(peer) => format!("{name} – {}", choice.plan.name(peer)),
    };
    ui.allocate_ui_with_layout(vec2(WIDTH, ROW), Layout::right_to_left(Align::Center), |ui| {
        if menu.node.is_some() {
            let when = fill(Word::DoAt.text(language), &[&time(choice.next)]);
            ui.label(RichText::new(when).small().color(palette.soft));
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.add_space(GRID * 0.5);
            line::label(ui, &title, (type_size::HEADING, palette.ink), Elision::NamesWithin(choice.names));
        });
    });
    let mut row = |ui: &mut Ui, name: &str, does: &Result<Chosen, Word>| match does {
        Ok(does) => {
            let shown = line::for_button(ui, name, WIDTH - 2.0 * GRID, Elision::NamesWithin(choice.names));
            let button = Button::new(shown.as_ref()).frame_when_inactive(false).truncate().min_size(vec2(WIDTH, ROW));
            let button = line::all_of(ui.add(button), Role::Button, name, shown == name);
            if std::mem::take(&mut first) {
                button.request_focus();
            }
            if button.clicked() {
                chosen = Some(does.clone());
            }
        }
        Err(why) => {
            let words = RichText::new(format!("{name}  ({})", why.text(language))).small().color(palette.soft);
            let height = ui.spacing().button_padding.x;
            ui.horizontal(|ui| {
                ui.add_space(height);
                ui.add(egui::Label::new(words).truncate().selectable(false));
            });
        }
    };
    let lasts = (!choice.offers.is_empty()).then(|| lengths(ui, menu.lasts, language, palette)).flatten();
    let offers = match menu.link {
        None => choice.offers.clone(),
        Some(peer) => choice.links.iter().filter(|(node, _)| *node == peer).map(|(_, offers)| offers.clone()).collect(),
    };
    let most = (theme::within(ui.ctx()).y - AROUND).max(ROW);
    ScrollArea::vertical().max_height(most).show(ui, |ui| {
        ui.with_layout(Layout::top_down_justified(Align::Min), |ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            if menu.link.is_none() && !choice.edits.is_empty() {
                ui.separator();
                for (name, edit) in &choice.edits {
                    row(ui, name, &Ok(Chosen::Edit(edit.clone())));
                }
            }
            for section in &offers {
                ui.separator();
                for Offer { word, act, .. } in section {
                    let lasting = |act: Act| match act {
                        Act::Break { fault, .. } => Chosen::Act(Act::Break { fault, lasts: menu.lasts }),
                        act => Chosen::Act(act),
                    };
                    row(ui, word.text(language), &act.clone().map(lasting));
                }
            }
            if menu.node.is_some() {
                ui.separator();
            }
            if menu.link.is_some() {
                row(ui, Word::Back.text(language), &Ok(Chosen::Link(None)));
                return;
            }
            for (peer, _) in &choice.links {
                let name = format!("{} ›", fill(Word::DoLink.text(language), &[choice.plan.name(*peer)]));
                row(ui, &name, &Ok(Chosen::Link(Some(*peer))));
            }
        });
    });
    chosen.or(lasts.map(Chosen::Length))
}

/// For how long; another length, if one was chosen.
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
