//! What the bot's messages read since it changed them: the server's log and most clients' quotes keep the first words.

/// Messages that are remembered, some of whose texts are as long as a message may be. In memory only: of an older one the
/// first words are told, as by the server itself.
const MOST: usize = 100;

/// Changed messages.
#[derive(Debug, Default)]
pub(super) struct Edits {
    /// Changes under way: the part's number, the message's id and its new text.
    asked: Vec<(u32, String, String)>,
    /// Ids and texts, the oldest first.
    made: Vec<(String, String)>,
}

impl Edits {
    /// The server is asked to change a message.
    pub(super) fn ask(&mut self, number: u32, id: &str, text: String) {
        self.asked.retain(|(asked, ..)| *asked != number);
        self.asked.push((number, id.to_owned(), text));
    }

    /// It did, or not.
    pub(super) fn settle(&mut self, number: u32, is_made: bool) {
        let Some(at) = self.asked.iter().position(|(asked, ..)| *asked == number) else { return };
        let (_, id, text) = self.asked.remove(at);
        if is_made {
            self.learn(&id, text);
        }
    }

    /// A message reads like this from now on.
    pub(super) fn learn(&mut self, id: &str, text: String) {
        self.made.retain(|(known, _)| known != id);
        if self.made.len() >= MOST {
            self.made.remove(0);
        }
        self.made.push((id.to_owned(), text));
    }

    /// What a message reads, if it was changed.
    pub(super) fn of(&self, id: &str) -> Option<&str> {
        self.made.iter().find(|(known, _)| known == id).map(|(_, text)| text.as_str())
    }
}
