//! Turns that end without a word. An agent may have nothing to say, and a gateway that stops drops turns in the same way.

use crate::entrusted_turns::{holding, says, turn};
use crate::support::World;
use crate::support::dmwork::{DmworkServer, dm, group};
use mochat_dmwork::reason::{Reason, Verdict};
use mochat_dmwork::step::Input;

const ANSWERED: (Verdict, Reason) = (Verdict::Answer, Reason::Direct);
const HANDLED: (Verdict, Reason) = (Verdict::Answer, Reason::HandledByHost);
/// A gateway has stopped, drained or not, by then.
const STOPPED: u64 = 331;

/// The host queues the turn, runs it later, and says nothing.
fn queues_and_drops(world: &mut World<DmworkServer>, id: &str) {
    world.tell(Input::TurnDeferred { turn: turn(id) });
    world.tell(Input::TurnEnded { turn: turn(id), error: None });
    world.tell(Input::TurnAdopted { turn: turn(id) });
    world.tell(Input::TurnSettled { turn: turn(id) });
}

#[test]
fn a_queued_turn_that_the_gateway_drops_is_offered_again_after_its_restart() {
    let mut world = holding();
    world.receive(&[dm(1, "ann", "hello")]);
    queues_and_drops(&mut world, "1");
    world.after_secs(60);
    assert_eq!(world.turns.len(), 1, "this gateway may still answer");
    world.crash();
    assert_eq!(world.texts(), ["hello", "hello"]);
}

#[test]
fn the_context_of_a_dropped_turn_is_told_again() {
    let mut world = holding();
    world.receive(&[group(1, "bob", "the build is red").number(1), group(2, "ann", "@Reviewer why?").number(2)]);
    queues_and_drops(&mut world, "2");
    world.crash();
    let contexts: Vec<_> = world.turns.iter().map(|turn| turn.history.len()).collect();
    assert_eq!(contexts, [1, 1]);
}

#[test]
fn a_gateway_that_lives_on_had_nothing_to_say() {
    let mut world = holding();
    world.receive(&[dm(1, "ann", "thanks")]);
    queues_and_drops(&mut world, "1");
    world.after_secs(STOPPED);
    assert_eq!(world.outcome("1"), ANSWERED);
    world.crash();
    assert_eq!(world.turns.len(), 1);
}

#[test]
fn an_answer_before_or_after_the_end_of_the_run_is_one() {
    for is_late in [false, true] {
        let mut world = holding();
        world.receive(&[dm(1, "ann", "hello")]);
        world.tell(Input::TurnDeferred { turn: turn("1") });
        world.tell(Input::TurnEnded { turn: turn("1"), error: None });
        world.tell(Input::TurnAdopted { turn: turn("1") });
        if is_late {
            world.tell(Input::TurnSettled { turn: turn("1") });
            says(&mut world, "hi", None, None);
        } else {
            says(&mut world, "hi", None, None);
            world.tell(Input::TurnSettled { turn: turn("1") });
        }
        assert_eq!(world.outcome("1"), ANSWERED);
        world.crash();
        assert_eq!(world.turns.len(), 1);
    }
}

#[test]
fn a_dispatch_that_comes_back_without_a_word_is_in_doubt_as_well() {
    let mut world = holding();
    world.receive(&[dm(1, "ann", "hello")]);
    world.tell(Input::TurnEnded { turn: turn("1"), error: None });
    world.crash();
    assert_eq!(world.texts(), ["hello", "hello"]);
    world.tell(Input::TurnEnded { turn: turn("1"), error: None });
    world.after_secs(STOPPED);
    assert_eq!(world.outcome("1"), HANDLED);
}

#[test]
fn what_the_gateway_answers_itself_is_not_in_doubt() {
    let mut world = holding();
    world.receive(&[dm(1, "ann", "/restart"), dm(2, "ann", "hello")]);
    world.tell(Input::TurnEnded { turn: turn("1"), error: None });
    assert_eq!(world.outcome("1"), HANDLED, "a command that restarts the gateway must not come back with it");
    says(&mut world, "you are not paired", Some("2"), None);
    world.tell(Input::TurnEnded { turn: turn("2"), error: None });
    assert_eq!(world.outcome("2"), HANDLED);
}
