//! What keeps a bot from being worn out: by one sender who never stops, by another bot that answers each answer.

use crate::config::GuardRules;
use crate::inbox::Entry;
use crate::message::{Author, Incoming, Place};
use crate::reason::Reason;
use crate::time::{Millis, Time};

/// The span that the rate of a sender counts.
const MINUTE: Millis = Millis::secs(60);
/// A sender is told once per this long that it goes too fast; then there is silence.
const NOTICE_EVERY: Millis = Millis::secs(10 * 60);
/// Bots that have used up their turns in a place are heard again after this long without one.
const BOTS_COOL_DOWN: Millis = Millis::secs(10 * 60);
/// Senders whose rate is known at a time. Those who have been quiet are forgotten first; beyond that everybody is, and
/// starts anew.
const MOST_SENDERS: usize = 4_096;

/// A message that gets no turn although it could have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// Why.
    pub reason: Reason,
    /// Whether the sender should be told.
    pub tell: bool,
}

/// What one account has answered lately.
#[derive(Debug, Default)]
pub struct Guards {
    /// Sorted by sender id.
    senders: Vec<(String, Pace)>,
    /// Places in which bots had turns since a person last spoke there.
    bots: Vec<(Place, Run)>,
}

/// How fast a sender is, by the generic cell rate algorithm: one number instead of a list of moments.
#[derive(Clone, Copy, Debug, Default)]
struct Pace {
    /// When the sender will have used up nothing any more.
    clear_at: Time,
    /// The same of its commands. They are how a flood is stopped, so they don't wait for talk; and a slash in front of it
    /// makes no flood welcome.
    commands_clear_at: Time,
    told_at: Option<Time>,
}

/// Turns that bots had in a place, one after the other.
#[derive(Clone, Copy, Debug)]
struct Run {
    turns: u32,
    last: Time,
}

impl Guards {
    /// A person was heard in this place: bots may answer each other again.
    pub fn heard(&mut self, entry: &Entry) {
        if entry.message.sender.author == Author::Person {
            self.bots.retain(|(place, _)| *place != entry.message.place);
        }
    }

    /// Counts a message that is to have a turn: at once, or, if it `waits`, together with others. What people say counts
    /// only at once, since all that waits is one turn. What bots say always counts: two of them that are answered in
    /// batches would never end either.
    ///
    /// # Errors
    /// It had better not have one.
    pub fn admit(&mut self, entry: &Entry, waits: bool, rules: GuardRules) -> Result<(), Stopped> {
        let Incoming { sender, place, .. } = &entry.message;
        let at = moment(entry);
        if sender.author == Author::Agent {
            return self.admit_bot(at, place, rules.bot_turns);
        }
        if waits || sender.is_owner || rules.per_minute == 0 {
            return Ok(());
        }
        self.admit_person(at, &sender.id, entry.message.command().is_some(), rules.per_minute)
    }

    fn admit_bot(&mut self, at: Time, place: &Place, most: u32) -> Result<(), Stopped> {
        self.bots.retain(|(_, run)| at.since(run.last) < BOTS_COOL_DOWN);
        match self.bots.iter_mut().find(|(known, _)| known == place) {
            Some((_, run)) if run.turns >= most => Err(Stopped { reason: Reason::BotLoop, tell: false }),
            Some((_, run)) => {
                *run = Run { turns: run.turns.saturating_add(1), last: at };
                Ok(())
            }
            None if most == 0 => Err(Stopped { reason: Reason::BotLoop, tell: false }),
            None => {
                self.bots.push((place.clone(), Run { turns: 1, last: at }));
                Ok(())
            }
        }
    }

    fn admit_person(&mut self, at: Time, sender: &str, is_command: bool, per_minute: u32) -> Result<(), Stopped> {
        let pace = self.pace(at, sender);
        let used = if is_command { &mut pace.commands_clear_at } else { &mut pace.clear_at };
        let cost = Millis(MINUTE.0.checked_div(per_minute.into()).unwrap_or(0));
        // Further ahead than a minute it can't be, unless the clock was set back.
        let base = if *used > at.after(MINUTE) { at } else { at.max(*used) };
        let clear_at = base.after(cost);
        if clear_at <= at.after(MINUTE) {
            *used = clear_at;
            return Ok(());
        }
        let tell = pace.told_at.is_none_or(|told| at.since(told) >= NOTICE_EVERY || told > at);
        if tell {
            pace.told_at = Some(at);
        }
        Err(Stopped { reason: Reason::TooFast, tell })
    }

    fn pace(&mut self, at: Time, sender: &str) -> &mut Pace {
        let find = |senders: &[(String, Pace)]| senders.binary_search_by(|(known, _)| known.as_str().cmp(sender));
        let found = find(&self.senders).or_else(|place| {
            if self.senders.len() < MOST_SENDERS {
                return Err(place);
            }
            let is_remembered = |pace: &Pace| pace.told_at.is_some_and(|told| at.since(told) < NOTICE_EVERY);
            self.senders.retain(|(_, pace)| pace.clear_at.max(pace.commands_clear_at) > at || is_remembered(pace));
            if self.senders.len() >= MOST_SENDERS {
                self.senders.clear();
            }
            find(&self.senders)
        });
        let index = found.unwrap_or_else(|place| {
            self.senders.insert(place, (sender.to_owned(), Pace::default()));
            place
        });
        #[expect(clippy::indexing_slicing, reason = "found or inserted at this index")]
        &mut self.senders[index].1
    }
}

/// When a message counts as sent: by the server's clock, so that what was missed over hours and is read in a second is
/// no flood, and what is judged again after a restart is judged alike.
fn moment(entry: &Entry) -> Time {
    let sent = entry.message.sent_at;
    if sent == Time::default() || sent > entry.received_at { entry.received_at } else { sent }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::EntryId;
    use crate::message::{Chat, Sender};

    const RULES: GuardRules = GuardRules { per_minute: 10, bot_turns: 5 };

    fn entry(sender: &str, author: Author, text: &str, at: u64) -> Entry {
        let sender = Sender { id: sender.into(), name: None, author, is_owner: sender == "owner" };
        let place = Place::Group { group: "g1".into() };
        let message = Incoming {
            id: EntryId("1".into()),
            place,
            group: None,
            chat: Chat::Group,
            access: Chat::Group,
            sender,
            text: text.into(),
            mentions_us: true,
            quote: None,
            media: Vec::new(),
            space: None,
            sent_at: Time(at),
            is_past: false,
        };
        Entry { message, received_at: Time(at), adoptions: 0 }
    }

    fn person(sender: &str, at: u64) -> Entry {
        entry(sender, Author::Person, "hi", at)
    }

    #[test]
    fn a_sender_has_ten_messages_a_minute_is_told_once_and_then_met_with_silence() {
        let mut guards = Guards::default();
        for _ in 0..10 {
            assert_eq!(guards.admit(&person("ann", 1_000_000), false, RULES), Ok(()));
        }
        let stopped = |tell| Err(Stopped { reason: Reason::TooFast, tell });
        assert_eq!(guards.admit(&person("ann", 1_000_001), false, RULES), stopped(true));
        assert_eq!(guards.admit(&person("ann", 1_000_002), false, RULES), stopped(false));
        assert_eq!(guards.admit(&person("bob", 1_000_002), false, RULES), Ok(()), "others are not concerned");
        assert_eq!(guards.admit(&person("ann", 1_006_001), false, RULES), Ok(()), "one more after six seconds");
        assert_eq!(guards.admit(&person("ann", 1_006_002), false, RULES), stopped(false));
    }

    #[test]
    fn the_owner_is_not_counted_and_commands_have_a_count_of_their_own() {
        let mut guards = Guards::default();
        let mut admitted = |sender, text, times| {
            let entry = entry(sender, Author::Person, text, 1_000_000);
            (0..times).filter(|_| guards.admit(&entry, false, RULES).is_ok()).count()
        };
        assert_eq!(admitted("owner", "hi", 50), 50);
        assert_eq!(admitted("ann", "hi", 50), 10);
        assert_eq!(admitted("ann", "/tmp/x is full", 50), 0, "a path is no command");
        assert_eq!(admitted("ann", "/stop", 50), 10);
        assert_eq!(admitted("bob", "/x tell me a story", 50), 10);
        assert_eq!(admitted("bob", "hi", 50), 10);
    }

    #[test]
    fn a_clock_that_is_set_back_silences_nobody() {
        let mut guards = Guards::default();
        for at in [10_000_000, 1_000_000, 1_000_001] {
            assert_eq!(guards.admit(&person("ann", at), false, RULES), Ok(()));
        }
    }

    #[test]
    fn bots_that_answer_each_other_stop_until_a_person_speaks_or_time_passes() {
        let mut guards = Guards::default();
        let bot = |at| entry("other_bot", Author::Agent, "hi", at);
        let stopped = Err(Stopped { reason: Reason::BotLoop, tell: false });
        for _ in 0..5 {
            assert_eq!(guards.admit(&bot(1_000_000), false, RULES), Ok(()));
        }
        assert_eq!(guards.admit(&bot(1_000_001), false, RULES), stopped);
        guards.heard(&person("ann", 1_000_002));
        for _ in 0..5 {
            assert_eq!(guards.admit(&bot(1_000_003), false, RULES), Ok(()));
        }
        assert_eq!(guards.admit(&bot(1_000_004), false, RULES), stopped);
        assert_eq!(guards.admit(&bot(1_000_003 + BOTS_COOL_DOWN.0), false, RULES), Ok(()));
    }

    #[test]
    fn a_slash_or_a_quiet_moment_is_no_way_round_the_limit_for_bots() {
        for (text, waits) in [("/go on", false), ("your turn", true)] {
            let mut guards = Guards::default();
            let bot = entry("other_bot", Author::Agent, text, 1_000_000);
            assert_eq!((0..50).filter(|_| guards.admit(&bot, waits, RULES).is_ok()).count(), 5);
        }
    }

    #[test]
    fn the_table_of_senders_does_not_grow_without_end() {
        let mut guards = Guards::default();
        for number in 0..20_000 {
            assert_eq!(guards.admit(&person(&format!("u{number}"), 1_000_000 + number), false, RULES), Ok(()));
        }
        assert!(guards.senders.len() <= MOST_SENDERS);
    }
}
