//! When which place has something to do, so that a thousand quiet places cost nothing.

use crate::message::Place;
use crate::time::Time;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Appointments, the earliest first. One that turns out to be too early is simply made again.
#[derive(Debug, Default)]
pub(super) struct Agenda(BinaryHeap<Reverse<(Time, Place)>>);

impl Agenda {
    pub(super) fn add(&mut self, at: Time, place: Place) {
        self.0.push(Reverse((at, place)));
    }

    /// The next place whose time has come.
    pub(super) fn take_due(&mut self, now: Time) -> Option<Place> {
        let Reverse((at, _)) = self.0.peek()?;
        if *at > now {
            return None;
        }
        self.0.pop().map(|Reverse((_, place))| place)
    }

    pub(super) fn next(&self) -> Option<Time> {
        self.0.peek().map(|Reverse((at, _))| *at)
    }
}
