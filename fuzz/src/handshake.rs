//! A CONNACK with any key and any salt: who agrees on a cipher, and who is refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mochat_dmwork::error::WireError;
use mochat_dmwork::wire::wukong_cipher::KeyPair;

use crate::draw::Draw;
use crate::gauge;

/// The points of X25519 that make an all-zero secret with any key: those of the orders 1, 2, 4 and 8, and what equals
/// them modulo the prime. The highest bit of a key does not count.
const LOW_ORDER: [&str; 7] = [
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "4Ot6fDtBuK4WVuP68Z/EatoJjeucMrH9hmIFFl9JuAA=",
    "X5yVvKNQjCSx0LFVnIPvWwREXMRYHI6G2CJO3dCfEVc=",
    "7P///////////////////////////////////////38=",
    "7f///////////////////////////////////////38=",
    "7v///////////////////////////////////////38=",
];

/// Agrees with a server of any kind.
pub(crate) fn agree(draw: &mut Draw<'_>) {
    let (form, entropy) = (draw.choice(4), draw.array());
    match form {
        0 => check(entropy, draw.text(), draw.text()),
        1 => check(entropy, &STANDARD.encode(draw.array::<32>()), draw.text()),
        2 => check(entropy, &low_order(draw), draw.text()),
        _ => both_ends(entropy, draw.array(), draw.text()),
    }
}

fn low_order(draw: &mut Draw<'_>) -> String {
    let key = LOW_ORDER.get(usize::from(draw.choice(7))).copied().unwrap_or_default();
    let mut key = STANDARD.decode(key).unwrap_or_default();
    if let Some(last) = key.last_mut() {
        *last |= draw.byte() & 0x80;
    }
    STANDARD.encode(key)
}

fn check(entropy: [u8; 32], server_key: &str, salt: &str) {
    let input = server_key.len().saturating_add(salt.len());
    let agreed = gauge::judge("KeyPair::agree", input, || KeyPair::from_entropy(entropy).agree(server_key, salt));
    match (agreed, expected(server_key, salt)) {
        (Ok(cipher), Ok(encrypts)) => assert_eq!(cipher.seal(b"").is_some(), encrypts, "{server_key:?} {salt:?}"),
        (Err(error), Err(expected)) => assert_eq!(error, expected, "{server_key:?} {salt:?}"),
        (agreed, expected) => panic!("{server_key:?} {salt:?}: {agreed:?}, not {expected:?}"),
    }
}

/// Whether the connection is encrypted, or why there is none.
fn expected(server_key: &str, salt: &str) -> Result<bool, WireError> {
    if server_key.is_empty() {
        return Ok(false);
    }
    let mut key = STANDARD.decode(server_key).ok().filter(|key| key.len() == 32).ok_or(WireError::BadKey)?;
    if salt.len() < 16 {
        return Err(WireError::BadSalt);
    }
    if let Some(last) = key.last_mut() {
        *last &= 0x7F;
    }
    if LOW_ORDER.contains(&STANDARD.encode(key).as_str()) { Err(WireError::BadKey) } else { Ok(true) }
}

/// Two clients that take each other for the server have the same cipher.
fn both_ends(ours: [u8; 32], theirs: [u8; 32], salt: &str) {
    let pair = KeyPair::from_entropy;
    let here = pair(ours).agree(&pair(theirs).public_base64(), salt);
    let there = pair(theirs).agree(&pair(ours).public_base64(), salt);
    match (here, there) {
        (Ok(here), Ok(there)) => assert_eq!(here.seal(b"hello"), there.seal(b"hello"), "two ends of one connection"),
        (here, there) => {
            assert!(salt.len() < 16, "{here:?}, {there:?}");
            assert_eq!((here.err(), there.err()), (Some(WireError::BadSalt), Some(WireError::BadSalt)));
        }
    }
}
