//! Whatever happens to messages on their way: each that was committed ends once, for one reason.

use crate::support::dmwork::{DmworkServer, dm, group};
use crate::support::mochat::{BOT, MochatServer, PANEL, session};
use crate::support::{Server, World};
use mochat_dmwork::ids::{EntryId, RequestId};
use mochat_dmwork::reason::{Outcome, Reason, Verdict};
use mochat_dmwork::step::{Access, HeldTurn, Input, Ruling};
use mochat_dmwork::time::Millis;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;

/// A message as a scenario says it.
#[derive(Clone, Copy, Debug)]
struct Line {
    who: Who,
    place: u8,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum Who {
    Ann,
    /// Speaks only when everything else is over.
    Zoe,
    /// The host's rules refuse her.
    Mallory,
    /// Is given a pairing code.
    Newcomer,
    /// The host never knows about her.
    Mystery,
    OtherBot,
    Us,
    Platform,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Talk,
    Mention,
    Nothing,
    Command,
    NewConversation,
}

#[derive(Clone, Debug)]
enum Event {
    Said(Line),
    /// The server tells an earlier message once more.
    Again(usize),
    /// Its author takes one of the last messages back.
    Recalled(usize),
    Seconds(u64),
    /// Whether the host adopts turns by itself.
    Adopts(bool),
    /// The host says something about one of the last turns, true or stale.
    HostSays(usize, u8),
    /// The host has nothing but errors for one of the last turns.
    HostFails(usize),
    /// Whether the host can tell anything about senders.
    Knows(bool),
    Full(bool),
    Cut,
    Crash,
    /// The same, and a record in the store is not what it was.
    Damage,
    /// The core is rebuilt while the host holds some of the open turns.
    Rebuild(u8),
    Reply,
}

fn lines() -> impl Strategy<Value = Line> {
    use Who::{Ann, Mallory, Mystery, Newcomer, OtherBot, Platform, Us};
    let who = prop_oneof![4 => Just(Ann), 1 => Just(OtherBot), 1 => prop::sample::select(
        vec![Mallory, Newcomer, Mystery, Us, Platform])];
    let what = prop_oneof![
        4 => Just(What::Talk), 3 => Just(What::Mention), 1 => Just(What::Nothing), 1 => Just(What::Command),
        1 => Just(What::NewConversation)
    ];
    (who, 0..3_u8, what).prop_map(|(who, place, what)| Line { who, place, what })
}

fn events() -> impl Strategy<Value = Event> {
    prop_oneof![
        10 => lines().prop_map(Event::Said),
        2 => any::<usize>().prop_map(Event::Again),
        2 => (0..4_usize).prop_map(Event::Recalled),
        3 => (0..200_u64).prop_map(Event::Seconds),
        2 => any::<bool>().prop_map(Event::Adopts),
        4 => (0..4_usize, 0..5_u8).prop_map(|(turn, fact)| Event::HostSays(turn, fact)),
        1 => (0..4_usize).prop_map(Event::HostFails),
        1 => any::<bool>().prop_map(Event::Knows),
        1 => any::<bool>().prop_map(Event::Full),
        1 => Just(Event::Cut),
        1 => Just(Event::Crash),
        1 => Just(Event::Damage),
        1 => any::<u8>().prop_map(Event::Rebuild),
        1 => Just(Event::Reply),
    ]
}

/// A platform on which scenarios play.
trait Stage: Server + Sized {
    /// The ids of another bot, of ours, and of the platform itself.
    const OTHERS: [&'static str; 3];

    /// With three places; `asks` says whether the shared ones need a mention.
    fn open(asks: bool) -> World<Self>;
    fn is_connected(world: &World<Self>) -> bool;
    fn tell(world: &mut World<Self>, id: usize, line: Line);
    fn recall(world: &mut World<Self>, id: usize);
    fn cut(world: &mut World<Self>);

    fn name(who: Who) -> &'static str {
        let [other_bot, us, platform] = Self::OTHERS;
        match who {
            Who::Ann => "ann",
            Who::Zoe => "zoe",
            Who::Mallory => "mallory",
            Who::Newcomer => "newcomer",
            Who::Mystery => "mystery",
            Who::OtherBot => other_bot,
            Who::Us => us,
            Who::Platform => platform,
        }
    }
}

impl Stage for DmworkServer {
    const OTHERS: [&'static str; 3] = ["other_bot", "rev_bot", ""];

    fn open(asks: bool) -> World<Self> {
        let config = json!({ "apiUrl": "https://im.example", "botToken": "bf_0123456789abcdef0123",
            "requireMention": asks, "historyLimit": 3, "allowBots": if asks { "mentions" } else { "off" },
            "maxBotTurns": 1 });
        World::dmwork(&config.to_string())
    }

    fn is_connected(world: &World<Self>) -> bool {
        world.server.open.is_some()
    }

    fn tell(world: &mut World<Self>, id: usize, line: Line) {
        let who = Self::name(line.who);
        let id = i64::try_from(id).unwrap() + 1;
        let said = match line.place {
            0 => dm(id, who, line.text()),
            1 => group(id, who, line.text()),
            _ => group(id, who, line.text()).in_channel("g1____1234567890123456", 5),
        };
        let uids = if line.is_mention() { vec!["rev_bot"] } else { vec![] };
        world.receive(&[said.mentioning(json!({ "uids": uids }))]);
    }

    /// The platform has no such thing.
    fn recall(_world: &mut World<Self>, _id: usize) {}

    fn cut(world: &mut World<Self>) {
        world.cut();
    }
}

impl Stage for MochatServer {
    const OTHERS: [&'static str; 3] = ["other", BOT, "000000000000000000000000"];

    fn open(asks: bool) -> World<Self> {
        let config = json!({ "clawToken": "claw_0123456789abcdef0123", "baseUrl": "https://mochat.example/api/",
            "agentUserId": BOT, "mention": { "requireInGroups": asks }, "historyLimit": 3,
            "allowBots": if asks { "mentions" } else { "off" }, "maxBotTurns": 1 });
        let sessions = vec![session("session_dm", &["ann"]), session("session_three", &["ann", "zoe"])];
        World::new("mochat", &config.to_string(), Self { sessions, ..Self::default() })
    }

    fn is_connected(world: &World<Self>) -> bool {
        world.server.open.is_some()
    }

    fn tell(world: &mut World<Self>, id: usize, line: Line) {
        let who = Self::name(line.who);
        let id = format!("m{id}");
        let mentions: &[&str] = if line.is_mention() { &[BOT] } else { &[] };
        match line.place {
            0 => world.in_session("session_dm", &id, who, line.text()),
            1 => world.in_this_panel(PANEL, &id, who, line.text(), mentions),
            _ => world.in_this_panel("6981000000000000000000a2", &id, who, line.text(), mentions),
        }
    }

    fn recall(world: &mut World<Self>, id: usize) {
        let id = format!("m{id}");
        world.event("notify:chat.message.delete", &json!({ "messageId": id, "converseId": PANEL }));
    }

    fn cut(world: &mut World<Self>) {
        world.cut("transport close");
    }
}

impl Line {
    fn text(self) -> &'static str {
        match self.what {
            What::Talk => "the build is red",
            What::Mention => "@Reviewer why?",
            What::Nothing => " ",
            What::Command => "/status",
            What::NewConversation => "/new",
        }
    }

    fn is_mention(self) -> bool {
        matches!(self.what, What::Mention | What::NewConversation) || matches!(self.who, Who::OtherBot)
    }
}

fn knowing(sender: &str) -> Access {
    Access::new(match sender {
        "mallory" => Ruling::Denied,
        "newcomer" => Ruling::Pairing,
        "mystery" => Ruling::Unknown,
        _ => Ruling::Allowed,
    })
}

fn clueless(_sender: &str) -> Access {
    Access::new(Ruling::Unknown)
}

struct Scenario<S> {
    world: World<S>,
    said: Vec<Line>,
}

impl<S: Stage> Scenario<S> {
    fn play(asks: bool, events: &[Event]) -> World<S> {
        let mut world = S::open(asks);
        world.access = knowing;
        let mut scenario = Self { world, said: Vec::new() };
        for event in events {
            scenario.happens(event);
        }
        scenario.settles();
        scenario.world
    }

    fn happens(&mut self, event: &Event) {
        let world = &mut self.world;
        match *event {
            Event::Said(line) => self.says(line),
            Event::Again(nth) if !self.said.is_empty() => self.tells(nth % self.said.len()),
            Event::Recalled(nth) if S::is_connected(world) && nth < self.said.len() => {
                S::recall(world, self.said.len() - 1 - nth);
            }
            Event::Again(_) | Event::Recalled(_) => {}
            Event::Seconds(seconds) => world.after_secs(seconds),
            Event::Adopts(adopts) => world.adopts = adopts,
            Event::HostSays(turn, fact) => self.host_says(turn, fact),
            Event::HostFails(turn) => self.host_fails(turn),
            Event::Knows(knows) => world.access = if knows { knowing } else { clueless },
            Event::Full(is_full) => world.store.is_full = is_full,
            Event::Cut if S::is_connected(world) => S::cut(world),
            Event::Cut => {}
            Event::Crash => world.crash(),
            Event::Damage => world.crash_with(|store| {
                if let Some(entry) = store.entries.first_mut() {
                    entry.record = "{".into();
                }
            }),
            Event::Rebuild(which) => self.rebuild(which),
            Event::Reply => {
                if let Some(to) = world.turns.last().map(|turn| turn.to.clone()) {
                    world.send(&to, "because of a test");
                }
            }
        }
    }

    fn says(&mut self, line: Line) {
        self.said.push(line);
        self.tells(self.said.len() - 1);
    }

    fn tells(&mut self, nth: usize) {
        // What the server can't deliver it keeps; here it is told when all is over.
        if S::is_connected(&self.world) {
            S::tell(&mut self.world, nth, self.said[nth]);
        }
    }

    fn host_says(&mut self, nth: usize, fact: u8) {
        let Some(turn) = self.world.turns.iter().rev().nth(nth).map(|turn| turn.turn.clone()) else { return };
        self.world.tell(match fact {
            0 => Input::TurnAdopted { turn },
            1 => Input::TurnDeferred { turn },
            2 => Input::TurnAbandoned { turn },
            3 => Input::TurnEnded { turn, error: None },
            _ => Input::TurnEnded { turn, error: Some("the model is away".into()) },
        });
    }

    /// Until its last offer.
    fn host_fails(&mut self, nth: usize) {
        let adopts = std::mem::replace(&mut self.world.adopts, false);
        for _ in 0..8 {
            self.host_says(nth, 4);
            self.world.after_secs(150);
        }
        self.world.adopts = adopts;
    }

    fn rebuild(&mut self, which: u8) {
        let is_open = |id: &EntryId| self.world.store.entries.iter().any(|entry| entry.id == *id && !entry.kept);
        let held: BTreeMap<_, _> = self
            .world
            .turns
            .iter()
            .filter(|turn| turn.entries.iter().all(is_open))
            .map(|turn| (turn.turn.clone(), turn.entries.clone()))
            .collect();
        let held = held.into_iter().enumerate().filter(|(at, _)| which >> (at % 8) & 1 == 1);
        let turns = held.map(|(_, (turn, entries))| HeldTurn { turn, entries }).collect();
        self.world.rebuild(turns);
    }

    /// Everything works again, every message is told, and every place has a last question that takes its context along.
    fn settles(&mut self) {
        self.world.store.is_full = false;
        self.world.access = knowing;
        self.world.adopts = true;
        for _ in 0..200 {
            if self.world.is_ready() && S::is_connected(&self.world) {
                break;
            }
            self.world.after_secs(10);
        }
        assert!(self.world.is_ready(), "never connected again");
        for nth in 0..self.said.len() {
            self.tells(nth);
        }
        let turns: Vec<_> = self.world.turns.iter().map(|turn| turn.turn.clone()).collect();
        for turn in turns {
            self.world.tell(Input::TurnAbandoned { turn });
        }
        self.world.after_secs(900);
        for place in 0..3 {
            self.says(Line { who: Who::Zoe, place, what: What::Mention });
        }
        self.world.after_secs(900);
    }
}

/// Every message has one outcome whose reason fits, and they add up to what was received.
fn adds_up<S>(world: &World<S>) {
    assert_eq!(world.store.entries, [], "still open");
    let mut sums: BTreeMap<Reason, usize> = BTreeMap::new();
    for id in &world.store.seen {
        match world.store.outcomes.get(id).map(Vec::as_slice) {
            Some([Outcome { verdict, reason }]) => {
                assert!(reason.verdicts().contains(verdict), "{verdict:?} because of {reason:?}");
                *sums.entry(*reason).or_default() += 1;
            }
            other => panic!("message {id} ended as {other:?}"),
        }
    }
    assert_eq!(sums.values().sum::<usize>(), world.store.seen.len());
    assert_eq!(world.store.outcomes.len(), world.store.seen.len());
    for (_, Outcome { verdict, reason }, until) in &world.judged {
        assert!(reason.verdicts().contains(verdict));
        assert!(until.is_none() || *verdict == Verdict::Answer);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn every_message_on_dmwork_ends_once(asks: bool, events in vec(events(), 0..60)) {
        adds_up(&Scenario::<DmworkServer>::play(asks, &events));
    }

    #[test]
    fn every_message_on_mochat_ends_once(asks: bool, events in vec(events(), 0..60)) {
        adds_up(&Scenario::<MochatServer>::play(asks, &events));
    }
}

#[test]
fn context_whose_question_was_taken_back_is_told_with_the_next_one() {
    let mut world = MochatServer::open(true);
    world.adopts = false;
    world.in_this_panel(PANEL, "m1", "ann", "the build is red", &[]);
    world.in_this_panel(PANEL, "m2", "ann", "@Reviewer why?", &[BOT]);
    world.tell(Input::TurnAbandoned { turn: EntryId("m2".into()) });
    MochatServer::recall(&mut world, 2);
    world.adopts = true;
    world.after_secs(60);
    world.in_this_panel(PANEL, "m3", "ann", "@Reviewer and now?", &[BOT]);
    assert_eq!(world.outcome("m2"), (Verdict::Ignore, Reason::Recalled));
    assert_eq!(world.outcome("m1"), (Verdict::Remember, Reason::NotMentioned));
    assert_eq!(world.turns.last().unwrap().history.len(), 1);
    adds_up(&world);
}

#[test]
fn a_text_counts_for_the_turn_that_the_host_names_or_that_runs_in_its_place() {
    let mut world = DmworkServer::open(true);
    world.adopts = false;
    world.receive(&[dm(1, "ann", "one"), dm(2, "bob", "two")]);
    let turn = |id: &str| EntryId(id.into());
    world.tell(Input::TurnAdopted { turn: turn("1") });
    let mut request = RequestId(0);
    let mut send = |world: &mut World<DmworkServer>, to: &str, reply_to: Option<&str>, of_turn: Option<&str>| {
        request = RequestId(request.0 + 1);
        let (reply_to, of_turn) = (reply_to.map(str::to_owned), of_turn.map(turn));
        world.tell(Input::SendAsked {
            request,
            to: to.into(),
            text: "hi".into(),
            media: Vec::new(),
            reply_to,
            of_turn,
        });
        world.assigned.last().filter(|(of, _)| *of == request).map(|(_, turn)| turn.0.clone())
    };
    assert_eq!(send(&mut world, "user:ann", None, None).as_deref(), Some("1"));
    assert_eq!(send(&mut world, "user:ann", None, Some("7")).as_deref(), Some("7"), "the host knows better");
    assert_eq!(send(&mut world, "user:bob", None, None), None, "his turn is not the host's yet");
    world.tell(Input::TurnEnded { turn: turn("1"), error: None });
    assert_eq!(send(&mut world, "user:ann", None, None), None);
    world.crash();
    assert_eq!(send(&mut world, "user:ann", Some("1"), None).as_deref(), Some("1"), "resumed by the host");
}

#[test]
fn a_message_that_waits_for_quiet_says_until_when() {
    let mut world = MochatServer::open(false);
    let start = world.now;
    world.in_panel("m1", "ann", "the build is red");
    let (id, outcome, until) = world.judged.last().unwrap();
    assert_eq!((id.0.as_str(), *outcome), ("m1", Outcome::new(Verdict::Answer, Reason::NoMentionNeeded)));
    assert_eq!(*until, Some(start.after(Millis::secs(120))));
    world.in_session("session_dm", "m2", "ann", "hello");
    assert_eq!(world.judged.last().unwrap().2, None);
}
