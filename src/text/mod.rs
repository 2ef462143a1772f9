//! Text in and out: markup, mentions, splitting, redaction.

mod bbcode;
mod code;
mod excerpt;
mod mention;
mod redact;
mod split;

pub use bbcode::plain;
pub use excerpt::excerpt;
pub use mention::{mark_spans, mentions, without_own};
pub use redact::redact;
pub use split::split;
