//! What a user does to a run: acts from the menu and from the palette, and the branches that come of them. Nothing else
//! changes a run.

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

/// The least and the greatest width of a notice, in points.
const NOTICE: (f32, f32) = (120.0, 640.0);

/// What is open over the picture, and the last notice.
#[derive(Default)]
pub(super) struct Interaction {
    pub(super) overlay: Option<Overlay>,
    /// A sentence about what was done last, shown over the picture.
    notice: Option<String>,
}

/// What can be open over the picture, one at a time. While it is, keys belong to it.
pub(super) enum Overlay {
    /// The menu of what can be done to something.
    Menu(Menu),
    /// The palette of commands.
    Palette(PaletteSearch),
    /// The question for a file's name.
    SaveAs(SaveQuestion),
}

impl Interaction {
    /// Whether keys belong to what is open over the picture.
    pub(super) const fn has_keys(&self) -> bool {
        self.overlay.is_some()
    }

    /// Opens something over the picture, in place of whatever is open or said there.
    pub(super) fn open(&mut self, overlay: Overlay) {
        *self = Self { overlay: Some(overlay), notice: None };
    }

    pub(super) fn open_palette(&mut self) {
        self.open(Overlay::Palette(PaletteSearch::default()));
    }

    pub(super) fn close_overlay(&mut self) {
        self.overlay = None;
    }

    /// Closes what is open, and takes the notice away; whether there was any of them.
    pub(super) fn close(&mut self) -> bool {
        let was = std::mem::take(self);
        was.overlay.is_some() || was.notice.is_some()
    }
}

impl App {
    /// Takes the notice away: it no longer holds.
    pub(super) fn clear_notice(&mut self) {
        self.interaction.notice = None;
    }

    /// Shows a sentence over the picture.
    pub fn show_notice(&mut self, words: String) {
        self.interaction.notice = Some(words);
    }

    /// Does something to the run at the present moment, in a new branch.
    ///
    /// # Errors
    /// When the text in the editor is no sound scenario, or would not be one with the act. Then nothing changes.
    pub fn act_on_run(&mut self, act: &Act) -> Result<(), Refused> {
        self.finish_typing();
        self.interaction.close();
        if self.editor.as_ref().is_some_and(|editor| editor.text_editor.problems.is_some()) {
            // The act would become a line of a text that is not the one in the editor.
            self.show_notice(Word::MendFirst.text(self.language).to_owned());
            return Err(Refused::NotThere);
        }
        let done = self.open.branches.act(act);
        self.follow_run();
        self.interaction.notice = match &done {
            // The timeline shows the new branch.
            Ok(()) => None,
            Err(Refused::NotThere) => Some(Word::WhyNot.text(self.language).to_owned()),
            Err(Refused::Unsound(problems)) => problems.problems.first().map(|problem| problem.message.clone()),
        };
        done
    }

    /// Opens the menu of what can be done to a node, to the master of a queue, to a link, or, while the editor is open, to the
    /// file.
    pub(super) fn open_menu(&mut self, what: MenuSubject, at: Option<Pos2>) {
        let session = self.open.session();
        let (node, link) = match what {
            MenuSubject::Link(node, other) => (Some(node), Some(other)),
            MenuSubject::Thing(Selected::Node(node)) => (Some(node), None),
            MenuSubject::Thing(Selected::Queue(queue)) => {
                let set = session.plan().queues[queue].set;
                (Some(session.scene().observer().elected(set).0), None)
            }
            MenuSubject::Thing(Selected::Group(_) | Selected::Message(_)) | MenuSubject::Scenario => (None, None),
        };
        self.interaction.close();
        if node.is_some() || (what == MenuSubject::Scenario && self.editor.is_some()) {
            self.interaction.open(Overlay::Menu(Menu { node, at, link, lasts: None, fresh: true }));
        }
    }

    /// What the menu offers to do to the file: to the section of a node, or, without a node, one more entry of any list.
    fn menu_edits(&self, node: Option<NodeId>) -> Vec<(String, FormEdit)> {
        let words = |word: Word| word.text(self.language);
        let Some(node) = node else {
            return LISTS.map(|list| (format!("+ {}", words(form::entry_word(list))), FormEdit::Add(list))).to_vec();
        };
        let spot = self.section_of(Selected::Node(node)).into_iter();
        let edits = |spot: SectionId| {
            let slave =
                (spot.section == "brokers").then(|| (format!("+ {}", words(Word::OneSlave)), FormEdit::Slave(spot)));
            let settings = (words(Word::ItsSettings).to_owned(), FormEdit::Look(spot));
            let out = (words(Word::TakeOutOfFile).to_owned(), FormEdit::Remove(spot));
            [settings].into_iter().chain(slave).chain([out])
        };
        spot.flat_map(edits).collect()
    }

    /// Opens the menu of the selected node or queue; if there is none, the palette.
    pub(super) fn open_menu_of_selection(&mut self) {
        match self.open.selected {
            Some(what @ (Selected::Node(_) | Selected::Queue(_))) => self.open_menu(MenuSubject::Thing(what), None),
            _ => self.interaction.open_palette(),
        }
    }

    /// Goes on by so many branches; after the last one comes the first.
    pub(super) fn step_branch(&mut self, by: usize) {
        let branches = &mut self.open.branches;
        let next = (branches.here() + by) % branches.all().len();
        self.go_to_branch(next);
    }

    /// Shows a branch, by its number.
    pub(super) fn go_to_branch(&mut self, number: usize) {
        self.open.branches.go_to(number);
        self.follow_run();
    }

    /// Takes over the run that is shown now, if it is another one; a menu was about the one before.
    pub(super) fn follow_run(&mut self) {
        if self.open.take_over_plan() {
            self.interaction.overlay.take_if(|overlay| matches!(overlay, Overlay::Menu(_)));
        }
    }

    /// Shows what is open over the picture, and the notice.
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
            Some(Overlay::SaveAs(saving)) => save::show(ctx, saving, language, palette, wishes),
            None => {}
        }
        self.interaction.overlay = overlay;
        self.paint_notice(ctx);
    }

    /// What can be done to a node, or, without one, to the file.
    fn menu_content(&self, node: Option<NodeId>) -> MenuContent<'_> {
        let (session, next) = (self.open.session(), self.open.branches.next());
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

    /// Everything that can be done now: to the selected node, then every command with its key, then to all other nodes.
    fn palette_items(&self) -> Vec<PaletteItem> {
        let session = self.open.session();
        let plan = session.plan();
        let offers = Offers::at(session, self.open.branches.next());
        let of = |node: NodeId| {
            let links = offers.of_links(node).into_iter().flat_map(|(_, offers)| offers);
            let all = offers.of(node).into_iter().flatten().chain(links);
            all.filter_map(move |it| {
                let act = it.act.ok()?;
                let word = it.word.text(self.language);
                let name = match it.peer {
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
        let mut items: Vec<PaletteItem> = selected.into_iter().flat_map(of).collect();
        let mut known: Vec<AppCommand> = Vec::new();
        for binding in KEYS.iter().filter(|it| !matches!(it.command, AppCommand::Palette | AppCommand::Escape)) {
            if !known.contains(&binding.command) {
                known.push(binding.command);
                let name = binding.word.text(self.language).to_owned();
                items.push(PaletteItem { name, key: binding.shown, wish: Wish::Do(binding.command) });
            }
        }
        items.extend((0..plan.nodes.len()).map(NodeId::from).filter(|node| Some(*node) != selected).flat_map(of));
        items
    }

    /// Shows the notice, or that a branch is still being run.
    fn paint_notice(&self, ctx: &egui::Context) {
        let running = self.open.branches.is_coming().then(|| Word::Running.text(self.language));
        let Some(words) = running.or(self.interaction.notice.as_deref()) else { return };
        let palette = Palette::of(self.mode);
        // Over the picture it hides nothing that is clicked or read.
        let at = self.main_view_rect.center_top() + egui::vec2(0.0, GRID);
        egui::Area::new(egui::Id::unique("notice"))
            .pivot(egui::Align2::CENTER_TOP)
            .fixed_pos(at)
            .interactable(false)
            .show(ctx, |ui| {
                ui.set_max_width((self.main_view_rect.width() - 4.0 * GRID).clamp(NOTICE.0, NOTICE.1));
                egui::Frame::popup(ui.style()).fill(palette.panel).show(ui, |ui| ui.label(words));
            });
    }
}

impl OpenRun {
    /// Takes over the plan of the run that is shown. What was selected stays selected if the plan has it. Whether it is another
    /// plan than before.
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
        self.selected = self.selected.and_then(|what| what.in_other(&old, &self.plan));
        self.search_selected_life();
        true
    }
}
