//! The look for a post of which nobody knows whether the server took it, among the latest messages of its place.

use crate::outbox::{Part, Sighting};
use crate::time::{Millis, Time};

/// Messages per look: the servers' own default, and more than are written in a place within some seconds.
pub(super) const LATEST: u32 = 50;
/// A message this much older than a post stands before it, whatever the clocks say.
const BEFORE: Millis = Millis::secs(5);
/// How far a server's clock may be behind ours when a post is looked for among older ones of the same words.
const CLOCK_SKEW: Millis = Millis::secs(120);

/// A message that stands in the place.
pub(super) struct Seen {
    pub(super) id: String,
    /// When, if the server tells.
    pub(super) at: Option<Time>,
    pub(super) is_ours: bool,
    /// Whether it is known which post it is.
    pub(super) is_certain: bool,
    /// As people read it; `None` if it can't be read.
    pub(super) text: Option<String>,
}

/// Looks for a part among these, the oldest first. It is newer than all posts that are certain, so an earlier message of
/// the same words is not taken for it. `last`: what was posted there last.
pub(super) fn look_for(part: &Part, last: Option<&str>, latest: Vec<Seen>) -> Sighting {
    if part.earlier.is_none() && last.is_none() {
        return Sighting::Unread;
    }
    let is_newer = |seen: &Seen| {
        let is_late = seen.at.is_none_or(|at| at.after(CLOCK_SKEW) >= part.since);
        is_late && !part.is_behind(&seen.id, seen.is_certain)
    };
    let is_said = |seen: &Seen| seen.text.as_ref().is_some_and(|text| part.is_said(text, last, seen.is_certain));
    let is_older = |seen: &Seen| seen.at.is_some_and(|at| at.after(BEFORE) < part.since);
    let is_whole = latest.len() < LATEST as usize || latest.first().is_some_and(is_older);
    let mut ours = latest.into_iter().rev().filter(|seen| seen.is_ours).peekable();
    let mut found = None;
    while let Some(seen) = ours.next_if(is_newer) {
        if found.is_none() && is_said(&seen) {
            found = Some(seen);
        }
    }
    match found {
        // Nothing tells whether it is of today or of long ago.
        Some(seen) if seen.at.is_none() && ours.peek().is_none() => Sighting::Unread,
        Some(seen) => Sighting::Posted(seen.id),
        // So much was said since that it may stand before the first of these, and soon more will have been.
        None if !is_whole && ours.peek().is_none() => Sighting::Impossible,
        None => Sighting::Missing,
    }
}
