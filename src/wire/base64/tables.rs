//! What the vectors look up, computed from the alphabet.
#![expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "evaluated by the compiler"
)]

use super::Vector;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The character for zero.
pub(super) const ZERO: u8 = ALPHABET[0];

/// Leaves a byte of zeros where it stands in an order.
const NONE: u8 = 0x80;

/// The order that takes twelve bytes, from `start` on, into four words, each with the first of three bytes highest.
/// Bytes beyond the vector are left to its neighbor's order.
pub(super) const fn triples(start: i8) -> Vector {
    let mut order = [NONE; 16];
    let mut word = 0;
    while word < 4 {
        let mut byte = 0;
        while byte < 3 {
            let from = start + 3 * word + 2 - byte;
            if from >= 0 && from < 16 {
                order[(4 * word + byte) as usize] = from as u8;
            }
            byte += 1;
        }
        word += 1;
    }
    Vector::new(order)
}

/// The way back: of 48 bytes the sixteen from `start` on, as far as they are in the group of twelve with this number.
pub(super) const fn bytes(start: usize, group: usize) -> Vector {
    let mut order = [NONE; 16];
    let mut to = 0;
    while to < 16 {
        let byte = start + to;
        if byte / 12 == group {
            order[to] = (byte % 12 / 3 * 4 + 2 - byte % 3) as u8;
        }
        to += 1;
    }
    Vector::new(order)
}

/// The same word four times.
pub(super) const fn words(word: u32) -> Vector {
    let [a, b, c, d] = word.to_le_bytes();
    Vector::new([a, b, c, d, a, b, c, d, a, b, c, d, a, b, c, d])
}

/// From a value to its character. Lower case is of kind 0, what follows it of kinds 1 to 12, upper case of kind 13.
pub(super) const DISTANCES: Vector = {
    let mut table = [0; 16];
    let mut kind = 0;
    while kind < 14 {
        let value = if kind == 13 { 0 } else { 51 + kind };
        table[kind] = ALPHABET[value].wrapping_sub(value as u8);
        kind += 1;
    }
    Vector::new(table)
};

/// A bit for each row of sixteen in ASCII. Rows beyond take the first one's, in which no character is right.
pub(super) const ROW_BITS: Vector = Vector::new([1, 2, 4, 8, 16, 32, 64, 128, 1, 1, 1, 1, 1, 1, 1, 1]);

/// For each lower nibble the rows in which its character is not in the alphabet.
pub(super) const WRONG_ROWS: Vector = {
    let mut rows = [0xFF; 16];
    let mut value = 0;
    while value < ALPHABET.len() {
        let char = ALPHABET[value];
        rows[(char & 0x0F) as usize] &= !(1 << (char >> 4));
        value += 1;
    }
    Vector::new(rows)
};

/// From a character to its value, by row. `+` shares one with `/` and is found in the empty one before.
pub(super) const BACK: Vector = {
    let mut table = [0; 16];
    let mut value = 0;
    while value < ALPHABET.len() {
        let char = ALPHABET[value];
        let row = if char == b'+' { 1 } else { char >> 4 };
        table[row as usize] = (value as u8).wrapping_sub(char);
        value += 1;
    }
    Vector::new(table)
};
