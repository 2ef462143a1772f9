//! Files on their way to the server: opened, looked at, put where the server wants them, and then posted.
//!
//! A part that is a file holds its place in the outbox until it is posted, as a text does: what stands behind it waits.

use super::Dmwork;
use crate::call::{CallOutcome, Errand};
use crate::ids::RequestId;
use crate::message::Place;
use crate::outbox::Part;
use crate::platform::Unsent;
use crate::step::{Effect, Input, LogLevel, Step, Transfer};
use crate::text;
use crate::time::{Millis, Time, earliest};
use crate::wire::dmwork_api;
use crate::wire::dmwork_upload::{self as wire, Ticket};
use crate::wire::media_kind::{MediaKind, bytes_of};
use serde_json::Value;
use std::collections::VecDeque;

/// The server's own limit, on each of the three ways.
const MAX_BYTES: u64 = 100 << 20;
/// Opening may mean fetching a file from somewhere, of which nothing is heard until it is there.
const OPENING: Millis = Millis::secs(300);
/// A transfer that has moved nothing for so long is stuck.
const STUCK: Millis = Millis::secs(90);
/// Larger files are said in the log at each quarter.
const LARGE: u64 = 8 << 20;
/// Files that are at the server and not posted yet, or maybe; the oldest are put there again if need be.
const MOST_STORED: usize = 16;

const PRESIGNED: &str = "/v1/bot/upload/presigned";
const CREDENTIALS: &str = "/v1/bot/upload/credentials";
const FORM: &str = "/v1/bot/file/upload";

/// How a file can get to the server, best first: the store of whatever make that the server names; Tencent's, which older
/// servers lend; and through the API itself.
const WAYS: [&str; 3] = [PRESIGNED, CREDENTIALS, FORM];

/// All files that are on their way or just arrived.
#[derive(Debug, Default)]
pub(in crate::platform) struct Uploads {
    open: Vec<Upload>,
    stored: VecDeque<Stored>,
    unsent: Vec<(u32, Unsent)>,
}

#[derive(Debug)]
struct Upload {
    part: Part,
    /// As people see it.
    name: String,
    /// As the server takes it.
    stored_name: String,
    kind: MediaKind,
    size: u64,
    /// Ways that are left to try; the first is being tried.
    ways: VecDeque<&'static str>,
    /// Where the file will be.
    url: String,
    /// How the last way ended.
    last: String,
    since: Time,
    until: Time,
    /// Quarters that are said in the log.
    quarters: u64,
}

/// A file that is at the server, and the message that shows it. A post that is repeated doesn't upload it again.
#[derive(Debug)]
struct Stored {
    key: (Place, Option<RequestId>, String),
    payload: Value,
}

fn key_of(part: &Part) -> (Place, Option<RequestId>, String) {
    (part.place.clone(), part.request, part.file.clone().unwrap_or_default())
}

impl Uploads {
    /// What to post for a file that is at the server.
    pub(super) fn payload(&self, part: &Part) -> Option<Value> {
        part.file.as_ref()?;
        let key = key_of(part);
        Some(self.stored.iter().find(|stored| stored.key == key)?.payload.clone())
    }

    pub(in crate::platform) fn take_unsent(&mut self) -> Vec<(u32, Unsent)> {
        std::mem::take(&mut self.unsent)
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        self.open.iter().map(|upload| Some(upload.until)).fold(None, earliest)
    }

    /// Gives up on what is stuck, for now.
    pub(super) fn due(&mut self, now: Time, step: &mut Step) {
        for upload in self.open.extract_if(.., |upload| now >= upload.until) {
            let number = upload.part.number;
            let cause = format!("the upload of {} is stuck", upload.name);
            step.push(Effect::CloseFile { file: number });
            self.unsent.push((number, Unsent::NotYet(CallOutcome::Failed { unsent: true, cause })));
        }
    }

    fn find(&mut self, number: u32) -> Option<&mut Upload> {
        self.open.iter_mut().find(|upload| upload.part.number == number)
    }

    /// Ends an upload; answers with it.
    fn close(&mut self, number: u32, step: &mut Step) -> Option<Upload> {
        let at = self.open.iter().position(|upload| upload.part.number == number)?;
        step.push(Effect::CloseFile { file: number });
        Some(self.open.remove(at))
    }

    fn give_up(&mut self, number: u32, unsent: Unsent, step: &mut Step) {
        if self.close(number, step).is_some() {
            self.unsent.push((number, unsent));
        }
    }

    fn keep(&mut self, part: &Part, payload: Value) {
        if self.stored.len() >= MOST_STORED {
            self.stored.pop_front();
        }
        self.stored.push_back(Stored { key: key_of(part), payload });
    }
}

impl Dmwork {
    /// Whether the server has a call, as far as is known.
    pub(super) fn has(&self, path: &str) -> bool {
        !self.lacks.contains(&path)
    }

    /// Remembers a call that the server doesn't know, until it is connected to anew. What a handler doesn't find, it says in
    /// a sentence of its own.
    pub(super) fn learn(&mut self, path: &'static str, outcome: &CallOutcome, step: &mut Step) {
        if let CallOutcome::Answered { status: 404, body, .. } = outcome
            && dmwork_api::error_message(body).is_none()
            && self.has(path)
        {
            self.lacks.push(path);
            step.log(LogLevel::Info, format!("this server has no {path}"));
        }
    }

    /// Begins with a part that is a file.
    pub(super) fn upload(&mut self, now: Time, part: Part, step: &mut Step) {
        let (file, source) = (part.number, part.file.clone().unwrap_or_default());
        let Some(request) = part.request else {
            self.uploads.unsent.push((file, Unsent::Never("nobody asked for it".to_owned())));
            return;
        };
        let name = text::file_name(&source);
        self.uploads.open.push(Upload {
            part,
            stored_name: String::new(),
            name,
            kind: MediaKind::Other,
            size: 0,
            ways: WAYS.into_iter().filter(|way| self.has(way)).collect(),
            url: String::new(),
            last: String::new(),
            since: now,
            until: now.after(OPENING),
            quarters: 0,
        });
        let origin = self.settings.api.origin().to_owned();
        step.push(Effect::OpenFile { file, request, source, max_bytes: MAX_BYTES, origin });
    }

    pub(in crate::platform) fn file_told(&mut self, now: Time, input: &Input, step: &mut Step) {
        #[expect(clippy::wildcard_enum_match_arm, reason = "the account passes on what is told about files")]
        match input {
            Input::FileOpened { file, error: Some(error), .. } => {
                self.uploads.give_up(*file, Unsent::Never(text::excerpt(error)), step);
            }
            Input::FileOpened { file, size, head, tail, error: None } => {
                self.file_opened(now, *file, *size, (&bytes_of(head), &bytes_of(tail)), step);
            }
            Input::FileMoved { file, bytes } => self.file_moved(now, *file, *bytes, step),
            Input::FileUploaded { file, status: Some(status), body } => {
                let outcome = CallOutcome::Answered { status: *status, retry_after: None, body: body.clone() };
                self.file_uploaded(now, *file, &outcome, step);
            }
            Input::FileUploaded { file, status: None, body } => {
                let cause = text::excerpt(body);
                self.file_uploaded(now, *file, &CallOutcome::Failed { unsent: true, cause }, step);
            }
            _ => {}
        }
    }

    fn file_opened(&mut self, now: Time, number: u32, size: u64, (head, tail): (&[u8], &[u8]), step: &mut Step) {
        let Some(upload) = self.uploads.find(number) else { return };
        (upload.size, upload.kind) = (size, MediaKind::of(head, tail, size));
        let problem = match size {
            0 => Some("it is empty".to_owned()),
            size if size > MAX_BYTES => Some(format!(
                "it has {} MB, and the server takes {} MB at most",
                size.div_ceil(1 << 20),
                MAX_BYTES >> 20
            )),
            _ => match wire::stored_name(&upload.name, head, upload.kind) {
                Ok(name) => {
                    upload.stored_name = name;
                    None
                }
                Err(problem) => Some(problem),
            },
        };
        match problem {
            Some(problem) => self.uploads.give_up(number, Unsent::Never(problem), step),
            None => {
                step.log(LogLevel::Info, format!("uploading {}, {} KB", upload.name, size.div_ceil(1_024)));
                self.try_way(now, number, step);
            }
        }
    }

    /// Tries the first way that is left.
    fn try_way(&mut self, now: Time, number: u32, step: &mut Step) {
        let Some(upload) = self.uploads.find(number) else { return };
        upload.until = now.after(STUCK);
        let (name, size) = (upload.stored_name.clone(), upload.size);
        match upload.ways.front().copied() {
            Some(PRESIGNED) => step.call(self.get(Errand::Ticket(number), &wire::presigned_path(&name, size))),
            Some(CREDENTIALS) => step.call(self.get(Errand::Ticket(number), &wire::credentials_path(&name))),
            Some(_) => {
                // Half of the device id is random, and no file has it.
                let boundary = format!("file-{}-{number}", self.device);
                let call = self.post(Errand::Ticket(number), FORM, String::new());
                let transfer = wire::form(call.url, call.auth, &name, &boundary);
                step.push(Effect::Upload { file: number, transfer });
            }
            None => {
                let reason = format!("the server refuses it: {}", upload.last);
                // A server that seems to have no way at all may have been replaced by a proxy for a moment.
                self.lacks.retain(|path| !WAYS.contains(path));
                self.uploads.give_up(number, Unsent::Never(reason), step);
            }
        }
    }

    /// The server said where to put a file, or not.
    pub(super) fn ticket_came(&mut self, now: Time, number: u32, outcome: &CallOutcome, step: &mut Step) {
        let Some(way) = self.uploads.find(number).and_then(|upload| upload.ways.front().copied()) else { return };
        self.learn(way, outcome, step);
        let outcome = dmwork_api::in_http(outcome);
        let Some(upload) = self.uploads.find(number) else { return };
        let ticket = outcome.success().and_then(|body| match way {
            PRESIGNED => wire::presigned(body),
            _ => wire::lent(body, &upload.stored_name, upload.kind),
        });
        match ticket.filter(|ticket| text::is_remote(ticket.transfer.url.expose())) {
            Some(Ticket { transfer, url }) => {
                (upload.url, upload.until) = (url, now.after(STUCK));
                self.begin_transfer(number, transfer, step);
            }
            None => self.way_failed(now, number, &outcome, step),
        }
    }

    fn begin_transfer(&mut self, number: u32, transfer: Transfer, step: &mut Step) {
        // A store that is not encrypted sees the file, and so does whoever is in between; the server chose it.
        if let Some(host) = transfer.url.expose().strip_prefix("http://")
            && !self.settings.api.as_str().starts_with("http://")
        {
            let host = host.split('/').next().unwrap_or_default().to_owned();
            self.say_once(format!("files go to {host} without encryption, as the server says"), step);
        }
        step.push(Effect::Upload { file: number, transfer });
    }

    fn file_moved(&mut self, now: Time, number: u32, bytes: u64, step: &mut Step) {
        let Some(upload) = self.uploads.find(number) else { return };
        upload.until = now.after(STUCK);
        let quarters = bytes.saturating_mul(4).checked_div(upload.size).unwrap_or(0);
        if upload.size >= LARGE && quarters > upload.quarters && quarters < 4 {
            upload.quarters = quarters;
            let percent = quarters.saturating_mul(25);
            step.log(LogLevel::Info, format!("uploading {}: {percent} % of {} MB", upload.name, upload.size >> 20));
        }
    }

    /// A transfer ended: where it arrived, the message that shows it goes out.
    fn file_uploaded(&mut self, now: Time, number: u32, outcome: &CallOutcome, step: &mut Step) {
        let Some(upload) = self.uploads.find(number) else { return };
        if let (Some(body), Some(&FORM)) = (outcome.success(), upload.ways.front()) {
            upload.url = wire::uploaded(body).unwrap_or_default();
        }
        if outcome.success().is_none() || upload.url.is_empty() {
            return self.way_failed(now, number, &dmwork_api::in_http(outcome), step);
        }
        let Some(upload) = self.uploads.close(number, step) else { return };
        let seconds = now.since(upload.since).0.div_ceil(1_000);
        step.log(LogLevel::Info, format!("uploaded {} in {seconds} s", upload.name));
        let payload = wire::payload(upload.kind, &upload.url, &upload.stored_name, upload.size);
        self.uploads.keep(&upload.part, payload);
        self.send(now, upload.part, step);
    }

    /// Tries the next way after a refusal; what may pass is tried again later, from the beginning.
    fn way_failed(&mut self, now: Time, number: u32, outcome: &CallOutcome, step: &mut Step) {
        let Some(upload) = self.uploads.find(number) else { return };
        let retry_after = match outcome {
            CallOutcome::Answered { status: 429, .. } => Some(outcome.clone()),
            CallOutcome::Answered { status: 500..=599, .. } | CallOutcome::Failed { .. } => {
                // Nothing was posted, so nothing can be there twice.
                Some(CallOutcome::Failed { unsent: true, cause: format!("upload: {}", outcome.describe()) })
            }
            CallOutcome::Answered { .. } => None,
        };
        if let Some(outcome) = retry_after {
            return self.uploads.give_up(number, Unsent::NotYet(outcome), step);
        }
        upload.ways.pop_front();
        upload.last = outcome.describe();
        self.try_way(now, number, step);
    }
}
