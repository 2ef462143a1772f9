//! What goes out: posts with their mentions, and the look for a post that nobody is sure of.

use super::Dmwork;
use super::presence::EDIT;
use super::rules::group_of;
use crate::call::{Call, CallOutcome, Errand};
use crate::json;
use crate::message::{Author, Question};
use crate::outbox::{Outgoing, Part, Sighting};
use crate::platform::sight::{LATEST, Seen, look_for};
use crate::step::Step;
use crate::text::{self, Person, Piece};
use crate::time::{Millis, Time};
use crate::wire::dmwork_api::{self, Text};
use crate::wire::dmwork_history::{self, Kept};
use crate::wire::dmwork_payload::Payload;
use serde_json::Value;

/// The server checks membership and fans out before it answers.
const SEND_TIMEOUT: Millis = Millis::secs(20);
impl Dmwork {
    /// An answer among many names its question and calls whoever asked, as configured. A bot is not called: it would
    /// answer.
    pub(in crate::platform) fn dedicate(&self, outgoing: &mut Outgoing<'_>, question: Question) {
        if group_of(&outgoing.place).is_none() {
            return;
        }
        if self.settings.reply_to_question {
            outgoing.reply_to.get_or_insert(question.id.0);
        }
        let asker = question.asker;
        if self.settings.mention_asker && asker.author == Author::Person {
            outgoing.asker = Some(Person { id: asker.id, name: asker.name.unwrap_or_default() });
        }
    }

    /// Posts a part, as soon as it is known whom it calls. `false` if its place is on the other platform.
    pub(in crate::platform) fn send(&mut self, now: Time, part: Part, step: &mut Step) -> bool {
        let Some(channel_type) = dmwork_api::channel_type(&part.place) else { return false };
        if part.file.is_some() && self.uploads.payload(&part).is_none() {
            self.upload(now, part, step);
            return true;
        }
        let is_nameless = part.asker.as_ref().is_some_and(|asker| asker.name.is_empty());
        let needs_members = part.file.is_none() && (is_nameless || text::may_call(&part.text));
        let group = group_of(&part.place).filter(|_| needs_members).map(str::to_owned);
        let path = group.as_deref().and_then(dmwork_api::members_path);
        match group.zip(path).filter(|(group, _)| !self.members.is_known(now, group)) {
            Some((group, path)) => {
                self.members.waiting.push(part);
                if self.members.ask(now, &group) {
                    step.call(self.get(Errand::Members(group), &path));
                }
            }
            None => {
                let payload = self.payload(&part);
                let words = words_of(&payload);
                self.last_said.remember(&part.place, words.clone());
                let payload = dmwork_api::replying(payload, part.reply_to.as_deref());
                let call = if let Some(id) = &part.edit {
                    self.edits.ask(part.number, id, words);
                    let body = dmwork_api::edit(&part.place, channel_type, id, &payload);
                    self.post(Errand::Edit(part.number), EDIT, body)
                } else {
                    self.typing.said(&part.place);
                    let body = dmwork_api::send(&part.place, channel_type, &payload);
                    self.post(Errand::Send(part.number), "/v1/bot/sendMessage", body)
                };
                step.call(Call { timeout: SEND_TIMEOUT, space: self.spaces.of(&part), ..call });
            }
        }
        true
    }

    /// How a post ended, and the id of its message.
    pub(in crate::platform) fn sent(&mut self, outcome: &CallOutcome) -> (CallOutcome, Option<String>) {
        let outcome = dmwork_api::in_http(outcome);
        let id = outcome.success().and_then(dmwork_api::sent_id);
        if let Some(id) = &id {
            self.posted(id);
        }
        (outcome, id)
    }

    /// Asks for the latest messages of a part's place.
    pub(in crate::platform) fn look(&self, part: &Part, step: &mut Step) -> bool {
        let Some(channel_type) = dmwork_api::channel_type(&part.place) else { return false };
        let body = dmwork_history::ask_messages(&part.place.wire_id(), channel_type, None, LATEST);
        step.call(self.post(Errand::Look(part.number), "/v1/bot/messages/sync", body));
        true
    }

    /// Looks for a part among them.
    pub(in crate::platform) fn sighted(&mut self, part: &Part, outcome: &CallOutcome) -> Sighting {
        let outcome = dmwork_api::in_http(outcome);
        if matches!(outcome, CallOutcome::Answered { status: 404, .. }) {
            return Sighting::Impossible;
        }
        // Before the server has told who the bot is, nobody's message is known to be its own.
        if self.login.uid.is_empty() {
            return Sighting::Unread;
        }
        let answer = outcome.success().and_then(|body| json::parse(body.as_bytes()).ok());
        let Some(latest) = answer.as_ref().and_then(dmwork_history::messages) else { return Sighting::Unread };
        let seen = |kept: Kept| {
            let id = kept.message_id.to_string();
            let is_certain = self.certain.contains(&id);
            let at = (kept.seconds > 0).then(|| Time::from_secs(kept.seconds));
            let text = kept.payload.map(|payload| payload.text);
            Seen { id, at, is_ours: self.is_us(&kept.from_uid), is_certain, text }
        };
        let latest = latest.into_iter().map(seen).collect();
        let sighting = look_for(part, self.last_said.of(&part.place), latest);
        if let Sighting::Posted(id) = &sighting {
            self.posted(id);
        }
        sighting
    }

    fn posted(&mut self, id: &str) {
        self.own.remember(id);
        self.certain.remember(id);
    }

    fn payload(&self, part: &Part) -> Value {
        self.uploads.payload(part).unwrap_or_else(|| self.with_mentions(part).payload())
    }

    /// A part's text in the platform's form: `@Name` with the place of each mention.
    fn with_mentions(&self, part: &Part) -> Text {
        let group = group_of(&part.place);
        let mut people = group.and_then(|group| self.members.of(group)).unwrap_or_default().to_vec();
        let asker = part.asker.as_ref().map(|asker| present(&mut people, asker));
        let pieces = text::pings(&part.text, &people, self.settings.allow_mention_all && group.is_some());
        let mut text = Text::default();
        if let Some(asker) = asker
            && !pieces.iter().any(|piece| matches!(piece, Piece::Person(uid, _) if *uid == asker.id))
        {
            text.call(&asker.id, &asker.name);
            text.say(if part.text.starts_with("```") { "\n" } else { " " });
        }
        for piece in pieces {
            match piece {
                Piece::Text(words) => text.say(words),
                // The bot itself is a member as well.
                Piece::Person(uid, name) if self.is_us(uid) => text.say(&format!("@{name}")),
                Piece::Person(uid, name) => text.call(uid, &name),
                Piece::Name(name) => text.say(&format!("@{name}")),
                Piece::Everybody(words) => text.call_all(words),
            }
        }
        text
    }
}

/// A payload as people read it.
fn words_of(payload: &Value) -> String {
    payload.as_object().map(Payload::from_object).unwrap_or_default().text
}

/// Whoever asked is here, whatever the list says: it is some minutes old. Answers with the name to show.
fn present(people: &mut Vec<Person>, asker: &Person) -> Person {
    let known = people.iter().find(|person| person.id == asker.id);
    let name = known.map_or(&asker.name, |known| &known.name);
    let name = text::name(if name.trim().is_empty() { &asker.id } else { name });
    if known.is_none() {
        people.push(Person { id: asker.id.clone(), name: name.clone() });
    }
    Person { id: asker.id.clone(), name }
}
