//! Orders by which tests reach the driver: built only with the feature `faults`, never shipped.
//!
//! They come as [`Input::TypingAsked`], whose `to` then starts with `fault:` as no place does.

use crate::call::{Call, CallOutcome, Errand, Method};
use crate::ids::RequestId;
use crate::secret::Secret;
use crate::step::{Effect, Input, LogLevel};
use crate::time::Millis;
use serde::Deserialize;
use wasm_bindgen_futures::spawn_local;

/// Marks calls of [`Fault::Call`]; the host counts its requests from zero.
const OURS: Errand = Errand::Probe(RequestId(u32::MAX));

/// What a test asks for, as JSON after `fault:`.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
enum Fault {
    /// Panic while the core handles an input.
    Trap,
    /// Panic in a task.
    TrapInTask,
    /// Perform this call and log its outcome as JSON.
    Call {
        method: String,
        url: String,
        token: String,
        #[serde(default)]
        body: Option<String>,
        timeout: u64,
    },
}

/// Takes an input that is meant for this module, and gives back any other.
pub(super) fn intercept(input: Input, orders: &mut Vec<Effect>) -> Option<Input> {
    if let Input::CallSettled { errand: OURS, outcome } = &input {
        orders.push(Effect::Log { level: LogLevel::Debug, text: describe(outcome) });
        return None;
    }
    if let Input::TypingAsked { to } = &input
        && let Some(fault) = to.strip_prefix("fault:")
    {
        match serde_json::from_str(fault) {
            Ok(fault) => commit(fault, orders),
            Err(error) => orders.push(Effect::Log { level: LogLevel::Error, text: error.to_string() }),
        }
        return None;
    }
    Some(input)
}

#[expect(clippy::panic, reason = "the one thing that this is for")]
fn commit(fault: Fault, orders: &mut Vec<Effect>) {
    match fault {
        Fault::Trap => panic!("asked for by a test"),
        Fault::TrapInTask => spawn_local(async { panic!("asked for by a test") }),
        Fault::Call { method, url, token, body, timeout } => orders.push(Effect::Call(Call {
            errand: OURS,
            method: if method == "GET" { Method::Get } else { Method::Post },
            url,
            auth: ("authorization", Secret::new(token)),
            body,
            timeout: Millis(timeout),
        })),
    }
}

fn describe(outcome: &CallOutcome) -> String {
    match outcome {
        CallOutcome::Answered { status, retry_after, body } => {
            serde_json::json!({ "status": status, "retryAfter": retry_after, "body": body })
        }
        CallOutcome::Failed { unsent, cause } => serde_json::json!({ "unsent": unsent, "cause": cause }),
    }
    .to_string()
}
