//! What goes out: posts with their mentions, and the look for a post that nobody is sure of.

use super::{Mochat, read};
use crate::call::{Call, CallOutcome, Errand};
use crate::message::{Chat, Place};
use crate::outbox::{Part, Sighting};
use crate::platform::sight::{LATEST, Seen, look_for};
use crate::step::Step;
use crate::text::{self, Person, Piece};
use crate::time::{Millis, Time};
use crate::wire::mochat_event::Message;
use crate::wire::{mochat_api, mochat_history};

/// A post fans out before it is answered.
const SEND_TIMEOUT: Millis = Millis::secs(15);
/// A file that anybody can fetch, as clients show it. The platform has no upload.
pub(in crate::platform) fn markup(url: &str) -> String {
    let tag = if text::is_image(url) { "img" } else { "url" };
    // A bracket would end the markup.
    let url = url.replace('[', "%5B").replace(']', "%5D");
    format!("[{tag}]{url}[/{tag}]")
}

impl Mochat {
    /// Posts a part. `false` if its place is on the other platform.
    pub(in crate::platform) fn send(&mut self, now: Time, part: &Part, step: &mut Step) -> bool {
        let (content, mentions) = self.with_mentions(part);
        let Some((path, body)) = mochat_api::send(&part.place, &content, part.reply_to.as_deref(), &mentions) else {
            return false;
        };
        self.budget.count(now);
        self.last_said.remember(&part.place, text::plain(&content));
        step.call(Call { timeout: SEND_TIMEOUT, ..self.call(Errand::Send(part.number), path, body) });
        true
    }

    /// How a post ended, and the id of its message.
    pub(in crate::platform) fn sent(&mut self, now: Time, outcome: &CallOutcome) -> (CallOutcome, Option<String>) {
        let outcome = match mochat_api::in_http(outcome) {
            // Refused for a token that is no more: it was not taken, and will be with the new one.
            CallOutcome::Answered { status: 401, body, .. } if self.has_fresh_token(now) => {
                CallOutcome::Answered { status: 503, retry_after: None, body }
            }
            CallOutcome::Answered { status: 429, retry_after, body } => {
                self.budget.refused(now, retry_after);
                CallOutcome::Answered { status: 429, retry_after, body }
            }
            outcome @ (CallOutcome::Answered { .. } | CallOutcome::Failed { .. }) => outcome,
        };
        let id = read(&outcome).ok().as_ref().and_then(mochat_api::sent_id);
        if let Some(id) = &id {
            self.budget.accepted();
            self.posted(id);
        }
        (outcome, id)
    }

    /// Asks for the latest messages of a part's place.
    pub(in crate::platform) fn look(&mut self, now: Time, part: &Part, step: &mut Step) -> bool {
        let Some((path, body)) = mochat_history::ask_page(&part.place, None, LATEST) else { return false };
        self.budget.count(now);
        step.call(self.call(Errand::Look(part.number), path, body));
        true
    }

    /// Looks for a part among them.
    pub(in crate::platform) fn sighted(&mut self, part: &Part, outcome: &CallOutcome) -> Sighting {
        let (Ok(data), Some(us)) = (read(&mochat_api::in_http(outcome)), self.us.as_deref()) else {
            return Sighting::Unread;
        };
        let seen = |message: Message| Seen {
            at: message.said_at(),
            is_ours: message.author == us,
            is_certain: self.posted.contains(&message.id),
            text: Some(text::plain(&message.content)),
            id: message.id,
        };
        let latest = mochat_history::read_page(&data).messages.into_iter().map(seen).collect();
        let sighting = look_for(part, self.last_said.of(&part.place), latest);
        if let Sighting::Posted(id) = &sighting {
            self.posted(id);
        }
        sighting
    }

    fn posted(&mut self, id: &str) {
        self.own.remember(id);
        self.posted.remember(id);
    }

    /// A part's text in the platform's form, `[at=ID]Name[/at]`, and the ids in it: by these the server fills inboxes.
    pub(super) fn with_mentions(&self, part: &Part) -> (String, Vec<String>) {
        let people = if text::may_call(&part.text) { self.people(&part.place) } else { Vec::new() };
        let (mut content, mut ids) = (String::with_capacity(part.text.len()), Vec::new());
        // The platform has no mention of everybody.
        for piece in text::pings(&part.text, &people, false) {
            match piece {
                Piece::Text(words) | Piece::Everybody(words) => content.push_str(words),
                Piece::Name(name) => {
                    content.push('@');
                    content.push_str(&name);
                }
                Piece::Person(id, name) => {
                    content.push_str(&format!("[at={id}]{name}[/at]"));
                    if !ids.iter().any(|known| known == id) {
                        ids.push(id.to_owned());
                    }
                }
            }
        }
        (content, ids)
    }

    /// Who may be called in a place: everybody who is in it by the server's word, except this agent. Between two nobody
    /// has to be called.
    fn people(&self, place: &Place) -> Vec<Person> {
        let members = match place {
            Place::Session { session } if self.directory.chat(session) == Some(Chat::Group) => {
                self.directory.participants(session)
            }
            Place::Panel { panel } => self.directory.members_of(panel),
            Place::Session { .. } | Place::Direct { .. } | Place::Group { .. } | Place::Thread { .. } => &[],
        };
        let others = members.iter().filter(|member| Some(&member.id) != self.us.as_ref());
        let person =
            |id: &str| Person { id: id.to_owned(), name: self.directory.name_of(id).unwrap_or_default().to_owned() };
        others.map(|member| person(&member.id)).collect()
    }
}
