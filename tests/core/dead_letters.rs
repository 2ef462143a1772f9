//! Messages whose turn fails again and again: they are kept aside, their place goes on, and the operator has the last word.

use crate::support::World;
use crate::support::dmwork::{CONFIG, DmworkServer, dm};
use mochat_dmwork::ids::EntryId;
use mochat_dmwork::reason::{Reason, Verdict};
use mochat_dmwork::step::{Access, Input, Ruling};
use mochat_dmwork::time::Millis;

const FAILED: (Verdict, Reason) = (Verdict::Fail, Reason::TurnFailed);
const ANSWERED: (Verdict, Reason) = (Verdict::Answer, Reason::Direct);

/// A host in which the turn of one text always throws.
struct Poisoned {
    world: World<DmworkServer>,
    poison: &'static str,
    seen: usize,
}

impl Poisoned {
    fn with(poison: &'static str) -> Self {
        let mut world = World::dmwork(CONFIG);
        world.adopts = false;
        Self { world, poison, seen: 0 }
    }

    /// Runs what was offered, second by second, for as long as anything is open.
    fn run(&mut self) -> Millis {
        let begun = self.world.now;
        while !self.world.store.entries.is_empty() {
            while let Some(turn) = self.world.turns.get(self.seen) {
                let (id, throws) = (turn.turn.clone(), turn.text == self.poison);
                self.seen += 1;
                if !throws {
                    self.world.tell(Input::TurnAdopted { turn: id.clone() });
                }
                self.world.tell(Input::TurnEnded { turn: id, error: throws.then(|| "boom".to_owned()) });
            }
            self.world.after_secs(1);
        }
        self.world.now.since(begun)
    }

    fn offers(&self) -> usize {
        self.world.turns.iter().filter(|turn| turn.text == self.poison).count()
    }
}

#[test]
fn a_poison_message_is_a_dead_letter_after_eight_offers_within_five_minutes_and_its_place_goes_on() {
    let mut host = Poisoned::with("poison");
    host.world.receive(&[dm(1, "ann", "poison"), dm(2, "ann", "next"), dm(3, "bob", "elsewhere")]);
    let took = host.run();
    assert_eq!(host.offers(), 8);
    assert!(took <= Millis::secs(300), "{took:?}");
    assert_eq!(host.world.outcome("1"), FAILED);
    assert_eq!((host.world.outcome("2"), host.world.outcome("3")), (ANSWERED, ANSWERED));
    assert_eq!(host.world.store.dead.iter().map(|entry| entry.id.0.as_str()).collect::<Vec<_>>(), ["1"]);
}

#[test]
fn a_dead_letter_that_is_tried_again_is_offered_as_often_as_a_new_message() {
    let mut host = Poisoned::with("poison");
    host.world.receive(&[dm(1, "ann", "poison")]);
    host.run();
    host.world.replay();
    host.run();
    assert_eq!((host.offers(), host.world.store.dead.len()), (16, 1));
    host.poison = "nothing any more";
    host.world.replay();
    host.run();
    assert_eq!(host.world.outcome("1"), ANSWERED);
    assert!(host.world.store.dead.is_empty());
}

#[test]
fn a_dead_letter_that_is_tried_again_is_judged_anew() {
    let mut host = Poisoned::with("poison");
    host.world.receive(&[dm(1, "ann", "poison")]);
    host.run();
    host.world.access = |_| Access::new(Ruling::Denied);
    host.world.replay();
    assert_eq!(host.world.outcome("1"), (Verdict::Ignore, Reason::AccessDenied));
    assert_eq!(host.offers(), 8);
}

#[test]
fn a_message_about_whose_sender_the_host_never_answers_can_be_tried_again() {
    let mut world = World::dmwork(CONFIG);
    world.access = |_| Access::new(Ruling::Unknown);
    world.receive(&[dm(1, "ann", "hello")]);
    world.after_secs(300);
    assert_eq!(world.outcome("1"), (Verdict::Fail, Reason::AccessUnknown));
    world.access = |_| Access::new(Ruling::Allowed);
    world.replay();
    assert_eq!(world.outcome("1"), ANSWERED);
}

#[test]
fn a_dead_letter_that_was_to_be_tried_again_when_the_process_died_is_tried_after_the_start() {
    let mut host = Poisoned::with("poison");
    host.world.receive(&[dm(1, "ann", "poison")]);
    host.run();
    host.poison = "nothing any more";
    host.world.crash_with(|store| drop(store.revive()));
    host.run();
    assert_eq!(host.world.outcome("1"), ANSWERED);
}

#[test]
fn a_message_that_stopped_the_core_is_not_tried_again_in_the_same_process() {
    let mut world = World::dmwork(CONFIG);
    world.adopts = false;
    world.receive(&[dm(1, "ann", "trap")]);
    world.suspects = vec![EntryId("1".into())];
    world.crash();
    world.replay();
    assert_eq!(world.outcome("1"), (Verdict::Fail, Reason::CoreFault));
    assert_eq!(world.turns.len(), 1, "only before");
}
