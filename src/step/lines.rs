//! A step as the text that crosses to JavaScript.

use super::{Effect, NewEntry, Step};
use crate::json;
use serde_json::Error;

impl Step {
    /// The step as JSON in the first line, and in a line of its own each record that it orders to write. Records are JSON
    /// already: inside of the step every quote in them would be escaped once more, and for each of them JavaScript would
    /// take that back.
    ///
    /// # Errors
    /// None in practice: a step is made of strings and numbers.
    pub fn to_lines(&self) -> Result<String, Error> {
        let mut text = json::write(self)?;
        for effect in &self.effects {
            for entry in effect.written() {
                text.push('\n');
                text.push_str(&entry.record);
            }
        }
        Ok(text)
    }
}

impl Effect {
    /// The entries whose records it orders to write.
    fn written(&self) -> &[NewEntry] {
        if let Self::Commit { entries, .. } | Self::Reopen { entries } = self {
            return entries;
        }
        &[]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{CommitId, EntryId};
    use crate::step::LogLevel;
    use crate::time::Time;

    #[test]
    fn records_stand_below_their_step_in_order() {
        let entry = |id: &str, record: &str| NewEntry {
            id: EntryId(id.into()),
            place: "user:ann".into(),
            record: record.into(),
            received_at: Time(5),
        };
        let mut step = Step::default();
        step.log(LogLevel::Info, "two\nlines");
        let entries = vec![entry("1", r#"{"text":"a\nb"}"#), entry("2", "{}")];
        step.push(Effect::Commit { commit: CommitId(1), entries, notes: Vec::new() });
        step.push(Effect::Reopen { entries: vec![entry("3", "[3]")] });
        let lines = step.to_lines().unwrap();
        assert_eq!(
            lines.lines().collect::<Vec<_>>(),
            [
                r#"{"effects":[{"kind":"log","level":"info","text":"two\nlines"},{"kind":"commit","commit":1,"entries":[{"id":"1","place":"user:ann","receivedAt":5},{"id":"2","place":"user:ann","receivedAt":5}],"notes":[]},{"kind":"reopen","entries":[{"id":"3","place":"user:ann","receivedAt":5}]}]}"#,
                r#"{"text":"a\nb"}"#,
                "{}",
                "[3]",
            ]
        );
    }
}
