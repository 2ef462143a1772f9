//! Time that only goes forward.

use crate::time::{Millis, Time};

/// The host's wall clock, except that where that is set back this one goes on. A deadline of ten seconds stays ten seconds
/// away, whatever happens to the clock, and nothing else has to think of it.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    wall: Time,
    /// How much the wall clock was set back altogether.
    ahead: Millis,
}

impl Clock {
    /// The moment at which the wall clock shows this.
    pub(crate) fn read(&mut self, wall: Time) -> Time {
        self.ahead = Millis(self.ahead.0.saturating_add(self.wall.since(wall).0));
        self.wall = wall;
        wall.after(self.ahead)
    }

    /// What the wall clock will show then.
    pub(crate) fn shown(&self, at: Time) -> Time {
        Time(at.0.saturating_sub(self.ahead.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_goes_on() {
        let mut clock = Clock::default();
        assert_eq!(clock.read(Time(10_000)), Time(10_000));
        assert_eq!(clock.read(Time(4_000)), Time(10_000));
        assert_eq!(clock.read(Time(5_000)), Time(11_000));
        assert_eq!(clock.shown(Time(12_000)), Time(6_000), "still a second away");
        assert_eq!(clock.read(Time(4_999)), Time(11_000));
    }
}
