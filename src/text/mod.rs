//! Text in and out: markup, mentions, splitting, redaction.

mod bbcode;
mod excerpt;
mod mention;
mod redact;
mod split;

pub use bbcode::{mentioned_ids, plain};
pub use excerpt::excerpt;
pub use mention::{mentions, without_mention, without_span};
pub use redact::redact;
pub use split::split;
