//! The core of `openclaw-mochat-dmwork`.
//!
//! Two chat platforms, one state machine. Facts go in, orders come out; time, randomness and IO live outside:
//!
//! ```text
//! bytes / events ─▶ wire ─▶ platform ─▶ inbox ─▶ policy ─▶ talk ─▶ turn ─▶ outbox ─▶ HTTP call
//!  (JavaScript)     decode   Incoming    commit   Verdict   prompt  host    redact    (wasm driver)
//!                                        + ack                      agent   split
//! ```

pub mod account;
pub mod call;
mod clock;
pub mod config;
pub mod error;
#[cfg(feature = "faults")]
pub mod faults;
#[cfg(test)]
mod generated;
pub mod ids;
pub mod inbox;
pub mod json;
pub mod link;
pub mod message;
pub mod outbox;
pub mod platform;
pub mod policy;
#[cfg(test)]
mod protocol_types;
pub mod reason;
mod recent;
pub mod secret;
pub mod setup;
pub mod step;
pub mod subject;
pub mod talk;
pub mod text;
pub mod time;
pub mod tools;
#[cfg(target_arch = "wasm32")]
pub mod wasm;
pub mod wire;
