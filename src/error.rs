//! What can go wrong, and whose fault it is.

use thiserror::Error;

/// Why bytes could not be read from a platform, or written for it.
///
/// One bad packet is no reason to drop a connection: the next one starts at a known byte. Only
/// [`Framer`](crate::wire::wukong_stream::Framer) errors are final, since they lose that byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WireError {
    /// The bytes stop inside a field.
    #[error("the packet ends inside a field")]
    UnexpectedEnd,
    /// Bytes are left over behind the packet that was asked for.
    #[error("bytes follow the end of the packet")]
    TrailingBytes,
    /// A length, announced or given, is above what the protocol can carry.
    #[error("longer than {limit} bytes")]
    TooLong {
        /// The largest length, in bytes, that would have passed.
        limit: usize,
    },
    /// A number needs more bits than its field has at this protocol version.
    #[error("a number does not fit its field at this protocol version")]
    TooWide,
    /// Text is not UTF-8.
    #[error("text is not UTF-8")]
    BadUtf8,
    /// A remaining length does not end within its four bytes.
    #[error("the remaining length does not end")]
    BadVarint,
    /// The peer's public key is not 32 bytes of base64, or makes an all-zero shared secret.
    #[error("the server key is not usable")]
    BadKey,
    /// The salt of a handshake is too short to be an initialization vector.
    #[error("the salt is shorter than 16 bytes")]
    BadSalt,
    /// The packet's fields do not match its message key.
    #[error("the message key does not match the packet")]
    BadMessageKey,
    /// An encrypted payload is not base64, not whole blocks, or wrongly padded.
    #[error("the payload does not decrypt")]
    BadCiphertext,
}
