//! Reads JSON as long as there is room for what it becomes.
//!
//! A `Value` can be a hundred times as large as its text: `[{"":0},{"":0},…]` takes a node of a tree for seven bytes.
//! wasm never gives memory back, so what a text may grow to is limited.

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Error, Map, Value};
use std::cell::Cell;
use std::fmt;

const VALUE: usize = size_of::<Value>();

/// A list begins with room for four values.
const FIRST_VALUES: usize = 4;
/// A list that grows has its values once and its new room twice, for a moment.
const GROWN_VALUE: usize = 3 * VALUE;

/// An object is a tree. Its first node has room for eleven entries.
const NODE_ENTRIES: usize = 11;
const NODE: usize = NODE_ENTRIES * (size_of::<String>() + VALUE) + 2 * size_of::<usize>();
/// Further nodes are at least half full, and one above of each six points to them.
const GROWN_ENTRY: usize = NODE / 4;

/// Reads JSON of any shape that takes at most `room` bytes beside its texts.
pub(super) fn parse(text: &[u8], room: usize) -> Result<Value, Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = Bounded(&Cell::new(room)).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// Builds a value as long as there is room, in bytes. Texts take none: they are never longer than what they are read
/// from.
#[derive(Clone, Copy)]
struct Bounded<'a>(&'a Cell<usize>);

impl Bounded<'_> {
    fn take<E: serde::de::Error>(self, bytes: usize) -> Result<(), E> {
        let left = self.0.get().checked_sub(bytes);
        self.0.set(left.ok_or_else(|| E::custom("too many values"))?);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Bounded<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = access.next_element_seed(self)? {
            self.take(match list.len() {
                0 => FIRST_VALUES * VALUE,
                1..FIRST_VALUES => 0,
                _ => GROWN_VALUE,
            })?;
            list.push(value);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            self.take(match object.len() {
                0 => NODE,
                1..NODE_ENTRIES => 0,
                _ => GROWN_ENTRY,
            })?;
            object.insert(key, access.next_value_seed(self)?);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{parse, parse_message};
    use super::Value;

    #[test]
    fn it_reads_what_serde_json_reads() {
        for text in [
            r#" {"a":[1,-2,3.5,1e300,"x\n\u00e9",true,false,null],"b":{"a":{}},"":[],"a":18446744073709551615} "#,
            "-9223372036854775808",
            "1e999",
            "[1",
            "{} x",
            r#"{"a"}"#,
            "",
        ] {
            let expected = serde_json::from_str::<Value>(text).map_err(|error| error.to_string());
            assert_eq!(parse(text.as_bytes()).map_err(|error| error.to_string()), expected, "{text}");
        }
        assert!(parse(&[b'['; 200]).is_err());
    }

    #[test]
    fn tiny_values_do_not_grow_without_limit() {
        for piece in ["0,", "[],", "[0],", r#"{"":0},"#, r#""","#] {
            let text = format!("[{}0]", piece.repeat(1_000_000 / piece.len()));
            assert!(parse(text.as_bytes()).is_err(), "{piece}");
            assert!(parse_message(text.as_bytes()).is_err(), "{piece}");
        }
    }

    #[test]
    fn a_long_answer_passes_and_so_does_a_forward_of_many_messages() {
        let session = r#"{"sessionId":"session_0123456789abcdef","status":"active","createdAt":"2026-02-03T15:20:08.904Z","participants":[{"userId":"0123456789abcdef01234567","nickname":"Somebody","type":"agent"},{"userId":"0123456789abcdef01234567","nickname":"Somebody else","type":"user"}]},"#;
        let answer = format!(r#"{{"code":200,"data":{{"sessions":[{}{{}}]}}}}"#, session.repeat(10_000));
        assert!(parse(answer.as_bytes()).is_ok());

        let message = r#"{"message_id":"1","from_uid":"a","payload":{"type":1,"content":"hi"}},"#;
        let forward = format!(r#"{{"type":11,"msgs":[{}{{}}]}}"#, message.repeat(24_000 / message.len()));
        assert!(parse_message(forward.as_bytes()).is_ok());
    }

    #[test]
    fn long_texts_are_no_values() {
        let text = format!(r#"{{"type":1,"content":"{}"}}"#, "x".repeat(1_000_000));
        assert!(parse_message(text.as_bytes()).is_ok());
    }
}
