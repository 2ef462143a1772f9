//! The fixed header of a WuKongIM packet: kind, flags, and how many bytes follow.

use super::reader::Reader;
use super::writer::Writer;
use crate::error::WireError;

/// The most bytes that may follow a fixed header. Every server decoder refuses more.
pub(super) const MAX_REMAINING: usize = 1024 * 1024;

/// A remaining length is at most this many bytes of seven bits each.
const MAX_VARINT_BYTES: u32 = 4;

pub(super) const CONNECT: u8 = 1;
pub(super) const CONNACK: u8 = 2;
pub(super) const SEND: u8 = 3;
pub(super) const SENDACK: u8 = 4;
pub(super) const RECV: u8 = 5;
pub(super) const RECVACK: u8 = 6;
pub(super) const PING: u8 = 7;
pub(super) const PONG: u8 = 8;
pub(super) const DISCONNECT: u8 = 9;
pub(super) const SUB: u8 = 10;
pub(super) const SUBACK: u8 = 11;
pub(super) const EVENT: u8 = 12;

/// The one flag of CONNACK, in the place of [`NO_PERSIST`](super::wukong_packet::Flags): a server version follows.
pub(super) const HAS_SERVER_VERSION: u8 = 1;

/// Whether packets of this kind are one byte, without even a remaining length (vectors `ping` and `pong`).
pub(super) fn is_bare(kind: u8) -> bool {
    matches!(kind, PING | PONG)
}

/// A decoded fixed header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// High nibble of the first byte, one of the constants above or anything else up to 15.
    pub(super) kind: u8,
    /// Low nibble of the first byte.
    pub(super) flags: u8,
    /// Bytes behind the header, at most [`MAX_REMAINING`].
    pub(super) remaining: usize,
}

impl Header {
    /// Reads a header, so that `reader` stands at the packet's body.
    ///
    /// [`WireError::UnexpectedEnd`] means that more bytes are needed; the other errors are final.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let first = reader.u8()?;
        let kind = first >> 4;
        let remaining = if is_bare(kind) { 0 } else { read_remaining(reader)? };
        Ok(Self { kind, flags: first & 0x0F, remaining })
    }

    /// Writes the header. Only the low nibbles of `kind` and `flags` count.
    pub(super) fn write(self, writer: &mut Writer<'_>) -> Result<(), WireError> {
        writer.u8(self.kind << 4 | self.flags & 0x0F);
        if is_bare(self.kind) {
            return Ok(());
        }
        let too_long = WireError::TooLong { limit: MAX_REMAINING };
        let mut left = u32::try_from(self.remaining).map_err(|_| too_long)?;
        if self.remaining > MAX_REMAINING {
            return Err(too_long);
        }
        loop {
            let [.., low] = (left & 0x7F).to_be_bytes();
            left >>= 7;
            if left == 0 {
                writer.u8(low);
                return Ok(());
            }
            writer.u8(low | 0x80);
        }
    }
}

/// Seven bits a byte, low group first; the high bit says that another byte follows.
fn read_remaining(reader: &mut Reader<'_>) -> Result<usize, WireError> {
    let mut value = 0_usize;
    for place in 0..MAX_VARINT_BYTES {
        let byte = reader.u8()?;
        value |= usize::from(byte & 0x7F) << place.saturating_mul(7);
        if byte & 0x80 != 0 {
            continue;
        }
        if value > MAX_REMAINING {
            return Err(WireError::TooLong { limit: MAX_REMAINING });
        }
        return Ok(value);
    }
    Err(WireError::BadVarint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Header, WireError> {
        Header::read(&mut Reader::new(bytes))
    }

    fn written(remaining: usize) -> Vec<u8> {
        let mut out = Vec::new();
        Header { kind: RECV, flags: 2, remaining }.write(&mut Writer::new(&mut out)).unwrap();
        out
    }

    #[test]
    fn a_length_takes_one_byte_per_seven_bits() {
        assert_eq!(written(0), [0x52, 0x00]);
        assert_eq!(written(127), [0x52, 0x7F]);
        assert_eq!(written(128), [0x52, 0x80, 0x01]);
        assert_eq!(written(16_383), [0x52, 0xFF, 0x7F]);
        assert_eq!(written(16_384), [0x52, 0x80, 0x80, 0x01]);
    }

    #[test]
    fn a_length_at_the_cap_passes_and_one_above_is_refused() {
        let at_cap = written(MAX_REMAINING);
        assert_eq!(read(&at_cap), Ok(Header { kind: RECV, flags: 2, remaining: MAX_REMAINING }));
        assert_eq!(read(&[0x50, 0x81, 0x80, 0x40]), Err(WireError::TooLong { limit: MAX_REMAINING }));
        assert_eq!(read(&[0x50, 0xFF, 0xFF, 0xFF, 0x7F]), Err(WireError::TooLong { limit: MAX_REMAINING }));
    }

    #[test]
    fn a_length_of_more_than_four_bytes_is_refused() {
        assert_eq!(read(&[0x50, 0x80, 0x80, 0x80, 0x80]), Err(WireError::BadVarint));
    }

    #[test]
    fn a_header_cut_short_asks_for_more() {
        assert_eq!(read(&[]), Err(WireError::UnexpectedEnd));
        assert_eq!(read(&[0x50, 0x80]), Err(WireError::UnexpectedEnd));
    }

    #[test]
    fn ping_and_pong_have_no_length_byte() {
        assert_eq!(read(&[0x70]), Ok(Header { kind: PING, flags: 0, remaining: 0 }));
        assert_eq!(read(&[0x80, 0x50]), Ok(Header { kind: PONG, flags: 0, remaining: 0 }));
    }
}
