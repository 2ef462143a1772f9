//! JSON in one place: every text is read into a [`Value`] first, so that its parser is compiled once and not for each
//! type that is read from it.

mod bounded;
mod shallow;
mod text;
mod writer;

use serde::{Deserialize, Serialize};
use serde_json::{Error, Map, Value};

/// Bytes in which most texts find room: a short message with all that is known about it, or a step.
const USUAL_LEN: usize = 1024;

/// Room for lists, objects and their nodes in anything that a user can send. The longest payload that the servers let
/// a client send fits, as a forward of hundreds of two-letter messages.
const BASE_ROOM: usize = 512 * 1024;

/// Levels of a message that are read; those of a forward in a forward and so on, of which nobody reads the innermost.
/// `serde_json` itself takes 128.
const DEEPEST: usize = 100;

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

/// Reads JSON of any shape that a user has sent through the server. What is nested too deep is left out.
///
/// # Errors
/// The text is no JSON, or, however long it is, takes more values than a short one may.
pub fn parse_message(text: &[u8]) -> Result<Value, Error> {
    bounded::parse(text, BASE_ROOM).or_else(|error| match shallow::cut(text, DEEPEST) {
        Some(text) => bounded::parse(&text, BASE_ROOM),
        None => Err(error),
    })
}

/// Reads JSON of a known shape.
///
/// # Errors
/// The text is no JSON, or has another shape.
pub fn read<T: for<'a> Deserialize<'a>>(text: &str) -> Result<T, Error> {
    T::deserialize(&parse(text.as_bytes())?)
}

/// An object of these fields. `json!` writes code for each field.
#[must_use]
pub fn object(fields: &[(&str, Value)]) -> Value {
    let mut object = Map::new();
    for (name, value) in fields {
        object.insert((*name).to_owned(), value.clone());
    }
    Value::Object(object)
}

/// Writes JSON on one line.
///
/// # Errors
/// Only what the type itself reports.
pub fn write<T: ?Sized + Serialize>(value: &T) -> Result<String, Error> {
    let mut text = String::with_capacity(USUAL_LEN);
    value.serialize(writer::Writer(&mut text))?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// One of each kind of value that serde knows.
    #[derive(Serialize)]
    enum Kind {
        Unit,
        Newtype(i8),
        Tuple(u8, char),
        Struct { none: Option<u64>, some: Option<i64>, float: f32, name: Name, pair: (u16, i16), unit: () },
    }

    #[derive(Serialize)]
    struct Name(&'static str);

    #[test]
    fn every_kind_of_value_is_written_as_by_another_implementation() {
        let kinds = [
            Kind::Unit,
            Kind::Newtype(-8),
            Kind::Tuple(7, '"'),
            Kind::Struct {
                none: None,
                some: Some(i64::MIN),
                float: 1.5,
                name: Name("a\nb"),
                pair: (u16::MAX, i16::MIN),
                unit: (),
            },
        ];
        let map = BTreeMap::from([("a", Vec::new()), ("b", vec![true, false])]);
        assert_eq!(write(&kinds).unwrap(), serde_json::to_string(&kinds).unwrap());
        assert_eq!(write(&map).unwrap(), serde_json::to_string(&map).unwrap());
        assert_eq!(write(&f64::NAN).unwrap(), serde_json::to_string(&f64::NAN).unwrap());
        let bytes = serde_bytes::Bytes::new(&[0, 255]);
        assert_eq!(write(bytes).unwrap(), "[0,255]");
    }
}
