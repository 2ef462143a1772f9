//! The life of one connection, for both platforms: epochs, deadlines, backoff. It never gives up on a transient fault.

mod jitter;
mod outage;

use crate::ids::Epoch;
use crate::time::{Millis, Time};
use jitter::Jitter;
use outage::Outage;

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
/// Somebody else uses this bot: two clients that answer each kick with a login would kick each other for ever. First
/// wait; doubled with each kick.
const KICKED_FIRST: Millis = Millis::secs(60);
/// Longest wait after a kick. The other client may have been stopped meanwhile, so the bot is not given up.
const KICKED_CAP: Millis = Millis::secs(30 * 60);
/// A connection that held this long clears the record of kicks: far longer than two clients take turns.
const KICKS_FORGOTTEN: Millis = Millis::secs(2 * 60 * 60);
/// A person must change something, or the server had a fault of its own: DMWork's says 400 for both. First wait; doubled
/// each time.
const REJECTED_FIRST: Millis = Millis::secs(30);
/// After that a slow look is enough.
const REJECTED_CAP: Millis = Millis::secs(300);
/// Longest wait that a server may ask for; a longer one would look like a bot that died.
const BUSY_CAP: Millis = Millis::secs(300);
/// The host hears of life this often at most, however much there is of it.
const ALIVE_EVERY: Millis = Millis::secs(10);
/// A timer this late means that the machine slept, or that its clock was set forward.
const LATE: Millis = Millis::secs(5);

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
    /// The same, and the server asked to be left alone for a while.
    Busy(Millis, String),
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
    kicks: u32,
    rejections: u32,
    jitter: Jitter,
    outage: Outage,
    /// When the host was told last that the connection lives.
    alive_at: Time,
}

impl Link {
    /// A link that has not been started.
    #[must_use]
    pub fn new(pulse: Pulse) -> Self {
        Self {
            pulse,
            epoch: Epoch(0),
            state: State::Idle,
            failures: 0,
            kicks: 0,
            rejections: 0,
            jitter: Jitter::default(),
            outage: Outage::default(),
            alive_at: Time::default(),
        }
    }

    /// Asks for a connection now.
    pub fn start(&mut self, now: Time, entropy: &[u8]) {
        self.jitter = Jitter::from_entropy(entropy);
        self.state = State::Waiting { until: now };
    }

    /// What to do at `now`; call until there is nothing more.
    pub fn due(&mut self, now: Time) -> Option<Due> {
        self.wake_up(now);
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

    /// A ping or a pong that is long overdue means that the machine slept: the pong may have come to nobody. What counts is
    /// whether the server answers now.
    fn wake_up(&mut self, now: Time) {
        if let State::Up { since, ping_at, pong_by } = self.state
            && now.since(pong_by.unwrap_or(ping_at)) > LATE
        {
            self.state = State::Up { since, ping_at: now, pong_by: None };
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
        self.accepted();
        self.outage = Outage::default();
        self.alive_at = now;
        self.state = State::Up { since: now, ping_at: now.after(PING_EVERY), pong_by: None };
    }

    /// The token was accepted, if not on this connection.
    pub fn accepted(&mut self) {
        self.rejections = 0;
    }

    /// Any byte proves life. Answers whether the host is to hear of it: it would take a connection without news for dead,
    /// one that is too busy to be pinged as well.
    #[must_use]
    pub fn heard(&mut self, now: Time) -> bool {
        let State::Up { since, .. } = self.state else { return false };
        self.state = State::Up { since, ping_at: now.after(PING_EVERY), pong_by: None };
        let is_news = now.since(self.alive_at) >= ALIVE_EVERY;
        if is_news {
            self.alive_at = now;
        }
        is_news
    }

    /// Whether this loss is worth a line in the log.
    pub fn tells(&mut self, now: Time, loss: &Loss) -> bool {
        self.outage.tells(now, loss)
    }

    /// The connection ended; answers how long the link waits before the next attempt.
    pub fn lost(&mut self, now: Time, loss: &Loss) -> Millis {
        let held = self.held(now);
        if held >= STABLE {
            self.failures = 0;
        }
        if held >= KICKS_FORGOTTEN {
            self.kicks = 0;
        }
        let wait = match loss {
            Loss::Kicked(_) => {
                let wait = KICKED_FIRST.doubled(self.kicks).min(KICKED_CAP);
                self.kicks = self.kicks.saturating_add(1);
                self.jitter.between(wait, wait.times(2))
            }
            Loss::Rejected(_) | Loss::Unusable(_) => {
                let wait = REJECTED_FIRST.doubled(self.rejections).min(REJECTED_CAP);
                self.rejections = self.rejections.saturating_add(1);
                self.jitter.between(wait, wait.times(2))
            }
            Loss::Busy(wait, _) => Millis(wait.0.min(BUSY_CAP.0).saturating_add(self.backoff().0)),
            Loss::Fault(_) | Loss::Silence | Loss::HandshakeTimeout => self.backoff(),
        };
        self.failures = self.failures.saturating_add(1);
        self.state = State::Waiting { until: now.after(wait) };
        wait
    }

    /// How long the present connection has held; zero if there is none.
    #[must_use]
    pub fn held(&self, now: Time) -> Millis {
        match self.state {
            State::Up { since, .. } => now.since(since),
            State::Idle | State::Waiting { .. } | State::Opening { .. } => Millis(0),
        }
    }

    /// Full jitter: many bots that lose one server don't come back in step.
    fn backoff(&mut self) -> Millis {
        let most = BACKOFF_FIRST.doubled(self.failures).min(BACKOFF_CAP);
        self.jitter.between(BACKOFF_FLOOR, most)
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
        assert!(link.heard(Time(44_000)), "the host hears of it");
        assert!(!link.heard(Time(44_000)), "but not of every byte");
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
    fn each_kick_doubles_the_wait_until_a_connection_holds_for_hours() {
        let mut link = started();
        link.due(Time(0));
        let kicked = Loss::Kicked("login in other device".into());
        let mut now = Time(0);
        for wait in [60, 120, 240, 480, 960, 1_800, 1_800] {
            link.established(now);
            now = now.after(Millis::secs(90));
            let waited = link.lost(now, &kicked);
            assert!(waited >= Millis::secs(wait) && waited <= Millis::secs(2 * wait), "{waited:?}");
        }
        link.established(now);
        assert!(link.lost(now.after(KICKS_FORGOTTEN), &kicked) <= KICKED_FIRST.times(2));
    }

    #[test]
    fn a_server_that_asks_for_time_gets_it_within_limits() {
        let mut link = started();
        for (asked, least) in [(7, 7), (86_400, 300)] {
            link.due(Time(0));
            let waited = link.lost(Time(0), &Loss::Busy(Millis::secs(asked), "slow down".into()));
            assert!(waited >= Millis::secs(least) && waited <= Millis::secs(least + 2), "{waited:?}");
        }
    }

    #[test]
    fn after_a_sleep_the_server_is_asked_before_it_is_given_up() {
        let mut link = started();
        link.due(Time(0));
        link.established(Time(0));
        assert_eq!(link.due(Time(30_000)), Some(Due::Ping(Epoch(1))));
        let woken = Time(3_600_000);
        assert_eq!(link.due(woken), Some(Due::Ping(Epoch(1))));
        assert_eq!(link.deadline(), Some(woken.after(PONG_WITHIN)));
        assert_eq!(link.due(woken.after(PONG_WITHIN)), Some(Due::Lost(Epoch(1), Loss::Silence)));
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
