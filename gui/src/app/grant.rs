//! The one place where wishes are granted: when the picture of the frame is complete, all that views have added to the
//! list.

use queuescope::session::Aim;

use super::App;
use crate::model::selection::MenuSubject;
use crate::view::wish::Wish;

impl App {
    /// Grants the wishes of a frame, in their order.
    pub(super) fn grant(&mut self, wishes: Vec<Wish>, ctx: &egui::Context) {
        for wish in wishes {
            self.grant_one(wish, ctx);
            ctx.request_repaint();
        }
    }

    fn grant_one(&mut self, wish: Wish, ctx: &egui::Context) {
        match wish {
            Wish::Do(command) => self.act(command, ctx),
            Wish::LookAt(view) => self.look_at(view, ctx),
            Wish::GoTo(at) => self.open.step(|session| session.aim(Aim::Time(at))),
            Wish::GoToRecord(told) => self.open.step(|session| session.aim(Aim::Event(told.event))),
            Wish::GoOn => self.open.player.play(),
            Wish::Branch(number) => self.go_to_branch(number),
            Wish::Select(what) => self.select(what),
            Wish::Menu(what, at) => {
                self.open.player.pause();
                if let MenuSubject::Thing(what) = what {
                    self.select(Some(what));
                }
                self.open_menu(what, Some(at));
            }
            Wish::Act(act) => _ = self.do_by_hand(&act),
            Wish::Edit(edit) => self.edit(edit),
            Wish::TextChanged => {
                self.unsay();
                self.read_desk();
            }
            Wish::ReadAgain => self.read_again(),
            Wish::SaveAs(what, path) => self.ask_to_save(what, path),
            Wish::Close => self.hand.close_overlay(),
        }
    }
}
