//! How much of an outage is worth a line in the log.

use super::Loss;
use crate::time::{Millis, Time};

/// Losses in a row that get a line each: enough to see what happens.
const AT_ONCE: u32 = 3;
/// Between two lines afterwards: an hour without a server leaves about fifteen.
const AFTERWARDS: Millis = Millis::secs(5 * 60);

/// The losses since the last proven connection, as far as the log tells of them.
#[derive(Debug, Default)]
pub(super) struct Outage {
    lines: u32,
    told_at: Time,
    /// Whether it needs a person.
    is_stuck: bool,
}

impl Outage {
    /// Whether this loss is to be told: the first ones, then one now and then, and the first that a person has to mend.
    pub(super) fn tells(&mut self, now: Time, loss: &Loss) -> bool {
        let is_stuck = !matches!(loss, Loss::Fault(_) | Loss::Busy(..) | Loss::Silence | Loss::HandshakeTimeout);
        if std::mem::replace(&mut self.is_stuck, is_stuck) != is_stuck {
            self.lines = 0;
        }
        let tells = self.lines < AT_ONCE || now.since(self.told_at) >= AFTERWARDS;
        if tells {
            self.lines = self.lines.saturating_add(1);
            self.told_at = now;
        }
        tells
    }
}
