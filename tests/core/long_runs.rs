//! Repeats and waits that last: hours, a thousand messages, a hundred replies. Told in virtual time.

use crate::support::World;
use crate::support::dmwork::{CONFIG, DmworkServer, dm, group};
use crate::support::mochat::{MochatServer, Trouble};
use mochat_dmwork::call::CallOutcome;
use mochat_dmwork::ids::EntryId;
use mochat_dmwork::reason::Verdict;
use mochat_dmwork::step::Input;
use serde_json::json;

const AN_HOUR: u64 = 3_600;

fn dmwork() -> World<DmworkServer> {
    World::dmwork(&CONFIG.replace('}', r#","maxMessagesPerMinute":0}"#))
}

fn mochat() -> World<MochatServer> {
    World::mochat(json!({ "replyDelayMode": "off", "maxMessagesPerMinute": 0 }))
}

#[test]
fn a_connection_that_died_while_the_machine_slept_is_replaced_within_twenty_seconds() {
    let mut world = dmwork();
    let connects = world.server.connects;
    world.server.is_mute = true;
    world.sleep_secs(8 * AN_HOUR);
    world.server.is_mute = false;
    world.after_secs(20);
    assert!(world.is_ready());
    assert_eq!(world.server.connects, connects + 1);
}

#[test]
fn a_thousand_messages_that_come_again_after_a_crash_start_nothing() {
    let mut world = dmwork();
    let said: Vec<_> = (1..=1_000).map(|id| dm(id, "ann", &format!("hello {id}"))).collect();
    let mut other = mochat();
    let say_all = |other: &mut World<MochatServer>| {
        for id in 1..=1_000 {
            other.in_panel(&format!("m{id}"), "ann", &format!("hello {id}"));
        }
    };
    world.receive(&said);
    say_all(&mut other);
    assert_eq!((world.turns.len(), other.turns.len()), (1_000, 1_000));
    world.crash();
    other.crash();
    world.receive(&said);
    say_all(&mut other);
    world.after_secs(AN_HOUR);
    other.after_secs(AN_HOUR);
    assert_eq!((world.turns.len(), other.turns.len()), (1_000, 1_000));
    assert_eq!(world.server.acks.len(), 2_000, "and the server need not keep them");
}

#[test]
fn of_two_copies_that_come_before_the_first_is_on_disk_one_is_answered() {
    const PAIRS: i64 = 10_000;
    let mut world = dmwork();
    for id in (1..=PAIRS).step_by(4) {
        world.slow_commits = Some(Vec::new());
        let said: Vec<_> = (id..id + 4).map(|id| dm(id, "ann", "hello")).collect();
        world.receive(&said);
        world.after_ms(u64::try_from(id % 21).unwrap());
        world.receive(&said);
        world.settle_commits(&[]);
        world.slow_commits = None;
        assert_eq!(world.turns.len(), usize::try_from(id + 3).unwrap());
    }
}

#[test]
fn twenty_messages_behind_half_an_hour_of_work_are_answered_in_order() {
    let mut world = dmwork();
    world.adopts = false;
    world.receive(&[dm(1, "ann", "a long job")]);
    world.tell(Input::TurnAdopted { turn: EntryId("1".into()) });
    for id in 2..=21 {
        world.receive(&[dm(id, "ann", &id.to_string())]);
        world.after_secs(90);
    }
    let mut settled = 1;
    world.tell(Input::TurnEnded { turn: EntryId("1".into()), error: None });
    while settled < world.turns.len() {
        let turn = world.turns[settled].turn.clone();
        world.tell(Input::TurnDeferred { turn: turn.clone() });
        world.tell(Input::TurnAdopted { turn: turn.clone() });
        world.tell(Input::TurnEnded { turn, error: None });
        settled += 1;
    }
    let expected: Vec<_> = (2..=21).map(|id| id.to_string()).collect();
    assert_eq!(world.texts()[1..], expected);
    assert!(world.store.dead.is_empty());
    assert_eq!(world.outcome("21").0, Verdict::Answer);
}

#[test]
fn with_every_third_post_refused_for_now_all_replies_arrive_in_order() {
    const REPLIES: usize = 100;
    let busy = || CallOutcome::Answered { status: 429, retry_after: Some(1), body: "{}".to_owned() };
    let (mut world, mut other) = (dmwork(), mochat());
    for number in 0..REPLIES {
        if number % 3 == 0 {
            world.server.answers.push(busy());
            other.server.troubles.push_back(Trouble::Refused(429, json!({ "code": 429 })));
        }
        world.send("group:g1", &number.to_string());
        other.send("session:session_dm", &number.to_string());
        world.after_secs(1);
        other.after_secs(1);
    }
    world.after_secs(AN_HOUR);
    other.after_secs(AN_HOUR);
    let expected: Vec<_> = (0..REPLIES).map(|number| number.to_string()).collect();
    let sent: Vec<_> = world.server.sent.iter().map(|post| post["payload"]["content"].as_str().unwrap()).collect();
    assert_eq!(sent, expected);
    let sent: Vec<_> = other.server.sent.iter().map(|(_, post)| post["content"].as_str().unwrap()).collect();
    assert_eq!(sent, expected);
    assert!(world.settled.iter().chain(&other.settled).all(|(_, ids, error)| ids.len() == 1 && error.is_none()));
}

#[test]
fn a_message_that_is_told_again_under_a_new_number_of_an_old_place_is_not_asked_about_again() {
    let mut world = dmwork();
    let said: Vec<_> = (1..=3_u8).map(|seq| group(seq.into(), "ann", "@Reviewer hi").number(seq.into())).collect();
    world.keep_and_receive(&said);
    assert_eq!(world.turns.len(), 3);
    world.cut();
    // The server's log was restored and gave each message a new id.
    for said in &mut world.server.log {
        said.id += 1_000;
    }
    world.server.queue.clear();
    world.after_secs(AN_HOUR);
    assert!(world.is_ready());
    assert_eq!(world.turns.len(), 3, "the log is read behind what was read, by its own numbers");
}
