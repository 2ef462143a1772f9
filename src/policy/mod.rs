//! May a message become a turn? Judged once, in one place, always with a reason.

mod guard;

pub use guard::{Guards, Stopped};

use crate::config::{AllowBots, Rules};
use crate::message::{Author, Chat, Incoming};
use crate::reason::{Outcome, Reason, Verdict};
use crate::step::Ruling;

/// What needs no question to the host: these never become a turn.
#[must_use]
pub fn dismiss(message: &Incoming, rules: &Rules) -> Option<Outcome> {
    let reason = match message.sender.author {
        Author::Us => Reason::OwnMessage,
        Author::System => Reason::SystemMessage,
        Author::Agent | Author::Person if !rules.hears(&message.place, &message.sender.id) => Reason::NotListedHere,
        Author::Agent if !hears_bot(message, rules.allow_bots) => Reason::OtherBot,
        Author::Agent | Author::Person if message.text.trim().is_empty() && !message.mentions_us => Reason::Empty,
        Author::Agent | Author::Person => return None,
    };
    Some(Outcome::new(Verdict::Ignore, reason))
}

fn hears_bot(message: &Incoming, allow_bots: AllowBots) -> bool {
    match allow_bots {
        AllowBots::Off => false,
        AllowBots::Mentions => message.mentions_us,
        AllowBots::On => true,
    }
}

/// Judges a message whose sender the host has judged.
#[must_use]
pub fn judge(message: &Incoming, ruling: Ruling, rules: &Rules) -> Outcome {
    match ruling {
        Ruling::Allowed => {}
        Ruling::Denied => return Outcome::new(Verdict::Ignore, Reason::AccessDenied),
        Ruling::Pairing => return Outcome::new(Verdict::Ignore, Reason::PairingAsked),
        // Nobody has refused it. It can be tried again when the host is well.
        Ruling::Unknown => return Outcome::new(Verdict::Fail, Reason::AccessUnknown),
    }
    if message.is_past {
        return Outcome::new(Verdict::Remember, Reason::SaidBefore);
    }
    if message.chat == Chat::Direct {
        return Outcome::new(Verdict::Answer, Reason::Direct);
    }
    if message.mentions_us {
        return Outcome::new(Verdict::Answer, Reason::Mentioned);
    }
    let place = message.place.wire_id();
    let ids: Vec<&str> = rule_ids(message, &place);
    if rules.requires_mention(&ids) {
        return Outcome::new(Verdict::Remember, Reason::NotMentioned);
    }
    Outcome::new(Verdict::Answer, Reason::NoMentionNeeded)
}

/// The ids under which rules for this place may stand, the deciding one first: a DMWork thread before its group, a
/// Mochat group before its panel (as the existing adapters look them up).
fn rule_ids<'a>(message: &'a Incoming, place: &'a str) -> Vec<&'a str> {
    use crate::message::Place;
    match (&message.place, message.group.as_deref()) {
        (Place::Thread { group, .. }, _) => vec![place, group],
        (Place::Panel { .. } | Place::Session { .. }, Some(group)) => vec![group, place],
        (Place::Panel { .. } | Place::Session { .. }, None) | (Place::Group { .. } | Place::Direct { .. }, _) => {
            vec![place]
        }
    }
}
