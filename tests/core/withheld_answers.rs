//! Answers that the gateway has and does not hand over: it says that it has none, and its session holds one.

use crate::entrusted_turns::{RESUMED, finished, posted, says, turn, working};
use crate::support::World;
use crate::support::dmwork::{DmworkServer, dm};
use mochat_dmwork::call::CallOutcome;
use mochat_dmwork::ids::RequestId;
use mochat_dmwork::reason::{Reason, Verdict};
use mochat_dmwork::step::{HeldTurn, Input};

const NO_ANSWER: &str = "⚠️ OpenClaw couldn't produce or deliver a reply. Please try again.";

/// The gateway says that it has no answer to the first question.
fn excuses(world: &mut World<DmworkServer>) {
    says(world, NO_ANSWER, Some("1"), None);
}

/// Whether the gateway was told that its word is out, or why it is not.
fn told(world: &World<DmworkServer>) -> Option<Result<(), &str>> {
    let (_, _, error) = world.settled.iter().find(|(request, ..)| *request == RequestId(1))?;
    Some(error.as_deref().map_or(Ok(()), Err))
}

#[test]
fn an_answer_that_the_gateway_did_not_hand_over_is_taken_from_its_session() {
    let mut world = working();
    finished(&mut world, &[("1", "the build is green")]);
    excuses(&mut world);
    world.after_secs(1);
    assert_eq!(posted(&world), ["the build is green"]);
    assert_eq!(told(&world), Some(Ok(())));
    world.tell(Input::TurnEnded { turn: turn("1"), error: None });
    world.crash();
    world.after_secs(RESUMED);
    assert_eq!((world.turns.len(), world.searches.len()), (1, 1), "that is its answer");
    assert_eq!(world.outcome("1"), (Verdict::Answer, Reason::Direct));
}

#[test]
fn where_there_is_none_the_gateways_word_is_passed_on() {
    let mut world = working();
    excuses(&mut world);
    assert_eq!((posted(&world), told(&world)), (vec![NO_ANSWER.to_owned()], Some(Ok(()))));
    world.tell(Input::TurnEnded { turn: turn("1"), error: None });
    world.crash();
    world.after_secs(RESUMED);
    assert_eq!((world.turns.len(), world.searches.len()), (1, 1), "that was its answer");

    // The agent has ended without a word.
    let mut world = working();
    world.finished = None;
    excuses(&mut world);
    world.tell(Input::AnswerSought { turn: turn("1"), found: true, error: None });
    assert_eq!(posted(&world), [NO_ANSWER]);
}

#[test]
fn the_next_question_waits_until_the_gateway_has_looked() {
    let mut world = working();
    world.finished = None;
    excuses(&mut world);
    world.receive(&[dm(2, "ann", "still there?"), dm(3, "bob", "hi")]);
    world.after_secs(59);
    assert_eq!((world.texts(), posted(&world)), (vec!["hello", "hi"], Vec::new()));
    world.after_secs(1);
    assert_eq!(posted(&world), [NO_ANSWER], "it looks no longer than that");
    assert_eq!(world.texts(), ["hello", "hi"], "the gateway has still to close that reply");
    world.tell(Input::TurnEnded { turn: turn("1"), error: None });
    assert_eq!(world.texts(), ["hello", "hi", "still there?"]);
}

#[test]
fn where_nothing_can_be_looked_for_the_gateways_word_is_passed_on_at_once() {
    // Another one is looked for in this place.
    let mut world = working();
    world.receive(&[dm(2, "ann", "and this?")]);
    world.tell(Input::TurnAdopted { turn: turn("2") });
    world.finished = None;
    says(&mut world, NO_ANSWER, Some("2"), None);
    excuses(&mut world);
    assert_eq!((posted(&world).len(), world.searches.len()), (1, 1));

    // The platform is not there.
    let mut world = working();
    world.cut();
    assert!(!world.is_ready());
    excuses(&mut world);
    assert_eq!(world.searches.len(), 0);
    world.after_secs(60);
    assert_eq!((posted(&world), told(&world)), (vec![NO_ANSWER.to_owned()], Some(Ok(()))));
}

#[test]
fn a_rebuilt_core_looks_for_an_answer_under_the_id_that_the_gateway_knows() {
    let mut world = working();
    world.rebuild(vec![HeldTurn { turn: turn("1"), entries: vec![turn("1")] }]);
    world.tell(Input::TurnAdopted { turn: turn("1") });
    finished(&mut world, &[("1", "the build is green")]);
    excuses(&mut world);
    world.after_secs(1);
    assert_eq!(posted(&world), ["the build is green"]);
}

#[test]
fn a_death_while_the_gateway_looks_costs_nothing() {
    let mut world = working();
    world.finished = None;
    excuses(&mut world);
    world.crash();
    finished(&mut world, &[("1", "the build is green")]);
    world.after_secs(RESUMED);
    assert_eq!(posted(&world), ["the build is green"]);
}

#[test]
fn an_answer_that_comes_while_it_is_looked_for_is_not_posted_twice() {
    let mut world = working();
    world.finished = None;
    excuses(&mut world);
    says(&mut world, "the build is green", None, None);
    says(&mut world, "the build is green", Some("1"), None);
    world.tell(Input::AnswerSought { turn: turn("1"), found: true, error: None });
    world.after_secs(5);
    assert_eq!(posted(&world), ["the build is green"]);
}

#[test]
fn a_found_answer_that_the_platform_refuses_is_a_dead_letter_and_the_gateways_word_is_passed_on() {
    let mut world = working();
    finished(&mut world, &[("1", "the build is green")]);
    let refusal = CallOutcome::Answered { status: 400, retry_after: None, body: String::new() };
    world.server.answers = vec![refusal];
    excuses(&mut world);
    world.after_secs(5);
    assert_eq!(posted(&world).last().map(String::as_str), Some(NO_ANSWER));
    assert_eq!(world.outcome("1"), (Verdict::Fail, Reason::AnswerUnsent));
}

#[test]
fn what_was_asked_again_is_looked_for_under_its_latest_id() {
    let mut world = working();
    world.crash();
    world.after_secs(RESUMED);
    world.tell(Input::TurnAdopted { turn: turn("1") });
    finished(&mut world, &[("1~1", "the build is green")]);
    excuses(&mut world);
    world.after_secs(1);
    assert_eq!(posted(&world), ["the build is green"]);
}

#[test]
fn an_excuse_behind_an_answer_is_no_reason_to_look() {
    let mut world = working();
    says(&mut world, "the build is green", Some("1"), None);
    finished(&mut world, &[("1", "the build is green")]);
    excuses(&mut world);
    assert_eq!((posted(&world).len(), world.searches.len()), (2, 0));
}
