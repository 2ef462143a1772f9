//! The life of one connection, for both platforms: epochs, deadlines, backoff. It never gives up on a transient fault.

use crate::ids::Epoch;
use crate::time::{Millis, Time};

/// From the first byte out to a proven inbound path. Servers close a silent handshake after 4 to 6 s.
const HANDSHAKE: Millis = Millis::secs(10);
/// Between two pings. The servers' idle limit is 3 minutes, so five pings may be lost before they close.
const PING_EVERY: Millis = Millis::secs(30);
/// From ping to any byte back.
const PONG_WITHIN: Millis = Millis::secs(15);
/// First wait; doubled with each failure.
const BACKOFF_FIRST: Millis = Millis::secs(1);
/// Longest wait after a transient fault.
const BACKOFF_CAP: Millis = Millis::secs(60);
/// Never shorter, so that a fault that comes at once can't spin.
const BACKOFF_FLOOR: Millis = Millis(250);
/// A connection that held this long clears the record of failures.
const STABLE: Millis = Millis::secs(30);
/// Somebody else uses this bot: two clients that answer each kick with a login would kick each other for ever.
const KICKED_WAIT: Millis = Millis::secs(60);
/// A person must change something; until then a slow look is enough.
const REJECTED_WAIT: Millis = Millis::secs(300);

/// Who proves that the connection lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pulse {
    /// We ping, the server answers (WuKongIM).
    Ours,
    /// The server pings (Engine.IO, every 25 s by default).
    Theirs,
}

/// Why a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The transport closed, a call was refused, bytes made no sense: try again.
    Fault(String),
    /// The other side stopped answering.
    Silence,
    /// No proven inbound path in time.
    HandshakeTimeout,
    /// The server let another client in.
    Kicked(String),
    /// The server doesn't accept the token.
    Rejected(String),
    /// The connection works and can't be used before a person changes something; the words say what.
    Unusable(String),
}

/// What is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// Connect; the new connection carries this epoch.
    Connect(Epoch),
    /// Send a ping.
    Ping(Epoch),
    /// The connection of this epoch is lost.
    Lost(Epoch, Loss),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    Waiting { until: Time },
    Opening { by: Time },
    Up { since: Time, ping_at: Time, pong_by: Option<Time> },
}

/// A connection and its successors. At most one is open at any moment.
#[derive(Debug)]
pub struct Link {
    pulse: Pulse,
    epoch: Epoch,
    state: State,
    failures: u32,
    jitter: Jitter,
}

impl Link {
    /// A link that has not been started.
    #[must_use]
    pub fn new(pulse: Pulse) -> Self {
        Self { pulse, epoch: Epoch(0), state: State::Idle, failures: 0, jitter: Jitter(0) }
    }

    /// Asks for a connection now.
    pub fn start(&mut self, now: Time, entropy: &[u8]) {
        self.jitter = Jitter::from_entropy(entropy);
        self.state = State::Waiting { until: now };
    }

    /// What to do at `now`; call until there is nothing more.
    pub fn due(&mut self, now: Time) -> Option<Due> {
        match self.state {
            State::Waiting { until } if now >= until => {
                self.epoch = self.epoch.next();
                self.extend_handshake(now);
                Some(Due::Connect(self.epoch))
            }
            State::Opening { by } if now >= by => Some(Due::Lost(self.epoch, Loss::HandshakeTimeout)),
            State::Up { pong_by: Some(by), .. } if now >= by => Some(Due::Lost(self.epoch, Loss::Silence)),
            State::Up { since, ping_at, pong_by: None } if now >= ping_at => {
                self.state = State::Up { since, ping_at, pong_by: Some(now.after(PONG_WITHIN)) };
                (self.pulse == Pulse::Ours).then_some(Due::Ping(self.epoch))
            }
            State::Idle | State::Waiting { .. } | State::Opening { .. } | State::Up { .. } => None,
        }
    }

    /// When [`Link::due`] will have something.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        match self.state {
            State::Idle => None,
            State::Waiting { until } => Some(until),
            State::Opening { by } => Some(by),
            State::Up { ping_at, pong_by, .. } => Some(pong_by.unwrap_or(ping_at)),
        }
    }

    /// Whether this is the epoch of the present connection or attempt.
    #[must_use]
    pub fn is_current(&self, epoch: Epoch) -> bool {
        epoch == self.epoch && matches!(self.state, State::Opening { .. } | State::Up { .. })
    }

    /// The epoch of the present connection or attempt.
    #[must_use]
    pub fn current(&self) -> Option<Epoch> {
        self.is_current(self.epoch).then_some(self.epoch)
    }

    /// The present epoch, if the inbound path is proven.
    #[must_use]
    pub fn up(&self) -> Option<Epoch> {
        matches!(self.state, State::Up { .. }).then_some(self.epoch)
    }

    /// A step of the handshake succeeded: the next one gets a full deadline.
    pub fn extend_handshake(&mut self, now: Time) {
        self.state = State::Opening { by: now.after(HANDSHAKE) };
    }

    /// The inbound path is proven.
    pub fn established(&mut self, now: Time) {
        self.state = State::Up { since: now, ping_at: now.after(PING_EVERY), pong_by: None };
    }

    /// Any byte proves life.
    pub fn heard(&mut self, now: Time) {
        if let State::Up { since, .. } = self.state {
            self.state = State::Up { since, ping_at: now.after(PING_EVERY), pong_by: None };
        }
    }

    /// The connection ended; answers how long the link waits before the next attempt.
    pub fn lost(&mut self, now: Time, loss: &Loss) -> Millis {
        if let State::Up { since, .. } = self.state
            && now.since(since) >= STABLE
        {
            self.failures = 0;
        }
        let wait = match loss {
            Loss::Kicked(_) => self.jitter.between(KICKED_WAIT, KICKED_WAIT.times(2)),
            Loss::Rejected(_) | Loss::Unusable(_) => self.jitter.between(REJECTED_WAIT, REJECTED_WAIT.times(2)),
            Loss::Fault(_) | Loss::Silence | Loss::HandshakeTimeout => self.backoff(),
        };
        self.failures = self.failures.saturating_add(1);
        self.state = State::Waiting { until: now.after(wait) };
        wait
    }

    /// Full jitter: many bots that lose one server don't come back in step.
    fn backoff(&mut self) -> Millis {
        let doubled = BACKOFF_FIRST.times(1_u64.checked_shl(self.failures.min(16)).unwrap_or(u64::MAX));
        self.jitter.between(BACKOFF_FLOOR, doubled.min(BACKOFF_CAP))
    }
}

/// A small generator for spreading retries (SplitMix64); nothing secret comes from it.
#[derive(Debug)]
pub(crate) struct Jitter(u64);

impl Jitter {
    /// Seeds it with the first eight bytes of `entropy`.
    pub(crate) fn from_entropy(entropy: &[u8]) -> Self {
        Self(entropy.iter().take(8).fold(0, |seed: u64, byte| (seed << 8) | u64::from(*byte)))
    }

    /// A span between the two, both included.
    pub(crate) fn between(&mut self, least: Millis, most: Millis) -> Millis {
        let width = most.0.saturating_sub(least.0).saturating_add(1);
        Millis(least.0.saturating_add(self.next().checked_rem(width).unwrap_or(0)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started() -> Link {
        let mut link = Link::new(Pulse::Ours);
        link.start(Time(0), &[7; 32]);
        link
    }

    #[test]
    fn an_unanswered_handshake_is_lost_after_its_deadline() {
        let mut link = started();
        assert_eq!(link.due(Time(0)), Some(Due::Connect(Epoch(1))));
        assert_eq!(link.due(Time(9_999)), None);
        assert_eq!(link.due(Time(10_000)), Some(Due::Lost(Epoch(1), Loss::HandshakeTimeout)));
    }

    #[test]
    fn a_silent_connection_is_pinged_and_then_lost() {
        let mut link = started();
        link.due(Time(0));
        link.established(Time(100));
        assert_eq!(link.due(Time(30_100)), Some(Due::Ping(Epoch(1))));
        assert_eq!(link.due(Time(45_099)), None);
        assert_eq!(link.due(Time(45_100)), Some(Due::Lost(Epoch(1), Loss::Silence)));
    }

    #[test]
    fn any_byte_proves_life() {
        let mut link = started();
        link.due(Time(0));
        link.established(Time(0));
        link.due(Time(30_000));
        link.heard(Time(44_000));
        assert_eq!(link.due(Time(45_000)), None);
        assert_eq!(link.deadline(), Some(Time(74_000)));
    }

    #[test]
    fn waiting_grows_to_a_minute_and_never_ends() {
        let mut link = started();
        let mut now = Time(0);
        for _ in 0..200 {
            assert!(matches!(link.due(now), Some(Due::Connect(_))));
            let wait = link.lost(now, &Loss::Fault("refused".into()));
            assert!(wait >= BACKOFF_FLOOR && wait <= BACKOFF_CAP);
            now = link.deadline().unwrap();
        }
    }

    #[test]
    fn a_short_connection_does_not_clear_the_record_of_failures() {
        let mut link = started();
        for _ in 0..10 {
            link.lost(Time(0), &Loss::Silence);
        }
        link.due(link.deadline().unwrap());
        link.established(Time(100_000));
        link.lost(Time(101_000), &Loss::Silence);
        assert!(link.failures > 10);
        link.established(Time(200_000));
        link.lost(Time(230_000), &Loss::Silence);
        assert_eq!(link.failures, 1);
    }

    #[test]
    fn a_kick_is_not_answered_for_a_minute() {
        let mut link = started();
        link.due(Time(0));
        assert!(link.lost(Time(0), &Loss::Kicked("login in other device".into())) >= Millis::secs(60));
    }

    #[test]
    fn events_of_an_earlier_connection_are_recognised() {
        let mut link = started();
        link.due(Time(0));
        link.lost(Time(0), &Loss::Silence);
        assert!(!link.is_current(Epoch(1)));
        link.due(link.deadline().unwrap());
        assert!(link.is_current(Epoch(2)) && !link.is_current(Epoch(1)));
    }
}
