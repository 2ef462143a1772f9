//! Appends big-endian fields to a buffer: the mirror of [`Reader`](super::reader::Reader).

use super::reader::STR16_MAX;
use crate::error::WireError;

/// Writes behind whatever `out` already holds.
#[derive(Debug)]
pub(super) struct Writer<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out }
    }

    pub(super) fn u8(&mut self, value: u8) {
        self.out.push(value);
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.bytes(&value.to_be_bytes());
    }

    pub(super) fn u64(&mut self, value: u64) {
        self.bytes(&value.to_be_bytes());
    }

    pub(super) fn i32(&mut self, value: i32) {
        self.bytes(&value.to_be_bytes());
    }

    pub(super) fn i64(&mut self, value: i64) {
        self.bytes(&value.to_be_bytes());
    }

    /// A length prefix of two bytes and the text. Longer than [`STR16_MAX`] would be unreadable, so it is an error.
    pub(super) fn str16(&mut self, text: &str) -> Result<(), WireError> {
        let len = u16::try_from(text.len()).ok().filter(|&len| usize::from(len) <= STR16_MAX);
        let len = len.ok_or(WireError::TooLong { limit: STR16_MAX })?;
        self.bytes(&len.to_be_bytes());
        self.bytes(text.as_bytes());
        Ok(())
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::super::reader::Reader;
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let mut out = Vec::new();
        let mut writer = Writer::new(&mut out);
        writer.u8(1);
        writer.u32(u32::MAX);
        writer.u64(u64::MAX);
        writer.i32(i32::MIN);
        writer.i64(i64::MIN);
        writer.str16("世界 🌏").unwrap();

        let mut reader = Reader::new(&out);
        assert_eq!(reader.u8(), Ok(1));
        assert_eq!(reader.u32(), Ok(u32::MAX));
        assert_eq!(reader.u64(), Ok(u64::MAX));
        assert_eq!(reader.i32(), Ok(i32::MIN));
        assert_eq!(reader.i64(), Ok(i64::MIN));
        assert_eq!(reader.str16(), Ok("世界 🌏"));
        assert_eq!(reader.remaining(), 0);
    }

    #[test]
    fn a_string_is_refused_one_byte_above_the_limit() {
        let mut out = Vec::new();
        assert_eq!(Writer::new(&mut out).str16(&"a".repeat(STR16_MAX)), Ok(()));
        let too_long = "a".repeat(STR16_MAX.saturating_add(1));
        assert_eq!(Writer::new(&mut out).str16(&too_long), Err(WireError::TooLong { limit: STR16_MAX }));
    }
}
