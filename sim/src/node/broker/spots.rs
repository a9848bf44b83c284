//! Something about each of many messages of a queue, by where they lie.
//!
//! What is kept of messages that failed grows with the run. So it lies in parts by offset, which copies share until one
//! of them writes there: a snapshot costs as much as there are parts.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::protocol::Spot;

/// Offsets of a part.
const PART: u64 = 256;

/// Things by spot, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spots<T>(BTreeMap<u64, Arc<BTreeMap<Spot, T>>>);

impl<T> Default for Spots<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> Spots<T> {
    /// What there is at a spot.
    #[must_use]
    pub fn get(&self, spot: Spot) -> Option<&T> {
        self.0.get(&(spot.offset / PART))?.get(&spot)
    }

    /// All that there is.
    pub fn iter(&self) -> impl Iterator<Item = (Spot, &T)> {
        self.0.values().flat_map(|part| part.iter()).map(|(spot, thing)| (*spot, thing))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.values().map(|part| part.len()).sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Clone> Spots<T> {
    /// There is nothing at a spot any more.
    pub fn remove(&mut self, spot: Spot) {
        let part = spot.offset / PART;
        let Some(there) = self.0.get_mut(&part).filter(|there| there.contains_key(&spot)) else { return };
        Arc::make_mut(there).remove(&spot);
        if there.is_empty() {
            self.0.remove(&part);
        }
    }
}

impl<T: Clone + Default> Spots<T> {
    /// What there is at a spot, to be changed; the default if there was nothing.
    pub fn at(&mut self, spot: Spot) -> &mut T {
        Arc::make_mut(self.0.entry(spot.offset / PART).or_default()).entry(spot).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{MessageId, NodeId};

    fn spot(offset: u64, number: u32) -> Spot {
        Spot { offset, message: MessageId { producer: NodeId(0), number } }
    }

    #[test]
    fn a_copy_keeps_what_it_had_and_shares_what_did_not_change() {
        let mut spots = Spots::default();
        for n in [700, 3, 300] {
            *spots.at(spot(u64::from(n), n)) = n;
        }
        *spots.at(spot(3, 4)) = 4;
        let copy = spots.clone();
        *spots.at(spot(3, 3)) += 100;
        *spots.at(spot(9, 9)) += 9;
        let all = |spots: &Spots<u32>| spots.iter().map(|(spot, n)| (spot.offset, *n)).collect::<Vec<_>>();
        assert_eq!(all(&copy), [(3, 3), (3, 4), (300, 300), (700, 700)], "in order, two at one offset");
        assert_eq!(all(&spots), [(3, 103), (3, 4), (9, 9), (300, 300), (700, 700)]);
        assert_eq!((copy.len(), spots.len(), copy.get(spot(9, 9)), spots.get(spot(3, 9))), (4, 5, None, None));
        let shared = |part| Arc::ptr_eq(&spots.0[&part], &copy.0[&part]);
        assert_eq!([0, 1, 2].map(shared), [false, true, true]);
    }

    #[test]
    fn what_is_removed_is_gone_from_here_alone() {
        let mut spots = Spots::default();
        for n in [3, 4, 300] {
            *spots.at(spot(u64::from(n), n)) = n;
        }
        let copy = spots.clone();
        for gone in [spot(3, 3), spot(300, 300), spot(4, 9)] {
            spots.remove(gone);
        }
        assert_eq!((spots.iter().map(|(_, n)| *n).collect::<Vec<_>>(), copy.len()), (vec![4], 3));
        spots.remove(spot(4, 4));
        assert!(spots.is_empty());
    }
}
