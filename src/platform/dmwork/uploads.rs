//! Files on their way to the server: opened, looked at, put where the server wants them, and then posted.
//!
//! A part that is a file holds its place in the outbox until it is posted, as a text does: what stands behind it waits.

mod list;
mod way;

pub(in crate::platform) use list::Uploads;

use super::Dmwork;
use crate::call::{CallOutcome, Errand};
use crate::outbox::Part;
use crate::platform::Unsent;
use crate::step::{Effect, Input, LogLevel, Step, Transfer};
use crate::text;
use crate::time::Time;
use crate::wire::dmwork_api;
use crate::wire::dmwork_upload::{self as wire, Ticket};
use crate::wire::media_kind::bytes_of;
use list::{MAX_BYTES, Upload};
use way::Way;

impl Dmwork {
    /// Begins with a part that is a file.
    pub(super) fn upload(&mut self, now: Time, part: Part, step: &mut Step) {
        let (file, source) = (part.number, part.file.clone().unwrap_or_default());
        let Some(request) = part.request else {
            return self.uploads.refuse(file, Unsent::Never("nobody asked for it".to_owned()));
        };
        let ways = Way::ALL.into_iter().filter(|way| self.has(way.path())).collect();
        self.uploads.add(Upload::new(now, part, &source, ways));
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
            Input::FileUploaded { file, status: Some(status), retry_after, body } => {
                // Stores give seconds; with a date the usual wait has to do.
                let retry_after = retry_after.as_ref().and_then(|seconds| seconds.trim().parse().ok());
                let outcome = CallOutcome::Answered { status: *status, retry_after, body: body.clone() };
                self.file_uploaded(now, *file, &outcome, step);
            }
            Input::FileUploaded { file, status: None, body, .. } => {
                let cause = text::excerpt(body);
                self.file_uploaded(now, *file, &CallOutcome::Failed { unsent: true, cause }, step);
            }
            _ => {}
        }
    }

    fn file_opened(&mut self, now: Time, number: u32, size: u64, (head, tail): (&[u8], &[u8]), step: &mut Step) {
        let Some(upload) = self.uploads.find(number) else { return };
        match upload.opened(size, head, tail) {
            Ok(()) => {
                step.log(LogLevel::Info, format!("uploading {}, {} KB", upload.name, size.div_ceil(1_024)));
                self.try_way(now, number, step);
            }
            Err(problem) => self.uploads.give_up(number, Unsent::Never(problem), step),
        }
    }

    /// Tries the first way that is left.
    fn try_way(&mut self, now: Time, number: u32, step: &mut Step) {
        let Some(upload) = self.uploads.find(number) else { return };
        upload.touch(now);
        let Some(way) = upload.ways.front() else {
            let reason = format!("the server refuses it: {}", upload.last);
            // A server that seems to have no way at all may have been replaced by a proxy for a moment.
            self.lacks.retain(|path| !Way::ALL.iter().any(|way| way.path() == *path));
            return self.uploads.give_up(number, Unsent::Never(reason), step);
        };
        let (path, name) = (way.path(), upload.stored_name.clone());
        if let Some(question) = way.question(&name, upload.size) {
            return step.call(self.get(Errand::Ticket(number), &question));
        }
        // Half of the device id is random, and no file has it.
        let boundary = format!("file-{}-{number}", self.device);
        let call = self.post(Errand::Ticket(number), path, String::new());
        let transfer = wire::form(call.url, call.auth, &name, &boundary);
        step.push(Effect::Upload { file: number, transfer });
    }

    /// The server said where to put a file, or not.
    pub(super) fn ticket_came(&mut self, now: Time, number: u32, outcome: &CallOutcome, step: &mut Step) {
        let Some(way) = self.uploads.find(number).and_then(|upload| upload.ways.front().copied()) else { return };
        self.learn(way.path(), outcome, step);
        let outcome = dmwork_api::in_http(outcome);
        let Some(upload) = self.uploads.find(number) else { return };
        let ticket = outcome.success().and_then(|body| way.ticket(body, &upload.stored_name, upload.kind));
        match ticket.filter(|ticket| text::is_remote(ticket.transfer.url.expose())) {
            Some(Ticket { transfer, url }) => {
                upload.url = url;
                upload.touch(now);
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
        upload.touch(now);
        if let Some(line) = upload.moved(bytes) {
            step.log(LogLevel::Info, line);
        }
    }

    /// A transfer ended: where it arrived, the message that shows it goes out.
    fn file_uploaded(&mut self, now: Time, number: u32, outcome: &CallOutcome, step: &mut Step) {
        let Some(upload) = self.uploads.find(number) else { return };
        if let (Some(body), Some(Way::Form)) = (outcome.success(), upload.ways.front()) {
            upload.url = wire::uploaded(body).unwrap_or_default();
        }
        if outcome.success().is_none() || upload.url.is_empty() {
            return self.way_failed(now, number, &dmwork_api::in_http(outcome), step);
        }
        let Some(upload) = self.uploads.close(number, step) else { return };
        let seconds = now.since(upload.since).0.div_ceil(1_000);
        step.log(LogLevel::Info, format!("uploaded {} in {seconds} s", upload.name));
        self.uploads.keep(&upload.part, upload.payload());
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
