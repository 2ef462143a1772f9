//! The encryption of a WuKongIM connection: key agreement, message keys, payloads.
//!
//! Both sides agree on an AES key by X25519 and use the CONNACK's salt as the initialization vector of every message.
//! Equal beginnings therefore encrypt equally, and only some fields are authenticated: what protects users is the TLS
//! below, and this is here because the server insists on it. Facts from the `crypto` block of the vectors.

use std::fmt;

use md5::{Digest, Md5};
use subtle::ConstantTimeEq;
use x25519_dalek::{X25519_BASEPOINT_BYTES, x25519};

use super::aes128::{Aes128, BLOCK};
use super::base64;
use super::wukong_packet::{Recv, Send};
use crate::error::WireError;

/// Scratch memory kept between messages. Chat messages stay far below it.
const SCRATCH_KEPT: usize = 16 * 1024;

/// The client's half of a key agreement, made anew for every connection.
pub struct KeyPair([u8; 32]);

impl KeyPair {
    /// Makes a pair from 32 bytes of a cryptographic random source.
    pub fn from_entropy(entropy: [u8; 32]) -> Self {
        Self(entropy)
    }

    /// The public key as CONNECT carries it: standard base64, padded.
    pub fn public_base64(&self) -> String {
        base64::encode(&x25519(self.0, X25519_BASEPOINT_BYTES))
    }

    /// Agrees on the connection's cipher with the key and salt of a CONNACK.
    ///
    /// An empty key is a server that does not encrypt; the cipher then passes payloads through.
    ///
    /// # Errors
    /// [`WireError::BadKey`] for a key that is not 32 bytes of base64 or makes an all-zero secret, which Go's X25519
    /// refuses too; [`WireError::BadSalt`] for a salt below 16 bytes.
    pub fn agree(self, server_key: &str, salt: &str) -> Result<Cipher, WireError> {
        if server_key.is_empty() {
            return Ok(Cipher { session: None, signed: Vec::new(), payload: Vec::new() });
        }
        let mut bytes = Vec::new();
        base64::decode(server_key.as_bytes(), &mut bytes).ok_or(WireError::BadKey)?;
        let server_key = <[u8; 32]>::try_from(bytes).map_err(|_| WireError::BadKey)?;
        let iv = *salt.as_bytes().first_chunk::<BLOCK>().ok_or(WireError::BadSalt)?;
        let shared = x25519(self.0, server_key);
        if bool::from(shared.ct_eq(&[0; 32])) {
            return Err(WireError::BadKey);
        }
        let key = key_of(&shared)?;
        let session = Session { cipher: Aes128::new(key), iv };
        Ok(Cipher { session: Some(session), signed: Vec::new(), payload: Vec::new() })
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyPair([secret])")
    }
}

/// The key is text: the first 16 hex digits of the MD5 of the secret's base64.
fn key_of(shared: &[u8; 32]) -> Result<[u8; BLOCK], WireError> {
    let digest = hex(&Md5::digest(base64::encode(shared)).into());
    digest.first_chunk::<BLOCK>().copied().ok_or(WireError::BadKey)
}

/// The encryption of one connection, from its CONNACK to its end.
pub struct Cipher {
    session: Option<Session>,
    /// The signed fields of the last message, and its payload. Kept to spare allocations per message.
    signed: Vec<u8>,
    payload: Vec<u8>,
}

impl Cipher {
    /// The payload of a RECV, verified and decrypted.
    ///
    /// Encrypted is what has a message key, on a connection that has a server key. The NO_ENCRYPT bit does not count:
    /// WuKongIM v2.2.5 sets it on encrypted messages (vector `recv_v5_noencrypt_bit_but_encrypted`), and the line
    /// after it sends plaintext without a message key (vector `recv_v5_noencrypt_cmd`).
    ///
    /// # Errors
    /// [`WireError::BadMessageKey`] when a signed field was changed, [`WireError::BadCiphertext`] when the payload is
    /// not base64 of whole, padded blocks.
    pub fn open<'a>(&'a mut self, recv: &Recv<'a>) -> Result<&'a [u8], WireError> {
        let Some(session) = self.session.as_ref().filter(|_| !recv.msg_key.is_empty()) else {
            return Ok(recv.payload);
        };
        for scratch in [&mut self.signed, &mut self.payload] {
            scratch.clear();
            scratch.shrink_to(SCRATCH_KEPT);
        }
        let is_sealed =
            base64::decode(recv.payload, &mut self.payload).is_some() && self.payload.len().is_multiple_of(BLOCK);
        #[cfg(feature = "faults")]
        if benchmark::TRUSTS.load(std::sync::atomic::Ordering::Relaxed) {
            session.cipher.cbc_decrypt(&session.iv, &mut self.payload);
            return unpadded(&self.payload).ok_or(WireError::BadCiphertext);
        }
        sign_recv(recv, &mut self.signed);
        pad(&mut self.signed);
        // What comes of the payload is looked at only once its key has proved right.
        session.cipher.cbc_both(&session.iv, &mut self.signed, &mut self.payload);
        if !bool::from(message_key(&self.signed).as_bytes().ct_eq(recv.msg_key.as_bytes())) {
            return Err(WireError::BadMessageKey);
        }
        unpadded(&self.payload).filter(|_| is_sealed).ok_or(WireError::BadCiphertext)
    }

    /// Encrypts a payload for SEND; `None` on a connection without encryption, where it travels as it is.
    pub fn seal(&self, payload: &[u8]) -> Option<String> {
        let session = self.session.as_ref()?;
        let mut buffer = payload.to_vec();
        session.encrypt(&mut buffer);
        Some(base64::encode(&buffer))
    }

    /// The message key of a SEND whose payload is already [sealed](Self::seal); `None` without encryption.
    pub fn sign(&self, send: &Send<'_>) -> Option<MessageKey> {
        let session = self.session.as_ref()?;
        let mut buffer = Vec::new();
        sign_send(send, &mut buffer);
        session.encrypt(&mut buffer);
        Some(message_key(&buffer))
    }
}

impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.session.is_some() { "Cipher([secret])" } else { "Cipher(none)" })
    }
}

/// What verification costs is measured by leaving it out, which no build does that is shipped.
#[cfg(feature = "faults")]
pub mod benchmark {
    use std::sync::atomic::AtomicBool;

    /// Whether message keys are believed.
    pub static TRUSTS: AtomicBool = AtomicBool::new(false);
}

/// A message key: 32 lower-case hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageKey([u8; 32]);

impl MessageKey {
    /// The digits, as SEND carries them.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The agreed key, and the vector that every message starts from.
struct Session {
    cipher: Aes128,
    iv: [u8; BLOCK],
}

impl Session {
    /// Encrypts `buffer` in place, PKCS#7 padding included.
    fn encrypt(&self, buffer: &mut Vec<u8>) {
        pad(buffer);
        self.cipher.cbc_encrypt(&self.iv, buffer);
    }
}

/// PKCS#7: to whole blocks, and at least one byte.
fn pad(buffer: &mut Vec<u8>) {
    let padding = BLOCK.saturating_sub(buffer.len() % BLOCK);
    buffer.resize(buffer.len().saturating_add(padding), u8::try_from(padding).unwrap_or_default());
}

/// MD5 over the base64 of the encrypted fields.
fn message_key(sealed: &[u8]) -> MessageKey {
    let mut md5 = Md5::new();
    let (blocks, rest) = sealed.as_chunks();
    for block in blocks {
        md5.update(base64::encode_block(block));
    }
    let (text, len) = base64::encode_rest(rest);
    md5.update(text.get(..len).unwrap_or_default());
    MessageKey(hex(&md5.finalize().into()))
}

/// What PKCS#7 has padded; `None` if it has not. The message key was verified before, so time tells nobody anything.
fn unpadded(buffer: &[u8]) -> Option<&[u8]> {
    let padding = *buffer.last()?;
    let (plain, filler) = buffer.split_at_checked(buffer.len().checked_sub(padding.into())?)?;
    let is_padding = (1..=BLOCK).contains(&filler.len()) && filler.iter().all(|byte| *byte == padding);
    is_padding.then_some(plain)
}

/// What the message key of a RECV covers, without separators. Topic, expiry, setting, flags and stream are not in it.
fn sign_recv(recv: &Recv<'_>, out: &mut Vec<u8>) {
    decimal(recv.message_id, out);
    decimal(recv.message_seq, out);
    out.extend_from_slice(recv.client_msg_no.as_bytes());
    decimal(recv.timestamp, out);
    out.extend_from_slice(recv.from_uid.as_bytes());
    out.extend_from_slice(recv.channel_id.as_bytes());
    decimal(recv.channel_type, out);
    out.extend_from_slice(recv.payload);
}

/// What the message key of a SEND covers, without separators.
fn sign_send(send: &Send<'_>, out: &mut Vec<u8>) {
    decimal(send.client_seq, out);
    out.extend_from_slice(send.client_msg_no.as_bytes());
    out.extend_from_slice(send.channel_id.as_bytes());
    decimal(send.channel_type, out);
    out.extend_from_slice(send.payload);
}

fn decimal(number: impl itoa::Integer, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

fn hex(digest: &[u8; 16]) -> [u8; 32] {
    let mut digits = [0; 32];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(digest) {
        pair.copy_from_slice(&[hex_digit(byte >> 4), hex_digit(byte & 0x0F)]);
    }
    digits
}

fn hex_digit(nibble: u8) -> u8 {
    let from = if nibble < 10 { b'0' } else { b'a'.wrapping_sub(10) };
    from.wrapping_add(nibble)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::wukong_packet::{Flags, Setting};

    const SALT: &str = "aB3dE5fG7hJ9kL1m";

    fn pair(byte: u8) -> KeyPair {
        KeyPair::from_entropy([byte; 32])
    }

    fn cipher() -> Cipher {
        pair(1).agree(&pair(2).public_base64(), SALT).unwrap()
    }

    fn recv(payload: &[u8]) -> Recv<'_> {
        Recv {
            flags: Flags(0),
            setting: Setting(0),
            msg_key: "",
            from_uid: "u2",
            channel_id: "u2",
            channel_type: 1,
            expire: 0,
            client_msg_no: "cmn-1",
            stream: None,
            message_id: 1,
            message_seq: 1,
            timestamp: 1,
            topic: None,
            payload,
        }
    }

    fn signed(cipher: &Cipher, recv: &Recv<'_>) -> MessageKey {
        let mut fields = Vec::new();
        sign_recv(recv, &mut fields);
        cipher.session.as_ref().unwrap().encrypt(&mut fields);
        message_key(&fields)
    }

    #[test]
    fn a_server_key_that_is_no_key_is_an_error() {
        let short = base64::encode(&[7; 31]);
        let long = base64::encode(&[7; 33]);
        for key in ["not base64!", "YWJj", short.as_str(), long.as_str()] {
            assert_eq!(pair(1).agree(key, SALT).unwrap_err(), WireError::BadKey, "{key}");
        }
    }

    #[test]
    fn a_server_key_that_forces_an_all_zero_secret_is_refused() {
        let low_order = base64::encode(&[0; 32]);
        assert_eq!(pair(1).agree(&low_order, SALT).unwrap_err(), WireError::BadKey);
    }

    #[test]
    fn a_missing_or_short_salt_is_an_error() {
        for salt in ["", "aB3dE5fG7hJ9kL1"] {
            assert_eq!(pair(1).agree(&pair(2).public_base64(), salt).unwrap_err(), WireError::BadSalt);
        }
    }

    #[test]
    fn only_the_first_sixteen_bytes_of_the_salt_count() {
        let longer = pair(1).agree(&pair(2).public_base64(), "aB3dE5fG7hJ9kL1m-and-more").unwrap();
        assert_eq!(longer.seal(b"hello"), cipher().seal(b"hello"));
    }

    #[test]
    fn without_a_server_key_payloads_pass_as_they_are() {
        let mut cipher = pair(1).agree("", "").unwrap();
        let keyed = Recv { msg_key: "0123456789abcdef0123456789abcdef", ..recv(b"plain") };
        assert_eq!(cipher.open(&keyed), Ok(b"plain".as_slice()));
        assert_eq!(cipher.seal(b"plain"), None);
    }

    #[test]
    fn the_no_encrypt_bit_alone_changes_nothing() {
        let mut cipher = cipher();
        let sealed = cipher.seal(b"hello").unwrap();
        let message = Recv { setting: Setting::NO_ENCRYPT, ..recv(sealed.as_bytes()) };
        let key = signed(&cipher, &message);
        assert_eq!(cipher.open(&Recv { msg_key: key.as_str(), ..message }), Ok(b"hello".as_slice()));
        assert_eq!(cipher.open(&Recv { setting: Setting(0), ..recv(b"plain") }), Ok(b"plain".as_slice()));
    }

    #[test]
    fn a_signed_payload_that_does_not_decrypt_is_an_error() {
        let mut cipher = cipher();
        let half_a_block = base64::encode(&[0; 8]);
        let bad_padding = base64::encode(&[0; 16]);
        for payload in ["", "====", "not base64!", half_a_block.as_str(), bad_padding.as_str()] {
            let message = recv(payload.as_bytes());
            let key = signed(&cipher, &message);
            let message = Recv { msg_key: key.as_str(), ..message };
            assert_eq!(cipher.open(&message), Err(WireError::BadCiphertext), "{payload}");
        }
    }

    #[test]
    fn the_memory_of_a_large_message_is_given_back_with_the_next() {
        let mut cipher = cipher();
        for (len, kept) in [(500_000, 2_000_000), (5, SCRATCH_KEPT)] {
            let plain = vec![b'x'; len];
            let sealed = cipher.seal(&plain).unwrap();
            let message = recv(sealed.as_bytes());
            let key = signed(&cipher, &message);
            assert_eq!(cipher.open(&Recv { msg_key: key.as_str(), ..message }), Ok(plain.as_slice()));
            assert!(cipher.signed.capacity() <= kept && cipher.payload.capacity() <= kept);
        }
    }

    #[test]
    fn debug_output_shows_no_key_material() {
        assert_eq!(format!("{:?} {:?}", pair(1), cipher()), "KeyPair([secret]) Cipher([secret])");
    }
}
