//! Conversations by chance against the rules told plainly: which messages become which turn, with which context, when,
//! and how each ends. A script that fails is made as short as it can be, and printed.

mod coverage;
mod generate;
mod model;
mod script;
mod shorten;
mod stories;
mod surroundings;
mod told;
mod wire;

use coverage::Coverage;
use std::sync::Mutex;
use std::thread;

/// Scripts of a normal run; `CONVERSATION_SCRIPTS` asks for more, `CONVERSATION_SEED` begins elsewhere.
const SCRIPTS: u64 = 100_000;
/// Each reason ends at least this many messages of a thousand scripts, a third of what the rarest does.
const SEEN_PER_THOUSAND: u64 = 3;

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().map_or(otherwise, |value| value.parse().unwrap())
}

#[test]
fn conversations_follow_the_rules_whatever_happens() {
    let (first, scripts) = (number("CONVERSATION_SEED", 0), number("CONVERSATION_SCRIPTS", SCRIPTS));
    let threads = thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    let seen = Mutex::new(Coverage::default());
    let failed = Mutex::new(None);
    thread::scope(|scope| {
        for thread in 0..threads {
            let (seen, failed) = (&seen, &failed);
            scope.spawn(move || {
                let mut coverage = Coverage::default();
                for seed in (first + thread..first + scripts).step_by(usize::try_from(threads).unwrap()) {
                    if failed.lock().unwrap().is_some() {
                        return;
                    }
                    let script = generate::script(seed);
                    if shorten::failure(&script, &mut coverage).is_some() {
                        failed.lock().unwrap().get_or_insert((seed, script));
                    }
                }
                seen.lock().unwrap().add(&coverage);
            });
        }
    });
    let failed = failed.into_inner().unwrap().map(|(seed, script)| (seed, shorten::shortest(script)));
    if let Some((seed, (script, failure))) = failed {
        panic!("seed {seed}: {failure}\n{script:#?}");
    }
    let seen = seen.into_inner().unwrap();
    seen.demand(scripts * SEEN_PER_THOUSAND / 1_000);
}
