//! Text in and out: markup, mentions, splitting, redaction.

mod excerpt;
mod redact;
mod split;

pub use excerpt::excerpt;
pub use redact::redact;
pub use split::split;
