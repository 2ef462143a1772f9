//! Posts that may be under way, as the store keeps them. A gateway that died sends again what it does not know to be sent, and
//! names neither a turn nor a message: by its text whoever comes after this process knows the post again. Only fingerprints are kept.

use super::order::{Order, Progress};
use super::{Earlier, Outbox};
use crate::json;
use crate::message::Place;
use crate::recent::Latest;
use crate::step::Note;
use crate::text;
use crate::time::{Millis, Time};
use serde_json::Value;

/// The note that keeps them, all in one.
const POSTING: &str = "posting";
/// Posts that are kept, and places of which the last is known; the oldest are forgotten.
const MOST: usize = 64;
/// How long a post is kept that the server has taken: the gateway may not have noted so yet.
const NOTED_WITHIN: Millis = Millis::secs(30);
/// How long after a start the gateway may send it again.
const RESUMPTION: Millis = Millis::secs(600);

#[derive(Debug)]
pub(super) struct Doubt {
    place: Place,
    /// Of the text that it is a part of.
    fingerprint: String,
    /// Messages with the parts before it.
    sent: Vec<String>,
    earlier: Earlier,
    /// When it was first tried.
    since: Time,
    /// How long it is good for.
    until: Time,
    whose: Whose,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    /// This process made it.
    Ours,
    /// One that is gone, or this one for it: the host may send it.
    Theirs,
    /// The same, and it was sent again.
    Recalled,
}

impl Doubt {
    fn note(all: &[Self]) -> Note {
        let value: Vec<Value> = all.iter().map(Self::write).collect();
        Note { key: POSTING.to_owned(), value: Value::from(value).to_string() }
    }

    /// What a note says. One that can't be read is of another version: nothing of it is known again.
    fn read(now: Time, notes: &[Note]) -> Vec<Self> {
        let value = Note::find(notes, POSTING).and_then(|note| json::parse(note.as_bytes()).ok());
        let all = value.as_ref().and_then(Value::as_array);
        all.into_iter().flatten().filter_map(|value| Self::from_json(now, value)).collect()
    }

    fn write(&self) -> Value {
        json::object(&[
            ("place", self.place.to_string().into()),
            ("text", self.fingerprint.as_str().into()),
            ("sent", self.sent.clone().into()),
            ("said", self.earlier.said.as_str().into()),
            ("behind", self.earlier.behind.clone().into()),
            ("since", self.since.0.into()),
        ])
    }

    fn from_json(now: Time, value: &Value) -> Option<Self> {
        let field = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let sent = value.get("sent")?.as_array()?;
        Some(Self {
            place: Place::parse(&field("place")?)?,
            fingerprint: field("text")?,
            sent: sent.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            earlier: Earlier { may_be_known: false, said: field("said")?, behind: field("behind") },
            since: Time(value.get("since")?.as_u64()?),
            until: now.after(RESUMPTION),
            whose: Whose::Theirs,
        })
    }
}

/// Posts that may be under way, and what was posted last in each place.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    all: Vec<Doubt>,
    last: Latest<MOST>,
    is_note_due: bool,
}

impl Doubts {
    pub(super) fn restore(&mut self, now: Time, notes: &[Note]) {
        self.all = Doubt::read(now, notes);
    }

    pub(super) fn take_note(&mut self) -> Option<Note> {
        std::mem::take(&mut self.is_note_due).then(|| Doubt::note(&self.all))
    }

    /// A part stands in its place as this message.
    pub(super) fn posted(&mut self, place: &Place, id: &str) {
        self.last.remember(place, id.to_owned());
    }

    /// The part in front of an order is being posted, in these words of the platform. What is still under way elsewhere is
    /// kept, and so is what somebody may send again.
    fn add(&mut self, now: Time, place: &Place, (order, said): (&Order, &str)) {
        self.all.retain(|doubt| {
            doubt.place != *place || (doubt.whose != Whose::Ours && doubt.fingerprint != order.fingerprint)
        });
        if self.all.len() >= MOST {
            self.all.remove(0);
        }
        let is_late = order.late.is_some();
        let (whose, within) = if is_late { (Whose::Theirs, RESUMPTION) } else { (Whose::Ours, NOTED_WITHIN) };
        self.all.push(Doubt {
            place: place.clone(),
            fingerprint: order.fingerprint.clone(),
            sent: order.sent.clone(),
            earlier: Earlier {
                may_be_known: is_late,
                said: text::fingerprint([said]),
                behind: self.last.of(place).map(str::to_owned),
            },
            since: order.front.since.unwrap_or(now),
            until: now.after(within),
            whose,
        });
        self.is_note_due = true;
    }

    /// From then on the same words are news.
    pub(super) fn deadline(&self, is_busy: impl Fn(&Place) -> bool) -> Option<Time> {
        let is_over = |doubt: &&Doubt| doubt.whose != Whose::Ours || !is_busy(&doubt.place);
        self.all.iter().filter(is_over).map(|doubt| doubt.until).min()
    }

    /// Forgets what nobody sends again any more, in the store as well: the next process would take other words for it.
    pub(super) fn forget(&mut self, now: Time, is_busy: impl Fn(&Place) -> bool) {
        let known = self.all.len();
        self.all.retain(|doubt| now < doubt.until || (doubt.whose == Whose::Ours && is_busy(&doubt.place)));
        self.is_note_due |= self.all.len() < known;
    }

    /// A text of which a process that is gone had a part under way goes on with that part, which is looked for first.
    pub(super) fn recall(&mut self, place: &Place, order: &mut Order) {
        // What this process has sent is another answer of the same words, and so is what is older than the question.
        let may_be = |doubt: &Doubt| order.late.is_none_or(|at| doubt.since >= at && !doubt.earlier.may_be_known);
        let is_it = |doubt: &&mut Doubt| {
            doubt.whose == Whose::Theirs
                && doubt.place == *place
                && doubt.fingerprint == order.fingerprint
                && may_be(doubt)
        };
        let Some(doubt) = self.all.iter_mut().find(is_it) else { return };
        order.parts.drain(..doubt.sent.len().min(order.parts.len()));
        order.sent.clone_from(&doubt.sent);
        let (since, earlier) = (Some(doubt.since), Some(doubt.earlier.clone()));
        if order.late.is_some() {
            // The host may send it yet.
            doubt.earlier.may_be_known = true;
        } else {
            doubt.whose = Whose::Recalled;
        }
        order.front = Progress { since, earlier, ..Progress::default() };
    }
}

impl Outbox {
    /// The platform posts something in this place, in these words. The next process has to know of a text of the host's;
    /// what replaces a message does no harm when it is done twice.
    pub fn under_way(&mut self, now: Time, place: &Place, said: &str) {
        let order = self.lanes.iter().find(|lane| lane.place == *place).and_then(|lane| lane.orders.front());
        if let Some(order) = order.filter(|order| order.request().is_some() && order.replaces().is_none()) {
            self.doubts.add(now, place, (order, said));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_reads_as_it_was_written() {
        let value = concat!(
            r#"[{"behind":"7","place":"group:g1","said":"3a","sent":["8"],"since":1700,"text":"1f"},"#,
            r#"{"behind":null,"place":"user:ann","said":"4b","sent":[],"since":1800,"text":"2e"}]"#
        );
        let note = Note { key: POSTING.to_owned(), value: value.to_owned() };
        let doubts = Doubt::read(Time(5), std::slice::from_ref(&note));
        assert_eq!(doubts.len(), 2);
        assert_eq!(Doubt::note(&doubts), note);
        for unknown in ["", "{}", "[1,{}]"] {
            let note = Note { key: POSTING.to_owned(), value: unknown.to_owned() };
            assert!(Doubt::read(Time(5), &[note]).is_empty(), "{unknown}");
        }
    }
}
