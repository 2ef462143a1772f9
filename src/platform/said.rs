//! What was posted last in each place. A post in doubt is looked for by these words: rendered anew they may differ, since
//! names in it are known better by then.

use crate::message::Place;

/// Places that are remembered, the oldest are forgotten. Few are in doubt at any moment.
const MOST: usize = 100;

/// The words of the last post in each place, as people read them.
#[derive(Debug, Default)]
pub(super) struct LastSaid {
    said: Vec<(Place, String)>,
    /// How many of them, from the end, nobody has been told of.
    fresh: usize,
}

impl LastSaid {
    pub(super) fn remember(&mut self, place: &Place, words: String) {
        self.said.retain(|(other, _)| other != place);
        if self.said.len() >= MOST {
            self.said.remove(0);
        }
        self.said.push((place.clone(), words));
        self.fresh = self.fresh.saturating_add(1);
    }

    pub(super) fn of(&self, place: &Place) -> Option<&str> {
        self.said.iter().find(|(other, _)| other == place).map(|(_, words)| words.as_str())
    }

    /// What was posted since this was asked last.
    pub(super) fn take_fresh(&mut self) -> Vec<(Place, String)> {
        let known = self.said.len().saturating_sub(std::mem::take(&mut self.fresh));
        self.said.iter().skip(known).cloned().collect()
    }
}
