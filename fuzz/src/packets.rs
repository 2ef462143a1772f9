//! Any bytes as one packet, at every version of the protocol.
//!
//! Input: the packet.

use mochat_dmwork::error::WireError;
use mochat_dmwork::wire::wukong_packet::{Packet, SEND_PAYLOAD_MAX, Version};

use crate::gauge;

/// The kinds whose last field has an end, so that a newer peer can append to them.
const CLOSED: [u8; 5] = [1, 6, 9, 10, 11];

/// See the module.
pub fn run(input: &[u8]) {
    for version in 1..=6 {
        at(Version(version), input);
    }
}

fn at(version: Version, input: &[u8]) {
    let call = |frame| gauge::judge("Packet::decode", input.len(), || Packet::decode(frame, version));
    let Ok(packet) = call(input) else { return };
    assert_kept(&packet, input);
    let shorter = input.split_last().map(|(_, shorter)| shorter).unwrap_or_default();
    assert_eq!(call(shorter), Err(WireError::UnexpectedEnd), "{packet:?} without its last byte");

    let written = gauge::judge("Packet::encode", input.len(), || {
        let mut bytes = Vec::new();
        packet.encode(version, &mut bytes).map(|()| bytes)
    });
    let bytes = match (written, &packet) {
        (Ok(bytes), _) => bytes,
        // The one limit that only holds for what we write ourselves.
        (Err(WireError::TooLong { limit: SEND_PAYLOAD_MAX }), Packet::Send(send))
            if send.payload.len() > SEND_PAYLOAD_MAX =>
        {
            return;
        }
        (Err(error), _) => panic!("{packet:?} decodes at {version:?}, but does not encode: {error}"),
    };
    assert_eq!(Packet::decode(&bytes, version).as_ref(), Ok(&packet), "read back at {version:?}");
    assert!(bytes.len() <= input.len(), "{packet:?} has grown");
    assert_extensible(&packet, bytes, version);
}

/// A kind that the core does not know keeps all that it came with, and only such a kind is unknown.
fn assert_kept(packet: &Packet<'_>, input: &[u8]) {
    let first = input.first().copied().unwrap_or_default();
    if let Packet::Unknown { kind, flags, body } = packet {
        assert_eq!((*kind, flags.0), (first >> 4, first & 0x0F));
        assert!(input.ends_with(body) && (2..=5).contains(&input.len().saturating_sub(body.len())), "{packet:?}");
    }
    assert_eq!(matches!(packet, Packet::Unknown { .. }), matches!(first >> 4, 0 | 13..=15), "{packet:?}");
}

/// Fields that a newer peer appends change nothing; a second packet in the same frame is refused.
fn assert_extensible(packet: &Packet<'_>, mut bytes: Vec<u8>, version: Version) {
    bytes.push(0xA5);
    assert_eq!(Packet::decode(&bytes, version), Err(WireError::TrailingBytes));
    let [first, len @ ..0x7F, ..] = bytes.as_mut_slice() else { return };
    if CLOSED.contains(&(*first >> 4)) {
        *len = len.saturating_add(1);
        assert_eq!(Packet::decode(&bytes, version).as_ref(), Ok(packet), "with a byte appended");
    }
}
