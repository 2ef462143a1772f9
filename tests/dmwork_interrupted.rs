//! What may interrupt a DMWork bot that catches up, told as stories in virtual time.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use mochat_dmwork::call::{CallOutcome, Errand};
use mochat_dmwork::step::{Input, Lifecycle};
use mochat_dmwork::message::Place;
use mochat_dmwork::time::Time;
use serde_json::json;
use support::dmwork::{CONFIG, DmworkServer, Said, dm, group};
use support::{World, ok};

fn talkative() -> String {
    CONFIG.replace('}', r#","groups":{"g1":{"requireMention":false},"g2":{"requireMention":false}}}"#)
}
fn server() -> DmworkServer {
    DmworkServer { groups: vec!["g1"], ..DmworkServer::default() }
}
fn world() -> World<DmworkServer> {
    World::new("dmwork", &talkative(), server())
}
fn refused(status: u16, retry_after: Option<u32>) -> CallOutcome {
    CallOutcome::Answered { status, retry_after, body: r#"{"msg":"not now"}"#.to_owned() }
}
fn away(world: &mut World<DmworkServer>, said: &[Said]) {
    world.cut();
    world.keep(said);
    world.after_secs(5);
    assert!(world.is_ready());
}

#[test]
fn a_queue_that_is_refused_at_the_first_start_does_not_turn_the_backlog_into_news() {
    let mut server = server();
    server.queue = (1..=500).map(|id| dm(id, "ann", "old").number(id.unsigned_abs())).collect();
    server.past_answers = vec![ok("[]".into()), refused(400, None)];
    let mut world = World::new("dmwork", &talkative(), server);
    world.after_secs(3_600);
    assert_eq!(world.turns.len(), 0);
}
