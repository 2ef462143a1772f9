//! What the conversations of an account ask of what is around them.

use crate::inbox::Gatehouse;
use crate::message::Place;
use crate::platform::Dialect;
use crate::step::Step;
use crate::talk::{Background, Scene};
use crate::time::Time;

/// Who knows what is still to be judged, and who knows the platform.
pub(super) struct Around<'a> {
    pub(super) gatehouse: &'a Gatehouse,
    pub(super) platform: &'a mut Dialect,
}

impl Scene for Around<'_> {
    fn is_busy(&self, place: &Place) -> bool {
        self.gatehouse.is_busy(place)
    }

    fn background(&mut self, now: Time, place: &Place, people: &[&str], step: &mut Step) -> Background {
        self.platform.background(now, place, people, step)
    }
}
