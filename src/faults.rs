//! Test builds only: a chat message that panics inside the core, to prove that a trap costs one account.

use crate::message::Incoming;

/// The text that does it.
pub const TRAP: &str = "trap the core";

/// Panics if somebody asks for it.
///
/// # Panics
/// That is its purpose. The message isn't committed yet, so the rebuilt account doesn't meet it again.
#[allow(clippy::panic, reason = "the one place where a panic is wanted; never in a release build")]
pub fn trip(messages: &[Incoming]) {
    if messages.iter().any(|message| message.text == TRAP) {
        panic!("asked for by a test");
    }
}
