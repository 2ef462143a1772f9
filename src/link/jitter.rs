//! Randomness for retries.

use crate::time::Millis;

/// A small generator for spreading retries (SplitMix64); nothing secret comes from it.
#[derive(Debug, Default)]
pub(super) struct Jitter(u64);

impl Jitter {
    /// Seeds it with the first eight bytes of `entropy`.
    pub(super) fn from_entropy(entropy: &[u8]) -> Self {
        Self(entropy.iter().take(8).fold(0, |seed: u64, byte| (seed << 8) | u64::from(*byte)))
    }

    /// A span between the two, both included.
    pub(super) fn between(&mut self, least: Millis, most: Millis) -> Millis {
        let width = most.0.saturating_sub(least.0).saturating_add(1);
        Millis(least.0.saturating_add(self.next().checked_rem(width).unwrap_or(0)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
