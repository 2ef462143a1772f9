//! Any bytes, in any pieces, through the framer. An outline of the protocol's header says what has to come out.
//!
//! Input: how many piece lengths (0 to 7), the piece lengths, the stream.

use std::iter;

use mochat_dmwork::error::WireError;
use mochat_dmwork::wire::wukong_stream::Framer;

use crate::draw::Draw;
use crate::gauge;

/// The most that the protocol lets follow a header.
const REMAINING_MAX: usize = 1024 * 1024;

/// What a framer may keep while no more than this is waiting.
const IDLE: usize = 16 * 1024;

/// Behind so many pieces the rest comes in one. Each piece is a message of its own, and the time limit is for one.
const PIECES: usize = 20_000;

/// See the module.
pub fn run(input: &[u8]) {
    let mut draw = Draw::new(input);
    let count = draw.choice(8);
    let pieces: Vec<usize> = draw.take(count.into()).iter().map(|byte| piece_len(*byte)).collect();
    let stream = draw.rest();
    gauge::judge("Framer, in one piece", stream.len(), || follow(stream, iter::repeat(stream.len())));
    if !pieces.is_empty() {
        gauge::judge("Framer, in pieces", stream.len(), || follow(stream, pieces.iter().copied().cycle().take(PIECES)));
    }
}

/// Mostly single bytes and small pieces, sometimes kilobytes.
fn piece_len(byte: u8) -> usize {
    let len = usize::from(byte);
    if byte < 192 { len.max(1) } else { len.saturating_sub(191).saturating_mul(128) }
}

/// Pushes the stream piece by piece, and holds each answer against what the stream says at that point. So whatever
/// the pieces are, the answers are the same, and no byte is lost between two packets.
fn follow(stream: &[u8], mut pieces: impl Iterator<Item = usize>) {
    let before = gauge::live();
    let mut framer = Framer::default();
    let mut coming = Draw::new(stream);
    let (mut pushed, mut taken) = (0_usize, 0_usize);
    while pushed < stream.len() {
        let piece = coming.take(pieces.next().unwrap_or(usize::MAX));
        framer.push(piece);
        pushed = pushed.saturating_add(piece.len());
        loop {
            let waiting = stream.get(taken..pushed).unwrap_or_default();
            match (framer.next_frame(), outline(waiting)) {
                (Ok(Some(frame)), Start::Packet(len)) => {
                    assert_eq!(Some(frame), waiting.get(..len), "at byte {taken}");
                    taken = taken.saturating_add(len);
                }
                (Ok(None), Start::Half) => break,
                (Err(error), Start::Lost(expected)) => {
                    assert_eq!(error, expected, "at byte {taken}");
                    return assert_final(&mut framer, error, before);
                }
                (found, expected) => panic!("at byte {taken}: {found:?}, not {expected:?}"),
            }
        }
        let kept = gauge::live().saturating_sub(before);
        let waiting = pushed.saturating_sub(taken);
        assert!(waiting > IDLE || kept <= IDLE, "{kept} bytes kept for the {waiting} of a packet");
    }
}

/// Nothing brings the stream back, and nothing is kept of it.
fn assert_final(framer: &mut Framer, error: WireError, before: usize) {
    for _ in 0..2 {
        framer.push(&[0x80; 100]);
        assert_eq!(framer.next_frame(), Err(error));
    }
    assert_eq!(gauge::live(), before, "a lost stream keeps memory");
}

/// What a stream starts with.
#[derive(Debug)]
enum Start {
    /// A packet of this many bytes.
    Packet(usize),
    /// Nothing, or a part of a packet.
    Half,
    /// A length that no packet has.
    Lost(WireError),
}

/// The header of the protocol, read a second time and as plainly as possible.
fn outline(stream: &[u8]) -> Start {
    let Some((first, rest)) = stream.split_first() else { return Start::Half };
    // PING and PONG have no length.
    if matches!(first >> 4, 7 | 8) {
        return Start::Packet(1);
    }
    let Some(last) = rest.iter().take(4).position(|byte| *byte < 0x80) else {
        return if rest.len() < 4 { Start::Half } else { Start::Lost(WireError::BadVarint) };
    };
    let digits = rest.iter().take(last.saturating_add(1)).rev();
    let remaining = digits.fold(0_usize, |value, byte| value << 7 | usize::from(byte & 0x7F));
    let len = remaining.saturating_add(last).saturating_add(2);
    match remaining {
        0..=REMAINING_MAX if stream.len() >= len => Start::Packet(len),
        0..=REMAINING_MAX => Start::Half,
        _ => Start::Lost(WireError::TooLong { limit: REMAINING_MAX }),
    }
}
