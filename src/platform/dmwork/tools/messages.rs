//! What was said in a place: which page of its log is asked for, and how it is told.

use super::{Dmwork, Edits, Pending};
use crate::json::object;
use crate::time::Time;
use crate::tools::{Asked, Job, Utterance, newest};
use crate::wire::dmwork_api;
use crate::wire::dmwork_history::{self, Kept};
use crate::wire::dmwork_payload::PayloadKind;
use serde_json::Value;

/// Messages that are read where nobody says how many.
const USUAL_MESSAGES: u64 = 20;
/// Messages per answer; the server gives no more.
const PAGE: u64 = 200;
/// Pages that are searched. Each is a call out of a budget that all bots share.
const MOST_PAGES: usize = 5;
/// Messages that a search tells.
const MOST_FOUND: usize = 20;

/// What the log told so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Newest first.
    kept: Vec<Kept>,
    pages: usize,
    /// How many were looked at.
    seen: usize,
    /// The lowest number that was seen.
    lowest: u64,
    is_over: bool,
}

impl Found {
    /// Body of the next call; `None` once enough is known.
    pub(super) fn page(&self, asked: &Asked) -> Option<Value> {
        if self.is_over {
            return None;
        }
        let number = |key: &str| asked.params.get(key).and_then(Value::as_u64);
        let is_read = asked.action.job == Job::Read;
        let place = asked.place.as_ref()?;
        let below = if self.pages > 0 { Some(self.lowest) } else { number("before") };
        // The start belongs to the page, the end does not, and 0 is none.
        let (start, is_newer) = match (number("after").filter(|_| is_read), below) {
            (Some(after), _) => (after.saturating_add(1), true),
            (None, Some(below)) => (below.saturating_sub(1), false),
            (None, None) => (0, false),
        };
        let limit = if is_read { number("limit").unwrap_or(USUAL_MESSAGES) } else { PAGE };
        Some(object(&[
            ("channel_id", place.wire_id().into()),
            ("channel_type", dmwork_api::channel_type(place)?.into()),
            ("start_message_seq", start.into()),
            ("end_message_seq", 0.into()),
            ("limit", limit.into()),
            ("pull_mode", u8::from(is_newer).into()),
        ]))
    }

    /// Takes a page. The bot's own messages in it read as they were changed since.
    pub(super) fn take(&mut self, answer: &Value, asked: &Asked, edits: &Edits) {
        self.pages = self.pages.saturating_add(1);
        let mut page = dmwork_history::messages(answer).unwrap_or_default();
        for kept in &mut page {
            if let (Some(said), Some(text)) = (&mut kept.payload, edits.of(&kept.message_id.to_string())) {
                text.clone_into(&mut said.text);
            }
        }
        let query = asked.text("query").unwrap_or_default().to_ascii_lowercase();
        self.seen = self.seen.saturating_add(page.len());
        let lowest = page.iter().map(|kept| kept.seq).filter(|seq| *seq > 0).min().unwrap_or(0);
        // Only an answer with nothing new ends a log: pages may be shorter than asked for.
        let is_read = asked.action.job == Job::Read;
        let is_end = lowest <= 1 || (self.lowest > 0 && lowest >= self.lowest);
        self.is_over = is_read || is_end || self.pages >= MOST_PAGES;
        self.lowest = lowest;
        let id = asked.text("messageId").and_then(|id| id.parse().ok());
        let wanted = |kept: &Kept| {
            if id.is_some() {
                return id == Some(kept.message_id);
            }
            kept.payload
                .as_ref()
                .is_none_or(|said| said.kind != PayloadKind::Command && said.text.to_ascii_lowercase().contains(&query))
        };
        self.kept.extend(page.into_iter().rev().filter(wanted));
        if !is_read && self.kept.len() > MOST_FOUND {
            self.kept.truncate(MOST_FOUND);
            self.is_over = true;
        }
    }

    /// Who wrote the message that was looked for; `None` while there are pages left, an error behind the last of them.
    pub(super) fn author(&self) -> Result<Option<&str>, String> {
        match self.kept.first() {
            Some(kept) => Ok(Some(&kept.from_uid)),
            None if self.is_over => Err(format!(
                "messageId: is none of the latest {} messages there. Give the id and the target of one of the agent's own.",
                self.seen
            )),
            None => Ok(None),
        }
    }
}

impl Dmwork {
    /// The newest messages that fit, and how to read on.
    pub(super) fn said(&self, pending: &Pending, found: &Found) -> String {
        let is_read = pending.asked.action.job == Job::Read;
        if found.kept.is_empty() && !is_read {
            return format!("nothing found in the latest {} messages", found.seen);
        }
        let lines = found.kept.iter().map(|kept| (self.line(kept, pending), kept.seq));
        let (mut shown, oldest) = newest(lines);
        let oldest = oldest.or(Some(found.lowest)).filter(|seq| *seq > 1);
        if let Some(seq) = oldest {
            shown.push_str(&format!("Older ones: before {seq}"));
        }
        shown
    }

    fn line(&self, kept: &Kept, pending: &Pending) -> String {
        let name = pending.people.iter().find(|one| one.id == kept.from_uid).map(|one| one.name.as_str());
        let id = format!("{} (no. {})", kept.message_id, kept.seq);
        let quote = kept.payload.as_ref().and_then(|said| said.quote.as_ref()?.id.as_deref());
        let line = Utterance {
            at: Time::from_secs(kept.seconds),
            name: name.unwrap_or_default(),
            author: &kept.from_uid,
            is_us: self.is_us(&kept.from_uid),
            id: &id,
            quoted: quote,
            text: Some(kept.payload.as_ref().map_or("(can't be read)", |said| said.text.as_str())),
        };
        line.line()
    }
}
