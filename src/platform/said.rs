//! What was posted last in each place. A post in doubt is looked for by these words: rendered anew they may differ, since
//! names in it are known better by then.

use crate::message::Place;

/// Places that are remembered, the oldest are forgotten. Few are in doubt at any moment.
const MOST: usize = 100;

/// The words of the last post in each place, as people read them.
#[derive(Debug, Default)]
pub(super) struct LastSaid(Vec<(Place, String)>);

impl LastSaid {
    pub(super) fn remember(&mut self, place: &Place, words: String) {
        self.0.retain(|(other, _)| other != place);
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        self.0.push((place.clone(), words));
    }

    pub(super) fn of(&self, place: &Place) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == place).map(|(_, words)| words.as_str())
    }
}
