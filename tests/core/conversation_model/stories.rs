//! Scripts that failed once, in words.

use crate::conversation_model::coverage::Coverage;
use crate::conversation_model::script::{
    Answers, Bots, Calls, Habit, Line, Mode, Platform, Script, Settings, Spot, Step, What, Who,
};
use crate::conversation_model::surroundings::Surroundings;
use Spot::{Direct, Shared};
use Step::{Announces, Burst, Crashes, CrashesAfter, Fails, HostAnswers, HostTakes, LetsGo, Says, TakesBack, Waits};
use Who::{Ann, Bob, Olga, Robot, System};

const TALK: Calls = Calls::Nobody;
const SETTINGS: Settings = Settings {
    asks: false,
    group_asks: None,
    place_asks: None,
    rest_asks: None,
    mode: Mode::NonMention,
    quiet: 1_000,
    longest: 3_000,
    history: 20,
    bots: Bots::Mentions,
    per_minute: 0,
    bot_turns: 5,
};

fn play(platform: Platform, settings: Settings, steps: &[Step]) {
    Surroundings::play(&Script { platform, settings, steps: steps.to_vec() }, &mut Coverage::default());
}

#[test]
fn a_place_at_its_own_limit_does_not_stand_in_line_for_room() {
    play(
        Platform::Dmwork,
        SETTINGS,
        &[
            HostTakes(Habit::Queues),
            Burst(Line(Ann, Direct(6), What::Talk, TALK), 10),
            Burst(Line(Ann, Direct(0), What::New, Calls::Us), 2),
            Burst(Line(Ann, Direct(1), What::Talk, TALK), 7),
            Burst(Line(Bob, Direct(1), What::Talk, TALK), 4),
            Burst(Line(Ann, Direct(2), What::New, Calls::Us), 4),
            Burst(Line(Ann, Direct(7), What::Talk, TALK), 6),
            Burst(Line(Ann, Direct(2), What::Talk, Calls::Us), 4),
            Burst(Line(Ann, Direct(3), What::Stop, TALK), 5),
            Says(Line(Ann, Direct(7), What::Talk, Calls::Us)),
            Says(Line(Olga, Direct(1), What::Talk, TALK)),
            Says(Line(Bob, Direct(5), What::Talk, TALK)),
            Burst(Line(Ann, Direct(4), What::Talk, TALK), 9),
        ],
    );
}

#[test]
fn a_place_keeps_its_place_in_the_line_while_its_first_turn_pauses() {
    play(
        Platform::Dmwork,
        SETTINGS,
        &[
            HostTakes(Habit::Queues),
            Burst(Line(Ann, Direct(3), What::Talk, TALK), 6),
            Burst(Line(Ann, Direct(5), What::Talk, TALK), 5),
            Burst(Line(Ann, Direct(4), What::Stop, Calls::Us), 8),
            Burst(Line(Ann, Direct(7), What::Talk, TALK), 8),
            Burst(Line(Bob, Direct(1), What::New, TALK), 7),
            Burst(Line(Robot, Direct(7), What::Talk, Calls::Us), 5),
            Burst(Line(Olga, Direct(4), What::Talk, TALK), 8),
            Burst(Line(Ann, Direct(0), What::Talk, TALK), 5),
            LetsGo(22),
            Waits(1),
            Says(Line(Ann, Direct(0), What::Stop, TALK)),
            Fails(2),
            Waits(1_000),
        ],
    );
}

#[test]
fn a_system_message_is_one_after_a_crash_as_well() {
    play(Platform::Dmwork, SETTINGS, &[CrashesAfter(0), Says(Line(System, Direct(1), What::Talk, Calls::Us))]);
}

#[test]
fn a_message_that_is_called_keeps_its_place_among_those_of_the_same_moment() {
    let said = Line(Ann, Shared(1), What::Talk, TALK);
    play(Platform::Mochat, Settings { mode: Mode::Always, ..SETTINGS }, &[Burst(said, 2), Announces(1)]);
}

#[test]
fn a_message_that_is_called_waits_as_long_as_before_although_what_followed_it_was_taken_back() {
    let said = Line(Ann, Shared(1), What::Talk, TALK);
    let settings = Settings { mode: Mode::Always, ..SETTINGS };
    play(Platform::Mochat, settings, &[Says(said), Waits(1), Says(said), TakesBack(0), Announces(1)]);
}

#[test]
fn two_notices_in_one_place_follow_each_other() {
    let settings = Settings { per_minute: 2, ..SETTINGS };
    let said = |who| Line(who, Shared(1), What::Talk, TALK);
    let steps =
        [HostAnswers(Answers::InVain), Says(said(Olga)), Says(said(Olga)), Burst(said(Bob), 3), Says(said(Olga))];
    play(Platform::Dmwork, settings, &steps);
}

#[test]
fn what_was_taken_back_before_a_crash_stays_away() {
    let said = Line(Ann, Shared(1), What::Talk, TALK);
    play(Platform::Mochat, SETTINGS, &[Says(said), Says(said), TakesBack(1), Crashes, Waits(5_000)]);
}
