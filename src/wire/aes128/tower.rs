//! The field of AES as pairs of nibbles, where inverting takes five lookups among sixteen.
//!
//! A byte `x` is `k + iθ`, with `i` and `k` in the subfield of sixteen and `θ² = aθ + a`. With `j = i + k` its inverse is
//! a linear map of `1/io` and `1/jo`, where `io = 1/(1/i + a/k) + j` and `jo = 1/(1/j + a/k) + i` (Hamburg, "Accelerating
//! AES with Vector Permute Instructions", 2009). Whatever follows and is linear fits into the last lookups.
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]

/// One value for each nibble.
pub(super) type Table = [u8; 16];

/// `1/0`. Looking it up gives zero, also after a nibble was added to it.
const INFINITY: u8 = 0x80;

/// Generates the field's group.
const GENERATOR: u8 = 3;
/// Generates the subfield's: 255 is 15 times 17.
const SUB_GENERATOR: u8 = power(GENERATOR, 17);

const THETA: u8 = theta();
/// The trace of `θ`, and its norm.
const A: u8 = THETA ^ power(THETA, 16);

/// `1/n`.
pub(super) const INVERSE: Table = division(1);
/// `a/n`.
pub(super) const A_OVER: Table = division(A);

/// A linear map of a byte, applied to its nibbles: the low ones, then the high ones.
pub(super) const fn entrance(affine: Affine) -> [Table; 2] {
    let mut tables = [[0; 16]; 2];
    let mut n = 0_u8;
    while n < 16 {
        tables[0][n as usize] = pair_of(affine.apply(n));
        tables[1][n as usize] = pair_of(affine.apply(n << 4));
        n += 1;
    }
    tables
}

/// From `io` and `jo` to the inverse, then through a linear map, then times a factor.
pub(super) const fn exit(affine: Affine, factor: u8) -> [Table; 2] {
    let over_a = power(A, 254);
    let of_j = times(THETA, times(over_a, over_a));
    let of_i = 1 ^ times(THETA, over_a) ^ of_j;
    let mut tables = [[0; 16]; 2];
    let mut n = 1_u8;
    while n < 16 {
        let inverse = power(field_of(n), 254);
        tables[0][n as usize] = times(affine.apply(times(inverse, of_i)), factor);
        tables[1][n as usize] = times(affine.apply(times(inverse, of_j)), factor);
        n += 1;
    }
    tables
}

/// What [`exit`] gives, for the next [`entrance`] with this map done already.
pub(super) const fn passage(mut tables: [Table; 2], entrance: Affine) -> [Table; 2] {
    let mut n = 0;
    while n < 16 {
        tables[0][n] = pair_of(entrance.apply(tables[0][n]));
        tables[1][n] = pair_of(entrance.apply(tables[1][n]));
        n += 1;
    }
    tables
}

/// The linear part of the S-box's map.
#[derive(Clone, Copy)]
pub(super) enum Affine {
    Not,
    Forward,
    Backward,
}

impl Affine {
    const fn apply(self, x: u8) -> u8 {
        match self {
            Self::Not => x,
            Self::Forward => x ^ x.rotate_left(1) ^ x.rotate_left(2) ^ x.rotate_left(3) ^ x.rotate_left(4),
            Self::Backward => x.rotate_left(1) ^ x.rotate_left(3) ^ x.rotate_left(6),
        }
    }
}

/// The product modulo `x⁸ + x⁴ + x³ + x + 1`.
const fn times(mut x: u8, mut y: u8) -> u8 {
    let mut product = 0;
    while y > 0 {
        if y & 1 == 1 {
            product ^= x;
        }
        x = x << 1 ^ if x & 0x80 == 0 { 0 } else { 0x1b };
        y >>= 1;
    }
    product
}

const fn power(x: u8, exponent: u8) -> u8 {
    let mut product = 1;
    let mut n = 0;
    while n < exponent {
        product = times(product, x);
        n += 1;
    }
    product
}

/// The first element outside of the subfield whose norm is its trace.
const fn theta() -> u8 {
    let mut x = 2;
    while x == power(x, 16) || times(x, power(x, 16)) != x ^ power(x, 16) {
        x += 1;
    }
    x
}

/// The field's element for a pair of nibbles, `i` above `k`.
const fn field_of(pair: u8) -> u8 {
    let (mut high, mut low) = (0, 0);
    let mut bit = 0;
    while bit < 4 {
        let base = power(SUB_GENERATOR, bit);
        high ^= if pair >> (bit + 4) & 1 == 1 { base } else { 0 };
        low ^= if pair >> bit & 1 == 1 { base } else { 0 };
        bit += 1;
    }
    low ^ times(high, THETA)
}

const fn pair_of(element: u8) -> u8 {
    PAIRS[element as usize]
}

const PAIRS: [u8; 256] = {
    let mut pairs = [0; 256];
    let mut pair = 0;
    while pair < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let byte = pair as u8;
        pairs[field_of(byte) as usize] = byte;
        pair += 1;
    }
    pairs
};

const fn division(dividend: u8) -> Table {
    let mut table = [INFINITY; 16];
    let mut n = 1_u8;
    while n < 16 {
        table[n as usize] = pair_of(times(dividend, power(field_of(n), 254)));
        n += 1;
    }
    table
}
