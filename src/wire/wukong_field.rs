//! The small values inside WuKongIM packets: version, flags, settings, device kind. Unknown bits and numbers are kept.

use std::ops::BitOr;

/// A protocol version, and what it changes in the layouts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u8);

impl Version {
    /// What CONNECT asks for: the latest version of WuKongIM v2.2.5. Later servers accept it.
    pub const OURS: Self = Self(5);

    /// SEND and RECV of a stream carry its number (vectors `send_v4_receipt_topic_stream`,
    /// `recv_v4_receipt_topic_stream`, and `recv_v5_streambit_no_streamfields` for the end of it).
    pub fn has_stream_fields(self) -> bool {
        matches!(self.0, 2..=4)
    }

    /// SEND and RECV carry a lifetime (vectors `recv_v2` and `recv_v4_group_utf8`).
    pub fn has_expire(self) -> bool {
        self.0 >= 3
    }

    /// CONNACK ends with the id of the server node (vectors `connack_ok_v3` and `connack_ok_v4`).
    pub fn has_node_id(self) -> bool {
        self.0 >= 4
    }

    /// A message's number in its channel takes 64 bits instead of 32 (vectors `recv_v6` and `sendack_v6_clientmsgno`).
    pub fn has_wide_seq(self) -> bool {
        self.0 >= 6
    }
}

/// The low nibble of the first byte of SEND, RECV and RECVACK.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Flags(pub u8);

impl Flags {
    /// Not stored by the server; such a message has the number 0.
    pub const NO_PERSIST: Self = Self(1);
    /// Counts as unread.
    pub const RED_DOT: Self = Self(1 << 1);
    /// A command, numbered apart from the channel's messages.
    pub const SYNC_ONCE: Self = Self(1 << 2);
    /// Sent before. WuKongIM v2.2.5 does not set it when it sends a RECV again.
    pub const DUP: Self = Self(1 << 3);

    /// Whether every flag of `other` is set.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The setting byte of SEND, RECV and SUB. Bits without a name are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Setting(pub u8);

impl Setting {
    /// Belongs to a stream.
    pub const STREAM: Self = Self(1 << 1);
    /// Carries a topic.
    pub const TOPIC: Self = Self(1 << 3);
    /// The sender asked for no encryption. WuKongIM v2.2.5 copies the bit and encrypts all the same (vector
    /// `recv_v5_noencrypt_bit_but_encrypted`), so it says nothing about the payload; the message key does.
    pub const NO_ENCRYPT: Self = Self(1 << 4);
    /// Encrypted between the users by the Signal protocol.
    pub const SIGNAL: Self = Self(1 << 5);
    /// The sender wants a read receipt.
    pub const RECEIPT: Self = Self(1 << 7);

    /// Whether every bit of `other` is set.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether stream fields are on the wire: the bit alone does not bring them.
    pub(super) fn has_stream_fields(self, version: Version) -> bool {
        self.has(Self::STREAM) && version.has_stream_fields()
    }
}

impl BitOr for Setting {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What kind of device connects. The server keeps one token per user and kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeviceFlag(pub u8);

impl DeviceFlag {
    /// A phone, and also every DMWork bot.
    pub const APP: Self = Self(0);
    /// A browser.
    pub const WEB: Self = Self(1);
    /// A desktop application.
    pub const PC: Self = Self(2);
    /// The server's own accounts.
    pub const SYSTEM: Self = Self(99);
}
