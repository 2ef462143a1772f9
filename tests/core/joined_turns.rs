//! Messages that the gateway puts into a run that is under way, and what of it a death of the process leaves unanswered.

use crate::entrusted_turns::{RESUMED, finished, holding, posted, says, turn, working, working_on_a_queued_one};
use crate::support::World;
use crate::support::dmwork::{DmworkServer, dm};
use mochat_dmwork::step::{Input, Progress};

/// The gateway puts a message into the run that is under way: it is taken over and settled at once.
fn joins(world: &mut World<DmworkServer>, id: i64) {
    world.receive(&[dm(id, "ann", &format!("{id}?"))]);
    let id = id.to_string();
    world.tell(Input::TurnDeferred { turn: turn(&id) });
    world.tell(Input::TurnAdopted { turn: turn(&id) });
    world.tell(Input::TurnSettled { turn: turn(&id) });
    world.tell(Input::TurnEnded { turn: turn(&id), error: None });
}

/// Which answers are looked for after a death.
fn sought(mut world: World<DmworkServer>) -> Vec<String> {
    finished(&mut world, &[("1", "one"), ("2", "two"), ("3", "three")]);
    world.crash();
    world.after_secs(RESUMED + 10);
    world.searches.iter().map(|search| search.replace(" in user:ann", "")).collect()
}

#[test]
fn a_turn_that_joined_another_is_left_to_the_same_recovery() {
    let mut world = working();
    joins(&mut world, 2);
    world.crash();
    says(&mut world, "both of your answers", None, None);
    world.after_secs(RESUMED);
    assert_eq!(world.turns.len(), 2);
}

#[test]
fn each_turn_that_joined_another_waits_for_a_text_of_its_own() {
    let texts = ["one", "two", "three"];
    for said in 0..=texts.len() {
        let mut world = working();
        joins(&mut world, 2);
        joins(&mut world, 3);
        texts.iter().take(said).for_each(|text| says(&mut world, text, Some("1"), None));
        assert_eq!(sought(world), ["1", "2", "3"][said..]);
    }
}

#[test]
fn a_text_that_was_never_to_be_another_ones_answers_nothing_that_joined_it() {
    // A command may be one that the agent answers.
    let mut world = holding();
    world.receive(&[dm(1, "ann", "/skill weather")]);
    world.tell(Input::TurnAdopted { turn: turn("1") });
    joins(&mut world, 2);
    says(&mut world, "sunny", Some("1"), None);
    assert_eq!(sought(world), ["2"]);

    // And one that is answered beside the run.
    let mut world = working();
    world.receive(&[dm(3, "ann", "/status")]);
    world.tell(Input::TurnAdopted { turn: turn("3") });
    joins(&mut world, 2);
    says(&mut world, "all is well", Some("3"), None);
    world.tell(Input::TurnEnded { turn: turn("3"), error: None });
    assert_eq!(sought(world), ["1", "2"]);
}

#[test]
fn a_reminder_answers_nothing_that_joined_a_run_which_names_its_texts() {
    let mut world = working();
    joins(&mut world, 2);
    says(&mut world, "one", Some("1"), None);
    says(&mut world, "Good morning.", None, None);
    assert_eq!(sought(world), ["2"]);
}

#[test]
fn blocks_of_an_answer_answer_nothing_that_joined_its_run() {
    let mut world = holding();
    world.server.lacks_edit = true;
    world.receive(&[dm(9, "ann", "hi")]);
    world.tell(Input::TurnAdopted { turn: turn("9") });
    world.tell(Input::PartWritten { turn: turn("9"), text: "word ".repeat(60) });
    says(&mut world, "hi", Some("9"), None);
    world.tell(Input::TurnEnded { turn: turn("9"), error: None });
    world.after_secs(3);
    world.receive(&[dm(1, "ann", "hello")]);
    world.tell(Input::TurnAdopted { turn: turn("1") });
    assert_eq!(world.turns[1].progress, Progress::Blocks);
    says(&mut world, "first", Some("1"), None);
    world.after_secs(3);
    joins(&mut world, 2);
    says(&mut world, "second", Some("1"), None);
    assert_eq!(sought(world), ["2"]);
}

#[test]
fn a_queued_turn_that_is_answered_before_the_one_in_front_of_it_has_its_own_answer() {
    let mut world = working();
    world.receive(&[dm(2, "ann", "2?")]);
    world.tell(Input::TurnDeferred { turn: turn("2") });
    world.tell(Input::TurnEnded { turn: turn("2"), error: None });
    world.tell(Input::TurnAdopted { turn: turn("2") });
    says(&mut world, "two", None, None);
    world.tell(Input::TurnSettled { turn: turn("2") });
    assert_eq!(sought(world), ["1"]);
}

#[test]
fn a_text_of_several_messages_answers_one_turn() {
    let mut world = working();
    joins(&mut world, 2);
    says(&mut world, &"word ".repeat(1_600), Some("1"), None);
    assert_eq!(posted(&world).len(), 2);
    assert_eq!(sought(world), ["2"]);
}

#[test]
fn the_end_of_a_run_answers_all_that_joined_it() {
    let mut world = working();
    joins(&mut world, 2);
    says(&mut world, "one for both", Some("1"), None);
    world.tell(Input::TurnEnded { turn: turn("1"), error: None });
    assert!(sought(world).is_empty());

    let broken_off =
        [("two", Some("the model is away"), ["3"].as_slice()), ("⚠️ Gateway is restarting.", None, &["2", "3"])];
    for (text, error, open) in broken_off {
        let mut world = working();
        joins(&mut world, 2);
        joins(&mut world, 3);
        says(&mut world, "one", Some("1"), None);
        says(&mut world, text, Some("1"), None);
        world.tell(Input::TurnEnded { turn: turn("1"), error: error.map(str::to_owned) });
        assert_eq!(sought(world), open, "{text}");
    }
}

#[test]
fn a_queued_turn_is_not_forgotten_for_one_that_joined_it() {
    let mut world = working_on_a_queued_one();
    joins(&mut world, 3);
    assert_eq!(sought(world), ["2", "3"]);

    let mut world = working_on_a_queued_one();
    joins(&mut world, 3);
    says(&mut world, "two", None, None);
    assert_eq!(sought(world), ["3"], "the first text in nobody's name is its own");

    let mut world = working_on_a_queued_one();
    joins(&mut world, 3);
    says(&mut world, "two and three", None, None);
    world.tell(Input::TurnSettled { turn: turn("2") });
    assert!(sought(world).is_empty());
}

#[test]
fn one_answer_to_two_questions_is_given_once_over_a_death() {
    let mut world = working();
    joins(&mut world, 2);
    says(&mut world, "both are done", Some("1"), None);
    world.tell(Input::TurnEnded { turn: turn("1"), error: None });
    world.receive(&[dm(3, "ann", "thanks. more?")]);
    world.after_secs(3);
    world.tell(Input::TurnAdopted { turn: turn("3") });
    says(&mut world, "no", Some("3"), None);
    finished(&mut world, &[("2", "both are done")]);
    world.crash();
    world.after_secs(RESUMED + 5);
    assert_eq!((world.turns.len(), world.server.sent.len()), (3, 2));
}
