//! Files that are on their way, and those that just arrived.

use super::way::Way;
use crate::call::CallOutcome;
use crate::ids::RequestId;
use crate::message::Place;
use crate::outbox::Part;
use crate::platform::Unsent;
use crate::step::{Effect, Step};
use crate::text;
use crate::time::{Millis, Time, earliest};
use crate::wire::dmwork_upload as wire;
use crate::wire::media_kind::MediaKind;
use serde_json::Value;
use std::collections::VecDeque;

/// The server's own limit, on each of the three ways.
pub(super) const MAX_BYTES: u64 = 100 << 20;
/// Opening may mean fetching a file from somewhere, of which nothing is heard until it is there.
const OPENING: Millis = Millis::secs(300);
/// A transfer that has moved nothing for so long is stuck.
const STUCK: Millis = Millis::secs(90);
/// Larger files are said in the log at each quarter.
const LARGE: u64 = 8 << 20;
/// Files that are at the server and not posted yet, or maybe; the oldest are put there again if need be.
const MOST_STORED: usize = 16;

/// All of them.
#[derive(Debug, Default)]
pub(in crate::platform) struct Uploads {
    open: Vec<Upload>,
    stored: VecDeque<Stored>,
    unsent: Vec<(u32, Unsent)>,
}

/// A file on its way.
#[derive(Debug)]
pub(super) struct Upload {
    pub(super) part: Part,
    /// As people see it.
    pub(super) name: String,
    /// As the server takes it.
    pub(super) stored_name: String,
    pub(super) kind: MediaKind,
    pub(super) size: u64,
    /// Ways that are left to try; the first is being tried.
    pub(super) ways: VecDeque<Way>,
    /// Where the file will be.
    pub(super) url: String,
    /// How the last way ended.
    pub(super) last: String,
    pub(super) since: Time,
    until: Time,
    /// Quarters that are said in the log.
    quarters: u64,
}

/// A file that is at the server, and the message that shows it. A post that is repeated doesn't upload it again.
#[derive(Debug)]
struct Stored {
    key: Key,
    payload: Value,
}

/// Where a file goes, for whom the host sends it, and how the host names it.
type Key = (Place, Option<RequestId>, String);

fn key_of(part: &Part) -> Key {
    (part.place.clone(), part.request, part.file.clone().unwrap_or_default())
}

impl Upload {
    pub(super) fn new(now: Time, part: Part, source: &str, ways: VecDeque<Way>) -> Self {
        Self {
            part,
            name: text::file_name(source),
            stored_name: String::new(),
            kind: MediaKind::Other,
            size: 0,
            ways,
            url: String::new(),
            last: String::new(),
            since: now,
            until: now.after(OPENING),
            quarters: 0,
        }
    }

    /// Something happened: it is not stuck.
    pub(super) fn touch(&mut self, now: Time) {
        self.until = now.after(STUCK);
    }

    /// The file is open. Answers with the reason why the server would not take it, if there is one.
    pub(super) fn opened(&mut self, size: u64, head: &[u8], tail: &[u8]) -> Result<(), String> {
        (self.size, self.kind) = (size, MediaKind::of(head, tail, size));
        if size == 0 {
            return Err("it is empty".to_owned());
        }
        if size > MAX_BYTES {
            let (has, most) = (size.div_ceil(1 << 20), MAX_BYTES >> 20);
            return Err(format!("it has {has} MB, and the server takes {most} MB at most"));
        }
        self.stored_name = wire::stored_name(&self.name, head, self.kind)?;
        Ok(())
    }

    /// So much of it is gone. Answers with a line for the log, now and then.
    pub(super) fn moved(&mut self, bytes: u64) -> Option<String> {
        let quarters = bytes.saturating_mul(4).checked_div(self.size).unwrap_or(0);
        if self.size < LARGE || quarters <= self.quarters || quarters >= 4 {
            return None;
        }
        self.quarters = quarters;
        Some(format!("uploading {}: {} % of {} MB", self.name, quarters.saturating_mul(25), self.size >> 20))
    }

    /// The message that shows it.
    pub(super) fn payload(&self) -> Value {
        wire::payload(self.kind, &self.url, &self.stored_name, self.size)
    }
}

impl Uploads {
    /// What to post for a file that is at the server.
    pub(in crate::platform::dmwork) fn payload(&self, part: &Part) -> Option<Value> {
        part.file.as_ref()?;
        let key = key_of(part);
        Some(self.stored.iter().find(|stored| stored.key == key)?.payload.clone())
    }

    pub(in crate::platform) fn take_unsent(&mut self) -> Vec<(u32, Unsent)> {
        std::mem::take(&mut self.unsent)
    }

    pub(in crate::platform::dmwork) fn deadline(&self) -> Option<Time> {
        self.open.iter().map(|upload| Some(upload.until)).fold(None, earliest)
    }

    /// Gives up on what is stuck, for now.
    pub(in crate::platform::dmwork) fn due(&mut self, now: Time, step: &mut Step) {
        for upload in self.open.extract_if(.., |upload| now >= upload.until) {
            let number = upload.part.number;
            let cause = format!("the upload of {} is stuck", upload.name);
            step.push(Effect::CloseFile { file: number });
            self.unsent.push((number, Unsent::NotYet(CallOutcome::Failed { unsent: true, cause })));
        }
    }

    pub(super) fn add(&mut self, upload: Upload) {
        self.open.push(upload);
    }

    pub(super) fn find(&mut self, number: u32) -> Option<&mut Upload> {
        self.open.iter_mut().find(|upload| upload.part.number == number)
    }

    /// Ends an upload; answers with it.
    pub(super) fn close(&mut self, number: u32, step: &mut Step) -> Option<Upload> {
        let at = self.open.iter().position(|upload| upload.part.number == number)?;
        step.push(Effect::CloseFile { file: number });
        Some(self.open.remove(at))
    }

    /// The part will not be posted now.
    pub(super) fn refuse(&mut self, number: u32, unsent: Unsent) {
        self.unsent.push((number, unsent));
    }

    pub(super) fn give_up(&mut self, number: u32, unsent: Unsent, step: &mut Step) {
        if self.close(number, step).is_some() {
            self.refuse(number, unsent);
        }
    }

    /// A file is at the server.
    pub(super) fn keep(&mut self, part: &Part, payload: Value) {
        if self.stored.len() >= MOST_STORED {
            self.stored.pop_front();
        }
        self.stored.push_back(Stored { key: key_of(part), payload });
    }
}
