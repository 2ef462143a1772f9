//! A new token for the account. The server forgets the old one at once, so that a new one that gets lost is the end of
//! the agent: it is noted in the store before the host writes it into the configuration, and found there after a crash.

use super::{Mochat, Pending};
use crate::ids::RequestId;
use crate::platform::Heard;
use crate::secret::Secret;
use crate::step::{Effect, LogLevel, Note, Step};
use crate::time::Time;
use serde_json::Value;

/// Note: the configured token that is no more, and the one in its place, until the configuration has it.
const TOKEN: &str = "token";
/// Stands for nobody's request: the host numbers from 1.
const NOBODY: RequestId = RequestId(0);

impl Mochat {
    /// The server's answer to the wish for a new token.
    pub(super) fn rotated(&mut self, mut pending: Pending, answer: &Value, step: &mut Step) -> Heard {
        let token = answer.get("token").and_then(Value::as_str).map(str::trim).filter(|token| !token.is_empty());
        let Some(token) = token else {
            self.conclude(pending.request, &pending.label, Err("the server answered without a token".to_owned()), step);
            return Heard::default();
        };
        let note = Note { key: TOKEN.to_owned(), value: format!("{} {token}", self.settings.token.expose()) };
        self.settings.token = Secret::new(token.to_owned());
        self.desk.fresh_token = Some(pending.request);
        pending.answers = 1;
        self.desk.pending.push(pending);
        Heard { notes: vec![note], ..Heard::default() }
    }

    /// Has the host write a new token down, once it is noted.
    pub(in crate::platform::mochat) fn keep_token(&mut self, step: &mut Step) {
        if let Some(request) = self.desk.fresh_token.take() {
            step.push(Effect::KeepToken { request, token: Some(self.settings.token.clone()) });
        }
    }

    /// The host can write a token down, or has done so; or it can't, and says why.
    pub(in crate::platform) fn token_kept(
        &mut self,
        now: Time,
        request: RequestId,
        problem: Option<String>,
        step: &mut Step,
    ) {
        let Some(pending) = self.desk.take(request) else {
            let end = problem
                .map_or_else(|| "is written down".to_owned(), |problem| format!("is not written down: {problem}"));
            step.log(LogLevel::Warn, format!("the renewed token {end}"));
            return;
        };
        match problem {
            None if pending.answers == 0 => self.go_on(now, pending, step),
            None => {
                let done = "The token was renewed and stands in the configuration. The account connects anew with it.";
                self.conclude(request, &pending.label, Ok(done.to_owned()), step);
            }
            Some(problem) if pending.answers == 0 => {
                self.conclude(request, &pending.label, Err(format!("the token is unchanged: {problem}")), step);
            }
            Some(problem) => {
                let end = format!(
                    "the token was renewed but could not be written into the configuration: {problem}. The account uses \
                     it and writes it at its next start."
                );
                self.conclude(request, &pending.label, Err(end), step);
            }
        }
    }

    /// Takes up a renewed token that the configuration has not got, and lets go of one that it has.
    pub(in crate::platform::mochat) fn find_token(&mut self, notes: &[Note]) -> Option<Note> {
        let noted = Note::find(notes, TOKEN).filter(|noted| !noted.is_empty())?;
        match noted.split_once(' ') {
            Some((old, new)) if old == self.settings.token.expose() => {
                self.settings.token = Secret::new(new.to_owned());
                self.desk.fresh_token = Some(NOBODY);
                None
            }
            _ => Some(Note { key: TOKEN.to_owned(), value: String::new() }),
        }
    }
}
