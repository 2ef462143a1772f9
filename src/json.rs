//! JSON in one place: every text is read into a [`Value`] first, so that its parser is compiled once and not for each
//! type that is read from it.

mod bounded;

use serde::Deserialize;
use serde_json::{Error, Value};

/// Room for lists, objects and their nodes in anything that a user can send. The longest payload that the servers let
/// a client send fits, as a forward of hundreds of two-letter messages.
const BASE_ROOM: usize = 512 * 1024;

/// Room for each byte of what the operator's own server answers: lists of small objects, which pass at any length.
const ROOM_PER_BYTE: usize = 8;

/// Reads JSON of any shape from a server.
///
/// # Errors
/// The text is no JSON, nested deeper than 128 levels, or consists of so many tiny values that it would take many times
/// its own size.
pub fn parse(text: &[u8]) -> Result<Value, Error> {
    bounded::parse(text, text.len().saturating_mul(ROOM_PER_BYTE).saturating_add(BASE_ROOM))
}

/// Reads JSON of any shape that a user has sent through the server.
///
/// # Errors
/// As [`parse`], but of a long text no more values are taken than of a short one.
pub fn parse_message(text: &[u8]) -> Result<Value, Error> {
    bounded::parse(text, BASE_ROOM)
}

/// Reads JSON of a known shape.
///
/// # Errors
/// The text is no JSON, or has another shape.
pub fn read<T: for<'a> Deserialize<'a>>(text: &str) -> Result<T, Error> {
    T::deserialize(&parse(text.as_bytes())?)
}
