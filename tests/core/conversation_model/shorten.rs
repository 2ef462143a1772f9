//! From a script that fails to the shortest that does.

use crate::conversation_model::coverage::Coverage;
use crate::conversation_model::script::{Script, Step};
use crate::conversation_model::surroundings::Surroundings;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// Scripts fail by panicking, hundreds of them while one is shortened; nobody wants to read that.
    static IS_QUIET: Cell<bool> = const { Cell::new(false) };
}

fn let_be_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !IS_QUIET.get() {
                hook(info);
            }
        }));
    });
}

/// What goes wrong in a script.
pub fn failure(script: &Script, coverage: &mut Coverage) -> Option<String> {
    let_be_quiet();
    IS_QUIET.set(true);
    let played = panic::catch_unwind(AssertUnwindSafe(|| Surroundings::play(script, coverage)));
    IS_QUIET.set(false);
    let payload = played.err()?;
    let text = payload.downcast_ref::<String>().cloned();
    Some(text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default())
}

/// Leaves out what can be left out, in large pieces first, and makes what is left smaller.
pub fn shortest(mut script: Script) -> (Script, String) {
    let mut reason = failure(&script, &mut Coverage::default()).expect("it failed before");
    let mut piece = script.steps.len().next_power_of_two();
    while piece > 0 {
        let mut at = 0;
        let mut is_shorter = false;
        while at < script.steps.len() {
            let mut shorter = script.clone();
            shorter.steps.drain(at..(at + piece).min(script.steps.len()));
            match failure(&shorter, &mut Coverage::default()) {
                Some(failure) => (script, reason, is_shorter) = (shorter, failure, true),
                None => at += piece,
            }
        }
        piece = if is_shorter { piece } else { piece / 2 };
    }
    for at in 0..script.steps.len() {
        for simpler in simpler(&script.steps[at]) {
            let mut tried = script.clone();
            tried.steps[at] = simpler;
            if let Some(failure) = failure(&tried, &mut Coverage::default()) {
                (script, reason) = (tried, failure);
            }
        }
    }
    (script, reason)
}

/// The same with less of it, each a little less so.
fn simpler(step: &Step) -> Vec<Step> {
    match step {
        Step::Burst(line, count) => {
            let fewer = (2..*count).rev().map(|count| Step::Burst(*line, count));
            fewer.chain([Step::Says(*line)]).collect()
        }
        Step::Waits(span) => [span / 2, span / 10, 1_000, 1].map(Step::Waits).to_vec(),
        Step::Sleeps(span) => vec![Step::Waits(*span)],
        Step::CrashesAfter(_) => vec![Step::Crashes],
        _ => Vec::new(),
    }
}
