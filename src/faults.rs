//! Test builds only: chat messages that panic inside the core, to prove that a trap costs one account a moment, and in
//! the end one message.

use crate::message::Incoming;
use crate::subject;

/// The text that does it before the message is on disk.
pub const TRAP: &str = "trap the core";
/// The text that does it afterwards.
pub const TRAP_STORED: &str = "trap the stored core";

/// Panics if one of the messages says so.
///
/// # Panics
/// That is its purpose.
#[allow(clippy::panic, reason = "the one place where a panic is wanted; never in a release build")]
pub fn trip<'a>(messages: impl IntoIterator<Item = &'a Incoming>, text: &str) {
    for message in messages {
        subject::set(&message.id);
        if message.text == text {
            panic!("asked for by a test");
        }
    }
}
