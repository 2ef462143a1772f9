//! JSON in one place: every text is read into a [`Value`] first, so that its parser is compiled once and not for each
//! type that is read from it.

use serde::Deserialize;
use serde_json::{Error, Value};

/// Reads JSON of any shape.
///
/// # Errors
/// The text is no JSON, or nested deeper than 128 levels.
pub fn parse(text: &[u8]) -> Result<Value, Error> {
    serde_json::from_slice(text)
}

/// Reads JSON of a known shape.
///
/// # Errors
/// The text is no JSON, or has another shape.
pub fn read<T: for<'a> Deserialize<'a>>(text: &str) -> Result<T, Error> {
    T::deserialize(&parse(text.as_bytes())?)
}
