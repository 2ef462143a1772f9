//! What the server lets an agent ask: 120 requests a minute over HTTP. Events on the socket are free.

use crate::time::{Millis, Time};

/// The server counts within a minute.
const WINDOW: Millis = Millis::secs(60);
/// Requests of any kind within a minute after which reading waits. The rest is for posts, which never do.
const READS: usize = 90;
/// First rest after a 429 that names no time; doubled with each that follows.
const REST_FIRST: Millis = Millis::secs(5);
/// Longest rest, also where the server asks for more: that would look like a bot that died.
const REST_CAP: Millis = Millis::secs(300);

/// Requests of the last minute, and whether the server wants none for a while.
#[derive(Debug, Default)]
pub(super) struct Budget {
    spent: Vec<Time>,
    rests_until: Time,
    refusals: u32,
}

impl Budget {
    /// A request goes out in any case.
    pub(super) fn count(&mut self, now: Time) {
        while self.spent.first().is_some_and(|at| now.since(*at) >= WINDOW) {
            self.spent.remove(0);
        }
        self.spent.push(now);
    }

    /// A request goes out if it may.
    pub(super) fn take(&mut self, now: Time) -> bool {
        let may = self.free_at(now) <= now;
        if may {
            self.count(now);
        }
        may
    }

    /// When the next may be read: now, or later.
    pub(super) fn free_at(&self, now: Time) -> Time {
        let oldest = self.spent.len().checked_sub(READS).and_then(|at| self.spent.get(at));
        oldest.map_or(now, |at| at.after(WINDOW)).max(self.rests_until).max(now)
    }

    /// Until when the server wants nothing.
    pub(super) fn rests_until(&self) -> Time {
        self.rests_until
    }

    /// The server said 429. Answers with the rest that it gets. Calls that went out together are refused together: what
    /// is refused during a rest makes the next one no longer.
    pub(super) fn refused(&mut self, now: Time, retry_after: Option<u32>) -> Millis {
        let is_new = now >= self.rests_until;
        let rest = match retry_after {
            Some(seconds) => Millis::secs(u64::from(seconds).max(1)),
            None if is_new => REST_FIRST.doubled(self.refusals),
            None => Millis(0),
        };
        self.refusals = self.refusals.saturating_add(u32::from(is_new));
        self.rests_until = self.rests_until.max(now.after(rest.min(REST_CAP)));
        self.rests_until.since(now)
    }

    /// The server answered.
    pub(super) fn accepted(&mut self) {
        self.refusals = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_waits_while_a_minute_is_full_and_posts_do_not() {
        let mut budget = Budget::default();
        let taken = (0..200).filter(|_| budget.take(Time(1_000))).count();
        assert_eq!((taken, budget.free_at(Time(1_000))), (90, Time(61_000)));
        budget.count(Time(2_000));
        assert!(!budget.take(Time(60_999)) && budget.take(Time(61_000)));
    }

    #[test]
    fn a_rest_is_as_long_as_the_server_asks_or_grows() {
        let mut budget = Budget::default();
        assert_eq!(budget.refused(Time(0), Some(7)), Millis::secs(7));
        assert_eq!((budget.take(Time(6_999)), budget.take(Time(7_000))), (false, true));
        assert_eq!(budget.refused(Time(7_000), None), Millis::secs(10));
        assert_eq!(budget.refused(Time(7_000), Some(86_400)), Millis::secs(300));
        budget.accepted();
        assert_eq!(budget.refused(Time(307_000), None), Millis::secs(5));
    }

    #[test]
    fn calls_that_are_refused_together_are_one_refusal() {
        let mut budget = Budget::default();
        for _ in 0..8 {
            assert_eq!(budget.refused(Time(1_000), None), Millis::secs(5));
        }
        assert_eq!(budget.refused(Time(6_000), None), Millis::secs(10));
    }
}
