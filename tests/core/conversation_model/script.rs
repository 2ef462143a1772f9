//! What can happen to an account, as data: a failing sequence is printed and pasted into a story.

use std::fmt;

/// The platform, its configuration, and what happens.
#[derive(Clone, Debug)]
pub struct Script {
    pub platform: Platform,
    pub settings: Settings,
    pub steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    Dmwork,
    Mochat,
}

/// What the operator configured, as far as conversations depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The account's own word about mentions.
    pub asks: bool,
    /// The same by id, where something is set: the group, the one place in it that has a rule of its own, `*`.
    pub group_asks: Option<bool>,
    pub place_asks: Option<bool>,
    pub rest_asks: Option<bool>,
    pub mode: Mode,
    pub quiet: u64,
    pub longest: u64,
    pub history: usize,
    pub bots: Bots,
    pub per_minute: u32,
    pub bot_turns: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Off,
    Never,
    NonMention,
    Always,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bots {
    Off,
    Mentions,
    On,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Ann,
    Bob,
    /// The bot belongs to her.
    Olga,
    /// The host refuses her.
    Mallory,
    /// The host gives him a pairing code.
    Newcomer,
    /// The host never knows about him.
    Mystery,
    Robot,
    Us,
    System,
}

/// Direct conversations, and three shared places. The first two of DMWork are a group and its thread, the third is
/// another group; the first of Mochat is a session of many, the others are panels of one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    Direct(u8),
    Shared(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Talk,
    /// Three of these don't fit into a prompt.
    Long,
    Nothing,
    /// Long ago.
    Old,
    Stop,
    New,
}

/// A message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Line(pub Who, pub Spot, pub What, pub Calls);

/// Whether a message mentions the bot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calls {
    Us,
    Nobody,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(who, spot, what, calls) = self;
        write!(f, "Line({who:?}, {spot:?}, What::{what:?}, Calls::{calls:?})")
    }
}

/// Whoever is named by a number is the n-th from the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Says(Line),
    /// Several such messages, in one transaction.
    Burst(Line, u8),
    /// The server tells a message again, or for the first time if it could not before.
    Again(u8),
    TakesBack(u8),
    /// The inbox says that a message is a mention.
    Announces(u8),
    /// The same ahead of the message, which may never come.
    AnnouncesAhead(Line),
    /// Milliseconds, in which the account is woken as it asked for.
    Waits(u64),
    /// The machine is suspended.
    Sleeps(u64),
    SetsClockBack(u64),
    Crashes,
    /// So many facts later, in the middle of whatever happens.
    CrashesAfter(u8),
    Reconfigures(Settings),
    /// The core is lost, and the host keeps some of the turns that it has.
    Traps(u8),
    /// A crash for which a message is to blame.
    CrashesOver(u8),
    /// A crash, and a stored message is not readable any more.
    Damages(u8),
    StoreIsFull(bool),
    HostAnswers(Answers),
    /// The host answers one of the questions that it left open.
    Answers(u8),
    HostTakes(Habit),
    Adopts(u8),
    Defers(u8),
    LetsGo(u8),
    /// Ends a turn that was not adopted.
    Handles(u8),
    Fails(u8),
    FailsAll,
    /// Ends a turn that runs.
    Closes(u8),
    /// The same, with an error.
    Breaks(u8),
    /// Says of a turn that was queued that its run is over.
    Settles(u8),
    Replies(u8),
    /// The host says something in the place of a message, in no turn's name.
    Volunteers(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    Promptly,
    Later,
    /// It doesn't know about anybody.
    InVain,
}

/// What the host does with a turn that it is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habit {
    AdoptsAndEnds,
    Adopts,
    /// Puts it into the run that is under way in its place, if there is one.
    Joins,
    /// Queues it behind whatever else there is.
    Queues,
    Holds,
    Handles,
    Fails,
}
