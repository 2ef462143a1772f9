//! What the agent should know of a place besides what was said there.

use crate::message::Place;
use crate::step::{About, Step};
use crate::time::Time;

/// A place, and the people who speak there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Background {
    /// People by their ids.
    pub names: Vec<(String, String)>,
    /// The place.
    pub about: About,
    /// More of it is on its way, and another input will bring it.
    pub is_awaited: bool,
}

impl Background {
    pub(super) fn name_of(&self, id: &str) -> Option<&str> {
        self.names.iter().find(|(known, _)| known == id).map(|(_, name)| name.as_str())
    }
}

/// What is around the conversations.
pub trait Scene {
    /// Whether messages of this place are still to be judged.
    fn is_busy(&self, place: &Place) -> bool;

    /// What is known of a place and of these people, the first of whom is who asks.
    fn background(&mut self, now: Time, place: &Place, people: &[&str], step: &mut Step) -> Background;
}
