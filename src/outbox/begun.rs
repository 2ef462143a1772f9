//! Answers of which people have seen the beginning, as the store keeps them: whoever comes after this process finds the
//! message that is to become the whole answer.

use crate::ids::EntryId;
use crate::json;
use crate::message::Place;
use crate::step::Note;
use crate::text::Person;
use serde_json::Value;

/// The note that keeps them, all in one.
const BEGUN: &str = "begun";

#[derive(Debug)]
pub(super) struct Begun {
    pub(super) turn: EntryId,
    pub(super) place: Place,
    /// The message that shows it.
    pub(super) message: String,
    pub(super) reply_to: Option<String>,
    pub(super) asker: Option<Person>,
    pub(super) space: Option<String>,
    /// At least half of what people see of it, from the beginning.
    pub(super) text: String,
}

impl Begun {
    pub(super) fn note(all: &[Self]) -> Note {
        let value: Vec<Value> = all.iter().map(Self::write).collect();
        Note { key: BEGUN.to_owned(), value: Value::from(value).to_string() }
    }

    /// What a note says. One that can't be read is of another version: its answers stay as they are.
    pub(super) fn read(notes: &[Note]) -> Vec<Self> {
        let value = Note::find(notes, BEGUN).and_then(|note| json::parse(note.as_bytes()).ok());
        let all = value.as_ref().and_then(Value::as_array);
        all.into_iter().flatten().filter_map(Self::from_json).collect()
    }

    fn write(&self) -> Value {
        let asker = self.asker.as_ref();
        json::object(&[
            ("turn", self.turn.0.as_str().into()),
            ("place", self.place.to_string().into()),
            ("message", self.message.as_str().into()),
            ("replyTo", self.reply_to.clone().into()),
            ("asker", asker.map(|asker| asker.id.as_str()).into()),
            ("name", asker.map(|asker| asker.name.as_str()).into()),
            ("space", self.space.clone().into()),
            ("text", self.text.as_str().into()),
        ])
    }

    fn from_json(value: &Value) -> Option<Self> {
        let field = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            turn: EntryId(field("turn")?),
            place: Place::parse(&field("place")?)?,
            message: field("message")?,
            reply_to: field("replyTo"),
            asker: field("asker").map(|id| Person { id, name: field("name").unwrap_or_default() }),
            space: field("space"),
            text: field("text")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_reads_as_it_was_written() {
        let value = concat!(
            r#"[{"asker":"u1","message":"7","name":"Ann","place":"group:g1","replyTo":"41","space":null,"text":"so","#,
            r#""turn":"41"},{"asker":null,"message":"8","name":null,"place":"user:ann","replyTo":null,"space":"A","#,
            r#""text":"far","turn":"42"}]"#
        );
        let note = Note { key: BEGUN.to_owned(), value: value.to_owned() };
        let begun = Begun::read(std::slice::from_ref(&note));
        assert_eq!(begun.len(), 2);
        assert_eq!(Begun::note(&begun), note);
        for unknown in ["", "{}", "[1,{}]"] {
            let note = Note { key: BEGUN.to_owned(), value: unknown.to_owned() };
            assert!(Begun::read(&[note]).is_empty(), "{unknown}");
        }
    }
}
