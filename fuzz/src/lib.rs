//! Hostile input for the core. Each target takes any bytes and panics when a property does not hold; the same bodies
//! run under libFuzzer (`fuzz_targets/`) and, over the kept corpus and mutated golden vectors, in every check.

pub mod crypto;
pub mod draw;
pub mod framing;
pub mod gauge;
mod handshake;
pub mod large;
#[cfg(test)]
mod mutant;
pub mod packets;
pub mod payload;
#[cfg(test)]
mod replay;
pub mod seeds;
pub mod vectors;

/// The body of a target: takes any bytes, panics on a finding.
pub type Target = fn(&[u8]);

/// Every target by its name, which is also its folder in `corpus/`.
pub const TARGETS: [(&str, Target); 4] =
    [("framing", framing::run), ("packets", packets::run), ("payload", payload::run), ("crypto", crypto::run)];
