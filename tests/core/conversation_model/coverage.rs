//! What the scripts got to: a test that compares nothing passes as well.

use crate::conversation_model::told::{Act, End, Offer};
use mochat_dmwork::reason::Reason;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub struct Coverage {
    pub reasons: BTreeMap<Reason, u64>,
    pub sights: BTreeMap<&'static str, u64>,
}

/// What else must be seen, besides each reason.
pub const SIGHTS: [&str; 10] = [
    "a turn of several messages",
    "a turn with context",
    "a turn that leaves messages out",
    "a message that waits",
    "a message that turns out to be a mention",
    "several messages in one transaction",
    "somebody is told to write less",
    "as many turns as the host is given",
    "a turn that the host had taken over is offered again",
    "a message that the host had taken over needs no more",
];

impl Coverage {
    pub fn count(&mut self, acts: &[Act]) {
        let [several, context, omitted, waits, reopened, together, too_fast, _, reclaimed, released] = SIGHTS;
        for act in acts {
            match act {
                Act::Ends { end: End(_, reason), .. } => *self.reasons.entry(*reason).or_default() += 1,
                Act::Offers(offer) => {
                    let Offer { messages, context: told, omitted: left_out, .. } = offer;
                    self.see(several, messages.len() > 1);
                    self.see(context, !told.is_empty());
                    self.see(omitted, *left_out > 0);
                }
                Act::Judges { until, .. } => self.see(waits, until.is_some()),
                Act::Reopens(_) => self.see(reopened, true),
                Act::Reclaims(_) => self.see(reclaimed, true),
                Act::Releases(_) => self.see(released, true),
                Act::Commits(ids) => self.see(together, ids.len() > 1),
                Act::SaysTooFast(_) => self.see(too_fast, true),
                Act::Asks(_) | Act::Keeps(_) => {}
            }
        }
    }

    /// So many turns are with the host.
    pub fn host_has(&mut self, turns: usize) {
        self.see(SIGHTS[7], turns == 50);
    }

    fn see(&mut self, sight: &'static str, is_seen: bool) {
        *self.sights.entry(sight).or_default() += u64::from(is_seen);
    }

    pub fn add(&mut self, other: &Self) {
        for (reason, count) in &other.reasons {
            *self.reasons.entry(*reason).or_default() += count;
        }
        for (sight, count) in &other.sights {
            *self.sights.entry(sight).or_default() += count;
        }
    }

    /// Fails if something was seen less often than this.
    pub fn demand(&self, least: u64) {
        // No place has a list of senders here: nothing but the list decides about it.
        for reason in Reason::ALL.iter().filter(|reason| **reason != Reason::NotListedHere) {
            let seen = self.reasons.get(reason).copied().unwrap_or_default();
            assert!(seen >= least, "{} ended {seen} messages, too few to test anything", reason.code());
        }
        for sight in SIGHTS {
            let seen = self.sights.get(sight).copied().unwrap_or_default();
            assert!(seen >= least, "{sight}: seen {seen} times, too few to test anything");
        }
    }
}
