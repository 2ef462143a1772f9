//! Bytes and JSON of the two platforms. Every decoder here is total: any input gives a value or an error, never a panic.
//!
//! The binary connection of WuKongIM, the server under DMWork, reads from left to right:
//!
//! ```text
//! WebSocket bytes ─▶ wukong_stream ─▶ wukong_packet ─▶ wukong_cipher ─▶ dmwork_payload
//!                     one packet       typed fields     verify, decrypt
//! ```

mod aes128;
mod base64;
pub mod dmwork_api;
mod dmwork_content;
pub mod dmwork_history;
pub mod dmwork_payload;
pub mod dmwork_upload;
mod iso_time;
pub mod media_kind;
pub mod mochat_agents;
pub mod mochat_api;
pub mod mochat_event;
pub mod mochat_history;
pub mod reader;
mod vector;
mod writer;
pub mod wukong_cipher;
mod wukong_decode;
mod wukong_encode;
mod wukong_field;
mod wukong_header;
pub mod wukong_packet;
mod wukong_reason;
pub mod wukong_stream;
