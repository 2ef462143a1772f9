//! What was the case last in each place.

use crate::message::Place;

/// The latest value of so many places, the newest last; the oldest are forgotten.
#[derive(Debug)]
pub(crate) struct Latest<const MOST: usize>(Vec<(Place, String)>);

impl<const MOST: usize> Default for Latest<MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<const MOST: usize> Latest<MOST> {
    /// Takes the place of what was the case there before.
    pub(crate) fn remember(&mut self, place: &Place, value: String) {
        self.0.retain(|(other, _)| other != place);
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        self.0.push((place.clone(), value));
    }

    /// What was the case there last.
    pub(crate) fn of(&self, place: &Place) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == place).map(|(_, value)| value.as_str())
    }

    /// The newest so many.
    pub(crate) fn newest(&self, count: usize) -> Vec<(Place, String)> {
        self.0.iter().skip(self.0.len().saturating_sub(count)).cloned().collect()
    }
}
