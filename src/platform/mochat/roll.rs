//! What the socket listens to, and what the server would not let it.

use crate::time::{Millis, Time};

/// Longest wait before the server is asked again for something that it refused.
const RETRY_CAP: Millis = Millis::secs(10 * 60);

/// Subscriptions of one kind.
#[derive(Debug, Default)]
pub(super) struct Roll {
    /// Asked for, or granted.
    subscribed: Vec<String>,
    refused: Vec<Refused>,
}

#[derive(Debug)]
struct Refused {
    id: String,
    tries: u32,
    /// When it is asked for again.
    until: Time,
}

impl Roll {
    /// Those of `wanted` that are to be subscribed now; they count as subscribed from here on. What is not wanted any
    /// more is dropped.
    pub(super) fn enter(&mut self, now: Time, wanted: &[String]) -> Vec<String> {
        self.subscribed.retain(|id| wanted.contains(id));
        self.refused.retain(|refused| wanted.contains(&refused.id));
        let is_due = |id: &&String| {
            !self.subscribed.contains(id)
                && !self.refused.iter().any(|refused| refused.id == **id && now < refused.until)
        };
        let new: Vec<String> = wanted.iter().filter(is_due).cloned().collect();
        self.subscribed.extend_from_slice(&new);
        new
    }

    /// The server let us listen.
    pub(super) fn granted(&mut self, ids: &[String]) {
        self.refused.retain(|refused| !ids.contains(&refused.id));
    }

    /// It did not; the first time it is asked again after `wait`, later after longer.
    pub(super) fn denied(&mut self, now: Time, ids: &[String], wait: Millis) {
        self.drop(ids);
        for id in ids {
            let known = self.refused.iter().position(|refused| refused.id == *id);
            let tries = known.map_or(0, |at| self.refused.swap_remove(at).tries.saturating_add(1));
            let until = now.after(wait.doubled(tries).min(RETRY_CAP.max(wait)));
            self.refused.push(Refused { id: id.clone(), tries, until });
        }
    }

    /// They are to be subscribed anew.
    pub(super) fn drop(&mut self, ids: &[String]) {
        self.subscribed.retain(|id| !ids.contains(id));
    }

    /// The connection ended. What was refused may be granted to the next.
    pub(super) fn clear(&mut self) {
        self.subscribed.clear();
        self.refused.clear();
    }

    /// Whether it is asked for or granted.
    pub(super) fn has(&self, id: &str) -> bool {
        self.subscribed.iter().any(|known| known == id)
    }

    /// How many are.
    pub(super) fn len(&self) -> usize {
        self.subscribed.len()
    }

    /// What the server would not let us listen to.
    pub(super) fn refused(&self) -> Vec<String> {
        self.refused.iter().filter(|refused| !self.has(&refused.id)).map(|refused| refused.id.clone()).collect()
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
