//! Which messages are the bot's own, for quotes that name a message and not its author.

/// Ids that are remembered, the oldest are forgotten. People answer what they still see; in memory only, since nearly
/// every quote names its author.
const MOST: usize = 256;

/// Ids of messages that the bot wrote.
#[derive(Debug, Default)]
pub(super) struct OwnMessages(Vec<String>);

impl OwnMessages {
    pub(super) fn remember(&mut self, id: &str) {
        if self.contains(id) {
            return;
        }
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        self.0.push(id.to_owned());
    }

    pub(super) fn contains(&self, id: &str) -> bool {
        self.0.iter().any(|own| own == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_forgotten() {
        let mut own = OwnMessages::default();
        (0..=MOST).for_each(|id| own.remember(&id.to_string()));
        assert!(!own.contains("0") && own.contains("1") && own.contains(&MOST.to_string()));
    }
}
