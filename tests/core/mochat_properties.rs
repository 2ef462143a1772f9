//! Mochat under whatever happens: what was said after the start is answered, and answered once.

use crate::support::World;
use crate::support::chaos::Dice;
use crate::support::mochat::{MochatServer, PANEL, config, event, logged, session};
use mochat_dmwork::call::CallOutcome;
use mochat_dmwork::step::Input;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SEEDS: u64 = 150;
const STEPS: u32 = 120;
/// What the server's queue of events holds.
const QUEUE: usize = 30;

fn at(world: &World<MochatServer>) -> Value {
    json!(world.now.0)
}

/// Somebody writes in the session or in the panel; the server keeps it, and tells it if somebody listens.
fn say(world: &mut World<MochatServer>, place: &str, number: u32, is_told: bool) {
    let id = format!("{place}-{number}");
    let said_at = at(world);
    let mut said = logged(&id, "ann", &id, "");
    said["createdAt"] = said_at.clone();
    world.server.logs.entry(place.to_owned()).or_default().push(said);
    let mut event = event(number.into(), &id, "ann", &id, "");
    event["payload"]["createdAt"] = said_at;
    let is_session = place.starts_with("session");
    if is_session {
        world.server.replay.push((place.to_owned(), event.clone()));
        let excess = world.server.replay.len().saturating_sub(QUEUE);
        world.server.replay.drain(..excess);
    } else {
        event["payload"]["groupId"] = json!("group1");
    }
    if world.server.open.is_some() && is_told {
        let name = if is_session { "claw.session.events" } else { "claw.panel.events" };
        world.event(name, &json!({ "sessionId": place, "cursor": number, "events": [event] }));
    }
}

fn fault(dice: &mut Dice) -> CallOutcome {
    let answered =
        |status, retry_after, body: &str| CallOutcome::Answered { status, retry_after, body: body.to_owned() };
    match dice.roll(5) {
        0 => answered(429, Some(7), "{}"),
        1 => answered(429, None, "{}"),
        2 => answered(502, None, "<html>"),
        3 => answered(200, None, "{"),
        _ => CallOutcome::Failed { unsent: false, cause: "timeout".to_owned() },
    }
}

fn disturb(world: &mut World<MochatServer>, dice: &mut Dice) {
    match dice.roll(14) {
        0 | 1 if world.server.open.is_some() => world.cut("transport close"),
        2 => world.server.is_down = true,
        3 => world.server.blocks_sockets = true,
        4 => world.crash(),
        5 => world.store.is_full = true,
        6 => {
            let paths = ["panels/messages", "sessions/messages", "sessions/watch", "list", "get"];
            let path = paths[usize::try_from(dice.roll(5)).unwrap()];
            world.server.faults.push((path, fault(dice)));
        }
        7 => world.server.nacks += 1,
        8 | 9 => heal(world),
        _ => {}
    }
    if dice.roll(3) == 0 {
        world.after_ms(dice.roll(90_000));
    }
    world.hurry();
}

fn heal(world: &mut World<MochatServer>) {
    world.server.is_down = false;
    world.server.blocks_sockets = false;
    world.store.is_full = false;
}

fn story(seed: u64) {
    let mut dice = Dice(seed);
    let sessions = vec![session("session_dm", &["ann"])];
    let server = MochatServer { sessions, is_patient: seed.is_multiple_of(2), ..MochatServer::default() };
    let more = json!({ "replyDelayMode": "off", "maxMessagesPerMinute": 0, "panels": [PANEL] });
    let mut world = World::new("mochat", &config(more), server);
    let mut said = BTreeMap::from([("session_dm", 0), (PANEL, 0)]);
    world.after_secs(1);
    for _ in 0..STEPS {
        disturb(&mut world, &mut dice);
        for _ in 0..dice.roll(4) {
            let place = if dice.roll(2) == 0 { "session_dm" } else { PANEL };
            let number = said[place] + 1;
            said.insert(place, number);
            // A connection may lose a word of the session without a sign.
            let is_told = place == PANEL || dice.roll(10) > 0;
            say(&mut world, place, number, is_told);
        }
    }
    heal(&mut world);
    world.server.faults.clear();
    world.server.nacks = 0;
    for (place, number) in [("session_dm", said["session_dm"] + 1), (PANEL, said[PANEL] + 1)] {
        for _ in 0..200 {
            world.after_secs(10);
            world.hurry();
            if let Some(epoch) = world.server.open {
                world.tell(Input::SocketHeard { epoch });
            }
        }
        say(&mut world, place, number, true);
        said.insert(place, number);
    }
    world.after_secs(10);
    assert!(world.is_ready() && world.server.open.is_some(), "seed {seed}: {:?}", world.status);
    for (place, count) in said {
        let mut told: Vec<&str> = world.texts();
        told.retain(|text| text.starts_with(place));
        told.sort_unstable();
        let mut all: Vec<String> = (1..=count).map(|number| format!("{place}-{number}")).collect();
        all.sort_unstable();
        assert_eq!(told, all, "seed {seed}");
    }
}

#[test]
fn nothing_is_lost_and_nothing_is_answered_twice_whatever_happens() {
    (0..SEEDS).for_each(story);
}
