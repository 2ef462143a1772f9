//! Reads big-endian fields from a borrowed slice; a short slice is an error, never a panic.

use crate::error::WireError;

/// The longest string, in bytes, that a peer can read: the server takes the length prefix as a signed 16-bit number.
pub const STR16_MAX: usize = 32_767;

/// A cursor over bytes that hands out fields from the front.
///
/// A failed read takes nothing, and what was read borrows from the input.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the first byte of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The number of bytes not read yet.
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, WireError> {
        self.array().map(u8::from_be_bytes)
    }

    /// Two bytes, unsigned.
    pub fn u16(&mut self) -> Result<u16, WireError> {
        self.array().map(u16::from_be_bytes)
    }

    /// Four bytes, unsigned.
    pub fn u32(&mut self) -> Result<u32, WireError> {
        self.array().map(u32::from_be_bytes)
    }

    /// Eight bytes, unsigned.
    pub fn u64(&mut self) -> Result<u64, WireError> {
        self.array().map(u64::from_be_bytes)
    }

    /// Four bytes, two's complement.
    pub fn i32(&mut self) -> Result<i32, WireError> {
        self.array().map(i32::from_be_bytes)
    }

    /// Eight bytes, two's complement.
    pub fn i64(&mut self) -> Result<i64, WireError> {
        self.array().map(i64::from_be_bytes)
    }

    /// A string: its length in bytes as a [`u16`](Self::u16), then UTF-8 without a terminator.
    ///
    /// Longer than [`STR16_MAX`] is [`WireError::TooLong`], like at the server.
    pub fn str16(&mut self) -> Result<&'a str, WireError> {
        let mut ahead = *self;
        let len = usize::from(ahead.u16()?);
        if len > STR16_MAX {
            return Err(WireError::TooLong { limit: STR16_MAX });
        }
        let bytes = ahead.take(len)?;
        let text = std::str::from_utf8(bytes).map_err(|_| WireError::BadUtf8)?;
        *self = ahead;
        Ok(text)
    }

    /// Passes over a string, whatever is in it.
    pub fn skip16(&mut self) -> Result<(), WireError> {
        let mut ahead = *self;
        let len = usize::from(ahead.u16()?);
        ahead.take(len)?;
        *self = ahead;
        Ok(())
    }

    /// The next `len` bytes.
    pub fn take(&mut self, len: usize) -> Result<&'a [u8], WireError> {
        let (head, rest) = self.rest.split_at_checked(len).ok_or(WireError::UnexpectedEnd)?;
        self.rest = rest;
        Ok(head)
    }

    /// Everything that is left, possibly nothing.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.rest)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or(WireError::UnexpectedEnd)?;
        self.rest = rest;
        Ok(*head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_big_endian_and_signed_where_they_should_be() {
        let bytes =
            [1, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4, 255, 255, 255, 254, 255, 255, 255, 255, 255, 255, 255, 253];
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.u8(), Ok(1));
        assert_eq!(reader.u16(), Ok(2));
        assert_eq!(reader.u32(), Ok(3));
        assert_eq!(reader.u64(), Ok(4));
        assert_eq!(reader.i32(), Ok(-2));
        assert_eq!(reader.i64(), Ok(-3));
        assert_eq!(reader.remaining(), 0);
    }

    #[test]
    fn a_read_past_the_end_takes_nothing() {
        let mut reader = Reader::new(&[0, 3, b'a']);
        assert_eq!(reader.u32(), Err(WireError::UnexpectedEnd));
        assert_eq!(reader.str16(), Err(WireError::UnexpectedEnd));
        assert_eq!(reader.rest(), [0, 3, b'a']);
        assert!(reader.rest().is_empty());
    }

    #[test]
    fn a_string_that_is_not_utf8_is_refused() {
        assert_eq!(Reader::new(&[0, 2, 0xC3, 0x28]).str16(), Err(WireError::BadUtf8));
    }

    #[test]
    fn a_string_length_with_the_sign_bit_is_refused() {
        let mut bytes = vec![0x80, 0x00];
        bytes.resize(40_000, b'a');
        assert_eq!(Reader::new(&bytes).str16(), Err(WireError::TooLong { limit: STR16_MAX }));
    }
}
