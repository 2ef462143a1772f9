//! See [`hostile::crypto`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| hostile::crypto::run(input));
