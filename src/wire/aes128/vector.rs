//! Sixteen bytes at once.

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub(super) use portable::Vector;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(super) use simd::Vector;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd {
    use core::arch::wasm32::{
        i8x16_swizzle, u8x16_shr, u8x16_splat, u64x2, u64x2_extract_lane, v128, v128_and, v128_xor,
    };

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

        #[inline(always)]
        pub(in super::super) fn low_nibbles(self) -> Self {
            Self(v128_and(self.0, u8x16_splat(0x0F)))
        }

        #[inline(always)]
        pub(in super::super) fn high_nibbles(self) -> Self {
            Self(u8x16_shr(self.0, 4))
        }

        /// For each byte of `at` the byte of `self` that it counts to, or zero if it counts beyond.
        #[inline(always)]
        pub(in super::super) fn look_up(self, at: Self) -> Self {
            Self(i8x16_swizzle(self.0, at.0))
        }
    }
}

/// The same for machines that run nothing but our tests.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
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

        pub(in super::super) fn low_nibbles(self) -> Self {
            Self(self.0.map(|byte| byte & 0x0F))
        }

        pub(in super::super) fn high_nibbles(self) -> Self {
            Self(self.0.map(|byte| byte >> 4))
        }

        /// For each byte of `at` the byte of `self` that it counts to, or zero if it counts beyond.
        pub(in super::super) fn look_up(self, at: Self) -> Self {
            Self(at.0.map(|at| self.0.get(usize::from(at)).copied().unwrap_or_default()))
        }
    }
}
