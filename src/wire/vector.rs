//! Sixteen bytes at once.

#[cfg(not(all(target_arch = "wasm32", target_feature = "relaxed-simd")))]
pub(super) use portable::Vector;
#[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
pub(super) use simd::Vector;

#[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
mod simd {
    use core::arch::wasm32::{
        i8x16_lt, i8x16_relaxed_swizzle, u8x16_add, u8x16_sub_sat, u16x8_shr, u32x4_shl, u32x4_shr, u64x2,
        u64x2_extract_lane, v128, v128_and, v128_any_true, v128_or, v128_xor,
    };

    /// Sixteen bytes, as wasm calculates with them.
    #[derive(Clone, Copy)]
    pub(in crate::wire) struct Vector(v128);

    impl Vector {
        #[inline(always)]
        pub(in crate::wire) const fn new(bytes: [u8; 16]) -> Self {
            let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = bytes;
            Self(u64x2(u64::from_le_bytes([a, b, c, d, e, f, g, h]), u64::from_le_bytes([i, j, k, l, m, n, o, p])))
        }

        #[inline(always)]
        pub(in crate::wire) fn bytes(self) -> [u8; 16] {
            let halves = [u64x2_extract_lane::<0>(self.0), u64x2_extract_lane::<1>(self.0)];
            (u128::from(halves[0]) | u128::from(halves[1]) << 64).to_le_bytes()
        }

        #[inline(always)]
        pub(in crate::wire) fn xor(self, other: Self) -> Self {
            Self(v128_xor(self.0, other.0))
        }

        #[inline(always)]
        pub(in crate::wire) fn or(self, other: Self) -> Self {
            Self(v128_or(self.0, other.0))
        }

        /// The bits that are set in `mask` as well.
        #[inline(always)]
        pub(in crate::wire) fn and(self, mask: Self) -> Self {
            Self(v128_and(self.0, mask.0))
        }

        /// Each byte shifted by a nibble; above it come bits of its neighbor, since processors shift no single bytes.
        #[inline(always)]
        pub(in crate::wire) fn shifted(self) -> Self {
            Self(u16x8_shr(self.0, 4))
        }

        /// Four little-endian words, each shifted to the left.
        #[inline(always)]
        pub(in crate::wire) fn words_left(self, bits: u32) -> Self {
            Self(u32x4_shl(self.0, bits))
        }

        /// Four little-endian words, each shifted to the right.
        #[inline(always)]
        pub(in crate::wire) fn words_right(self, bits: u32) -> Self {
            Self(u32x4_shr(self.0, bits))
        }

        /// The sums of bytes, modulo 256.
        #[inline(always)]
        pub(in crate::wire) fn plus(self, other: Self) -> Self {
            Self(u8x16_add(self.0, other.0))
        }

        /// The differences of bytes, zero where they would be negative.
        #[inline(always)]
        pub(in crate::wire) fn minus(self, other: Self) -> Self {
            Self(u8x16_sub_sat(self.0, other.0))
        }

        /// All bits where a byte is less than the other one; both are signed.
        #[inline(always)]
        pub(in crate::wire) fn is_less(self, other: Self) -> Self {
            Self(i8x16_lt(self.0, other.0))
        }

        /// Whether all bits are zero.
        #[inline(always)]
        pub(in crate::wire) fn is_zero(self) -> bool {
            !v128_any_true(self.0)
        }

        /// For each byte of `at` the byte of `self` that it counts to, or zero if its highest bit is set. What comes of
        /// a byte between is up to the processor: we have none.
        #[inline(always)]
        pub(in crate::wire) fn look_up(self, at: Self) -> Self {
            Self(i8x16_relaxed_swizzle(self.0, at.0))
        }
    }
}

/// The same for machines that run nothing but our tests.
#[cfg(not(all(target_arch = "wasm32", target_feature = "relaxed-simd")))]
mod portable {
    /// Sixteen bytes.
    #[derive(Clone, Copy)]
    pub(in crate::wire) struct Vector([u8; 16]);

    impl Vector {
        pub(in crate::wire) const fn new(bytes: [u8; 16]) -> Self {
            Self(bytes)
        }

        pub(in crate::wire) fn bytes(self) -> [u8; 16] {
            self.0
        }

        pub(in crate::wire) fn xor(self, other: Self) -> Self {
            self.pairs(other, |a, b| a ^ b)
        }

        pub(in crate::wire) fn or(self, other: Self) -> Self {
            self.pairs(other, |a, b| a | b)
        }

        /// The bits that are set in `mask` as well.
        pub(in crate::wire) fn and(self, mask: Self) -> Self {
            self.pairs(mask, |a, b| a & b)
        }

        /// Each byte shifted by a nibble; above it come bits of its neighbor.
        pub(in crate::wire) fn shifted(self) -> Self {
            Self((u128::from_le_bytes(self.0) >> 4).to_le_bytes())
        }

        /// Four little-endian words, each shifted to the left.
        pub(in crate::wire) fn words_left(self, bits: u32) -> Self {
            self.words(|word| word << bits)
        }

        /// Four little-endian words, each shifted to the right.
        pub(in crate::wire) fn words_right(self, bits: u32) -> Self {
            self.words(|word| word >> bits)
        }

        /// The sums of bytes, modulo 256.
        pub(in crate::wire) fn plus(self, other: Self) -> Self {
            self.pairs(other, u8::wrapping_add)
        }

        /// The differences of bytes, zero where they would be negative.
        pub(in crate::wire) fn minus(self, other: Self) -> Self {
            self.pairs(other, u8::saturating_sub)
        }

        /// All bits where a byte is less than the other one; both are signed.
        pub(in crate::wire) fn is_less(self, other: Self) -> Self {
            self.pairs(other, |a, b| if a.cast_signed() < b.cast_signed() { 0xFF } else { 0 })
        }

        /// Whether all bits are zero.
        pub(in crate::wire) fn is_zero(self) -> bool {
            self.0 == [0; 16]
        }

        /// For each byte of `at` the byte of `self` that it counts to, or zero if its highest bit is set.
        pub(in crate::wire) fn look_up(self, at: Self) -> Self {
            debug_assert!(at.0.iter().all(|at| matches!(at, 0..16 | 0x80..)), "processors differ here: {:?}", at.0);
            Self(at.0.map(|at| self.0.get(usize::from(at)).copied().unwrap_or_default()))
        }

        fn pairs(mut self, other: Self, change: impl Fn(u8, u8) -> u8) -> Self {
            for (byte, other) in self.0.iter_mut().zip(other.0) {
                *byte = change(*byte, other);
            }
            self
        }

        fn words(mut self, change: impl Fn(u32) -> u32) -> Self {
            for word in self.0.as_chunks_mut::<4>().0 {
                *word = change(u32::from_le_bytes(*word)).to_le_bytes();
            }
            self
        }
    }
}
