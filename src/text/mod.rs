//! Text in and out: markup, mentions, splitting, redaction.

mod bbcode;
mod code;
mod excerpt;
mod fingerprint;
mod line;
mod local_path;
mod media;
mod mention;
mod ping;
mod redact;
mod split;

pub use bbcode::{Said, plain, read};
pub use excerpt::excerpt;
pub use fingerprint::fingerprint;
pub use line::{has_stamped_line, name, quoted, words};
pub use local_path::hide_paths;
pub use media::{add as add_media, add_images, file_name, given_name, is_image, is_remote, label};
pub use mention::{mark_spans, mentions, without_own};
pub use ping::{Person, Piece, before_call, calling, may_call, pings};
pub use redact::{redact, redact_all};
pub use split::split;
