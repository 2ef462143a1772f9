//! What was posted last in each place. A post in doubt is looked for by these words: rendered anew they may differ, since
//! names in it are known better by then.

use crate::message::Place;
use crate::recent::Latest;

/// Places that are remembered. Few are in doubt at any moment.
const MOST: usize = 100;

/// The words of the last post in each place, as people read them.
#[derive(Debug, Default)]
pub(super) struct LastSaid {
    said: Latest<MOST>,
    /// How many of them nobody has been told of.
    fresh: usize,
}

impl LastSaid {
    pub(super) fn remember(&mut self, place: &Place, words: String) {
        self.said.remember(place, words);
        self.fresh = self.fresh.saturating_add(1);
    }

    pub(super) fn of(&self, place: &Place) -> Option<&str> {
        self.said.of(place)
    }

    /// What was posted since this was asked last.
    pub(super) fn take_fresh(&mut self) -> Vec<(Place, String)> {
        self.said.newest(std::mem::take(&mut self.fresh))
    }
}
