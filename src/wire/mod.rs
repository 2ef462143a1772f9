//! Bytes and JSON of the two platforms. Every decoder here is total: any input gives a value or an error, never a panic.
pub mod dmwork_api;
pub mod dmwork_payload;
mod iso_time;
pub mod mochat_api;
pub mod mochat_event;
