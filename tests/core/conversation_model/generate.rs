//! Scripts by chance. Each has a mood, since a bit of everything never gets far with anything.

use crate::conversation_model::script::{
    Answers, Bots, Calls, Habit, Line, Mode, Platform, Script, Settings, Spot, Step, What, Who,
};
use crate::support::chaos::Dice;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    /// A bit of everything.
    Mixed,
    /// One panel or group in which much is said.
    Busy,
    /// A host that queues what it gets, and many places.
    Crowded,
    /// A host that fails.
    Broken,
    /// Bots among themselves.
    Robots,
    /// More than fits.
    Long,
}

pub fn script(seed: u64) -> Script {
    let mut dice = Dice(seed);
    let dice = &mut dice;
    let mood = match dice.roll(16) {
        0..4 => Mood::Mixed,
        4..9 => Mood::Busy,
        9 => Mood::Crowded,
        10..12 => Mood::Broken,
        12..14 => Mood::Robots,
        _ => Mood::Long,
    };
    let platform = if dice.roll(5) < 2 { Platform::Dmwork } else { Platform::Mochat };
    let settings = settings(dice, mood);
    let length = if dice.roll(12) == 0 { 30 + dice.roll(31) } else { 10 + dice.roll(10) };
    let mut steps = Vec::new();
    match mood {
        Mood::Crowded => steps.push(Step::HostTakes(Habit::Queues)),
        Mood::Broken => steps.push(Step::HostTakes(Habit::Fails)),
        Mood::Mixed | Mood::Busy | Mood::Robots | Mood::Long => {}
    }
    steps.extend((0..length).map(|_| step(dice, mood, settings)));
    Script { platform, settings, steps }
}

fn below(dice: &mut Dice, sides: u8) -> usize {
    usize::try_from(dice.roll(sides.into())).unwrap()
}

fn small(dice: &mut Dice, sides: u8) -> u8 {
    u8::try_from(dice.roll(sides.into())).unwrap()
}

fn coin(dice: &mut Dice) -> bool {
    dice.roll(2) == 0
}

fn settings(dice: &mut Dice, mood: Mood) -> Settings {
    let perhaps = |dice: &mut Dice| if dice.roll(4) == 0 { Some(coin(dice)) } else { None };
    let quiet = [1_000, 10_000, 120_000][below(dice, 3)];
    Settings {
        asks: coin(dice),
        group_asks: perhaps(dice),
        place_asks: perhaps(dice),
        rest_asks: perhaps(dice),
        mode: [Mode::Off, Mode::Never, Mode::NonMention, Mode::NonMention, Mode::Always, Mode::Always][below(dice, 6)],
        quiet,
        longest: quiet * [1, 2, 3, 10][below(dice, 4)],
        history: [0, 1, 3, 20, 200][below(dice, 5)],
        bots: if mood == Mood::Robots {
            [Bots::Mentions, Bots::On][below(dice, 2)]
        } else {
            [Bots::Off, Bots::Mentions, Bots::On][below(dice, 3)]
        },
        per_minute: [0, 2, 10, 60][if mood == Mood::Crowded { below(dice, 2) * 3 } else { below(dice, 4) }],
        bot_turns: [0, 1, 2, 5][below(dice, 4)],
    }
}

fn line(dice: &mut Dice, mood: Mood) -> Line {
    let who = match (mood, dice.roll(20)) {
        (Mood::Robots, 0..12) => Who::Robot,
        (_, 0..10) => Who::Ann,
        (_, 10..14) => Who::Bob,
        (_, 14) => Who::Olga,
        (_, 15) => Who::Robot,
        (_, 16) => Who::Mystery,
        (_, _) => [Who::Mallory, Who::Newcomer, Who::Us, Who::System, Who::Ann][below(dice, 5)],
    };
    let spot = match mood {
        Mood::Busy | Mood::Long => Spot::Shared(1),
        Mood::Crowded => Spot::Direct(small(dice, 8)),
        Mood::Broken => [Spot::Direct(0), Spot::Shared(0), Spot::Shared(1)][below(dice, 3)],
        Mood::Mixed | Mood::Robots => {
            if dice.roll(3) == 0 {
                Spot::Direct(small(dice, 2))
            } else {
                Spot::Shared(small(dice, 3))
            }
        }
    };
    let what = match (mood, dice.roll(20)) {
        (Mood::Long, 0..10) => What::Long,
        (_, 15) if matches!(spot, Spot::Shared(0)) => What::Old,
        (_, 16) => What::Nothing,
        (_, 17) => What::Stop,
        (_, 18) => What::New,
        (_, _) => What::Talk,
    };
    Line(who, spot, what, if dice.roll(3) == 0 { Calls::Us } else { Calls::Nobody })
}

fn step(dice: &mut Dice, mood: Mood, settings: Settings) -> Step {
    let nth = if coin(dice) { 0 } else { small(dice, 6) };
    match dice.roll(100) {
        0..40 if mood == Mood::Crowded && coin(dice) => Step::Burst(line(dice, mood), 4 + small(dice, 8)),
        0..36 => Step::Says(line(dice, mood)),
        36..40 => Step::Burst(line(dice, mood), 2 + small(dice, 6)),
        40..55 => Step::Waits(span(dice, settings)),
        55 => Step::Sleeps(span(dice, settings)),
        56 => Step::SetsClockBack([500, 30_000, 600_000, 7_200_000][below(dice, 4)]),
        57..59 => Step::Again(nth),
        59..63 => Step::TakesBack(nth),
        63..66 => Step::Announces(nth),
        66 => Step::AnnouncesAhead(line(dice, mood)),
        67 => Step::Crashes,
        68 => Step::CrashesAfter(small(dice, 8)),
        69 => Step::Reconfigures(self::settings(dice, mood)),
        70 => Step::Traps(small(dice, 255)),
        71 if coin(dice) => Step::Damages(nth),
        71 => Step::CrashesOver(nth),
        72 => Step::StoreIsFull(dice.roll(3) == 0),
        73..75 => Step::HostAnswers([Answers::Promptly, Answers::Later, Answers::InVain][below(dice, 3)]),
        75..79 => Step::Answers(small(dice, 6)),
        79..83 => Step::HostTakes(
            [
                Habit::AdoptsAndEnds,
                Habit::Adopts,
                Habit::Joins,
                Habit::Joins,
                Habit::Queues,
                Habit::Holds,
                Habit::Handles,
                Habit::Fails,
            ][below(dice, 8)],
        ),
        83..86 => Step::Adopts(small(dice, 60)),
        86..88 => Step::Defers(small(dice, 60)),
        88..90 => Step::LetsGo(small(dice, 60)),
        90 => Step::Handles(nth),
        91..93 => Step::Fails(nth),
        93 => Step::FailsAll,
        94 => Step::Closes(nth),
        95 if coin(dice) => Step::Breaks(nth),
        95 => Step::Settles(nth),
        96..98 => Step::Replies(nth),
        98..100 => Step::Volunteers(nth),
        _ => Step::Waits(1),
    }
}

/// Moments are often what the account's deadlines are made of.
fn span(dice: &mut Dice, settings: Settings) -> u64 {
    match dice.roll(12) {
        0 => 0,
        1 => 1,
        2..5 => dice.roll(2_500),
        5 => settings.quiet,
        6 => settings.quiet - 1,
        7..9 => dice.roll(settings.quiet + 2_000),
        9 => dice.roll(10_000),
        10 => dice.roll(130_000),
        _ => dice.roll(900_000),
    }
}
