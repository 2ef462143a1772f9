//! Ids of messages that are remembered for a while, such as the bot's own, for quotes that name a message and not its
//! author.

/// Ids of messages that the bot wrote. People answer what they still see; in memory only, since nearly every quote names
/// its author.
pub(super) type OwnMessages = RecentIds<256>;

/// So many ids; the oldest are forgotten.
#[derive(Debug, Default)]
pub(super) struct RecentIds<const MOST: usize>(Vec<String>);

impl<const MOST: usize> RecentIds<MOST> {
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
        (0..=256).for_each(|id| own.remember(&id.to_string()));
        assert!(!own.contains("0") && own.contains("1") && own.contains("256"));
    }
}
