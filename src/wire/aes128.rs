//! AES-128 in CBC mode, on wasm's 128-bit vectors.
//!
//! A message key is the end of a CBC chain, where no block can start before the last one ends. Portable ciphers work on
//! several blocks at once and throw the others away. This one looks nothing up at addresses that depend on the key or
//! the text: every lookup is among the sixteen bytes of a vector.

mod tower;

use super::vector::Vector;
use tower::{A_OVER, Affine, INVERSE, Table, entrance, exit, passage};

/// Bytes of a block.
pub(super) const BLOCK: usize = 16;
/// Round keys between the first and the last.
const MIDDLE: usize = 9;

/// Round constants of the key schedule; the last one makes the last key.
const ROUND_CONSTANTS: [u8; MIDDLE] = [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x1b];
const LAST_CONSTANT: u8 = 0x36;

/// What the S-box adds at its end.
const OFFSET: Vector = Vector::new([0x63; BLOCK]);

/// What is looked up. Kept beside the key and read from memory, because engines may build a constant vector anew
/// wherever it is used.
struct Tables {
    /// The lower nibble of each byte.
    nibble: Vector,
    inverse: Vector,
    a_over: Vector,
    /// The S-box, and its product with the 2 of MixColumns.
    enter: [Vector; 2],
    pass_1: [Vector; 2],
    pass_2: [Vector; 2],
    leave: [Vector; 2],
    /// The inverse S-box, and its products with the factors of InvMixColumns.
    inv_enter: [Vector; 2],
    inv_pass_9: [Vector; 2],
    inv_pass_11: [Vector; 2],
    inv_pass_13: [Vector; 2],
    inv_pass_14: [Vector; 2],
    inv_leave: [Vector; 2],
    shift_rows: Vector,
    inv_shift_rows: Vector,
    /// To each byte of a column the one below it, and the one above it.
    below: Vector,
    above: Vector,
}

const TABLES: Tables = Tables {
    nibble: Vector::new([0x0F; BLOCK]),
    inverse: Vector::new(INVERSE),
    a_over: Vector::new(A_OVER),
    enter: vectors(entrance(Affine::Not)),
    pass_1: vectors(passage(exit(Affine::Forward, 1), Affine::Not)),
    pass_2: vectors(passage(exit(Affine::Forward, 2), Affine::Not)),
    leave: vectors(exit(Affine::Forward, 1)),
    inv_enter: vectors(entrance(Affine::Backward)),
    inv_pass_9: vectors(passage(exit(Affine::Not, 9), Affine::Backward)),
    inv_pass_11: vectors(passage(exit(Affine::Not, 11), Affine::Backward)),
    inv_pass_13: vectors(passage(exit(Affine::Not, 13), Affine::Backward)),
    inv_pass_14: vectors(passage(exit(Affine::Not, 14), Affine::Backward)),
    inv_leave: vectors(exit(Affine::Not, 1)),
    shift_rows: Vector::new([0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11]),
    inv_shift_rows: Vector::new([0, 13, 10, 7, 4, 1, 14, 11, 8, 5, 2, 15, 12, 9, 6, 3]),
    below: Vector::new([1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12]),
    above: Vector::new([3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14]),
};

const fn vectors(tables: [Table; 2]) -> [Vector; 2] {
    [Vector::new(tables[0]), Vector::new(tables[1])]
}

/// A key with its schedules. Each key also carries the S-box's offset and, where pairs of nibbles are added, is one.
pub(super) struct Aes128 {
    tables: Tables,
    encryption: Schedule,
    decryption: Schedule,
}

struct Schedule {
    first: Vector,
    middle: [Vector; MIDDLE],
    last: Vector,
}

impl Aes128 {
    pub(super) fn new(key: [u8; BLOCK]) -> Self {
        let mut key = Vector::new(key);
        let first = key;
        let middle = ROUND_CONSTANTS.map(|constant| {
            key = next_key(key, constant);
            key
        });
        let last = next_key(key, LAST_CONSTANT);
        let encryption = Schedule {
            first,
            middle: middle.map(|key| TABLES.enter(TABLES.enter, key.xor(OFFSET))),
            last: last.xor(OFFSET),
        };
        let mut reversed = middle.map(|key| TABLES.enter(TABLES.inv_enter, inv_mix_columns(key).xor(OFFSET)));
        reversed.reverse();
        let decryption = Schedule { first: last.xor(OFFSET), middle: reversed, last: first };
        Self { tables: TABLES, encryption, decryption }
    }

    /// Encrypts whole blocks in place.
    pub(super) fn cbc_encrypt(&self, iv: &[u8; BLOCK], buffer: &mut [u8]) {
        self.cbc_both(iv, buffer, &mut []);
    }

    /// Encrypts the blocks of one buffer and decrypts those of the other, in place. The first waits for its own result
    /// most of the time, so that the second costs little in between.
    pub(super) fn cbc_both(&self, iv: &[u8; BLOCK], plain: &mut [u8], sealed: &mut [u8]) {
        let (plain, sealed) = (plain.as_chunks_mut::<BLOCK>().0, sealed.as_chunks_mut::<BLOCK>().0);
        let pairs = plain.len().min(sealed.len());
        let ((plain, more_plain), (sealed, more_sealed)) = (plain.split_at_mut(pairs), sealed.split_at_mut(pairs));
        let [mut sealing, mut opening] = [Vector::new(*iv); 2];
        for (plain, sealed) in plain.iter_mut().zip(sealed) {
            let next = Vector::new(*sealed);
            let (result, opened) = self.encrypt_and_decrypt(sealing.xor(Vector::new(*plain)), next);
            *plain = result.bytes();
            *sealed = opened.xor(opening).bytes();
            (sealing, opening) = (result, next);
        }
        for block in more_plain {
            sealing = self.encryption.encrypt(&self.tables, sealing.xor(Vector::new(*block)));
            *block = sealing.bytes();
        }
        self.decrypt_blocks(opening, more_sealed);
    }

    fn encrypt_and_decrypt(&self, plain: Vector, sealed: Vector) -> (Vector, Vector) {
        let Self { tables, encryption, decryption } = self;
        let mut sealing = tables.enter(tables.enter, plain.xor(encryption.first));
        let mut opening = tables.enter(tables.inv_enter, sealed.xor(decryption.first));
        for (key, inv_key) in encryption.middle.iter().zip(&decryption.middle) {
            sealing = tables.round(sealing, *key);
            opening = tables.inv_round(opening, *inv_key);
        }
        (tables.last_round(sealing, encryption.last), tables.inv_last_round(opening, decryption.last))
    }

    /// Decrypts whole blocks in place.
    #[cfg(any(test, feature = "faults"))]
    pub(super) fn cbc_decrypt(&self, iv: &[u8; BLOCK], buffer: &mut [u8]) {
        self.decrypt_blocks(Vector::new(*iv), buffer.as_chunks_mut().0);
    }

    fn decrypt_blocks(&self, mut chain: Vector, blocks: &mut [[u8; BLOCK]]) {
        for block in blocks {
            let sealed = Vector::new(*block);
            *block = self.decryption.decrypt(&self.tables, sealed).xor(chain).bytes();
            chain = sealed;
        }
    }
}

impl Schedule {
    fn encrypt(&self, tables: &Tables, block: Vector) -> Vector {
        let mut state = tables.enter(tables.enter, block.xor(self.first));
        for key in &self.middle {
            state = tables.round(state, *key);
        }
        tables.last_round(state, self.last)
    }

    fn decrypt(&self, tables: &Tables, block: Vector) -> Vector {
        let mut state = tables.enter(tables.inv_enter, block.xor(self.first));
        for key in &self.middle {
            state = tables.inv_round(state, *key);
        }
        tables.inv_last_round(state, self.last)
    }
}

impl Tables {
    /// Low and high nibbles.
    #[inline(always)]
    fn nibbles(&self, bytes: Vector) -> [Vector; 2] {
        [bytes.and(self.nibble), bytes.shifted().and(self.nibble)]
    }

    /// From bytes to pairs of nibbles.
    #[inline(always)]
    fn enter(&self, entrance: [Vector; 2], bytes: Vector) -> Vector {
        combine(entrance, self.nibbles(bytes))
    }

    #[inline(always)]
    fn round(&self, state: Vector, key: Vector) -> Vector {
        let inverse = self.invert(self.shift_rows.order(state));
        let once = combine(self.pass_1, inverse);
        let sum = combine(self.pass_2, inverse).xor(self.below.order(once));
        // Twice itself and thrice the one below, once both others.
        sum.xor(self.below.order(sum)).xor(self.above.order(once)).xor(key)
    }

    #[inline(always)]
    fn last_round(&self, state: Vector, key: Vector) -> Vector {
        combine(self.leave, self.invert(self.shift_rows.order(state))).xor(key)
    }

    #[inline(always)]
    fn inv_round(&self, state: Vector, key: Vector) -> Vector {
        let inverse = self.invert(self.inv_shift_rows.order(state));
        let mut sum = combine(self.inv_pass_9, inverse);
        sum = self.below.order(sum).xor(combine(self.inv_pass_13, inverse));
        sum = self.below.order(sum).xor(combine(self.inv_pass_11, inverse));
        self.below.order(sum).xor(combine(self.inv_pass_14, inverse)).xor(key)
    }

    #[inline(always)]
    fn inv_last_round(&self, state: Vector, key: Vector) -> Vector {
        combine(self.inv_leave, self.invert(self.inv_shift_rows.order(state))).xor(key)
    }

    /// `io` and `jo` of the tower field.
    #[inline(always)]
    fn invert(&self, pairs: Vector) -> [Vector; 2] {
        let [k, i] = self.nibbles(pairs);
        let j = i.xor(k);
        let a_over_k = self.a_over.look_up(k);
        let io = self.inverse.look_up(self.inverse.look_up(i).xor(a_over_k)).xor(j);
        let jo = self.inverse.look_up(self.inverse.look_up(j).xor(a_over_k)).xor(i);
        [io, jo]
    }
}

impl Vector {
    /// The bytes of `state` in this order.
    #[inline(always)]
    fn order(self, state: Self) -> Self {
        state.look_up(self)
    }
}

/// The sum of two lookups.
#[inline(always)]
fn combine(tables: [Vector; 2], at: [Vector; 2]) -> Vector {
    tables[0].look_up(at[0]).xor(tables[1].look_up(at[1]))
}

/// The next round key, word by word.
fn next_key(key: Vector, constant: u8) -> Vector {
    let substituted = combine(TABLES.leave, TABLES.invert(TABLES.enter(TABLES.enter, key))).xor(OFFSET).bytes();
    let [.., a, b, c, d] = substituted;
    let mut word = u32::from_le_bytes([b ^ constant, c, d, a]);
    let mut bytes = key.bytes();
    for bytes in bytes.as_chunks_mut::<4>().0 {
        word ^= u32::from_le_bytes(*bytes);
        *bytes = word.to_le_bytes();
    }
    Vector::new(bytes)
}

/// InvMixColumns of a key: what three times MixColumns does, since four times it does nothing.
fn inv_mix_columns(key: Vector) -> Vector {
    let mut key = key.bytes();
    for column in key.as_chunks_mut::<4>().0 {
        for _ in 0..3 {
            let [a, b, c, d] = *column;
            let all = a ^ b ^ c ^ d;
            let mixed = |x: u8, y: u8| x ^ all ^ double(x ^ y);
            *column = [mixed(a, b), mixed(b, c), mixed(c, d), mixed(d, a)];
        }
    }
    Vector::new(key)
}

fn double(x: u8) -> u8 {
    x << 1 ^ (x >> 7).wrapping_mul(0x1b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn blocks_are_those_of_another_implementation(key: [u8; BLOCK], block: [u8; BLOCK]) {
            let other = aes::Aes128::new(&key.into());
            let mut expected = block.into();
            other.encrypt_block(&mut expected);
            let sealed = Aes128::new(key).encryption.encrypt(&TABLES, Vector::new(block)).bytes();
            prop_assert_eq!(sealed, <[u8; BLOCK]>::from(expected));
            let mut expected = block.into();
            other.decrypt_block(&mut expected);
            let opened = Aes128::new(key).decryption.decrypt(&TABLES, Vector::new(block)).bytes();
            prop_assert_eq!(opened, <[u8; BLOCK]>::from(expected));
        }
    }

    #[test]
    fn the_example_of_the_standard_comes_out() {
        // FIPS 197, appendix C.1.
        let key = std::array::from_fn(|n| u8::try_from(n).unwrap());
        let block = key.map(|n: u8| n << 4 | n);
        let sealed = Aes128::new(key).encryption.encrypt(&TABLES, Vector::new(block));
        assert_eq!(sealed.bytes().map(|byte| format!("{byte:02x}")).concat(), "69c4e0d86a7b0430d8cdb78070b4c55a");
        assert_eq!(Aes128::new(key).decryption.decrypt(&TABLES, sealed).bytes(), block);
    }

    proptest! {
        #[test]
        fn two_chains_at_once_are_what_each_is_alone(one in 0..9_usize, other in 0..9_usize, seed: [u8; BLOCK]) {
            let cipher = Aes128::new(seed);
            let [mut plain, mut sealed] = [[seed].repeat(one).concat(), [seed].repeat(other).concat()];
            let mut chains = [plain.clone(), sealed.clone()];
            let [both_plain, both_sealed] = &mut chains;
            cipher.cbc_both(&seed, both_plain, both_sealed);
            cipher.cbc_encrypt(&seed, &mut plain);
            cipher.cbc_decrypt(&seed, &mut sealed);
            prop_assert_eq!(chains, [plain, sealed]);
        }
    }

    #[test]
    fn a_chain_is_undone() {
        let cipher = Aes128::new([7; BLOCK]);
        let plain: Vec<u8> = (0..=255).collect();
        let mut buffer = plain.clone();
        cipher.cbc_encrypt(&[9; BLOCK], &mut buffer);
        assert_ne!(buffer, plain);
        cipher.cbc_decrypt(&[9; BLOCK], &mut buffer);
        assert_eq!(buffer, plain);
    }
}
