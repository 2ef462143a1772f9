//! How the messages of a turn end in the store.

use super::Judged;
use super::lane::Work;
use super::silent::{Custody, Silent};
use crate::ids::EntryId;
use crate::inbox::Entry;
use crate::reason::{Outcome, Reason, Verdict};
use crate::step::Step;

/// Nothing came of it, and that is all.
pub(super) fn close(Silent { turn, work, custody, .. }: Silent, step: &mut Step) {
    match custody {
        Custody::Reclaimed => each_outcome(&work, |entries, outcome| step.resolve_with(&turn, entries, outcome)),
        Custody::Joined(_) | Custody::BrokenOff => step.release(work.ids().collect()),
        Custody::NeverTaken => resolve(&turn, &work, Outcome::new(Verdict::Answer, Reason::HandledByHost), step),
    }
}

/// The host has it now; a command is never asked twice, whatever becomes of it.
pub(super) fn entrust(turn: &EntryId, work: &Work, step: &mut Step) {
    each_outcome(work, |entries, outcome| {
        if work.is_command {
            step.resolve_with(turn, entries, outcome);
        } else {
            step.entrust(turn, entries, outcome);
        }
    });
}

/// All that is in a turn, by how it ends.
fn each_outcome(work: &Work, mut end: impl FnMut(Ids<'_>, Outcome)) {
    // Mostly one reason for all, so that a batch is closed in one write.
    for alike in work.messages.chunk_by(|one, other| one.reason == other.reason) {
        let Some(Judged { reason, .. }) = alike.first() else { continue };
        end(&mut alike.iter().map(|judged| judged.entry.id()), Outcome::new(Verdict::Answer, *reason));
    }
    each_context(work, end);
}

type Ids<'a> = &'a mut dyn Iterator<Item = EntryId>;

pub(super) fn resolve(turn: &EntryId, work: &Work, outcome: Outcome, step: &mut Step) {
    step.resolve_with(turn, work.messages.iter().map(|judged| judged.entry.id()), outcome);
    each_context(work, |entries, outcome| step.resolve_with(turn, entries, outcome));
}

fn each_context(work: &Work, mut end: impl FnMut(Ids<'_>, Outcome)) {
    // The past, if there is any, comes first.
    for alike in work.context.chunk_by(|one, other| one.message.is_past == other.message.is_past) {
        let is_past = alike.first().is_some_and(|entry| entry.message.is_past);
        let reason = if is_past { Reason::SaidBefore } else { Reason::NotMentioned };
        end(&mut alike.iter().map(Entry::id), Outcome::new(Verdict::Remember, reason));
    }
}
