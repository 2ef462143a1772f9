//! See [`hostile::payload`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| hostile::payload::run(input));
