//! Base64 with the standard alphabet and padding, 64 characters at a time.
//!
//! A received payload is decoded once, and encoded once more, encrypted, on the way to its message key. How characters
//! are told apart by their nibbles is Muła's idea (Muła and Lemire, "Faster Base64 Encoding and Decoding using AVX2
//! Instructions", 2018).

mod tables;

use super::vector::Vector;
use tables::{BACK, DISTANCES, ROW_BITS, WRONG_ROWS, ZERO, bytes, triples, words};

/// Bytes that are encoded at a time.
pub(super) const BYTES: usize = 48;
/// The characters that they become: a block of MD5.
const CHARS: usize = 64;
const PADDING: u8 = b'=';

/// Bytes of any number as text.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = Vec::with_capacity(bytes.len().div_ceil(3).saturating_mul(4));
    let (blocks, rest) = bytes.as_chunks();
    for block in blocks {
        text.extend_from_slice(&encode_block(block));
    }
    let (last, len) = encode_rest(rest);
    text.extend_from_slice(last.get(..len).unwrap_or_default());
    String::from_utf8(text).unwrap_or_default()
}

/// Less than [`BYTES`] with their padding, and how many characters that makes.
pub(super) fn encode_rest(bytes: &[u8]) -> ([u8; CHARS], usize) {
    let mut block = [0; BYTES];
    if let Some(start) = block.get_mut(..bytes.len()) {
        start.copy_from_slice(bytes);
    }
    let mut text = encode_block(&block);
    let groups = bytes.len().div_ceil(3);
    let (len, padding) = (groups.saturating_mul(4), groups.saturating_mul(3).saturating_sub(bytes.len()));
    for char in text.iter_mut().take(len).rev().take(padding) {
        *char = PADDING;
    }
    (text, len)
}

/// Appends the bytes that `text` stands for. `None` if it is not base64: a character outside of the alphabet, padding
/// that is missing or too much, or bits behind the last byte.
pub(super) fn decode(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let padding = text.iter().rev().take(2).take_while(|char| **char == PADDING).count();
    let (text, _) = text.split_at_checked(text.len().checked_sub(padding)?)?;
    out.reserve(text.len());
    let (blocks, rest) = text.as_chunks();
    for block in blocks {
        out.extend_from_slice(&decode_block(block)?);
    }
    let mut block = [ZERO; CHARS];
    block.get_mut(..rest.len())?.copy_from_slice(rest);
    let last = decode_block(&block)?;
    let (last, beyond) = last.split_at_checked(rest.len().saturating_mul(3) / 4)?;
    out.extend_from_slice(last);
    beyond.iter().all(|byte| *byte == 0).then_some(())
}

pub(super) fn encode_block(block: &[u8; BYTES]) -> [u8; CHARS] {
    let mut text = [0; CHARS];
    if let ([a, b, c], [to_a, to_b, to_c, to_d]) = (block.as_chunks().0, text.as_chunks_mut().0) {
        let [a, b, c] = [Vector::new(*a), Vector::new(*b), Vector::new(*c)];
        *to_a = chars(a.look_up(const { triples(0) }));
        *to_b = chars(a.look_up(const { triples(12) }).or(b.look_up(const { triples(-4) })));
        *to_c = chars(b.look_up(const { triples(8) }).or(c.look_up(const { triples(-8) })));
        *to_d = chars(c.look_up(const { triples(4) }));
    }
    text
}

/// Three bytes in each word to the values of four characters, and on to these.
#[inline(always)]
fn chars(triples: Vector) -> [u8; 16] {
    let values = triples.words_right(18).and(const { words(0x3F) });
    let values = values.or(triples.words_right(4).and(const { words(0x3F00) }));
    let values = values.or(triples.words_left(10).and(const { words(0x3F_0000) }));
    let values = values.or(triples.words_left(24).and(const { words(0x3F00_0000) }));
    let is_upper = values.is_less(const { Vector::new([26; 16]) });
    let kinds = values.minus(const { Vector::new([51; 16]) }).or(is_upper.and(const { Vector::new([13; 16]) }));
    values.plus(DISTANCES.look_up(kinds)).bytes()
}

fn decode_block(text: &[u8; CHARS]) -> Option<[u8; BYTES]> {
    let mut block = [0; BYTES];
    let ([a, b, c, d], [to_a, to_b, to_c]) = (text.as_chunks().0, block.as_chunks_mut().0) else { return None };
    let mut wrong = Vector::new([0; 16]);
    let mut triples = |text: &[u8; 16]| triples_of(Vector::new(*text), &mut wrong);
    let [a, b, c, d] = [triples(a), triples(b), triples(c), triples(d)];
    *to_a = a.look_up(const { bytes(0, 0) }).or(b.look_up(const { bytes(0, 1) })).bytes();
    *to_b = b.look_up(const { bytes(16, 1) }).or(c.look_up(const { bytes(16, 2) })).bytes();
    *to_c = c.look_up(const { bytes(32, 2) }).or(d.look_up(const { bytes(32, 3) })).bytes();
    wrong.is_zero().then_some(block)
}

/// Sixteen characters to three bytes in each word. Sets bits in `wrong` for what is not in the alphabet.
#[inline(always)]
fn triples_of(chars: Vector, wrong: &mut Vector) -> Vector {
    const NIBBLE: Vector = Vector::new([0x0F; 16]);
    let rows = chars.shifted().and(NIBBLE);
    *wrong = wrong.or(ROW_BITS.look_up(rows).and(WRONG_ROWS.look_up(chars.and(NIBBLE))));
    // Less than a slash is only the plus: all bits are -1, and it moves to the row before.
    let is_plus = chars.is_less(const { Vector::new([b'/'; 16]) });
    let values = chars.plus(BACK.look_up(rows.plus(is_plus).and(NIBBLE)));
    let triples = values.words_left(18).and(const { words(0xFC_0000) });
    let triples = triples.or(values.words_left(4).and(const { words(0x3_F000) }));
    let triples = triples.or(values.words_right(10).and(const { words(0xFC0) }));
    triples.or(values.words_right(24).and(const { words(0x3F) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::base64::{Engine as _, engine::general_purpose::STANDARD};
    use proptest::prelude::*;

    fn decoded(text: &[u8]) -> Option<Vec<u8>> {
        let mut out = vec![7];
        decode(text, &mut out).map(|()| out.split_off(1))
    }

    #[test]
    fn every_length_is_encoded_and_decoded_as_by_another_implementation() {
        for len in 0..=200 {
            let bytes: Vec<u8> = (0..len).map(|n: u8| n.wrapping_mul(37) ^ 0x5A).collect();
            let text = STANDARD.encode(&bytes);
            assert_eq!(encode(&bytes), text);
            assert_eq!(decoded(text.as_bytes()), Some(bytes));
        }
    }

    #[test]
    fn a_wrong_character_is_found_wherever_it_stands() {
        for at in 0..160 {
            for wrong in 0..=255_u8 {
                let mut text = vec![b'A'; 160];
                text[at] = wrong;
                assert_eq!(decoded(&text), STANDARD.decode(&text).ok(), "{wrong} at {at}");
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_refused_is_what_another_implementation_refuses(text in "([A-Za-z0-9+/]{4}){0,34}[AQgwB/+=]{0,4}") {
            prop_assert_eq!(decoded(text.as_bytes()), STANDARD.decode(&text).ok());
        }
    }
}
