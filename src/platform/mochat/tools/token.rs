//! A new token for the account. The server forgets the old one at once, so that a new one that gets lost is the end of
//! the agent: it is noted in the store before the host writes it into the configuration, and found there after a crash.

use super::{Mochat, Pending};
use crate::ids::{CommitId, RequestId};
use crate::platform::Heard;
use crate::secret::Secret;
use crate::step::{Effect, LogLevel, Note, Step};
use crate::time::{Millis, Time, earliest};
use crate::tools;
use serde_json::Value;

/// Note: the configured token that is no more, and the one in its place, until the configuration has it.
const TOKEN: &str = "token";
/// Stands for nobody's request: the host numbers from 1.
const NOBODY: RequestId = RequestId(0);

/// How long after a renewal a rejection may still be about the old token.
const OVERLAP: Millis = Millis::secs(60);
/// Between two attempts to have a new token written down.
const WRITE_AGAIN: Millis = Millis::secs(60);

/// What became of a renewed token.
#[derive(Debug, Default)]
pub(in crate::platform::mochat) struct Renewal {
    /// The token that stands in the configuration.
    configured: Secret<String>,
    /// The one in its place.
    fresh: Option<Secret<String>>,
    /// When it was renewed.
    at: Option<Time>,
    noting: Noting,
    /// When the host is to write it down once more.
    write_at: Option<Time>,
}

/// Whether the store has a renewed token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Noting {
    #[default]
    Done,
    /// The note goes with the next commit.
    Handed,
    /// It went with this one.
    Under(CommitId),
    /// The store refused it; it is tried again.
    Refused(Time),
}

impl Renewal {
    pub(super) fn new(configured: &Secret<String>) -> Self {
        Self { configured: configured.clone(), ..Self::default() }
    }

    fn begin(&mut self, now: Time, token: &Secret<String>) -> Option<Note> {
        (self.fresh, self.at) = (Some(token.clone()), Some(now));
        self.hand()
    }

    /// The note for the next commit.
    fn hand(&mut self) -> Option<Note> {
        let token = self.fresh.as_ref()?;
        self.noting = Noting::Handed;
        Some(Note { key: TOKEN.to_owned(), value: [self.configured.expose(), " ", token.expose()].concat() })
    }

    /// The note, if it is to be written now.
    pub(in crate::platform::mochat) fn due(&mut self, now: Time) -> Option<Note> {
        matches!(self.noting, Noting::Refused(at) if now >= at).then(|| self.hand()).flatten()
    }

    pub(in crate::platform::mochat) fn committing(&mut self, commit: CommitId) {
        if self.noting == Noting::Handed {
            self.noting = Noting::Under(commit);
        }
    }

    pub(in crate::platform::mochat) fn committed(&mut self, commit: CommitId) {
        if self.noting == Noting::Under(commit) {
            self.noting = Noting::Done;
        }
    }

    /// The store refused something.
    pub(in crate::platform::mochat) fn refused(&mut self, now: Time) {
        if self.noting != Noting::Done {
            self.noting = Noting::Refused(now.after(WRITE_AGAIN));
        }
    }

    /// When something of it is to be written.
    pub(in crate::platform::mochat) fn deadline(&self) -> Option<Time> {
        match self.noting {
            Noting::Refused(at) => earliest(self.write_at, Some(at)),
            Noting::Done | Noting::Handed | Noting::Under(_) => self.write_at,
        }
    }
}

impl Mochat {
    /// Whether the token was renewed a moment ago.
    pub(in crate::platform::mochat) fn has_fresh_token(&self, now: Time) -> bool {
        self.desk.renewal.at.is_some_and(|at| now.since(at) < OVERLAP)
    }

    /// The server's answer to the wish for a new token.
    pub(super) fn rotated(&mut self, now: Time, mut pending: Pending, answer: &Value, step: &mut Step) -> Heard {
        let token = answer.get("token").and_then(Value::as_str).map(str::trim).filter(|token| !token.is_empty());
        let Some(token) = token else {
            tools::conclude(
                (pending.request, &pending.label),
                Err("the server answered without a token".to_owned()),
                false,
                step,
            );
            return Heard::default();
        };
        self.settings.token = Secret::new(token.to_owned());
        let note = self.desk.renewal.begin(now, &self.settings.token);
        self.desk.fresh_token = Some(pending.request);
        pending.answers = 1;
        self.desk.pending.push(pending);
        Heard { notes: note.into_iter().collect(), ..Heard::default() }
    }

    /// Has the host write a new token down.
    pub(in crate::platform::mochat) fn keep_token(&mut self, now: Time, step: &mut Step) {
        if self.desk.renewal.write_at.take_if(|at| now >= *at).is_some() {
            self.desk.fresh_token = Some(NOBODY);
        }
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
        let is_asked = self.desk.pending.iter().any(|pending| pending.request == request && pending.answers == 0);
        if !is_asked {
            self.desk.renewal.write_at = problem.is_some().then(|| now.after(WRITE_AGAIN));
        }
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
                tools::conclude((request, &pending.label), Ok(done.to_owned()), false, step);
            }
            Some(problem) if pending.answers == 0 => {
                tools::conclude(
                    (request, &pending.label),
                    Err(format!("the token is unchanged: {problem}")),
                    false,
                    step,
                );
            }
            Some(problem) => {
                let is_noted = self.desk.renewal.noting == Noting::Done;
                let end = format!(
                    "the token was renewed but could not be written down: {problem}. The account uses it and goes on \
                     trying{}",
                    if is_noted { ", also after a restart" } else { "; until then a restart would lose it" }
                );
                tools::conclude((request, &pending.label), Err(end), false, step);
            }
        }
    }

    /// Takes up a renewed token that the configuration has not got, and lets go of one that it has.
    pub(in crate::platform::mochat) fn find_token(&mut self, notes: &[Note]) -> Option<Note> {
        let noted = Note::find(notes, TOKEN).filter(|noted| !noted.is_empty())?;
        match noted.split_once(' ') {
            Some((old, new)) if old == self.settings.token.expose() => {
                self.settings.token = Secret::new(new.to_owned());
                self.desk.renewal.fresh = Some(self.settings.token.clone());
                self.desk.fresh_token = Some(NOBODY);
                None
            }
            _ => Some(Note { key: TOKEN.to_owned(), value: String::new() }),
        }
    }
}
