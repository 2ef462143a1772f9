//! Typed WuKongIM packets. Text and payloads borrow from the bytes they were decoded from.
//!
//! Layouts depend on the protocol version that CONNACK settles; [`Version`] knows the differences. Every layout is
//! pinned by a golden vector in `tests/vectors/wukongim.json`, produced by the servers' own encoders.

use std::fmt;

pub use super::wukong_field::{DeviceFlag, Flags, Setting, Version};
pub use super::wukong_reason::ReasonCode;

/// The largest payload of a SEND, in bytes on the wire, that the servers' own client encoder allows. Base64 and
/// padding of an encrypted payload count, which leaves about 24 KB of text.
pub const SEND_PAYLOAD_MAX: usize = 32_767;

/// One packet, in either direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packet<'a> {
    /// The client introduces itself; must be the first packet of a connection.
    Connect(Connect<'a>),
    /// The server's answer to CONNECT. WuKongIM v2.2.5 stays silent instead when it refuses the token.
    Connack(Connack<'a>),
    /// A message from the client.
    Send(Send<'a>),
    /// The server took or refused a SEND.
    Sendack(Sendack<'a>),
    /// A message for the client.
    Recv(Recv<'a>),
    /// The client has a RECV. WuKongIM v2.2.5 sends a RECV again, every 60 s and five times, until it sees this.
    Recvack(Recvack),
    /// Keeps the connection alive; only the client sends it.
    Ping,
    /// The answer to PING.
    Pong,
    /// The server ends the connection and says why.
    Disconnect(Disconnect<'a>),
    /// Subscribes to a data channel. Today's servers ignore it or close the connection.
    Sub(Sub<'a>),
    /// The answer to SUB.
    Suback(Suback<'a>),
    /// A notice beside the messages, such as a piece of a streamed reply. Never encrypted, never acknowledged.
    Event(Event<'a>),
    /// A kind that this version of the crate does not know: to be counted and skipped.
    Unknown {
        /// The packet type from the header, 0 or 13 to 15.
        kind: u8,
        /// The header's flags.
        flags: Flags,
        /// Everything behind the header.
        body: &'a [u8],
    },
}

/// CONNECT (1). Same layout in every version (vectors `connect_v4`, `connect_v5`). Its token stays out of `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Connect<'a> {
    /// The version asked for; the server settles on the smaller of this and its own latest.
    pub version: Version,
    /// The kind of device.
    pub device_flag: DeviceFlag,
    /// Names this installation. A connection from another device id kicks this one.
    pub device_id: &'a str,
    /// Who connects; not empty.
    pub uid: &'a str,
    /// Proves the uid.
    pub token: &'a str,
    /// The client's clock, milliseconds since 1970.
    pub client_timestamp: i64,
    /// The client's X25519 public key, base64 of 32 bytes.
    pub client_key: &'a str,
}

impl fmt::Debug for Connect<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect")
            .field("version", &self.version)
            .field("device_flag", &self.device_flag)
            .field("device_id", &self.device_id)
            .field("uid", &self.uid)
            .field("token", &format_args!("[secret]"))
            .field("client_timestamp", &self.client_timestamp)
            .field("client_key", &self.client_key)
            .finish()
    }
}

/// CONNACK (2), vectors `connack_*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connack<'a> {
    /// The version settled on. Absent for a client below version 4, and in refusals by servers after v2.2.5.
    pub server_version: Option<Version>,
    /// The server's clock minus the client's, milliseconds; may be negative (vector `connack_ok_v5_negdiff`).
    pub time_diff: i64,
    /// Success, or why not.
    pub reason: ReasonCode,
    /// The server's X25519 public key, base64; empty when the server does not encrypt.
    pub server_key: &'a str,
    /// Its first 16 bytes are the initialization vector; empty when the server does not encrypt.
    pub salt: &'a str,
    /// The server node; present in refusals even without a server version (vector `connack_authfail_noversion_v5`).
    pub node_id: Option<u64>,
}

impl Connack<'_> {
    /// The version that every later packet of the connection is laid out by.
    pub fn version(&self, asked: Version) -> Version {
        self.server_version.unwrap_or(asked)
    }
}

/// SEND (3), vectors `send_*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Send<'a> {
    /// The header's flags.
    pub flags: Flags,
    /// Decides whether [`topic`](Self::topic) and [`stream_no`](Self::stream_no) are on the wire.
    pub setting: Setting,
    /// Comes back in SENDACK.
    pub client_seq: u32,
    /// The sender's own id of the message, the key to recognise duplicates by.
    pub client_msg_no: &'a str,
    /// The stream it belongs to; versions 2 to 4 with [`Setting::STREAM`] only.
    pub stream_no: Option<&'a str>,
    /// The receiving user or group.
    pub channel_id: &'a str,
    /// 1 is a person, 2 a group.
    pub channel_type: u8,
    /// Lifetime in seconds, 0 for ever; from version 3 on.
    pub expire: u32,
    /// Authenticates the encrypted message; empty when it is not encrypted.
    pub msg_key: &'a str,
    /// With [`Setting::TOPIC`] only.
    pub topic: Option<&'a str>,
    /// Base64 of the encrypted payload, or the payload itself; at most [`SEND_PAYLOAD_MAX`] bytes.
    pub payload: &'a [u8],
}

/// SENDACK (4), vectors `sendack_*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sendack<'a> {
    /// The server's id of the message.
    pub message_id: i64,
    /// As given in SEND.
    pub client_seq: u32,
    /// The message's number in its channel.
    pub message_seq: u64,
    /// Success, or why not.
    pub reason: ReasonCode,
    /// As given in SEND; empty from v2.2.5, which ends the packet before it.
    pub client_msg_no: &'a str,
}

/// RECV (5), vectors `recv_*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recv<'a> {
    /// The header's flags.
    pub flags: Flags,
    /// Decides whether [`topic`](Self::topic) and [`stream`](Self::stream) are on the wire.
    pub setting: Setting,
    /// Authenticates the encrypted message; empty when it is not encrypted (vector `recv_v5_noencrypt_cmd`).
    pub msg_key: &'a str,
    /// The sender; empty for system accounts (vector `recv_v5_sysuid_maxseq`).
    pub from_uid: &'a str,
    /// The group, or the peer in a direct chat.
    pub channel_id: &'a str,
    /// 1 is a person, 2 a group.
    pub channel_type: u8,
    /// Lifetime in seconds, 0 for ever; from version 3 on.
    pub expire: u32,
    /// The sender's own id of the message. A SEND that was repeated has it twice, under two message ids.
    pub client_msg_no: &'a str,
    /// Versions 2 to 4 with [`Setting::STREAM`] only.
    pub stream: Option<Stream<'a>>,
    /// The server's id of the message; may be above 2^53.
    pub message_id: i64,
    /// The message's number in its channel, from 1; 0 for messages that are not stored.
    pub message_seq: u64,
    /// Seconds since 1970. WuKongIM v2.2.5 gives the time of this push, not of the message.
    pub timestamp: i32,
    /// With [`Setting::TOPIC`] only.
    pub topic: Option<&'a str>,
    /// Base64 of the encrypted payload, or the payload itself.
    pub payload: &'a [u8],
}

impl Recv<'_> {
    /// The RECVACK of this message.
    pub fn ack(&self) -> Recvack {
        Recvack::answering(self.flags, self.message_id, self.message_seq)
    }
}

/// The place of a RECV in a stream (vector `recv_v4_receipt_topic_stream`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stream<'a> {
    /// 0 starts the stream, 1 continues it, 2 ends it.
    pub flag: u8,
    /// Names the stream.
    pub no: &'a str,
    /// Numbers this piece of it.
    pub id: u64,
}

/// RECVACK (6), vectors `recvack_*`. [`Recv::ack`] makes the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recvack {
    /// The header's flags.
    pub flags: Flags,
    /// As in RECV.
    pub message_id: i64,
    /// As in RECV.
    pub message_seq: u64,
}

impl Recvack {
    /// The RECVACK of a RECV with these flags.
    ///
    /// It echoes two of them: WuKongIM v2.2.5 moves the read position of commands only for a SYNC_ONCE
    /// acknowledgement, and has nothing to clear for a NO_PERSIST one (vector `recvack_v5_flags`).
    pub(super) fn answering(flags: Flags, message_id: i64, message_seq: u64) -> Self {
        let echoed = Flags::NO_PERSIST | Flags::SYNC_ONCE;
        Self { flags: Flags(flags.0 & echoed.0), message_id, message_seq }
    }
}

/// DISCONNECT (9), vector `disconnect_kick`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disconnect<'a> {
    /// Why.
    pub reason: ReasonCode,
    /// The same in the server's words.
    pub text: &'a str,
}

/// SUB (10), vector `sub`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sub<'a> {
    /// Setting bits; none has a meaning here.
    pub setting: Setting,
    /// Comes back in SUBACK.
    pub sub_no: &'a str,
    /// The data channel.
    pub channel_id: &'a str,
    /// Its type.
    pub channel_type: u8,
    /// 0 subscribes, 1 unsubscribes.
    pub action: u8,
    /// Free text for the channel's owner.
    pub param: &'a str,
}

/// SUBACK (11), vector `suback`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suback<'a> {
    /// As in SUB.
    pub sub_no: &'a str,
    /// As in SUB.
    pub channel_id: &'a str,
    /// As in SUB.
    pub channel_type: u8,
    /// As in SUB.
    pub action: u8,
    /// Success, or why not.
    pub reason: ReasonCode,
}

/// EVENT (12), vector `event`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event<'a> {
    /// The server's id of the event.
    pub id: &'a str,
    /// What happened. The names differ between server lines, so any text is possible.
    pub name: &'a str,
    /// Milliseconds since 1970.
    pub timestamp: i64,
    /// Usually JSON, with message ids as numbers above 2^53.
    pub data: &'a [u8],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ack_echoes_the_two_flags_that_the_server_reads() {
        let all = Flags::NO_PERSIST | Flags::RED_DOT | Flags::SYNC_ONCE | Flags::DUP;
        let recv = Recv {
            flags: all,
            setting: Setting(0),
            msg_key: "",
            from_uid: "u2",
            channel_id: "u2",
            channel_type: 1,
            expire: 0,
            client_msg_no: "cmn-1",
            stream: None,
            message_id: i64::MAX,
            message_seq: 7,
            timestamp: 0,
            topic: None,
            payload: b"",
        };
        let flags = Flags::NO_PERSIST | Flags::SYNC_ONCE;
        assert_eq!(recv.ack(), Recvack { flags, message_id: i64::MAX, message_seq: 7 });
    }

    #[test]
    fn debug_output_of_a_connect_hides_its_token() {
        let connect = Connect {
            version: Version::OURS,
            device_flag: DeviceFlag::APP,
            device_id: "dev-1",
            uid: "bot_1",
            token: "hunter2",
            client_timestamp: 0,
            client_key: "",
        };
        let shown = format!("{:?}", Packet::Connect(connect));
        assert!(shown.contains("bot_1") && !shown.contains("hunter2"), "{shown}");
    }
}
