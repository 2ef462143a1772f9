//! A page of a log, on the way back or forward.

use super::super::Mochat;
use super::super::answer::{Answer, backoff};
use super::super::cursors;
use super::super::directory::SKEW;
use super::{Job, Phase};
use crate::call::CallOutcome;
use crate::message::Place;
use crate::platform::Heard;
use crate::step::{Effect, LogLevel, Step};
use crate::time::{Millis, Time};
use crate::wire::mochat_api;
use crate::wire::mochat_event::Message;
use crate::wire::mochat_history::{self, Page};

impl Mochat {
    /// A page came, or did not.
    pub(in crate::platform::mochat) fn page_listed(
        &mut self,
        now: Time,
        place: &Place,
        outcome: &CallOutcome,
        step: &mut Step,
    ) -> Heard {
        let jobs = &mut self.catch_up.jobs;
        let Some(at) = jobs.iter().position(|job| job.place == *place && job.is_asked) else { return Heard::default() };
        let mut job = jobs.remove(at);
        job.is_asked = false;
        let mut heard = Heard::default();
        let answer = match self.answer(now, outcome, step) {
            // A success that shows no messages is no empty log.
            Answer::Read(data) if !mochat_history::is_page(&data) => Answer::Busy(Millis(0)),
            answer @ (Answer::Read(_) | Answer::Busy(_) | Answer::Refused(..)) => answer,
        };
        let is_done = match answer {
            // Asked for before it was wanted again, or before the store refused.
            Answer::Read(_) if job.again && job.is_at_end() => {
                job.again = false;
                false
            }
            Answer::Read(data) => {
                job.failures = 0;
                self.catch_up.refusals.retain(|refusal| refusal.place != *place);
                step.push(Effect::Alive);
                self.page_read(now, &mut job, mochat_history::read_page(&data), &mut heard)
            }
            Answer::Busy(wait) => {
                if job.failures == 0 {
                    let why = outcome.describe();
                    step.log(LogLevel::Warn, format!("the messages of {place} can't be read now: {why}"));
                }
                job.due = now.after(backoff(job.failures).max(wait));
                job.failures = job.failures.saturating_add(1);
                // The answer may be longer than is read of one.
                if outcome.success().is_some_and(|body| mochat_api::data(body).is_err()) {
                    job.page = (job.page / 8).max(1);
                    // What is read forward must reach back to the page before it.
                    job.from = self.cursors.read_to(place).filter(|_| job.way.phase == Phase::Forward).or(job.from);
                    job.restart();
                }
                false
            }
            Answer::Refused(_, error) => {
                let is_first = self.catch_up.refuse(now, place, self.settings.refresh);
                // A panel that is gone has a mark still.
                let level = if is_first && self.is_listed(place) { LogLevel::Warn } else { LogLevel::Debug };
                step.log(level, format!("the messages of {place} can't be read: {error}"));
                job.again = false;
                true
            }
        };
        if is_done {
            self.finish(now, &job, &mut heard);
        } else {
            self.catch_up.jobs.push(job);
        }
        heard
    }

    /// Goes on back, or takes the page and goes on forward. Answers whether the log is read.
    fn page_read(&mut self, now: Time, job: &mut Job, page: Page, heard: &mut Heard) -> bool {
        let Page { messages, next } = page;
        job.limit = job.page;
        if job.way.phase == Phase::Back {
            let context = messages.iter().filter(|message| job.is_context(now, message)).count();
            job.way.seen = job.way.seen.saturating_add(context);
            let reaches_back = job.reaches_back(&messages);
            let way = &mut job.way;
            // A server that gives the same page again would lead us in a circle.
            let next = next.filter(|next| way.before.as_ref() != Some(next) && !way.passed.contains(next));
            if next.is_some() && !reaches_back {
                match std::mem::replace(&mut way.before, next) {
                    Some(before) => way.passed.push(before),
                    None => way.newest = messages,
                }
                return false;
            }
            way.phase = Phase::Forward;
        }
        self.take_page(now, job, messages, heard);
        if let Some(before) = job.way.passed.pop() {
            job.way.before = Some(before);
            return false;
        }
        if !job.way.newest.is_empty() {
            let newest = std::mem::take(&mut job.way.newest);
            self.take_page(now, job, newest, heard);
        }
        true
    }

    /// Takes the messages of a page, the oldest first, and moves the mark.
    fn take_page(&mut self, now: Time, job: &mut Job, messages: Vec<Message>, heard: &mut Heard) {
        let mut read_to = match messages.iter().filter_map(Message::said_at).max() {
            Some(newest) => Some(cursors::before(now, newest)),
            // A new log without a word, or without times: whatever it shows later is judged from here on.
            None => self.cursors.read_to(&job.place).is_none().then(|| Time(now.0.saturating_sub(SKEW.0))),
        };
        let mut superfluous = job.way.seen.saturating_sub(job.wanted);
        job.way.seen = job.way.seen.min(job.wanted);
        for message in messages {
            let at = message.said_at();
            if job.from.is_some_and(|from| at.is_some_and(|at| at <= from)) {
                continue;
            }
            let is_past = job.is_context(now, &message);
            if is_past {
                read_to = read_to.max(at);
                if superfluous > 0 {
                    superfluous = superfluous.saturating_sub(1);
                    continue;
                }
            }
            if message.recalled {
                self.take_back(&message.id);
                continue;
            }
            let message = self.catch_up.take_held(&job.place, &message.id).unwrap_or(message);
            heard.messages.extend(self.take(&job.place, &message, None, is_past));
        }
        // Of a new panel all is context or none of it: half of it would turn into questions after a crash.
        let is_whole = job.from.is_some() || (job.way.passed.is_empty() && job.way.newest.is_empty());
        if let Some(read_to) = read_to.filter(|_| is_whole) {
            self.cursors.read_on(&job.place, job.from, read_to);
        }
    }
}

impl Job {
    /// Whether a message is no question, but what was said before the agent listened.
    fn is_context(&self, now: Time, message: &Message) -> bool {
        // Up to now: of a server whose clock is ahead, the past would be news.
        let is_news = |at| self.first.is_some_and(|first| at >= first) || (self.since..=now).contains(&at);
        self.from.is_none() && !message.said_at().is_some_and(is_news)
    }

    /// Whether the newest page is read, on the way back.
    fn is_at_end(&self) -> bool {
        self.way.phase == Phase::Back && self.way.before.is_none()
    }

    /// Whether a page goes back to what is on disk, or far enough. Where nothing tells times, one page is all.
    fn reaches_back(&self, messages: &[Message]) -> bool {
        match (self.from, messages.first().and_then(Message::said_at)) {
            (Some(from), Some(at)) => at <= from,
            (None, Some(_)) => self.way.seen >= self.wanted.max(1),
            (_, None) => true,
        }
    }
}
