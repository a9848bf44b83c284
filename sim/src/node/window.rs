//! A window of numbered things under way: messages sent and not answered, calls made and not answered.
//!
//! Numbers are given in order, and most things end in about that order, so the window is a ring with a few holes:
//! looking one up costs no search, and nothing is allocated once it has grown. Deadlines are kept beside it, in the
//! order in which they were set: patience is the same for all, so that is the order in which they pass.

use std::collections::VecDeque;

use crate::kernel::Time;

/// Numbered things under way.
#[derive(Clone, Debug)]
pub(crate) struct InFlightWindow<T> {
    /// The number of the first slot.
    base: u32,
    slots: VecDeque<Option<T>>,
    open: usize,
    /// When patience for a number ends, and which try at it that was for.
    deadlines: VecDeque<(Time, u32, u32)>,
}

impl<T> Default for InFlightWindow<T> {
    fn default() -> Self {
        Self { base: 0, slots: VecDeque::new(), open: 0, deadlines: VecDeque::new() }
    }
}

impl<T> InFlightWindow<T> {
    /// How many things are under way.
    pub(crate) fn len(&self) -> usize {
        self.open
    }

    /// Opens a slot; numbers only grow.
    pub(crate) fn open(&mut self, number: u32, thing: T) {
        if self.slots.is_empty() {
            self.base = number;
        }
        let index = (number - self.base) as usize;
        while self.slots.len() < index {
            self.slots.push_back(None);
        }
        self.slots.push_back(Some(thing));
        self.open += 1;
    }

    /// The thing with this number, while it is under way.
    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        self.slots.get_mut(number.checked_sub(self.base)? as usize)?.as_mut()
    }

    /// Ends what is under way with this number.
    pub(crate) fn close(&mut self, number: u32) -> Option<T> {
        let thing = self.slots.get_mut(number.checked_sub(self.base)? as usize)?.take()?;
        self.open -= 1;
        while let Some(None) = self.slots.front() {
            self.slots.pop_front();
            self.base += 1;
        }
        Some(thing)
    }

    /// Patience for this try at `number` ends at `deadline`, no earlier than any before.
    pub(crate) fn expect_by(&mut self, deadline: Time, number: u32, attempt: u32) {
        self.deadlines.push_back((deadline, number, attempt));
    }

    /// The earliest deadline of anything still under way, of any try.
    pub(crate) fn next_deadline(&mut self) -> Option<Time> {
        while let Some(&(deadline, number, _)) = self.deadlines.front() {
            if self.get_mut(number).is_some() {
                return Some(deadline);
            }
            self.deadlines.pop_front();
        }
        None
    }

    /// The next number and try whose patience has ended, if its thing is still under way.
    pub(crate) fn expired(&mut self, now: Time) -> Option<(u32, u32)> {
        while let Some(&(deadline, number, attempt)) = self.deadlines.front() {
            if deadline > now {
                return None;
            }
            self.deadlines.pop_front();
            if self.get_mut(number).is_some() {
                return Some((number, attempt));
            }
        }
        None
    }

    /// The numbers of all that is under way, in order.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u32> + '_ {
        self.slots.iter().zip(self.base..).filter(|(slot, _)| slot.is_some()).map(|(_, number)| number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_closed_is_gone_and_the_window_moves_on() {
        let mut window = InFlightWindow::default();
        for number in 1..=5 {
            window.open(number, number * 10);
        }
        assert_eq!(window.close(2), Some(20));
        assert_eq!(window.close(2), None);
        assert_eq!(window.numbers().collect::<Vec<_>>(), [1, 3, 4, 5]);
        assert_eq!(window.close(1), Some(10));
        assert_eq!((window.base, window.len()), (3, 3));
        assert_eq!(window.get_mut(1), None);
        assert_eq!(window.get_mut(5), Some(&mut 50));
        window.open(8, 80);
        assert_eq!(window.numbers().collect::<Vec<_>>(), [3, 4, 5, 8]);
    }

    #[test]
    fn deadlines_of_what_is_closed_do_not_ring() {
        let mut window = InFlightWindow::default();
        for number in 1..=3 {
            window.open(number, ());
            window.expect_by(Time(u64::from(number) * 10), number, 1);
        }
        window.close(1);
        assert_eq!(window.next_deadline(), Some(Time(20)));
        assert_eq!(window.expired(Time(19)), None);
        assert_eq!(window.expired(Time(30)), Some((2, 1)));
        assert_eq!(window.expired(Time(30)), Some((3, 1)));
        assert_eq!(window.expired(Time(30)), None);
    }
}
