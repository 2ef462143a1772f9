//! Sixteen bytes at once.

#[cfg(not(all(target_arch = "wasm32", target_feature = "relaxed-simd")))]
pub(super) use portable::Vector;
#[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
pub(super) use simd::Vector;

#[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
mod simd {
    use core::arch::wasm32::{i8x16_relaxed_swizzle, u16x8_shr, u64x2, u64x2_extract_lane, v128, v128_and, v128_xor};

    /// Sixteen bytes, as wasm calculates with them.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Vector(v128);

    impl Vector {
        #[inline(always)]
        pub(in super::super) const fn new(bytes: [u8; 16]) -> Self {
            let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = bytes;
            Self(u64x2(u64::from_le_bytes([a, b, c, d, e, f, g, h]), u64::from_le_bytes([i, j, k, l, m, n, o, p])))
        }

        pub(in super::super) fn bytes(self) -> [u8; 16] {
            let halves = [u64x2_extract_lane::<0>(self.0), u64x2_extract_lane::<1>(self.0)];
            (u128::from(halves[0]) | u128::from(halves[1]) << 64).to_le_bytes()
        }

        #[inline(always)]
        pub(in super::super) fn xor(self, other: Self) -> Self {
            Self(v128_xor(self.0, other.0))
        }

        /// The bits that are set in `mask` as well.
        #[inline(always)]
        pub(in super::super) fn and(self, mask: Self) -> Self {
            Self(v128_and(self.0, mask.0))
        }

        /// Each byte shifted by a nibble; above it come bits of its neighbor, since processors shift no single bytes.
        #[inline(always)]
        pub(in super::super) fn shifted(self) -> Self {
            Self(u16x8_shr(self.0, 4))
        }

        /// For each byte of `at` the byte of `self` that it counts to, or zero if its highest bit is set. What comes of
        /// a byte between is up to the processor: we have none.
        #[inline(always)]
        pub(in super::super) fn look_up(self, at: Self) -> Self {
            Self(i8x16_relaxed_swizzle(self.0, at.0))
        }
    }
}

/// The same for machines that run nothing but our tests.
#[cfg(not(all(target_arch = "wasm32", target_feature = "relaxed-simd")))]
mod portable {
    /// Sixteen bytes.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Vector([u8; 16]);

    impl Vector {
        pub(in super::super) const fn new(bytes: [u8; 16]) -> Self {
            Self(bytes)
        }

        pub(in super::super) fn bytes(self) -> [u8; 16] {
            self.0
        }

        pub(in super::super) fn xor(mut self, other: Self) -> Self {
            for (byte, other) in self.0.iter_mut().zip(other.0) {
                *byte ^= other;
            }
            self
        }

        /// The bits that are set in `mask` as well.
        pub(in super::super) fn and(mut self, mask: Self) -> Self {
            for (byte, mask) in self.0.iter_mut().zip(mask.0) {
                *byte &= mask;
            }
            self
        }

        /// Each byte shifted by a nibble; above it come bits of its neighbor.
        pub(in super::super) fn shifted(self) -> Self {
            Self((u128::from_le_bytes(self.0) >> 4).to_le_bytes())
        }

        /// For each byte of `at` the byte of `self` that it counts to, or zero if its highest bit is set.
        pub(in super::super) fn look_up(self, at: Self) -> Self {
            debug_assert!(at.0.iter().all(|at| matches!(at, 0..16 | 0x80..)), "processors differ here: {:?}", at.0);
            Self(at.0.map(|at| self.0.get(usize::from(at)).copied().unwrap_or_default()))
        }
    }
}
