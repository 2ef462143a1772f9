//! How much of one sender, and of bots among themselves, is answered.

use crate::conversation_model::script::{Settings, What, Who};
use crate::conversation_model::told::Message;
use mochat_dmwork::reason::Reason;

const MINUTE: u64 = 60_000;

#[derive(Debug, Default)]
pub(super) struct Guards {
    senders: Vec<Sender>,
    bots: Vec<Bots>,
}

#[derive(Debug)]
struct Sender {
    id: &'static str,
    /// When the minute that its messages have used up is over: each takes its share.
    used_until: u64,
    /// The same of its commands.
    commands_until: u64,
    told_at: Option<u64>,
}

#[derive(Debug)]
struct Bots {
    place: &'static str,
    turns: u32,
    last: u64,
}

impl Guards {
    pub(super) fn a_person_speaks(&mut self, place: &str) {
        self.bots.retain(|bots| bots.place != place);
    }

    /// Why a message gets no turn, and whether its sender is told. What people say and what waits is not counted.
    pub(super) fn refuse(
        &mut self,
        message: &Message,
        is_owner: bool,
        received: u64,
        waits: bool,
        settings: &Settings,
    ) -> Option<(Reason, bool)> {
        // What the server kept back was sent long ago; it can't have been sent later than it came.
        let at = message.sent_at.min(received);
        if message.line.0 == Who::Robot {
            return self.refuse_bot(message.place, at, settings.bot_turns);
        }
        if waits || is_owner || settings.per_minute == 0 {
            return None;
        }
        let known = self.senders.iter().position(|sender| sender.id == message.sender).unwrap_or_else(|| {
            self.senders.push(Sender { id: message.sender, used_until: 0, commands_until: 0, told_at: None });
            self.senders.len() - 1
        });
        let sender = &mut self.senders[known];
        let is_command = matches!(message.line.2, What::Stop | What::New);
        let until = if is_command { &mut sender.commands_until } else { &mut sender.used_until };
        let mut used = until.saturating_sub(at);
        if used > MINUTE {
            // The clock was set back.
            used = 0;
        }
        used += MINUTE / u64::from(settings.per_minute);
        if used <= MINUTE {
            *until = at + used;
            return None;
        }
        let tells = sender.told_at.is_none_or(|told| told > at || at - told >= 10 * MINUTE);
        if tells {
            sender.told_at = Some(at);
        }
        Some((Reason::TooFast, tells))
    }

    fn refuse_bot(&mut self, place: &'static str, at: u64, most: u32) -> Option<(Reason, bool)> {
        self.bots.retain(|bots| at < bots.last + 10 * MINUTE);
        if !self.bots.iter().any(|bots| bots.place == place) {
            self.bots.push(Bots { place, turns: 0, last: at });
        }
        let bots = self.bots.iter_mut().find(|bots| bots.place == place).unwrap();
        if bots.turns >= most {
            return Some((Reason::BotLoop, false));
        }
        bots.turns += 1;
        bots.last = at;
        None
    }
}
