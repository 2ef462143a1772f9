//! See [`hostile::packets`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| hostile::packets::run(input));
