//! Whatever is reported in whatever order: one socket, one timer, and an account that comes back.

use crate::support::chaos::{Chaos, Dice, Said};
use crate::support::dmwork::{CONFIG, DmworkServer, dm, group};
use crate::support::mochat::{MochatServer, config};
use crate::support::{Server, World};
use serde_json::json;
use std::thread;

const SEEDS: u64 = 1_000;
const STEPS: u32 = 10_000;
/// Longer than any wait of the link.
const RECOVERY_SECS: u64 = 2 * 3_600;

/// Runs every seed, on as many cores as there are.
fn for_each_seed(story: fn(u64)) {
    let threads = thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    thread::scope(|scope| {
        for first in 0..threads {
            scope.spawn(move || (first..SEEDS).step_by(usize::try_from(threads).unwrap()).for_each(story));
        }
    });
}

/// Disturbs an account, then lets it live in a world that works.
fn survives<S: Server>(mut chaos: Chaos, world: World<S>) {
    for _ in 0..STEPS {
        chaos.step();
    }
    assert!(chaos.times_ready > 0, "never connected, so nothing was tested");
    let mut world = world.adopt(chaos.account, chaos.now, chaos.wake_at);
    // It may believe in a connection that nobody holds any more.
    world.after_secs(60);
    for _ in 0..RECOVERY_SECS {
        if world.is_ready() {
            return;
        }
        world.after_secs(1);
    }
    panic!("deaf for good: {:?}", world.status);
}

#[test]
fn a_dmwork_account_has_one_socket_and_one_timer_and_comes_back() {
    fn said(dice: &mut Dice) -> Said {
        let id = i64::try_from(dice.roll(100)).unwrap();
        let said = if dice.roll(2) == 0 { dm(id, "ann", "hi") } else { group(id, "ann", "@Reviewer hi") };
        Said::Frame(said.number(dice.roll(50)).bytes())
    }
    for_each_seed(|seed| {
        survives(Chaos::new("dmwork", CONFIG, seed, said), World::new("dmwork", CONFIG, DmworkServer::default()));
    });
}

#[test]
fn a_mochat_account_has_one_socket_and_one_timer_and_comes_back() {
    fn said(dice: &mut Dice) -> Said {
        let event = json!({ "sessionId": "session_1", "cursor": dice.roll(50), "events": [] });
        Said::Event("claw.session.events", event.to_string())
    }
    for_each_seed(|seed| {
        let config = config(json!({}));
        let world = World::new("mochat", &config, MochatServer::default());
        survives(Chaos::new("mochat", &config, seed, said), world);
    });
}
