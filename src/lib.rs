//! The core of `openclaw-mochat-dmwork`.
//!
//! Two chat platforms, one state machine. Facts go in, orders come out; time, randomness and IO live outside:
//!
//! ```text
//! bytes / events ─▶ wire ─▶ platform ─▶ inbox ─▶ policy ─▶ talk ─▶ turn ─▶ outbox ─▶ HTTP call
//!  (JavaScript)     decode   Incoming    commit   Verdict   prompt  host    redact    (wasm driver)
//!                                        + ack                      agent   split
//! ```

pub mod error;
pub mod wire;
