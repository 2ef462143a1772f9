//! The account's one timer.

use super::mailbox::Mailbox;
use crate::time::{Millis, Time};
use gloo_timers::callback::Timeout;
use std::cell::Cell;
use std::rc::Rc;

/// The longest single wait. Deadlines are moments of the wall clock, while timers stand still as long as the machine
/// sleeps, so the clock is looked at every few seconds, and a connection is asked for life soon after a sleep. This is
/// also far below the 24.8 days that `setTimeout` can wait.
const LONGEST_WAIT: Millis = Millis::secs(10);

/// Rings the mailbox when the account's deadline comes, or earlier to look at the clock again.
#[derive(Debug, Default)]
pub(super) struct Alarm {
    /// When the account wants to be woken.
    pub(super) due: Option<Time>,
    /// The deadline that the timer was set for.
    armed: Option<(Time, Timeout)>,
    rang: Rc<Cell<bool>>,
}

impl Alarm {
    /// Whether the deadline has come, or the account should look at the clock in case that it was set.
    pub(super) fn is_due(&self, now: Time) -> bool {
        self.rang.get() || self.due.is_some_and(|due| due <= now)
    }

    /// Makes the timer fit the deadline. One that already does is left alone.
    pub(super) fn arm(&mut self, now: Time, mailbox: &Rc<Mailbox>) {
        if self.rang.take() {
            self.armed = None;
        }
        if self.armed.as_ref().map(|(time, _)| *time) == self.due {
            return;
        }
        self.armed = self.due.map(|due| {
            let wait = due.since(now).min(LONGEST_WAIT);
            let (rang, mailbox) = (Rc::clone(&self.rang), Rc::downgrade(mailbox));
            let timer = Timeout::new(u32::try_from(wait.0).unwrap_or(u32::MAX), move || {
                rang.set(true);
                if let Some(mailbox) = mailbox.upgrade() {
                    mailbox.ring();
                }
            });
            (due, timer)
        });
    }
}
