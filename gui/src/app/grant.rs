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
            Wish::GoTo(at) => self.open.go_and_pause(|session| session.aim(Aim::Time(at))),
            Wish::GoToRecord(told) => self.open.go_and_pause(|session| session.aim(Aim::Event(told.event))),
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
            Wish::Act(act) => _ = self.act_on_run(&act),
            Wish::Edit(edit) => self.edit(edit),
            Wish::TextChanged => {
                self.clear_notice();
                self.check_edited_text();
            }
            Wish::ReadAgain => self.reload(),
            Wish::SaveAs(what, path) => self.request_save(what, path),
            Wish::Close => self.interaction.close_overlay(),
        }
    }
}
