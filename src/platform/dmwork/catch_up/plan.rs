//! Which logs a run reads, and in which order.

use super::super::Dmwork;
use super::{HOLD, Job, MESSAGES_PAGE, Phase};
use crate::call::Errand;
use crate::ids::Epoch;
use crate::message::{Incoming, Place};
use crate::step::Step;
use crate::time::Time;
use crate::wire::dmwork_api;
use crate::wire::dmwork_history;

/// Logs that are asked for at once. The server's budget of requests is shared by all bots behind an address.
const AT_ONCE: usize = 4;

impl Dmwork {
    /// Decides which logs to read. What the queue and the socket brought for all other places goes on.
    pub(super) fn plan(&mut self, now: Time, epoch: Epoch, step: &mut Step) -> Vec<Incoming> {
        self.catch_up.phase = Phase::Places;
        self.list_jobs();
        if !self.catch_up.everything && !self.catch_up.jobs.is_empty() {
            self.catch_up.hold = Some(now.after(HOLD));
        }
        let rest = self.catch_up.sort_out();
        let mut messages = self.deliver(now, rest, step);
        messages.extend(self.ask_places(now, epoch, step));
        messages
    }

    fn list_jobs(&mut self) {
        let (run, marks, past) = (&mut self.catch_up, &self.marks, self.settings.past);
        let newest = if run.ours_since.is_some() { MESSAGES_PAGE } else { past };
        let job = |place: Place| match marks.get(&place.to_string()) {
            Some(at) => Job::read_on(place, at),
            None => Job::get_to_know(place, newest),
        };
        if run.everything {
            // Every direct message is in the queue, if there is one; groups and threads have more to tell than their
            // mentions.
            let known = marks.iter().filter_map(|(id, _)| Place::parse(id));
            run.jobs.extend(known.filter(|place| run.lacks_queue || !place.is_direct()).map(job));
            let listed = run.groups.iter().flatten().map(|group| Place::from_group_channel(group));
            run.jobs.extend(listed.filter(|place| marks.get(&place.to_string()).is_none()).map(job));
        }
        for (place, heard) in std::mem::take(&mut run.gaps) {
            match run.jobs.iter_mut().find(|job| job.place == place) {
                Some(job) => job.heard = job.heard.max(heard),
                None => run.jobs.push(Job { heard, ..job(place) }),
            }
        }
        // A mention may stand behind talk that only the log has, and so may the first words in a new place: that comes
        // first.
        for received in run.queued.iter().chain(&run.held) {
            let Some(place) = received.place.as_ref().filter(|place| !place.is_direct()) else { continue };
            let is_behind = match marks.get(&place.to_string()) {
                Some(at) => received.seq > at.saturating_add(1),
                None => past > 0,
            };
            if is_behind && !run.has_job(place) {
                run.jobs.push(job(place.clone()));
            }
        }
        let last = std::mem::take(&mut run.last);
        let last: Vec<Job> = run.jobs.extract_if(.., |job| last.contains(&job.place)).collect();
        run.jobs.extend(last);
    }

    /// Asks for as many logs as may be asked for at once; ends the run after the last.
    pub(super) fn ask_places(&mut self, now: Time, epoch: Epoch, step: &mut Step) -> Vec<Incoming> {
        self.ask_jobs(epoch, step);
        if self.catch_up.jobs.is_empty() { self.finish(now, epoch, step) } else { Vec::new() }
    }

    pub(super) fn ask_jobs(&mut self, epoch: Epoch, step: &mut Step) {
        let asked = self.catch_up.jobs.iter().filter(|job| job.is_asked).count();
        let mut calls = Vec::new();
        for job in self.catch_up.jobs.iter_mut().filter(|job| !job.is_asked).take(AT_ONCE.saturating_sub(asked)) {
            job.is_asked = true;
            let channel_type = dmwork_api::channel_type(&job.place).unwrap_or_default();
            let body = dmwork_history::ask_messages(&job.place.wire_id(), channel_type, job.start, job.page);
            calls.push((job.place.clone(), body));
        }
        for (place, body) in calls {
            step.call(self.post(Errand::Messages(epoch, place), "/v1/bot/messages/sync", body));
        }
    }
}
