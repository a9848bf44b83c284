//! User actions on a run: acts from the menu and from the command palette, the branches that they create, and the notice that
//! reports the result. Nothing else changes a run.

use std::sync::Arc;

use egui::Pos2;
use queuescope::plan::NodeId;
use queuescope::scenario::{Act, LISTS, Refused, SectionId};

use super::{App, OpenRun};
use crate::command::{AppCommand, KEYS};
use crate::model::edit::FormEdit;
use crate::model::name::NameSet;
use crate::model::offer::Offers;
use crate::model::selection::{MenuSubject, Selected};
use crate::text::Word;
use crate::theme::{GRID, Palette};
use crate::view::command_palette::{self, PaletteItem, PaletteSearch};
use crate::view::menu::{self, Menu, MenuContent};
use crate::view::save::{self, SaveQuestion};
use crate::view::side::form;
use crate::view::wish::Wish;

/// The minimum and the maximum width of a notice, in points.
const NOTICE_WIDTH: (f32, f32) = (120.0, 640.0);

/// The open overlay, and the last notice.
#[derive(Default)]
pub(super) struct Interaction {
    pub(super) overlay: Option<Overlay>,
    /// A sentence over the picture about the result of the last action.
    notice: Option<String>,
}

/// A popup over the picture. At most one is open at a time, and while it is, it receives all keys.
pub(super) enum Overlay {
    /// The menu of a node, of a link, or of the scenario file.
    Menu(Menu),
    /// The command palette.
    Palette(PaletteSearch),
    /// The dialog that asks for a file name.
    SaveAs(SaveQuestion),
}

impl Interaction {
    /// Whether an open overlay receives all keys.
    pub(super) const fn has_keys(&self) -> bool {
        self.overlay.is_some()
    }

    /// Opens an overlay. It replaces the overlay that was open, and the notice.
    pub(super) fn open(&mut self, overlay: Overlay) {
        *self = Self { overlay: Some(overlay), notice: None };
    }

    pub(super) fn open_palette(&mut self) {
        self.open(Overlay::Palette(PaletteSearch::default()));
    }

    pub(super) fn close_overlay(&mut self) {
        self.overlay = None;
    }

    /// Closes the overlay and removes the notice. Returns whether there was either of them.
    pub(super) fn close(&mut self) -> bool {
        let closed = std::mem::take(self);
        closed.overlay.is_some() || closed.notice.is_some()
    }
}

impl App {
    /// Removes the notice, because it is no longer true.
    pub(super) fn clear_notice(&mut self) {
        self.interaction.notice = None;
    }

    /// Shows a notice over the picture.
    pub fn show_notice(&mut self, words: String) {
        self.interaction.notice = Some(words);
    }

    /// Applies an act to the run at the moment that is shown. It extends the shown branch if earlier acts
    /// made it and it was seen no further; otherwise it starts a new one.
    ///
    /// # Errors
    /// If the text in the editor is not a sound scenario, or would not be one with the act added. Then nothing changes.
    pub fn act_on_run(&mut self, act: &Act) -> Result<(), Refused> {
        self.finish_typing();
        self.interaction.close();
        if self.editor.as_ref().is_some_and(|editor| editor.text_editor.problems.is_some()) {
            // The act would be added to the text of the branch, and the editor holds another text.
            self.show_notice(Word::MendFirst.text(self.language).to_owned());
            return Err(Refused::NotThere);
        }
        let outcome = self.open.branches.act(act);
        self.follow_run();
        self.interaction.notice = match &outcome {
            // The timeline shows the act: no notice is needed.
            Ok(()) => None,
            Err(Refused::NotThere) => Some(Word::WhyNot.text(self.language).to_owned()),
            Err(Refused::Unsound(problems)) => problems.problems.first().map(|problem| problem.message.clone()),
        };
        outcome
    }

    /// Opens the menu of a node, of the broker that is master for a queue, of a link, or, while the editor is open, of the
    /// file. Groups and messages have no menu.
    pub(super) fn open_menu(&mut self, subject: MenuSubject, at: Option<Pos2>) {
        let session = self.open.session();
        let (node, link) = match subject {
            MenuSubject::Link(node, other) => (Some(node), Some(other)),
            MenuSubject::Thing(Selected::Node(node)) => (Some(node), None),
            MenuSubject::Thing(Selected::Queue(queue)) => {
                let set = session.plan().queues[queue].set;
                (Some(session.scene().observer().elected(set).0), None)
            }
            MenuSubject::Thing(Selected::Group(_) | Selected::Message(_)) | MenuSubject::Scenario => (None, None),
        };
        self.interaction.close();
        if node.is_some() || (subject == MenuSubject::Scenario && self.editor.is_some()) {
            self.interaction.open(Overlay::Menu(Menu { node, at, link, lasts: None, fresh: true }));
        }
    }

    /// The edits of the file that the menu offers: those of the section of a node, or, without a node, a new entry for each
    /// list.
    fn menu_edits(&self, node: Option<NodeId>) -> Vec<(String, FormEdit)> {
        let text = |word: Word| word.text(self.language);
        let Some(node) = node else {
            return LISTS.map(|list| (format!("+ {}", text(form::entry_word(list))), FormEdit::Add(list))).to_vec();
        };
        let section = self.section_of(Selected::Node(node)).into_iter();
        let edits = |spot: SectionId| {
            let slave =
                (spot.section == "brokers").then(|| (format!("+ {}", text(Word::OneSlave)), FormEdit::Slave(spot)));
            let settings = (text(Word::ItsSettings).to_owned(), FormEdit::Look(spot));
            let remove = (text(Word::TakeOutOfFile).to_owned(), FormEdit::Remove(spot));
            [settings].into_iter().chain(slave).chain([remove])
        };
        section.flat_map(edits).collect()
    }

    /// Opens the menu of the selected node or queue; the palette if neither is selected.
    pub(super) fn open_menu_of_selection(&mut self) {
        match self.open.selected {
            Some(selected @ (Selected::Node(_) | Selected::Queue(_))) => {
                self.open_menu(MenuSubject::Thing(selected), None);
            }
            _ => self.interaction.open_palette(),
        }
    }

    /// Shows the branch that is `by` places further on; after the last one comes the first.
    pub(super) fn step_branch(&mut self, by: usize) {
        let branches = &mut self.open.branches;
        let next = (branches.shown() + by) % branches.all().len();
        self.go_to_branch(next);
    }

    /// Shows the branch with a number.
    pub(super) fn go_to_branch(&mut self, number: usize) {
        self.open.branches.go_to(number);
        self.follow_run();
    }

    /// Adopts the plan of the run that is shown, if it is another plan. An open menu closes, because its node ids are those
    /// of the plan before.
    pub(super) fn follow_run(&mut self) {
        if self.open.take_over_plan() {
            self.interaction.overlay.take_if(|overlay| matches!(overlay, Overlay::Menu(_)));
        }
    }

    /// Paints the overlay that is open, and the notice.
    pub(super) fn paint_overlay(&mut self, ctx: &egui::Context, wishes: &mut Vec<Wish>) {
        let (language, palette) = (self.language, Palette::of(self.mode));
        let mut overlay = self.interaction.overlay.take();
        match &mut overlay {
            Some(Overlay::Menu(menu)) => {
                menu::show(ctx, menu, &self.menu_content(menu.node), language, palette, wishes);
            }
            Some(Overlay::Palette(search)) => {
                command_palette::show(
                    ctx,
                    search,
                    (&self.palette_items(), &self.open.names),
                    language,
                    palette,
                    wishes,
                );
            }
            Some(Overlay::SaveAs(question)) => save::show(ctx, question, language, palette, wishes),
            None => {}
        }
        self.interaction.overlay = overlay;
        self.paint_notice(ctx);
    }

    /// The content of the menu of a node, or, without one, of the file.
    fn menu_content(&self, node: Option<NodeId>) -> MenuContent<'_> {
        let (session, next) = (self.open.session(), self.open.branches.act_time());
        let offers = Offers::at(session, next);
        MenuContent {
            plan: session.plan(),
            names: &self.open.names,
            next,
            offers: node.map_or_else(Vec::new, |node| offers.of(node)),
            links: node.map_or_else(Vec::new, |node| offers.of_links(node)),
            edits: if self.editor.is_some() { self.menu_edits(node) } else { Vec::new() },
        }
    }

    /// Everything that the user can do now: the acts on the selected node, then each command with its key, then the acts on
    /// all other nodes.
    fn palette_items(&self) -> Vec<PaletteItem> {
        let session = self.open.session();
        let plan = session.plan();
        let offers = Offers::at(session, self.open.branches.act_time());
        let acts_on = |node: NodeId| {
            let links = offers.of_links(node).into_iter().flat_map(|(_, offers)| offers);
            offers.of(node).into_iter().flatten().chain(links).filter_map(move |offer| {
                let act = offer.act.ok()?;
                let word = offer.word.text(self.language);
                let name = match offer.peer {
                    None => format!("{}: {word}", plan.name(node)),
                    Some(peer) => format!("{} – {}: {word}", plan.name(node), plan.name(peer)),
                };
                Some(PaletteItem { name, key: "", wish: Wish::Act(act) })
            })
        };
        let selected = match self.open.selected {
            Some(Selected::Node(node)) => Some(node),
            _ => None,
        };
        let mut items: Vec<PaletteItem> = selected.into_iter().flat_map(acts_on).collect();
        let mut listed: Vec<AppCommand> = Vec::new();
        for binding in KEYS.iter().filter(|key| !matches!(key.command, AppCommand::Palette | AppCommand::Escape)) {
            if !listed.contains(&binding.command) {
                listed.push(binding.command);
                let name = binding.word.text(self.language).to_owned();
                items.push(PaletteItem { name, key: binding.shown, wish: Wish::Do(binding.command) });
            }
        }
        items.extend((0..plan.nodes.len()).map(NodeId::from).filter(|node| Some(*node) != selected).flat_map(acts_on));
        items
    }

    /// Paints the notice, or, while a branch is still being run, a line that says so.
    fn paint_notice(&self, ctx: &egui::Context) {
        let running = self.open.branches.is_switching().then(|| Word::Running.text(self.language));
        let Some(words) = running.or(self.interaction.notice.as_deref()) else { return };
        let palette = Palette::of(self.mode);
        // At the top centre it covers nothing that the user clicks or reads.
        let at = self.main_view_rect.center_top() + egui::vec2(0.0, GRID);
        egui::Area::new(egui::Id::unique("notice"))
            .pivot(egui::Align2::CENTER_TOP)
            .fixed_pos(at)
            .interactable(false)
            .show(ctx, |ui| {
                ui.set_max_width((self.main_view_rect.width() - 4.0 * GRID).clamp(NOTICE_WIDTH.0, NOTICE_WIDTH.1));
                egui::Frame::popup(ui.style()).fill(palette.panel).show(ui, |ui| ui.label(words));
            });
    }
}

impl OpenRun {
    /// Adopts the plan of the run that is shown, and returns whether it is another plan than before. The selection is kept if
    /// the new plan has the same thing.
    fn take_over_plan(&mut self) -> bool {
        let plan = Arc::clone(self.session().plan());
        if Arc::ptr_eq(&self.plan, &plan) {
            return false;
        }
        let old = std::mem::replace(&mut self.plan, plan);
        self.names = NameSet::of(&self.plan);
        self.names_on_stage = NameSet::on_stage(&self.plan);
        self.guesses.resize(self.plan.questions.len());
        self.player.moved();
        self.camera.rebuild();
        self.broken_expectations = None;
        self.selected = self.selected.and_then(|selected| selected.in_other(&old, &self.plan));
        self.search_selected_life();
        true
    }
}
