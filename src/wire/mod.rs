//! Bytes and JSON of the two platforms. Every decoder here is total: any input gives a value or an error, never a panic.

pub mod reader;
