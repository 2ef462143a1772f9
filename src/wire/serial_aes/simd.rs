//! AES-128 for one block after the other, on wasm's 128-bit vectors.
//!
//! A message key is the end of a CBC chain, where no block can start before the last one ends. The portable cipher
//! works on four blocks at once and throws three of them away; this one takes a third of its time. It looks nothing up
//! at addresses that depend on the key or the text: the S-box is sixteen vectors, all of which are always used.

use core::arch::wasm32::{
    i8x16_shl, i8x16_shr, i8x16_swizzle, u8x16, u8x16_splat, u32x4, u32x4_extract_lane, u32x4_splat, u64x2,
    u64x2_extract_lane, v128, v128_and, v128_xor,
};

/// Bytes of a block.
const BLOCK: usize = 16;
/// Rounds of AES-128 after the first key.
const ROUNDS: usize = 10;

/// The S-box of FIPS 197, a row for each upper half of a byte.
const S_BOX: [[u8; 16]; 16] = [
    [0x63, 0x7c, 0x77, 0x7b, 0xf2, 0x6b, 0x6f, 0xc5, 0x30, 0x01, 0x67, 0x2b, 0xfe, 0xd7, 0xab, 0x76],
    [0xca, 0x82, 0xc9, 0x7d, 0xfa, 0x59, 0x47, 0xf0, 0xad, 0xd4, 0xa2, 0xaf, 0x9c, 0xa4, 0x72, 0xc0],
    [0xb7, 0xfd, 0x93, 0x26, 0x36, 0x3f, 0xf7, 0xcc, 0x34, 0xa5, 0xe5, 0xf1, 0x71, 0xd8, 0x31, 0x15],
    [0x04, 0xc7, 0x23, 0xc3, 0x18, 0x96, 0x05, 0x9a, 0x07, 0x12, 0x80, 0xe2, 0xeb, 0x27, 0xb2, 0x75],
    [0x09, 0x83, 0x2c, 0x1a, 0x1b, 0x6e, 0x5a, 0xa0, 0x52, 0x3b, 0xd6, 0xb3, 0x29, 0xe3, 0x2f, 0x84],
    [0x53, 0xd1, 0x00, 0xed, 0x20, 0xfc, 0xb1, 0x5b, 0x6a, 0xcb, 0xbe, 0x39, 0x4a, 0x4c, 0x58, 0xcf],
    [0xd0, 0xef, 0xaa, 0xfb, 0x43, 0x4d, 0x33, 0x85, 0x45, 0xf9, 0x02, 0x7f, 0x50, 0x3c, 0x9f, 0xa8],
    [0x51, 0xa3, 0x40, 0x8f, 0x92, 0x9d, 0x38, 0xf5, 0xbc, 0xb6, 0xda, 0x21, 0x10, 0xff, 0xf3, 0xd2],
    [0xcd, 0x0c, 0x13, 0xec, 0x5f, 0x97, 0x44, 0x17, 0xc4, 0xa7, 0x7e, 0x3d, 0x64, 0x5d, 0x19, 0x73],
    [0x60, 0x81, 0x4f, 0xdc, 0x22, 0x2a, 0x90, 0x88, 0x46, 0xee, 0xb8, 0x14, 0xde, 0x5e, 0x0b, 0xdb],
    [0xe0, 0x32, 0x3a, 0x0a, 0x49, 0x06, 0x24, 0x5c, 0xc2, 0xd3, 0xac, 0x62, 0x91, 0x95, 0xe4, 0x79],
    [0xe7, 0xc8, 0x37, 0x6d, 0x8d, 0xd5, 0x4e, 0xa9, 0x6c, 0x56, 0xf4, 0xea, 0x65, 0x7a, 0xae, 0x08],
    [0xba, 0x78, 0x25, 0x2e, 0x1c, 0xa6, 0xb4, 0xc6, 0xe8, 0xdd, 0x74, 0x1f, 0x4b, 0xbd, 0x8b, 0x8a],
    [0x70, 0x3e, 0xb5, 0x66, 0x48, 0x03, 0xf6, 0x0e, 0x61, 0x35, 0x57, 0xb9, 0x86, 0xc1, 0x1d, 0x9e],
    [0xe1, 0xf8, 0x98, 0x11, 0x69, 0xd9, 0x8e, 0x94, 0x9b, 0x1e, 0x87, 0xe9, 0xce, 0x55, 0x28, 0xdf],
    [0x8c, 0xa1, 0x89, 0x0d, 0xbf, 0xe6, 0x42, 0x68, 0x41, 0x99, 0x2d, 0x0f, 0xb0, 0x54, 0xbb, 0x16],
];

/// Round constants of the key schedule.
const ROUND_CONSTANTS: [u32; ROUNDS] = [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x1b, 0x36];

/// A key with its schedule.
pub(in crate::wire) struct SerialAes {
    first: v128,
    rounds: [v128; ROUNDS],
}

impl SerialAes {
    pub(in crate::wire) fn new(key: &[u8; BLOCK]) -> Self {
        let first = load(key);
        let mut last = first;
        let rounds = ROUND_CONSTANTS.map(|constant| {
            last = next_key(last, constant);
            last
        });
        Self { first, rounds }
    }

    /// Encrypts whole blocks in place as one CBC chain.
    pub(in crate::wire) fn cbc_encrypt(&self, iv: &[u8; BLOCK], buffer: &mut [u8]) {
        let mut chain = load(iv);
        for bytes in buffer.chunks_exact_mut(BLOCK) {
            if let Ok(block) = <&mut [u8; BLOCK]>::try_from(bytes) {
                chain = self.encrypt(v128_xor(chain, load(block)));
                store(chain, block);
            }
        }
    }

    fn encrypt(&self, block: v128) -> v128 {
        let mut state = v128_xor(block, self.first);
        let (last, middle) = (self.rounds[ROUNDS - 1], &self.rounds[..ROUNDS - 1]);
        for key in middle {
            state = v128_xor(mix_columns(shift_rows(substitute(state))), *key);
        }
        v128_xor(shift_rows(substitute(state)), last)
    }
}

/// SubBytes: each row answers for its sixteen values, and with zero for all others, as an index above 15 does.
fn substitute(state: v128) -> v128 {
    let mut out = u8x16_splat(0);
    let mut first = 0;
    for row in &S_BOX {
        out = v128_xor(out, i8x16_swizzle(load(row), v128_xor(state, u8x16_splat(first))));
        // Behind the last row it wraps, and nobody looks at it.
        first = u8::wrapping_add(first, 16);
    }
    out
}

fn shift_rows(state: v128) -> v128 {
    i8x16_swizzle(state, u8x16(0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11))
}

/// MixColumns: with `t` the sum of each byte and its lower neighbor, a byte becomes `2t`, plus the neighbor, plus `t`
/// of two rows below.
fn mix_columns(state: v128) -> v128 {
    let neighbor = i8x16_swizzle(state, u8x16(1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12));
    let sum = v128_xor(state, neighbor);
    let below = i8x16_swizzle(sum, u8x16(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
    let reduction = v128_and(i8x16_shr(sum, 7), u8x16_splat(0x1b));
    let doubled = v128_xor(i8x16_shl(sum, 1), reduction);
    v128_xor(v128_xor(doubled, neighbor), below)
}

/// The next round key, word by word.
fn next_key(key: v128, constant: u32) -> v128 {
    let last = u32x4_extract_lane::<3>(key);
    let mixed = u32x4_extract_lane::<0>(substitute(u32x4_splat(last.rotate_right(8)))) ^ constant;
    let first = u32x4_extract_lane::<0>(key) ^ mixed;
    let second = u32x4_extract_lane::<1>(key) ^ first;
    let third = u32x4_extract_lane::<2>(key) ^ second;
    u32x4(first, second, third, last ^ third)
}

fn load(bytes: &[u8; BLOCK]) -> v128 {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = *bytes;
    u64x2(u64::from_le_bytes([a, b, c, d, e, f, g, h]), u64::from_le_bytes([i, j, k, l, m, n, o, p]))
}

fn store(vector: v128, bytes: &mut [u8; BLOCK]) {
    let halves = u128::from(u64x2_extract_lane::<0>(vector)) | (u128::from(u64x2_extract_lane::<1>(vector)) << 64);
    *bytes = halves.to_le_bytes();
}
