//! Cuts the byte stream of a connection into packets.

use super::reader::Reader;
use super::wukong_header::Header;
use crate::error::WireError;

/// What an idle framer keeps allocated. Ordinary packets are far below it; one packet of 1 MiB must not hold its
/// memory for the rest of the connection.
const IDLE_CAPACITY: usize = 16 * 1024;

/// Collects bytes and hands out whole packets, however the transport has split or joined them.
///
/// Once drained it holds at most one unfinished packet: a header and less than 1 MiB.
#[derive(Debug, Default)]
pub struct Framer {
    buffer: Vec<u8>,
    /// How much of `buffer` was handed out already.
    taken: usize,
    /// Set once the start of the next packet is lost.
    broken: Option<WireError>,
}

impl Framer {
    /// Adds bytes as they came. Follow it with [`next_frame`](Self::next_frame) until that returns `None`.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.broken.is_none() {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// The next whole packet, header included; `None` until more bytes are pushed.
    ///
    /// # Errors
    /// A header with a remaining length above 1 MiB or without an end. Where the next packet starts is unknown from
    /// then on: the error repeats, and the connection has to be closed.
    pub fn next_frame(&mut self) -> Result<Option<&[u8]>, WireError> {
        if let Some(error) = self.broken {
            return Err(error);
        }
        match self.frame_len() {
            Ok(Some(len)) => {
                let start = self.taken;
                self.taken = start.saturating_add(len);
                Ok(self.buffer.get(start..self.taken))
            }
            Ok(None) => {
                self.settle();
                Ok(None)
            }
            Err(error) => {
                *self = Self { broken: Some(error), ..Self::default() };
                Err(error)
            }
        }
    }

    /// Whether the beginning of a packet waits for its rest.
    pub fn is_waiting(&self) -> bool {
        self.buffer.len() > self.taken
    }

    /// The length of the next packet if all of it is there.
    fn frame_len(&self) -> Result<Option<usize>, WireError> {
        let waiting = self.buffer.get(self.taken..).unwrap_or_default();
        let mut reader = Reader::new(waiting);
        let header = match Header::read(&mut reader) {
            Ok(header) => header,
            Err(WireError::UnexpectedEnd) => return Ok(None),
            Err(error) => return Err(error),
        };
        if reader.take(header.remaining).is_err() {
            return Ok(None);
        }
        Ok(Some(waiting.len().saturating_sub(reader.remaining())))
    }

    /// Drops what was handed out: once per emptied buffer, not once per packet, so that many tiny packets stay cheap.
    fn settle(&mut self) {
        self.buffer.drain(..self.taken);
        self.taken = 0;
        if self.buffer.len() <= IDLE_CAPACITY {
            self.buffer.shrink_to(IDLE_CAPACITY);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::wukong_header::MAX_REMAINING;
    use super::*;

    /// An EVENT-shaped packet with a body of `len` zeros, and a three-byte length.
    fn big_packet(len: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let header = Header { kind: 12, flags: 0, remaining: len };
        header.write(&mut super::super::writer::Writer::new(&mut bytes)).unwrap();
        bytes.resize(bytes.len().saturating_add(len), 0);
        bytes
    }

    fn drained(framer: &mut Framer) -> usize {
        let mut count = 0_usize;
        while framer.next_frame().unwrap().is_some() {
            count = count.saturating_add(1);
        }
        count
    }

    #[test]
    fn a_packet_at_the_cap_passes_and_its_memory_is_given_back() {
        let packet = big_packet(MAX_REMAINING);
        let mut framer = Framer::default();
        for chunk in packet.chunks(1000) {
            assert_eq!(framer.next_frame(), Ok(None));
            framer.push(chunk);
        }
        assert_eq!(framer.next_frame(), Ok(Some(packet.as_slice())));
        assert_eq!(framer.next_frame(), Ok(None));
        assert!(framer.buffer.capacity() <= IDLE_CAPACITY);
    }

    #[test]
    fn an_announced_length_above_the_cap_is_final_and_keeps_nothing() {
        let too_long = Err(WireError::TooLong { limit: MAX_REMAINING });
        let mut framer = Framer::default();
        framer.push(&[0x80, 0x50, 0xFF, 0xFF, 0xFF, 0x7F]);
        assert_eq!(framer.next_frame(), Ok(Some([0x80].as_slice())));
        assert_eq!(framer.next_frame(), too_long);
        framer.push(&[0x80; 100]);
        assert_eq!(framer.next_frame(), too_long);
        assert_eq!(framer.buffer.capacity(), 0);
    }

    #[test]
    fn a_length_is_believed_only_as_far_as_bytes_arrive() {
        let mut framer = Framer::default();
        framer.push(&[0x50, 0x80, 0x80, 0x40]); // exactly 1 MiB, and nothing of it yet
        assert_eq!(framer.next_frame(), Ok(None));
        assert!(framer.buffer.capacity() <= IDLE_CAPACITY);
    }

    #[test]
    fn thousands_of_tiny_packets_in_one_message_move_no_memory_between_them() {
        let mut framer = Framer::default();
        framer.push(&[0x80; 5_000]);
        let start = framer.buffer.as_ptr();
        for _ in 0..5_000 {
            assert_eq!(framer.next_frame(), Ok(Some([0x80].as_slice())));
            assert_eq!((framer.buffer.as_ptr(), framer.buffer.len()), (start, 5_000));
        }
        assert_eq!(framer.next_frame(), Ok(None));
        assert!(framer.buffer.is_empty());
    }

    #[test]
    fn a_half_packet_behind_whole_ones_waits_for_its_rest() {
        let mut framer = Framer::default();
        framer.push(&[0x80, 0x70, 0x60, 0x02]);
        assert_eq!(drained(&mut framer), 2);
        framer.push(&[7]);
        assert_eq!(drained(&mut framer), 0);
        framer.push(&[8, 0x80]);
        assert_eq!(framer.next_frame(), Ok(Some([0x60, 0x02, 7, 8].as_slice())));
        assert_eq!(drained(&mut framer), 1);
    }
}
