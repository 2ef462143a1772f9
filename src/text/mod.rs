//! Text in and out: markup, mentions, splitting, redaction.

mod excerpt;
pub use excerpt::excerpt;
