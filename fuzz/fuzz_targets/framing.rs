//! See [`hostile::framing`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| hostile::framing::run(input));
