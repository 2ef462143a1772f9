//! One WuKongIM connection: framing, handshake, decryption.

use crate::error::WireError;
use crate::link::Loss;
use crate::message::Place;
use crate::time::{Millis, Time};
use crate::wire::dmwork_payload::Payload;
use crate::wire::wukong_cipher::{Cipher, KeyPair};
use crate::wire::wukong_packet::{
    Connack, Connect, DeviceFlag, Disconnect, Flags, Packet, ReasonCode, Recv, Recvack, Version,
};
use crate::wire::wukong_stream::Framer;
use std::mem;

/// From the first byte of a packet to its last. A length that was read wrongly would swallow whatever follows, pongs
/// included, and look alive; the longest packet, of 1 MiB, takes this long at 9 KB/s.
const PACKET_WITHIN: Millis = Millis::secs(120);

/// What the packets of one read mean.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "nearly all are messages; on 32 bits it is small enough")]
pub(super) enum Happening {
    /// The server let us in.
    Connected,
    /// The server didn't.
    Refused { loss: Loss },
    /// The server ends the connection.
    Dismissed { loss: Loss },
    /// The server lives.
    Pong,
    /// A message.
    Message(Received),
    /// A packet that can't be read; acknowledged all the same, or the server repeats it for ever.
    Poison { ack: Option<Recvack>, error: String },
}

/// A message with what its packet, or the server's log, says about it.
#[derive(Debug)]
pub(super) struct Received {
    /// What the server waits for; nothing if the message didn't come by the socket.
    pub(super) ack: Option<Recvack>,
    /// Where it was said; `None` until that was looked at, and for channels that are no conversations.
    pub(super) place: Option<Place>,
    pub(super) from_uid: String,
    pub(super) channel_id: String,
    pub(super) channel_type: u8,
    pub(super) message_id: i64,
    /// Its number in the channel; 0 for what is numbered apart or not at all.
    pub(super) seq: u64,
    pub(super) seconds: i64,
    pub(super) payload: Payload,
    /// It was said before the bot listened there.
    pub(super) is_past: bool,
}

/// A connection from CONNECT to its end.
#[derive(Debug)]
pub(super) struct Connection {
    framer: Framer,
    /// Since when the packet that is being received is under way.
    unfinished: Option<Time>,
    keys: Option<KeyPair>,
    client_key: String,
    cipher: Option<Cipher>,
    version: Version,
}

impl Connection {
    /// A new key pair for a new connection.
    pub(super) fn open(entropy: [u8; 32]) -> Self {
        let keys = KeyPair::from_entropy(entropy);
        Self {
            framer: Framer::default(),
            unfinished: None,
            client_key: keys.public_base64(),
            keys: Some(keys),
            cipher: None,
            version: Version::OURS,
        }
    }

    /// The CONNECT packet.
    pub(super) fn hello(&self, device_id: &str, uid: &str, token: &str, now: Time) -> Result<Vec<u8>, WireError> {
        let connect = Connect {
            version: Version::OURS,
            // DMWork's tokens belong to the app device.
            device_flag: DeviceFlag::APP,
            device_id,
            uid,
            token,
            client_timestamp: i64::try_from(now.0).unwrap_or(i64::MAX),
            client_key: &self.client_key,
        };
        let mut bytes = Vec::new();
        Packet::Connect(connect).encode(Version::OURS, &mut bytes)?;
        Ok(bytes)
    }

    /// Whether the handshake is done.
    pub(super) fn is_established(&self) -> bool {
        self.cipher.is_some()
    }

    /// The version that both sides speak.
    pub(super) fn version(&self) -> Version {
        self.version
    }

    /// Takes bytes from the socket, up to the packet that ends the connection. An error means that the stream can't be
    /// followed any further.
    pub(super) fn read(&mut self, now: Time, bytes: &[u8]) -> (Vec<Happening>, Option<WireError>) {
        let mut happenings = Vec::new();
        // Millions of tiny packets fit into one WebSocket message. What says nothing new is heard once.
        let (mut lives, mut is_poisoned) = (false, false);
        self.framer.push(bytes);
        loop {
            let happening = match self.next() {
                Ok(Some(happening)) => happening,
                Ok(None) => return (happenings, self.overdue(now)),
                Err(error) => return (happenings, Some(error)),
            };
            let is_news = match &happening {
                Happening::Pong => !mem::replace(&mut lives, true),
                Happening::Poison { ack: None, .. } => !mem::replace(&mut is_poisoned, true),
                Happening::Refused { .. } | Happening::Dismissed { .. } => {
                    happenings.push(happening);
                    return (happenings, None);
                }
                Happening::Connected | Happening::Message(_) | Happening::Poison { ack: Some(_), .. } => true,
            };
            if is_news {
                happenings.push(happening);
            }
        }
    }

    /// Whether the packet that is being received has been for too long.
    fn overdue(&mut self, now: Time) -> Option<WireError> {
        if !self.framer.is_waiting() {
            return None;
        }
        let since = *self.unfinished.get_or_insert(now);
        (now.since(since) >= PACKET_WITHIN).then_some(WireError::UnexpectedEnd)
    }

    /// What the next packet means; `None` when no whole one with a meaning is left.
    fn next(&mut self) -> Result<Option<Happening>, WireError> {
        let Self { framer, unfinished, keys, cipher, version, .. } = self;
        while let Some(frame) = framer.next_frame()? {
            *unfinished = None;
            return Ok(Some(match Packet::decode(frame, *version) {
                Ok(Packet::Connack(connack)) => {
                    *version = connack.version(Version::OURS);
                    welcome(&connack, keys, cipher)
                }
                Ok(Packet::Recv(recv)) => receive(&recv, cipher.as_mut()),
                Ok(Packet::Pong) => Happening::Pong,
                Ok(Packet::Disconnect(disconnect)) => dismissed(&disconnect),
                // The rest is for senders and for newer features; skipping it loses no message.
                Ok(
                    Packet::Connect(_)
                    | Packet::Send(_)
                    | Packet::Sendack(_)
                    | Packet::Recvack(_)
                    | Packet::Ping
                    | Packet::Sub(_)
                    | Packet::Suback(_)
                    | Packet::Event(_)
                    | Packet::Unknown { .. },
                ) => continue,
                // Before the handshake nobody is there to acknowledge anything.
                Err(error) => Happening::Poison {
                    ack: cipher.as_ref().and_then(|_| Recvack::of_unreadable(frame, *version)),
                    error: error.to_string(),
                },
            }));
        }
        Ok(None)
    }
}

fn welcome(connack: &Connack<'_>, keys: &mut Option<KeyPair>, cipher: &mut Option<Cipher>) -> Happening {
    if !connack.reason.is_success() {
        let words = connack.reason.describe().to_owned();
        let loss = match connack.reason {
            ReasonCode::AUTH_FAILED | ReasonCode::BANNED => Loss::Rejected(words),
            ReasonCode::KICKED => Loss::Kicked(words),
            _ => Loss::Fault(words),
        };
        return Happening::Refused { loss };
    }
    // A second CONNACK finds no keys: they are for one connection only.
    let Some(keys) = keys.take() else {
        return Happening::Poison { ack: None, error: "a second CONNACK".to_owned() };
    };
    match keys.agree(connack.server_key, connack.salt) {
        Ok(agreed) => {
            *cipher = Some(agreed);
            Happening::Connected
        }
        Err(error) => Happening::Refused { loss: Loss::Fault(format!("no common key: {error}")) },
    }
}

fn receive(recv: &Recv<'_>, cipher: Option<&mut Cipher>) -> Happening {
    let ack = recv.ack();
    let Some(cipher) = cipher else {
        return Happening::Poison { ack: None, error: "a message before the handshake".to_owned() };
    };
    let payload = match cipher.open(recv) {
        Ok(plain) => Payload::decode(plain),
        Err(error) => return Happening::Poison { ack: Some(ack), error: error.to_string() },
    };
    let Some(payload) = payload else {
        return Happening::Poison { ack: Some(ack), error: "the payload is no JSON object".to_owned() };
    };
    let is_apart = recv.flags.has(Flags::SYNC_ONCE) || recv.flags.has(Flags::NO_PERSIST);
    Happening::Message(Received {
        ack: Some(ack),
        place: None,
        from_uid: recv.from_uid.to_owned(),
        channel_id: recv.channel_id.to_owned(),
        channel_type: recv.channel_type,
        message_id: recv.message_id,
        seq: if is_apart { 0 } else { recv.message_seq },
        seconds: recv.timestamp.into(),
        payload,
        is_past: false,
    })
}

fn dismissed(disconnect: &Disconnect<'_>) -> Happening {
    let words = format!("{} {}", disconnect.reason.describe(), disconnect.text);
    let loss = if disconnect.reason == ReasonCode::KICKED { Loss::Kicked(words) } else { Loss::Fault(words) };
    Happening::Dismissed { loss }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_tiny_packets_is_heard_once() {
        // PONG, and a RECV without anything in it.
        let (happenings, fault) = Connection::open([1; 32]).read(Time(0), &[0x80, 0x50, 0].repeat(100_000));
        assert!(matches!(happenings.as_slice(), [Happening::Pong, Happening::Poison { ack: None, .. }]));
        assert_eq!(fault, None);
    }

    #[test]
    fn nothing_is_read_behind_the_end_of_a_connection() {
        let disconnect = [0x90, 3, 1, 0, 0];
        let (happenings, _) = Connection::open([1; 32]).read(Time(0), &disconnect.repeat(1_000));
        assert!(matches!(happenings.as_slice(), [Happening::Dismissed { .. }]));
    }
}
