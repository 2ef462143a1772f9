//! [`Packet`]s to bytes, the mirror of decoding.

use super::writer::Writer;
use super::wukong_header::{self as header, HAS_SERVER_VERSION, Header, MAX_REMAINING};
use super::wukong_packet::{
    Connack, Connect, Disconnect, Event, Packet, Recv, Recvack, SEND_PAYLOAD_MAX, Send, Sendack, Setting, Sub, Suback,
    Version,
};
use crate::error::WireError;

impl Packet<'_> {
    /// Appends the packet, header included, to `out`, laid out for `version`.
    ///
    /// Fields that do not exist at `version` are left out. Appending lets several RECVACKs travel in one WebSocket
    /// message, which WuKongIM v2.2.5 reads more reliably than many tiny ones.
    ///
    /// # Errors
    /// [`WireError::TooLong`] for text, a payload or a packet above its limit; [`WireError::TooWide`] for a message
    /// number above 32 bits before version 6. `out` is then as it was.
    pub fn encode(&self, version: Version, out: &mut Vec<u8>) -> Result<(), WireError> {
        let start = out.len();
        let written = self.encode_behind(start, version, out);
        if written.is_err() {
            out.truncate(start);
        }
        written
    }

    fn encode_behind(&self, start: usize, version: Version, out: &mut Vec<u8>) -> Result<(), WireError> {
        self.body(version, &mut Writer::new(out))?;
        let remaining = out.len().saturating_sub(start);
        if remaining > MAX_REMAINING {
            return Err(WireError::TooLong { limit: MAX_REMAINING });
        }
        let (kind, flags) = self.kind_and_flags();
        let mut head = Vec::new();
        Header { kind, flags, remaining }.write(&mut Writer::new(&mut head))?;
        out.splice(start..start, head);
        Ok(())
    }

    fn kind_and_flags(&self) -> (u8, u8) {
        match self {
            Packet::Connect(_) => (header::CONNECT, 0),
            Packet::Connack(connack) => {
                (header::CONNACK, if connack.server_version.is_some() { HAS_SERVER_VERSION } else { 0 })
            }
            Packet::Send(send) => (header::SEND, send.flags.0),
            Packet::Sendack(_) => (header::SENDACK, 0),
            Packet::Recv(recv) => (header::RECV, recv.flags.0),
            Packet::Recvack(recvack) => (header::RECVACK, recvack.flags.0),
            Packet::Ping => (header::PING, 0),
            Packet::Pong => (header::PONG, 0),
            Packet::Disconnect(_) => (header::DISCONNECT, 0),
            Packet::Sub(_) => (header::SUB, 0),
            Packet::Suback(_) => (header::SUBACK, 0),
            Packet::Event(_) => (header::EVENT, 0),
            Packet::Unknown { kind, flags, .. } => (*kind, flags.0),
        }
    }

    fn body(&self, version: Version, to: &mut Writer<'_>) -> Result<(), WireError> {
        match self {
            Packet::Connect(packet) => connect(packet, to),
            Packet::Connack(packet) => connack(packet, version, to),
            Packet::Send(packet) => send(packet, version, to),
            Packet::Sendack(packet) => sendack(packet, version, to),
            Packet::Recv(packet) => recv(packet, version, to),
            Packet::Recvack(packet) => recvack(packet, version, to),
            Packet::Ping | Packet::Pong => Ok(()),
            Packet::Disconnect(packet) => disconnect(packet, to),
            Packet::Sub(packet) => sub(packet, to),
            Packet::Suback(packet) => suback(packet, to),
            Packet::Event(packet) => event(packet, to),
            Packet::Unknown { body, .. } => {
                to.bytes(body);
                Ok(())
            }
        }
    }
}

fn connect(packet: &Connect<'_>, to: &mut Writer<'_>) -> Result<(), WireError> {
    to.u8(packet.version.0);
    to.u8(packet.device_flag.0);
    to.str16(packet.device_id)?;
    to.str16(packet.uid)?;
    to.str16(packet.token)?;
    to.i64(packet.client_timestamp);
    to.str16(packet.client_key)
}

fn connack(packet: &Connack<'_>, version: Version, to: &mut Writer<'_>) -> Result<(), WireError> {
    if let Some(server_version) = packet.server_version {
        to.u8(server_version.0);
    }
    to.i64(packet.time_diff);
    to.u8(packet.reason.0);
    to.str16(packet.server_key)?;
    to.str16(packet.salt)?;
    if let Some(node_id) = packet.node_id.filter(|_| packet.version(version).has_node_id()) {
        to.u64(node_id);
    }
    Ok(())
}

fn send(packet: &Send<'_>, version: Version, to: &mut Writer<'_>) -> Result<(), WireError> {
    if packet.payload.len() > SEND_PAYLOAD_MAX {
        return Err(WireError::TooLong { limit: SEND_PAYLOAD_MAX });
    }
    to.u8(packet.setting.0);
    to.u32(packet.client_seq);
    to.str16(packet.client_msg_no)?;
    if packet.setting.has_stream_fields(version) {
        to.str16(packet.stream_no.unwrap_or_default())?;
    }
    to.str16(packet.channel_id)?;
    to.u8(packet.channel_type);
    expire(packet.expire, version, to);
    to.str16(packet.msg_key)?;
    topic(packet.topic, packet.setting, to)?;
    to.bytes(packet.payload);
    Ok(())
}

fn sendack(packet: &Sendack<'_>, version: Version, to: &mut Writer<'_>) -> Result<(), WireError> {
    to.i64(packet.message_id);
    to.u32(packet.client_seq);
    message_seq(packet.message_seq, version, to)?;
    to.u8(packet.reason.0);
    if packet.client_msg_no.is_empty() { Ok(()) } else { to.str16(packet.client_msg_no) }
}

fn recv(packet: &Recv<'_>, version: Version, to: &mut Writer<'_>) -> Result<(), WireError> {
    to.u8(packet.setting.0);
    to.str16(packet.msg_key)?;
    to.str16(packet.from_uid)?;
    to.str16(packet.channel_id)?;
    to.u8(packet.channel_type);
    expire(packet.expire, version, to);
    to.str16(packet.client_msg_no)?;
    if packet.setting.has_stream_fields(version) {
        let stream = packet.stream.unwrap_or_default();
        to.u8(stream.flag);
        to.str16(stream.no)?;
        to.u64(stream.id);
    }
    to.i64(packet.message_id);
    message_seq(packet.message_seq, version, to)?;
    to.i32(packet.timestamp);
    topic(packet.topic, packet.setting, to)?;
    to.bytes(packet.payload);
    Ok(())
}

fn recvack(packet: &Recvack, version: Version, to: &mut Writer<'_>) -> Result<(), WireError> {
    to.i64(packet.message_id);
    message_seq(packet.message_seq, version, to)
}

fn disconnect(packet: &Disconnect<'_>, to: &mut Writer<'_>) -> Result<(), WireError> {
    to.u8(packet.reason.0);
    to.str16(packet.text)
}

fn sub(packet: &Sub<'_>, to: &mut Writer<'_>) -> Result<(), WireError> {
    to.u8(packet.setting.0);
    to.str16(packet.sub_no)?;
    to.str16(packet.channel_id)?;
    to.u8(packet.channel_type);
    to.u8(packet.action);
    to.str16(packet.param)
}

fn suback(packet: &Suback<'_>, to: &mut Writer<'_>) -> Result<(), WireError> {
    to.str16(packet.sub_no)?;
    to.str16(packet.channel_id)?;
    to.u8(packet.channel_type);
    to.u8(packet.action);
    to.u8(packet.reason.0);
    Ok(())
}

fn event(packet: &Event<'_>, to: &mut Writer<'_>) -> Result<(), WireError> {
    to.str16(packet.id)?;
    to.str16(packet.name)?;
    to.i64(packet.timestamp);
    to.bytes(packet.data);
    Ok(())
}

fn topic(topic: Option<&str>, setting: Setting, to: &mut Writer<'_>) -> Result<(), WireError> {
    if setting.has(Setting::TOPIC) { to.str16(topic.unwrap_or_default()) } else { Ok(()) }
}

fn expire(expire: u32, version: Version, to: &mut Writer<'_>) {
    if version.has_expire() {
        to.u32(expire);
    }
}

fn message_seq(seq: u64, version: Version, to: &mut Writer<'_>) -> Result<(), WireError> {
    if version.has_wide_seq() {
        to.u64(seq);
    } else {
        to.u32(u32::try_from(seq).map_err(|_| WireError::TooWide)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::wukong_packet::Flags;

    #[test]
    fn acks_of_one_read_share_a_buffer() {
        let ack = |id| Packet::Recvack(Recvack { flags: Flags(0), message_id: id, message_seq: 1 });
        let mut out = Vec::new();
        ack(1).encode(Version::OURS, &mut out).unwrap();
        ack(2).encode(Version::OURS, &mut out).unwrap();
        let (first, second) = out.split_at(14);
        assert_eq!(Packet::decode(first, Version::OURS), Ok(ack(1)));
        assert_eq!(Packet::decode(second, Version::OURS), Ok(ack(2)));
    }

    #[test]
    fn a_packet_that_cannot_be_written_leaves_the_buffer_alone() {
        let mut out = vec![0x70];
        let ack = Packet::Recvack(Recvack { flags: Flags(0), message_id: 1, message_seq: 1 << 32 });
        assert_eq!(ack.encode(Version(5), &mut out), Err(WireError::TooWide));
        assert_eq!(out, [0x70]);
        assert_eq!(ack.encode(Version(6), &mut out), Ok(()));
    }

    #[test]
    fn an_event_above_the_packet_limit_is_refused() {
        let data = vec![0; MAX_REMAINING];
        let event = Packet::Event(Event { id: "", name: "", timestamp: 0, data: &data });
        assert_eq!(event.encode(Version::OURS, &mut Vec::new()), Err(WireError::TooLong { limit: MAX_REMAINING }));
    }
}
