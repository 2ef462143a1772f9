//! Groups and threads that are new to the bot: what was said there before is context for the first question.

use super::super::Dmwork;
use super::super::connection::Received;
use super::{Job, Phase, SKEW};
use crate::ids::Epoch;
use crate::message::{Incoming, Place};
use crate::step::Step;
use crate::time::{Millis, Time};
use crate::wire::dmwork_history::Kept;

/// How long the first message of a new place waits for what was said there before.
const INTRODUCTION: Millis = Millis::secs(3);

impl Dmwork {
    /// A group or thread speaks for the first time while nothing else is read: what was said there before is looked up,
    /// and the message waits a moment for it.
    pub(in crate::platform::dmwork) fn introduce(
        &mut self,
        now: Time,
        epoch: Epoch,
        received: &Received,
        step: &mut Step,
    ) {
        let Some(place) = received.place.as_ref().filter(|place| !place.is_direct()) else { return };
        let run = &mut self.catch_up;
        let is_known = self.marks.get(&place.to_string()).is_some() || run.has_job(place);
        if is_known || received.seq == 0 || self.settings.past == 0 || run.gives_way {
            return;
        }
        match run.phase {
            // A server that asked to be left alone is.
            Phase::Idle if run.failures > 0 => return,
            Phase::Idle => {
                run.phase = Phase::Places;
                run.newest_event = None;
                run.put_off = run.next_at.take();
            }
            Phase::Places => {}
            // The plan will find it among what waits.
            Phase::Groups | Phase::Events => return,
        }
        run.hold = run.hold.or(Some(now.after(INTRODUCTION)));
        run.jobs.push(Job::get_to_know(place.clone(), self.settings.past));
        self.ask_jobs(epoch, step);
    }

    /// Begins with a place that is new to us. From the first message on that the queue or the socket brought, all of it
    /// is for the bot; what was said before is context.
    pub(super) fn got_to_know(&mut self, now: Time, place: &Place, kept: Vec<Kept>, step: &mut Step) -> Vec<Incoming> {
        let id = place.to_string();
        // It may have spoken for itself meanwhile.
        if self.marks.get(&id).is_some() {
            let brought = self.take_job(place);
            return self.deliver(now, brought, step);
        }
        let ours = kept.iter().filter(|kept| self.catch_up.is_ours(kept)).map(|kept| kept.seq).min();
        let brought = self.catch_up.first_of(place);
        let first = ours.into_iter().chain(brought).min();
        let newest = kept.iter().map(|kept| kept.seq).max().unwrap_or(0);
        let behind = first.map_or(newest, |first| newest.min(first.saturating_sub(1)));
        self.marks.begin(&id, behind.saturating_add(1));
        self.marks.advance(&id, behind);
        let is_past = |kept: &Kept| match first {
            Some(first) => kept.seq < first,
            // What was said a moment ago may still come by the socket, and is news then.
            None => Time::from_secs(kept.seconds).after(SKEW) < now,
        };
        let kept = if self.settings.past > 0 { kept.into_iter().filter(is_past).collect() } else { Vec::new() };
        let past = self.unpack_log(place, kept, step).into_iter();
        let mut received: Vec<_> = past.map(|received| Received { is_past: true, ..received }).collect();
        match self.catch_up.jobs.iter_mut().find(|job| job.place == *place) {
            Some(job) if ours.is_some() || first.is_some_and(|first| newest > first) => job.read_from(behind),
            _ => received.extend(self.take_job(place)),
        }
        self.deliver(now, received, step)
    }
}
