//! What the operator is told: the status of a connection that holds, and each kind of fault once.

use super::Dmwork;
use crate::step::{Lifecycle, LogLevel, Step};

impl Dmwork {
    /// `name (uid)`, once the server told.
    pub(super) fn bot_name(&self) -> Option<String> {
        self.login.bot.as_ref().map(|bot| format!("{} ({})", bot.name, bot.robot_id))
    }

    pub(super) fn say_ready(&self, step: &mut Step) {
        let name = self.bot_name().unwrap_or_default();
        let skipped = match self.skipped {
            0 => String::new(),
            count => format!("; messages that could not be read: {count}"),
        };
        let caveat = self.caveat().map(|caveat| format!("; {caveat}")).unwrap_or_default();
        step.status(Lifecycle::Ready, format!("connected as {name}{skipped}{caveat}"));
    }

    /// Counts what can't be read. Each kind of fault is said once in the log; the count is in the status, which follows
    /// it more and more slowly, so that a flood of nonsense doesn't become a flood of its own.
    pub(super) fn skip(&mut self, text: String, step: &mut Step) {
        self.skipped = self.skipped.saturating_add(1);
        self.say_once(text, step);
        if self.skipped.is_power_of_two() && self.link.up().is_some() {
            self.say_ready(step);
        }
    }

    pub(super) fn say_once(&mut self, text: String, step: &mut Step) {
        /// Different faults that are said; a server that invents new ones all the time is cut off.
        const MOST: usize = 64;
        // A server's own words behind a colon may differ each time, and are no new fault.
        let fault = text.split(':').next().unwrap_or_default();
        if self.said.len() < MOST && !self.said.iter().any(|said| said == fault) {
            self.said.push(fault.to_owned());
            step.log(LogLevel::Warn, format!("{text} (said once)"));
        }
    }
}
