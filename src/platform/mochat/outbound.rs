//! Mentions in what goes out.

use super::Mochat;
use crate::message::{Chat, Place};
use crate::outbox::Part;
use crate::text::{self, Person, Piece};

impl Mochat {
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
