//! A run, and what the answers to its questions lead to.

use super::super::Dmwork;
use super::super::connection::Received;
use super::super::rules::group_of;
use super::answer::{Answer, answer, smaller};
use super::queue::EVENTS_PAGE;
use super::{EVENTS, GAP_WAIT, HOLD, Job, LOOK_EVERY, MESSAGES_PAGE, Phase, SINCE, SKEW};
use crate::call::{CallOutcome, Errand};
use crate::ids::Epoch;
use crate::message::{Incoming, Place};
use crate::step::Step;
use crate::time::{Millis, Time, earliest};
use crate::wire::dmwork_history::{self, Kept};

/// First wait after a run that met a busy server; doubled each time, up to [`LOOK_EVERY`].
const RETRY_FIRST: Millis = Millis::secs(5);

impl Dmwork {
    /// The connection is proven: reads everything that was missed.
    pub(in crate::platform::dmwork) fn catch_up(&mut self, now: Time, epoch: Epoch, step: &mut Step) {
        self.catch_up.everything = true;
        self.catch_up.hold = Some(now.after(HOLD));
        let since = self.marks.get(SINCE).filter(|since| *since > 0 && self.was_there);
        self.catch_up.ours_since = since.map(|since| Time(since.saturating_sub(SKEW.0)));
        self.was_there = true;
        self.run(epoch, step);
    }

    fn run(&mut self, epoch: Epoch, step: &mut Step) {
        let run = &mut self.catch_up;
        run.next_at = None;
        run.newest_event = None;
        run.read.clear();
        run.gives_way = false;
        run.broken = 0;
        run.lacks_queue = false;
        run.page = EVENTS_PAGE;
        run.groups = None;
        if run.everything {
            run.phase = Phase::Groups;
            step.call(self.get(Errand::Groups(epoch), "/v1/bot/groups"));
        } else {
            self.ask_events(epoch, step);
        }
    }

    /// Does what is due: lets live messages through that waited too long, looks again.
    pub(in crate::platform::dmwork) fn due_to_catch_up(
        &mut self,
        now: Time,
        epoch: Epoch,
        step: &mut Step,
    ) -> Vec<Incoming> {
        if self.catch_up.next_at.is_some_and(|at| now >= at) {
            self.run(epoch, step);
        }
        if self.catch_up.hold.take_if(|until| now >= *until).is_none() {
            return Vec::new();
        }
        let held = std::mem::take(&mut self.catch_up.held);
        self.deliver(now, held, step)
    }

    pub(in crate::platform::dmwork) fn groups_listed(
        &mut self,
        now: Time,
        epoch: Epoch,
        outcome: &CallOutcome,
        step: &mut Step,
    ) {
        if self.catch_up.phase != Phase::Groups {
            return;
        }
        if self.catch_up.asks_again(outcome) {
            return step.call(self.get(Errand::Groups(epoch), "/v1/bot/groups"));
        }
        match answer(outcome, dmwork_history::groups) {
            Answer::Read(groups) => {
                self.groups_known(now, &groups);
                self.catch_up.groups = Some(groups.into_iter().map(|(group, _)| group).collect());
            }
            Answer::Unreadable => self.say_once("the list of groups is not readable".to_owned(), step),
            Answer::Refused(reason) => self.say_once(format!("the list of groups is refused: {reason}"), step),
            Answer::Failed(_) => self.catch_up.cut(Millis(0)),
            Answer::Busy(wait) => self.catch_up.cut(wait),
        }
        self.ask_events(epoch, step);
    }

    pub(in crate::platform::dmwork) fn messages_listed(
        &mut self,
        now: Time,
        epoch: Epoch,
        place: &Place,
        outcome: &CallOutcome,
        step: &mut Step,
    ) -> Vec<Incoming> {
        let again = !self.catch_up.gives_way && self.catch_up.asks_again(outcome);
        let Some(job) = self.catch_up.jobs.iter_mut().find(|job| job.place == *place && job.is_asked) else {
            return Vec::new();
        };
        job.is_asked = false;
        if again {
            self.ask_jobs(epoch, step);
            return Vec::new();
        }
        let mut messages = match answer(outcome, dmwork_history::messages) {
            Answer::Read(kept) => self.page_read(now, place, kept, step),
            Answer::Unreadable => match (job.start, smaller(job.page)) {
                (_, Some(page)) => {
                    job.page = page;
                    Vec::new()
                }
                (Some(start), None) => {
                    let number = outcome.success().and_then(dmwork_history::message_seq);
                    match number.filter(|number| *number >= start) {
                        // What can't be read even by itself would hide all behind it, for good.
                        Some(unreadable) => {
                            (job.start, job.page) = (Some(unreadable.saturating_add(1)), MESSAGES_PAGE);
                            self.marks.advance(&place.to_string(), unreadable);
                            self.skip(format!("skipped a message of {} that cannot be read", place.wire_id()), step);
                            Vec::new()
                        }
                        None => self.log_refused(now, place, "not readable", step),
                    }
                }
                (None, None) => self.log_refused(now, place, "not readable", step),
            },
            Answer::Refused(reason) | Answer::Failed(reason) => self.log_refused(now, place, &reason, step),
            Answer::Busy(wait) => {
                self.catch_up.cut(wait);
                self.catch_up.gives_way = true;
                self.catch_up.last.push(place.clone());
                Vec::new()
            }
        };
        if self.catch_up.gives_way {
            messages.extend(self.give_way(now, step));
        }
        messages.extend(self.ask_places(now, epoch, step));
        messages
    }

    /// Takes a page of a log. A job whose log goes on stays and is asked for again.
    fn page_read(&mut self, now: Time, place: &Place, kept: Vec<Kept>, step: &mut Step) -> Vec<Incoming> {
        let Some(job) = self.catch_up.jobs.iter_mut().find(|job| job.place == *place) else { return Vec::new() };
        let Some(start) = job.start else { return self.got_to_know(now, place, kept, step) };
        let (id, heard) = (place.to_string(), job.heard);
        let newest = kept.iter().map(|kept| kept.seq).max().unwrap_or(0);
        // Only an answer with nothing new ends a log: pages may be shorter than asked for, and hold what isn't readable.
        let goes_on = newest >= start;
        if goes_on {
            job.start = Some(newest.saturating_add(1));
        }
        let mut received = self.unpack_log(place, kept, step);
        if goes_on {
            // What the queue held of this page is in it; the rest comes behind the last page.
            self.marks.advance(&id, newest);
        } else {
            self.catch_up.refused.retain(|refused| refused != place);
            // What was heard behind a gap and is not in the log will not come any more.
            self.marks.advance(&id, newest.max(heard));
            received.extend(self.take_job(place));
        }
        self.deliver(now, received, step)
    }

    /// A log is of one place, whatever its messages say or leave out.
    pub(super) fn unpack_log(&mut self, place: &Place, kept: Vec<Kept>, step: &mut Step) -> Vec<Received> {
        let here = |received| Received { place: Some(place.clone()), ..received };
        kept.into_iter().filter_map(|kept| self.unpack(kept, step)).map(here).collect()
    }

    /// The server doesn't show this log: the bot may have left. The next look tries once more; after that, only what is
    /// heard there makes another look worth it, and none of them is hurried. A group that isn't listed either is left.
    fn log_refused(&mut self, now: Time, place: &Place, reason: &str, step: &mut Step) -> Vec<Incoming> {
        self.say_once(format!("the messages of {} are refused: {reason}", place.wire_id()), step);
        let heard = self.catch_up.jobs.iter().find(|job| job.place == *place).map_or(0, |job| job.heard);
        let received = self.take_job(place);
        let is_unlisted =
            |groups: &Vec<String>| group_of(place).is_some_and(|group| !groups.iter().any(|at| at == group));
        if received.is_empty() && self.catch_up.groups.as_ref().is_some_and(is_unlisted) {
            self.marks.forget(&place.to_string());
        }
        if !self.catch_up.refused.contains(place) && self.marks.get(&place.to_string()).is_some() {
            self.catch_up.refused.push(place.clone());
            self.catch_up.gaps.push((place.clone(), heard));
        }
        self.deliver(now, received, step)
    }

    /// A busy server is left alone: what is at hand goes on, the rest is read later. Answers that are still under way
    /// are waited for: in a later run they would pass for answers to its own questions.
    fn give_way(&mut self, now: Time, step: &mut Step) -> Vec<Incoming> {
        let mut received = Vec::new();
        let unasked: Vec<Job> = self.catch_up.jobs.extract_if(.., |job| !job.is_asked).collect();
        for job in unasked {
            if job.heard > 0 {
                self.catch_up.gaps.push((job.place, job.heard));
            }
            received.extend(job.queued);
        }
        self.deliver(now, received, step)
    }

    /// Ends a job. Answers with what the queue and the socket brought for its place.
    pub(super) fn take_job(&mut self, place: &Place) -> Vec<Received> {
        let run = &mut self.catch_up;
        let at = run.jobs.iter().position(|job| job.place == *place);
        let mut received = at.map(|at| run.jobs.remove(at).queued).unwrap_or_default();
        for held in std::mem::take(&mut run.held) {
            if held.place.as_ref() == Some(place) { received.push(held) } else { run.held.push(held) }
        }
        received
    }

    /// Every message of this run is on its way to the store: the mark of the queue may follow.
    pub(super) fn finish(&mut self, now: Time, epoch: Epoch, step: &mut Step) -> Vec<Incoming> {
        let run = &mut self.catch_up;
        if let Some(newest) = run.newest_event {
            run.finished.append(&mut run.read);
            run.heard_first.clear();
            self.marks.begin(EVENTS, newest.saturating_add(1));
            self.marks.advance(EVENTS, newest);
        }
        if std::mem::take(&mut run.has_more) && run.cut_short.is_none() {
            self.run(epoch, step);
            return Vec::new();
        }
        run.phase = Phase::Idle;
        run.hold = None;
        let wait = match run.cut_short.take() {
            Some(wait) => {
                let backoff = RETRY_FIRST.doubled(run.failures);
                run.failures = run.failures.saturating_add(1);
                wait.max(backoff).min(LOOK_EVERY)
            }
            None => {
                run.failures = 0;
                run.everything = false;
                run.ours_since = None;
                if self.marks.get(SINCE).is_some_and(|since| since > 0) {
                    self.marks.put(SINCE, 0);
                }
                if run.gaps.iter().all(|(place, _)| run.refused.contains(place)) { LOOK_EVERY } else { GAP_WAIT }
            }
        };
        run.next_at = earliest(Some(now.after(wait)), run.put_off.take());
        let held = std::mem::take(&mut run.held);
        self.deliver(now, held, step)
    }

    /// Takes messages that wait for no others any more.
    pub(in crate::platform::dmwork) fn deliver(
        &mut self,
        now: Time,
        received: Vec<Received>,
        step: &mut Step,
    ) -> Vec<Incoming> {
        received.into_iter().filter_map(|received| self.receive(now, received, step)).collect()
    }

    /// Moves the mark of a place with a live message. Behind a gap it stays: the rest is still to be read.
    pub(in crate::platform::dmwork) fn hear(&mut self, now: Time, place: &Place, seq: u64) {
        // The platform's own accounts have no uid, and so no channel that could be read.
        if seq == 0 || matches!(place, Place::Direct { user } if user.is_empty()) {
            return;
        }
        let id = place.to_string();
        match self.marks.get(&id) {
            None if self.catch_up.may_know_more() => {}
            Some(at) if seq > at.saturating_add(1) => self.catch_up.miss(now, place, seq),
            None => {
                self.marks.begin(&id, seq);
                self.marks.advance(&id, seq);
            }
            Some(_) => self.marks.advance(&id, seq),
        }
    }

    pub(super) fn unpack(&mut self, kept: Kept, step: &mut Step) -> Option<Received> {
        let Some(payload) = kept.payload else {
            self.skip("skipped a kept message: the payload is no JSON object".to_owned(), step);
            return None;
        };
        // The queue names no channel for direct messages: it is the author's.
        let (channel_id, channel_type) = kept.channel.unwrap_or_else(|| (kept.from_uid.clone(), 1));
        let (from_uid, message_id, seq, seconds) = (kept.from_uid, kept.message_id, kept.seq, kept.seconds);
        let received = Received {
            ack: None,
            place: None,
            from_uid,
            channel_id,
            channel_type,
            message_id,
            seq,
            seconds,
            payload,
            is_past: false,
        };
        Some(self.placed(received))
    }
}
