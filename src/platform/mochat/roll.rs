//! What the socket listens to, and what the server would not let it.

use crate::time::{Millis, Time};

/// Longest wait before the server is asked again for something that it refused.
pub(super) const RETRY_CAP: Millis = Millis::secs(10 * 60);

/// Subscriptions of one kind.
#[derive(Debug, Default)]
pub(super) struct Roll(Vec<Seat>);

#[derive(Debug, Default)]
struct Seat {
    id: String,
    /// Whether it is asked for, or granted.
    is_taken: bool,
    /// How often it was refused in a row.
    refusals: u32,
    /// When it is asked for again.
    until: Time,
}

impl Roll {
    /// Those of `wanted` that are to be subscribed now; they count as subscribed from here on. What is not wanted any
    /// more is dropped.
    pub(super) fn enter(&mut self, now: Time, wanted: &[String]) -> Vec<String> {
        let mut old = std::mem::take(&mut self.0);
        let mut new = Vec::new();
        for id in wanted {
            let known = old.iter().position(|seat| seat.id == *id).map(|at| old.swap_remove(at));
            let mut seat = known.unwrap_or_else(|| Seat { id: id.clone(), ..Seat::default() });
            if !seat.is_taken && now >= seat.until {
                seat.is_taken = true;
                new.push(id.clone());
            }
            self.0.push(seat);
        }
        new
    }

    fn each(&mut self, ids: &[String], change: impl Fn(&mut Seat)) {
        self.0.iter_mut().filter(|seat| ids.contains(&seat.id)).for_each(change);
    }

    /// The server let us listen.
    pub(super) fn granted(&mut self, ids: &[String]) {
        self.each(ids, |seat| seat.refusals = 0);
    }

    /// It did not; the first time it is asked again after `wait`, later after longer.
    pub(super) fn denied(&mut self, now: Time, ids: &[String], wait: Millis) {
        self.each(ids, |seat| {
            seat.is_taken = false;
            seat.until = now.after(wait.doubled(seat.refusals).min(RETRY_CAP.max(wait)));
            seat.refusals = seat.refusals.saturating_add(1);
        });
    }

    /// They are to be subscribed anew.
    pub(super) fn drop(&mut self, id: &str) {
        self.0.iter_mut().filter(|seat| seat.id == id).for_each(|seat| seat.is_taken = false);
    }

    /// The connection ended. What was refused may be granted to the next.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether it is asked for or granted.
    pub(super) fn has(&self, id: &str) -> bool {
        self.0.iter().any(|seat| seat.is_taken && seat.id == id)
    }

    /// How many are.
    pub(super) fn len(&self) -> usize {
        self.0.iter().filter(|seat| seat.is_taken).count()
    }

    /// What the server would not let us listen to.
    pub(super) fn refused(&self) -> Vec<String> {
        let refused = self.0.iter().filter(|seat| !seat.is_taken && seat.refusals > 0);
        refused.map(|seat| seat.id.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_is_asked_for_again_ever_more_rarely_and_what_is_gone_is_dropped() {
        let ids = ["a".to_owned(), "b".to_owned()];
        let (mut roll, mut now) = (Roll::default(), Time(0));
        assert_eq!(roll.enter(now, &ids), ids);
        for wait in [30, 60, 120, 240, 480, 600, 600] {
            roll.denied(now, &ids[..1], Millis::secs(30));
            assert_eq!((roll.len(), roll.refused()), (1, vec!["a".to_owned()]));
            assert!(roll.enter(Time(now.0 + wait * 1_000 - 1), &ids).is_empty());
            now = now.after(Millis::secs(wait));
            assert_eq!(roll.enter(now, &ids), ["a"]);
        }
        roll.granted(&ids);
        assert!(roll.enter(now, &ids[1..]).is_empty());
        assert!(roll.refused().is_empty() && !roll.has("a") && roll.has("b"));
    }
}
