//! Orders by which tests reach the driver: built only with the feature `faults`, never shipped.
//!
//! They come as [`Input::TypingAsked`], whose `to` then starts with `fault:` as no place does.

use crate::account::Account;
use crate::call::{Call, CallOutcome, Errand, Method};
use crate::ids::{Epoch, RequestId};
use crate::json;
use crate::secret::Secret;
use crate::step::{Input, LogLevel, Step};
use crate::time::{Millis, Time};
use crate::wire::wukong_cipher::{self, KeyPair};
use serde::Deserialize;
use std::sync::atomic::Ordering;
use wasm_bindgen_futures::spawn_local;

/// Marks calls of [`Fault::Call`]; the host counts its requests from zero.
const OURS: Errand = Errand::Probe(RequestId(u32::MAX));

/// What a test asks for, as JSON after `fault:`.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Fault {
    /// Panic while the core handles an input.
    Trap,
    /// Panic in a task.
    TrapInTask,
    /// Want to be woken then, or not at all.
    WakeAt {
        #[serde(default)]
        time: Option<Time>,
    },
    /// Read these bytes of a connection so many times, and log how many messages that were.
    Route { epoch: Epoch, frame: Vec<u8>, times: u32 },
    /// Judge messages like this one, a stored record, with these numbers, spread over panels, and log how many were.
    Judge { record: String, panels: u32, numbers: std::ops::Range<u32> },
    /// Read messages from now on without looking at their keys.
    Trust,
    /// Make a key pair and agree on a key so many times, and log how many that were.
    Handshake { entropy: [u8; 32], server_key: String, salt: String, times: u32 },
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

/// Answers an input that is meant for this module, and gives back any other.
pub(super) fn intercept(now: Time, input: Input, core: &mut Account) -> Result<Step, Input> {
    let mut step = Step::default();
    if let Input::CallSettled { errand: OURS, outcome } = &input {
        step.log(LogLevel::Debug, describe(outcome));
        return Ok(step);
    }
    if let Input::TypingAsked { to } = &input
        && let Some(fault) = to.strip_prefix("fault:")
    {
        match serde_json::from_str(fault) {
            Ok(fault) => commit(now, fault, core, &mut step),
            Err(error) => step.log(LogLevel::Error, error.to_string()),
        }
        return Ok(step);
    }
    Err(input)
}

#[expect(clippy::panic, reason = "the one thing that this is for")]
fn commit(now: Time, fault: Fault, core: &mut Account, step: &mut Step) {
    match fault {
        Fault::Trap => panic!("asked for by a test"),
        Fault::TrapInTask => spawn_local(async { panic!("asked for by a test") }),
        Fault::Route { epoch, frame, times } => {
            let messages = core.route(now, epoch, &frame, times);
            step.log(LogLevel::Debug, messages.to_string());
        }
        Fault::Judge { record, panels, numbers } => match json::read(&record) {
            Ok(like) => step.log(LogLevel::Debug, core.judge_each(now, &like, panels, numbers).to_string()),
            Err(error) => step.log(LogLevel::Error, error.to_string()),
        },
        Fault::Trust => wukong_cipher::benchmark::TRUSTS.store(true, Ordering::Relaxed),
        Fault::Handshake { entropy, server_key, salt, times } => {
            let agreed = (0..times).filter(|_| {
                let pair = KeyPair::from_entropy(entropy);
                !pair.public_base64().is_empty() && pair.agree(&server_key, &salt).is_ok()
            });
            step.log(LogLevel::Debug, agreed.count().to_string());
        }
        Fault::WakeAt { time } => step.wake_at = time,
        Fault::Call { method, url, token, body, timeout } => step.call(Call {
            errand: OURS,
            method: if method == "GET" { Method::Get } else { Method::Post },
            url,
            auth: ("authorization", Secret::new(token)),
            space: None,
            body,
            timeout: Millis(timeout),
        }),
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
