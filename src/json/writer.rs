//! Values to JSON text.
//!
//! `serde_json` can do this too, but its code for strings is compiled with this crate, which is built for size, and goes
//! byte by byte. Records are written for every message, and most of a record is one string.

use super::text::push_quoted;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple};
use serde::ser::{SerializeTupleStruct, SerializeTupleVariant, Serializer};
use serde_json::{Error, Value};

/// Appends to a text.
pub(super) struct Writer<'a>(pub(super) &'a mut String);

/// An array or object that is being written.
pub(super) struct Open<'a> {
    out: &'a mut String,
    is_empty: bool,
    closing: &'static str,
}

impl<'a> Writer<'a> {
    fn integer(self, number: impl itoa::Integer) -> Result<(), Error> {
        self.0.push_str(itoa::Buffer::new().format(number));
        Ok(())
    }

    fn word(self, word: &str) -> Result<(), Error> {
        self.0.push_str(word);
        Ok(())
    }

    fn open(self, opening: &str, closing: &'static str) -> Result<Open<'a>, Error> {
        self.0.push_str(opening);
        Ok(Open { out: self.0, is_empty: true, closing })
    }

    /// `{"<variant>":` and what comes behind it.
    fn open_variant(self, variant: &'static str, opening: &str, closing: &'static str) -> Result<Open<'a>, Error> {
        self.0.push_str("{\"");
        self.0.push_str(variant);
        self.0.push_str("\":");
        self.open(opening, closing)
    }
}

impl Open<'_> {
    fn comma(&mut self) {
        if !std::mem::take(&mut self.is_empty) {
            self.out.push(',');
        }
    }

    fn element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Error> {
        self.comma();
        value.serialize(Writer(self.out))
    }

    /// A field of a type of ours. Names in Rust hold nothing that needs an escape.
    fn field<T: ?Sized + Serialize>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        self.out.push_str(if std::mem::take(&mut self.is_empty) { "\"" } else { ",\"" });
        self.out.push_str(key);
        self.out.push_str("\":");
        value.serialize(Writer(self.out))
    }

    fn close(self) -> Result<(), Error> {
        self.out.push_str(self.closing);
        Ok(())
    }
}

impl<'a> Serializer for Writer<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Open<'a>;
    type SerializeTuple = Open<'a>;
    type SerializeTupleStruct = Open<'a>;
    type SerializeTupleVariant = Open<'a>;
    type SerializeMap = Open<'a>;
    type SerializeStruct = Open<'a>;
    type SerializeStructVariant = Open<'a>;

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.word(if value { "true" } else { "false" })
    }

    fn serialize_i8(self, value: i8) -> Result<(), Error> {
        self.integer(value)
    }

    fn serialize_i16(self, value: i16) -> Result<(), Error> {
        self.integer(value)
    }

    fn serialize_i32(self, value: i32) -> Result<(), Error> {
        self.integer(value)
    }

    fn serialize_i64(self, value: i64) -> Result<(), Error> {
        self.integer(value)
    }

    fn serialize_u8(self, value: u8) -> Result<(), Error> {
        self.integer(value)
    }

    fn serialize_u16(self, value: u16) -> Result<(), Error> {
        self.integer(value)
    }

    fn serialize_u32(self, value: u32) -> Result<(), Error> {
        self.integer(value)
    }

    fn serialize_u64(self, value: u64) -> Result<(), Error> {
        self.integer(value)
    }

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        // Rare, and not worth a second way of printing them.
        self.word(&Value::from(value).to_string())
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        push_quoted(self.0, value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Error> {
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.word("null")
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _name: &'static str, _index: u32, variant: &'static str) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _name: &'static str, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        let mut object = self.open("{", "}")?;
        object.field(variant, value)?;
        object.close()
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Open<'a>, Error> {
        self.open("[", "]")
    }

    fn serialize_tuple(self, _len: usize) -> Result<Open<'a>, Error> {
        self.open("[", "]")
    }

    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Result<Open<'a>, Error> {
        self.open("[", "]")
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Open<'a>, Error> {
        self.open_variant(variant, "[", "]}")
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Open<'a>, Error> {
        self.open("{", "}")
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Open<'a>, Error> {
        self.open("{", "}")
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Open<'a>, Error> {
        self.open_variant(variant, "{", "}}")
    }
}

/// The traits of arrays differ only in the name of their method.
macro_rules! array {
    ($($kind:ident::$method:ident),*) => {$(
        impl $kind for Open<'_> {
            type Ok = ();
            type Error = Error;

            fn $method<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Error> {
                self.element(value)
            }

            fn end(self) -> Result<(), Error> {
                self.close()
            }
        }
    )*};
}

array!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

impl SerializeMap for Open<'_> {
    type Ok = ();
    type Error = Error;

    /// Our maps have strings for keys; a number would come out without quotes.
    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), Error> {
        self.element(key)
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Error> {
        self.out.push(':');
        value.serialize(Writer(self.out))
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeStruct for Open<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        self.field(key, value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeStructVariant for Open<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        self.field(key, value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}
