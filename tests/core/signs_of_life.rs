//! What the host hears of a connection that works, is deaf, or is gone for long, on both platforms. Its health monitor
//! restarts an account that claims to be connected and shows no life for half an hour.

use crate::support::dmwork::{DmworkServer, dm, group};
use crate::support::logs::{self, ids};
use crate::support::mochat::MochatServer;
use crate::support::{Server, World, absence};
use mochat_dmwork::step::{Input, Lifecycle};
use mochat_dmwork::time::Time;

/// The longest time in which a connected account may show no life.
const QUIET: u64 = 60_000;
const HOUR: u64 = 3_600;
/// Lines that an outage of an hour may leave in the log.
const LINES: usize = 20;

/// From this moment on, the host never waited longer for a sign of life.
fn is_never_quiet<S: Server>(world: &World<S>, since: Time) -> bool {
    let mut last = since;
    for at in world.alives.iter().copied().filter(|at| *at > since).chain([world.now]) {
        if at.since(last).0 > QUIET {
            return false;
        }
        last = at;
    }
    true
}

fn shown<S>(world: &World<S>) -> (Lifecycle, &str) {
    let status = world.status.as_ref().unwrap();
    (status.lifecycle, &status.detail)
}

/// The server's own pings, for so long.
fn pinged(world: &mut World<MochatServer>, seconds: u64) {
    for _ in 0..seconds / 25 {
        world.after_secs(25);
        let epoch = world.server.open.unwrap();
        world.tell(Input::SocketHeard { epoch });
    }
}

#[test]
fn a_day_of_quiet_is_full_of_life_and_without_a_reconnect() {
    let mut world = absence::world();
    let begun = world.now;
    world.after_secs(24 * HOUR);
    assert_eq!(world.server.connects, 1);
    assert!(is_never_quiet(&world, begun));

    let mut world = logs::world();
    let (begun, opened) = (world.now, world.server.opened.len());
    pinged(&mut world, 24 * HOUR);
    assert_eq!(world.server.opened.len(), opened);
    assert!(is_never_quiet(&world, begun));
}

#[test]
fn a_connection_that_is_too_busy_to_be_pinged_is_full_of_life() {
    let mut world = absence::world();
    let begun = world.now;
    for id in 1..=i64::try_from(HOUR / 20).unwrap() {
        world.after_secs(20);
        world.receive(&[dm(id, "ann", "and").number(id.unsigned_abs())]);
    }
    assert_eq!(world.server.connects, 1);
    assert!(is_never_quiet(&world, begun));
    assert!(world.alives.len() < 400, "but not each message is a sign of its own");
}

#[test]
fn a_deaf_dmwork_connection_shows_no_life_and_is_given_up_by_name() {
    let mut world: World<DmworkServer> = absence::world();
    world.server.is_mute = true;
    let alives = world.alives.len();
    world.after_secs(44);
    assert_eq!((world.alives.len(), shown(&world).0), (alives, Lifecycle::Ready), "an answer may still come");
    world.after_secs(1);
    assert_eq!(shown(&world), (Lifecycle::Recovering, "disconnected: the server stopped answering"));
    world.server.is_mute = false;
    world.after_secs(2);
    assert!(world.is_ready() && world.alives.len() > alives);
}

#[test]
fn a_deaf_mochat_connection_shows_no_life_and_is_given_up_by_name() {
    let mut world = logs::world();
    let alives = world.alives.len();
    world.after_secs(44);
    assert_eq!((world.alives.len(), shown(&world).0), (alives, Lifecycle::Ready), "a ping may still come");
    world.after_secs(1);
    assert_eq!(shown(&world), (Lifecycle::Recovering, "disconnected: the server stopped answering"));
    world.after_secs(2);
    assert!(world.is_ready() && world.alives.len() > alives);
}

#[test]
fn an_hour_without_a_dmwork_server_leaves_few_lines_and_everything_is_answered_in_order_within_a_minute() {
    let mut world = absence::world();
    world.keep_and_receive(&[group(1, "bob", "g1").number(1), dm(10_001, "ann", "d1").number(1)]);
    world.server.is_down = true;
    world.cut();
    let lines = world.log.len();
    world.after_secs(HOUR);
    assert!(world.log.len() - lines <= LINES, "{:#?}", world.log.split_off(lines));
    assert_eq!(shown(&world).0, Lifecycle::Recovering);
    let groups: Vec<_> = (2..=40).map(|id| group(id, "bob", &format!("g{id}")).number(id.unsigned_abs())).collect();
    let direct: Vec<_> =
        (2..=40).map(|id| dm(10_000 + id, "ann", &format!("d{id}")).number(id.unsigned_abs())).collect();
    world.keep(&groups);
    world.keep(&direct);
    world.server.is_down = false;
    world.after_secs(65);
    assert!(world.is_ready());
    for (from, letter) in [("bob", 'g'), ("ann", 'd')] {
        let told: Vec<_> =
            world.turns.iter().filter(|turn| turn.sender.id == from).map(|turn| turn.text.clone()).collect();
        assert_eq!(told, (1..=40).map(|n| format!("{letter}{n}")).collect::<Vec<_>>());
    }
}

#[test]
fn an_hour_without_a_mochat_server_leaves_few_lines_and_everything_is_answered_in_order_within_a_minute() {
    let mut world = logs::world();
    world.say("m0", 1);
    world.away();
    let lines = world.log.len();
    for number in 1..60 {
        world.after_secs(60);
        world.say(&format!("m{number}"), 60 * number);
    }
    world.after_secs(60);
    assert!(world.log.len() - lines <= LINES, "{:#?}", world.log.split_off(lines));
    assert_eq!(shown(&world).0, Lifecycle::Recovering);
    // Within 65 seconds.
    world.back();
    assert_eq!(world.texts(), ids(0..60));
}
