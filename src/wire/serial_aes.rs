//! AES-128 where each block depends on the last one, as in the CBC chain behind every message key.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(super) use simd::SerialAes;

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub(super) use portable::SerialAes;

/// The `aes` crate, for machines with AES instructions of their own.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod portable {
    use aes::Aes128;
    use aes::cipher::array::Array;
    use aes::cipher::{BlockModeEncrypt, InnerIvInit, KeyInit};

    /// A key with its schedule.
    pub(in crate::wire) struct SerialAes(Aes128);

    impl SerialAes {
        pub(in crate::wire) fn new(key: &[u8; 16]) -> Self {
            Self(Aes128::new(key.into()))
        }

        /// Encrypts whole blocks in place as one CBC chain.
        pub(in crate::wire) fn cbc_encrypt(&self, iv: &[u8; 16], buffer: &mut [u8]) {
            let (blocks, _) = Array::slice_as_chunks_mut(buffer);
            cbc::Encryptor::inner_iv_init(&self.0, iv.into()).encrypt_blocks(blocks);
        }
    }
}
