//! What is done by hand: the list of what can be done, the palette, and branches. Nothing here changes a run but an act.

use std::sync::Arc;

use egui::Pos2;
use queuescope::plan::NodeId;
use queuescope::scenario::{Act, LISTS, Refused, Spot};

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

/// The least and the greatest width of a sentence over the picture, in points.
const NOTICE: (f32, f32) = (120.0, 640.0);

/// What is open over the picture for somebody who wants to do something, and what was said last.
#[derive(Default)]
pub(super) struct Interaction {
    pub(super) overlay: Option<Overlay>,
    /// A sentence about what was done last.
    notice: Option<String>,
}

/// What can be open over the picture, one at a time. Keys belong to it.
pub(super) enum Overlay {
    /// The list of what can be done to something.
    Menu(Menu),
    /// Everything that can be done, to be found by its name.
    Palette(PaletteSearch),
    /// The question for a file's name.
    SaveAs(SaveQuestion),
}

impl Interaction {
    /// Whether keys belong to something that is open.
    pub(super) const fn has_keys(&self) -> bool {
        self.overlay.is_some()
    }

    /// Opens something over the picture; what was open or said there before is gone.
    pub(super) fn open(&mut self, overlay: Overlay) {
        *self = Self { overlay: Some(overlay), notice: None };
    }

    pub(super) fn open_palette(&mut self) {
        self.open(Overlay::Palette(PaletteSearch::default()));
    }

    pub(super) fn close_overlay(&mut self) {
        self.overlay = None;
    }

    /// Closes what is open, and takes away what was said; whether anything was there.
    pub(super) fn close(&mut self) -> bool {
        let was = std::mem::take(self);
        was.overlay.is_some() || was.notice.is_some()
    }
}

impl App {
    /// What was said last is no longer so.
    pub(super) fn unsay(&mut self) {
        self.hand.notice = None;
    }

    /// A sentence for whoever is at the window.
    pub fn say(&mut self, words: String) {
        self.hand.notice = Some(words);
    }

    /// Does something to the run, now.
    ///
    /// # Errors
    /// Why it would not be a sound scenario any more, or that the text on the desk is none; then nothing changes.
    pub fn do_by_hand(&mut self, act: &Act) -> Result<(), Refused> {
        self.enter();
        self.hand.close();
        if self.desk.as_ref().is_some_and(|desk| desk.editor.problems.is_some()) {
            // The act would be a line of another text than the one that is being written.
            self.say(Word::MendFirst.text(self.language).to_owned());
            return Err(Refused::NotThere);
        }
        let done = self.open.branches.act(act);
        self.look();
        self.hand.notice = match &done {
            // The timeline says so.
            Ok(()) => None,
            Err(Refused::NotThere) => Some(Word::WhyNot.text(self.language).to_owned()),
            Err(Refused::Unsound(problems)) => problems.problems.first().map(|problem| problem.message.clone()),
        };
        done
    }

    /// Opens the list of what can be done to something: to a node, to the master of a queue, to a link, or, while the file
    /// is on the desk, to the file.
    pub(super) fn open_menu(&mut self, what: MenuSubject, at: Option<Pos2>) {
        let session = self.open.session();
        let (node, link) = match what {
            MenuSubject::Link(node, other) => (Some(node), Some(other)),
            MenuSubject::Thing(Selected::Node(node)) => (Some(node), None),
            MenuSubject::Thing(Selected::Queue(queue)) => {
                let set = session.plan().queues[queue.index()].set;
                (Some(session.scene().observer().elected(set).0), None)
            }
            MenuSubject::Thing(Selected::Group(_) | Selected::Message(_)) | MenuSubject::Ground => (None, None),
        };
        self.hand.close();
        if node.is_some() || (what == MenuSubject::Ground && self.desk.is_some()) {
            self.hand.open(Overlay::Menu(Menu { node, at, link, lasts: None, fresh: true }));
        }
    }

    /// What the list can do to the file that is on the desk: to what a node comes from, or one more of anything.
    fn edits(&self, node: Option<NodeId>) -> Vec<(String, FormEdit)> {
        let words = |word: Word| word.text(self.language);
        let Some(node) = node else {
            return LISTS.map(|list| (format!("+ {}", words(form::entry_word(list))), FormEdit::Add(list))).to_vec();
        };
        let spot = self.section_of(Selected::Node(node)).into_iter();
        let edits = |spot: Spot| {
            let slave =
                (spot.section == "brokers").then(|| (format!("+ {}", words(Word::OneSlave)), FormEdit::Slave(spot)));
            let settings = (words(Word::ItsSettings).to_owned(), FormEdit::Look(spot));
            let out = (words(Word::TakeOutOfFile).to_owned(), FormEdit::Remove(spot));
            [settings].into_iter().chain(slave).chain([out])
        };
        spot.flat_map(edits).collect()
    }

    /// Opens the list for what is selected; for nothing, the palette.
    pub(super) fn open_menu_of_selected(&mut self) {
        match self.open.selected {
            Some(what @ (Selected::Node(_) | Selected::Queue(_))) => self.open_menu(MenuSubject::Thing(what), None),
            _ => self.hand.open_palette(),
        }
    }

    /// Goes to the branch that many further, in a ring.
    pub(super) fn turn_branch(&mut self, by: usize) {
        let branches = &mut self.open.branches;
        let next = (branches.here() + by) % branches.all().len();
        self.go_to_branch(next);
    }

    /// Looks at a branch, by its number.
    pub(super) fn go_to_branch(&mut self, number: usize) {
        self.open.branches.go_to(number);
        self.look();
    }

    /// Where another run is looked at than before, what belongs to that one is gone.
    pub(super) fn look(&mut self) {
        if self.open.look() {
            self.hand.overlay.take_if(|overlay| matches!(overlay, Overlay::Menu(_)));
        }
    }

    /// Shows what is open over the picture, and what was said.
    pub(super) fn paint_hand(&mut self, ctx: &egui::Context, wishes: &mut Vec<Wish>) {
        let (language, palette) = (self.language, Palette::of(self.mode));
        let mut overlay = self.hand.overlay.take();
        match &mut overlay {
            Some(Overlay::Menu(menu)) => menu::show(ctx, menu, &self.choice(menu.node), language, palette, wishes),
            Some(Overlay::Palette(search)) => {
                command_palette::show(ctx, search, (&self.items(), &self.open.names), language, palette, wishes);
            }
            Some(Overlay::SaveAs(saving)) => save::show(ctx, saving, language, palette, wishes),
            None => {}
        }
        self.hand.overlay = overlay;
        self.paint_notice(ctx);
    }

    /// What can be done to a node, or, without one, to the file.
    fn choice(&self, node: Option<NodeId>) -> MenuContent<'_> {
        let (session, next) = (self.open.session(), self.open.branches.next());
        let offers = Offers::at(session, next);
        MenuContent {
            plan: session.plan(),
            names: &self.open.names,
            next,
            offers: node.map_or_else(Vec::new, |node| offers.of(node)),
            links: node.map_or_else(Vec::new, |node| offers.of_links(node)),
            edits: if self.desk.is_some() { self.edits(node) } else { Vec::new() },
        }
    }

    /// Everything that can be done now: to what is selected first, then every command with its key, then to every node.
    fn items(&self) -> Vec<PaletteItem> {
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
        for entry in KEYS.iter().filter(|entry| !matches!(entry.command, AppCommand::Palette | AppCommand::Escape)) {
            if !known.contains(&entry.command) {
                known.push(entry.command);
                let name = entry.word.text(self.language).to_owned();
                items.push(PaletteItem { name, key: entry.shown, wish: Wish::Do(entry.command) });
            }
        }
        items.extend((0..plan.nodes.len()).map(NodeId::from).filter(|node| Some(*node) != selected).flat_map(of));
        items
    }

    fn paint_notice(&self, ctx: &egui::Context) {
        let running = self.open.branches.is_coming().then(|| Word::Running.text(self.language));
        let Some(words) = running.or(self.hand.notice.as_deref()) else { return };
        let palette = Palette::of(self.mode);
        // Over the picture: what can be clicked, and what is written, is beside it.
        let at = self.picture.center_top() + egui::vec2(0.0, GRID);
        egui::Area::new(egui::Id::unique("notice"))
            .pivot(egui::Align2::CENTER_TOP)
            .fixed_pos(at)
            .interactable(false)
            .show(ctx, |ui| {
                ui.set_max_width((self.picture.width() - 4.0 * GRID).clamp(NOTICE.0, NOTICE.1));
                egui::Frame::popup(ui.style()).fill(palette.panel).show(ui, |ui| ui.label(words));
            });
    }
}

impl OpenRun {
    /// Takes over the plan of the run that is looked at: what was selected stays so, if it is there. Whether it is another
    /// plan than before.
    fn look(&mut self) -> bool {
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
        self.broken = None;
        self.selected = self.selected.and_then(|what| what.in_other(&old, &self.plan));
        self.look_at_selected();
        true
    }
}
