//! Messages as both sides know them, and what can be seen of an account.

use crate::conversation_model::script::{Calls, Line, Platform, Spot, What, Who};
use mochat_dmwork::reason::{Reason, Verdict};

/// A message that somebody has written.
#[derive(Clone, Debug)]
pub struct Message {
    pub id: usize,
    pub line: Line,
    pub sender: &'static str,
    /// In the place grammar.
    pub place: &'static str,
    pub text: String,
    /// By the server's clock.
    pub sent_at: u64,
}

const LONG: usize = 25_000;
/// Long before the first start, whatever happened since.
const LONG_AGO: u64 = 10_000 * 86_400_000;

impl Message {
    pub fn new(platform: Platform, id: usize, line: Line, sent_at: u64) -> Self {
        let Line(who, spot, what, _) = line;
        let text = match what {
            What::Talk | What::Old => format!("t{id}"),
            What::Long => format!("t{id} {}", "x".repeat(LONG)),
            What::Nothing => " ".to_owned(),
            What::Stop => format!("/stop t{id}"),
            What::New => format!("/new t{id}"),
        };
        let (sender, place) = match platform {
            Platform::Mochat => (mochat_user(who), mochat_place(spot)),
            Platform::Dmwork => dmwork_ends(who, spot),
        };
        // DMWork tells whole seconds.
        let sent_at = if what == What::Old { sent_at - LONG_AGO } else { sent_at };
        let sent_at = if platform == Platform::Dmwork { sent_at / 1_000 * 1_000 } else { sent_at };
        Self { id, line, sender, place, text, sent_at }
    }

    /// Written in a session of many before the account listened there.
    pub fn is_past(&self) -> bool {
        self.line.2 == What::Old && self.place == "session:session_many"
    }

    pub fn calls_us(&self) -> bool {
        self.line.3 == Calls::Us
    }
}

/// The number in a text.
pub fn number(text: &str) -> Option<usize> {
    text.split([' ', '\n']).find_map(|word| word.strip_prefix('t')?.parse().ok())
}

pub const MOCHAT_BOT: &str = crate::support::mochat::BOT;

fn mochat_user(who: Who) -> &'static str {
    match who {
        Who::Ann => "ann",
        Who::Bob => "bob",
        Who::Olga => "owner",
        Who::Mallory => "mallory",
        Who::Newcomer => "newcomer",
        Who::Mystery => "mystery",
        Who::Robot => "robot",
        Who::Us => MOCHAT_BOT,
        Who::System => "000000000000000000000000",
    }
}

fn mochat_place(spot: Spot) -> &'static str {
    const SESSIONS: [&str; 8] = [
        "session:session_0",
        "session:session_1",
        "session:session_2",
        "session:session_3",
        "session:session_4",
        "session:session_5",
        "session:session_6",
        "session:session_7",
    ];
    const SHARED: [&str; 3] = ["session:session_many", "panel:6981a1", "panel:6981a2"];
    match spot {
        Spot::Direct(at) => SESSIONS[usize::from(at) % SESSIONS.len()],
        Spot::Shared(at) => SHARED[usize::from(at) % SHARED.len()],
    }
}

/// Who writes where. A direct conversation of DMWork is known by who writes, so there are several called Ann.
fn dmwork_ends(who: Who, spot: Spot) -> (&'static str, &'static str) {
    const ANNS: [(&str, &str); 8] = [
        ("ann0", "user:ann0"),
        ("ann1", "user:ann1"),
        ("ann2", "user:ann2"),
        ("ann3", "user:ann3"),
        ("ann4", "user:ann4"),
        ("ann5", "user:ann5"),
        ("ann6", "user:ann6"),
        ("ann7", "user:ann7"),
    ];
    const SHARED: [&str; 3] = ["group:g1", "thread:g1____t1", "group:g2"];
    let (sender, direct) = match (who, spot) {
        (Who::Ann, Spot::Direct(at)) => ANNS[usize::from(at) % ANNS.len()],
        (Who::Ann, Spot::Shared(_)) => ANNS[0],
        (Who::Bob, _) => ("bob", "user:bob"),
        (Who::Olga, _) => ("owner", "user:owner"),
        (Who::Mallory, _) => ("mallory", "user:mallory"),
        (Who::Newcomer, _) => ("newcomer", "user:newcomer"),
        (Who::Mystery, _) => ("mystery", "user:mystery"),
        (Who::Robot, _) => ("other_bot", "user:other_bot"),
        // Written with another client.
        (Who::Us, _) => ("rev_bot", "user:bob"),
        (Who::System, _) => ("", "user:"),
    };
    match spot {
        Spot::Direct(_) => (sender, direct),
        Spot::Shared(at) => (sender, SHARED[usize::from(at) % SHARED.len()]),
    }
}

/// What an account is seen to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    Commits(Vec<usize>),
    Asks(usize),
    Judges {
        id: usize,
        end: End,
        until: Option<u64>,
    },
    Keeps(usize),
    Reopens(usize),
    /// What the host was entrusted with is ours again, or forgotten.
    Reclaims(usize),
    Releases(usize),
    Ends {
        id: usize,
        end: End,
        turn: Option<usize>,
    },
    Offers(Offer),
    /// Somebody writes faster than is answered, and is told so.
    SaysTooFast(String),
}

/// An outcome, in an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct End(pub &'static str, pub Reason);

impl End {
    pub fn new(verdict: Verdict, reason: Reason) -> Self {
        let verdict = match verdict {
            Verdict::Answer => "answer",
            Verdict::Remember => "remember",
            Verdict::Ignore => "ignore",
            Verdict::Fail => "fail",
        };
        Self(verdict, reason)
    }
}

/// A turn as the host gets it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Offer {
    pub place: String,
    pub messages: Vec<usize>,
    pub context: Vec<usize>,
    pub omitted: u32,
    pub mentioned: bool,
    /// How often the host has taken it over before.
    pub adoptions: u32,
}

impl Act {
    /// Sorts what belongs to no common order. Turns of one place do.
    pub fn sort(acts: &mut [Self]) {
        acts.sort_by(|one, other| match (one, other) {
            (Self::Offers(one), Self::Offers(other)) => one.place.cmp(&other.place),
            (one, other) => one.cmp(other),
        });
    }
}
