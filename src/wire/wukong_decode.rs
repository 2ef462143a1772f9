//! Bytes to [`Packet`]s.

use super::reader::Reader;
use super::wukong_header::{self as header, HAS_SERVER_VERSION, Header};
use super::wukong_packet::{
    Connack, Connect, DeviceFlag, Disconnect, Event, Flags, Packet, ReasonCode, Recv, Recvack, Send, Sendack, Setting,
    Stream, Sub, Suback, Version,
};
use crate::error::WireError;

impl<'a> Packet<'a> {
    /// Decodes exactly one packet, header included, as [`Framer`](super::wukong_stream::Framer) hands it out.
    ///
    /// `version` is the one that CONNACK settled; before that, the one that CONNECT asked for. Bytes that a newer
    /// peer put behind the last known field are ignored, unknown kinds become [`Packet::Unknown`].
    ///
    /// # Errors
    /// [`WireError::UnexpectedEnd`] when the packet is cut off or shorter than its kind needs,
    /// [`WireError::TrailingBytes`] when more than one packet is given, and what a bad header or string brings.
    pub fn decode(frame: &'a [u8], version: Version) -> Result<Self, WireError> {
        let mut reader = Reader::new(frame);
        let Header { kind, flags, remaining } = Header::read(&mut reader)?;
        let body = reader.take(remaining)?;
        if reader.remaining() > 0 {
            return Err(WireError::TrailingBytes);
        }
        let mut body = Reader::new(body);
        Ok(match kind {
            header::CONNECT => Packet::Connect(connect(&mut body)?),
            header::CONNACK => Packet::Connack(connack(&mut body, flags, version)?),
            header::SEND => Packet::Send(send(&mut body, Flags(flags), version)?),
            header::SENDACK => Packet::Sendack(sendack(&mut body, version)?),
            header::RECV => Packet::Recv(recv(&mut body, Flags(flags), version)?),
            header::RECVACK => Packet::Recvack(recvack(&mut body, Flags(flags), version)?),
            header::PING => Packet::Ping,
            header::PONG => Packet::Pong,
            header::DISCONNECT => Packet::Disconnect(disconnect(&mut body)?),
            header::SUB => Packet::Sub(sub(&mut body)?),
            header::SUBACK => Packet::Suback(suback(&mut body)?),
            header::EVENT => Packet::Event(event(&mut body)?),
            kind => Packet::Unknown { kind, flags: Flags(flags), body: body.rest() },
        })
    }
}

fn connect<'a>(body: &mut Reader<'a>) -> Result<Connect<'a>, WireError> {
    Ok(Connect {
        version: Version(body.u8()?),
        device_flag: DeviceFlag(body.u8()?),
        device_id: body.str16()?,
        uid: body.str16()?,
        token: body.str16()?,
        client_timestamp: body.i64()?,
        client_key: body.str16()?,
    })
}

fn connack<'a>(body: &mut Reader<'a>, flags: u8, asked: Version) -> Result<Connack<'a>, WireError> {
    let has_server_version = flags & HAS_SERVER_VERSION != 0;
    let server_version = if has_server_version { Some(Version(body.u8()?)) } else { None };
    let version = server_version.unwrap_or(asked);
    Ok(Connack {
        server_version,
        time_diff: body.i64()?,
        reason: ReasonCode(body.u8()?),
        server_key: body.str16()?,
        salt: body.str16()?,
        // Without a server version nothing tells whether the server is new enough to add it.
        node_id: if version.has_node_id() { body.u64().ok() } else { None },
    })
}

fn send<'a>(body: &mut Reader<'a>, flags: Flags, version: Version) -> Result<Send<'a>, WireError> {
    let setting = Setting(body.u8()?);
    Ok(Send {
        flags,
        setting,
        client_seq: body.u32()?,
        client_msg_no: body.str16()?,
        stream_no: if setting.has_stream_fields(version) { Some(body.str16()?) } else { None },
        channel_id: body.str16()?,
        channel_type: body.u8()?,
        expire: expire(body, version)?,
        msg_key: body.str16()?,
        topic: topic(body, setting)?,
        payload: body.rest(),
    })
}

fn sendack<'a>(body: &mut Reader<'a>, version: Version) -> Result<Sendack<'a>, WireError> {
    Ok(Sendack {
        message_id: body.i64()?,
        client_seq: body.u32()?,
        message_seq: message_seq(body, version)?,
        reason: ReasonCode(body.u8()?),
        // Servers after v2.2.5 add it at any version (vector `sendack_v5_clientmsgno_tail`).
        client_msg_no: if body.remaining() > 0 { body.str16()? } else { "" },
    })
}

fn recv<'a>(body: &mut Reader<'a>, flags: Flags, version: Version) -> Result<Recv<'a>, WireError> {
    let setting = Setting(body.u8()?);
    Ok(Recv {
        flags,
        setting,
        msg_key: body.str16()?,
        from_uid: body.str16()?,
        channel_id: body.str16()?,
        channel_type: body.u8()?,
        expire: expire(body, version)?,
        client_msg_no: body.str16()?,
        stream: if setting.has_stream_fields(version) { Some(stream(body)?) } else { None },
        message_id: body.i64()?,
        message_seq: message_seq(body, version)?,
        timestamp: body.i32()?,
        topic: topic(body, setting)?,
        payload: body.rest(),
    })
}

impl Recvack {
    /// The acknowledgement of a RECV whose texts can't be read, so that the server doesn't repeat it for ever; `None` for
    /// any other packet, and where not even its numbers are to be found.
    #[must_use]
    pub fn of_unreadable(frame: &[u8], version: Version) -> Option<Self> {
        let mut body = Reader::new(frame);
        let header = Header::read(&mut body).ok().filter(|header| header.kind == header::RECV)?;
        numbers(&mut body, version).ok().map(|(id, seq)| Self::answering(Flags(header.flags), id, seq))
    }
}

/// A RECV's message id and its number in the channel.
fn numbers(body: &mut Reader<'_>, version: Version) -> Result<(i64, u64), WireError> {
    let setting = Setting(body.u8()?);
    // Message key, sender, channel.
    body.skip16()?;
    body.skip16()?;
    body.skip16()?;
    body.u8()?;
    expire(body, version)?;
    // The sender's own id of the message.
    body.skip16()?;
    if setting.has_stream_fields(version) {
        body.u8()?;
        body.skip16()?;
        body.u64()?;
    }
    Ok((body.i64()?, message_seq(body, version)?))
}

fn recvack(body: &mut Reader<'_>, flags: Flags, version: Version) -> Result<Recvack, WireError> {
    Ok(Recvack { flags, message_id: body.i64()?, message_seq: message_seq(body, version)? })
}

fn disconnect<'a>(body: &mut Reader<'a>) -> Result<Disconnect<'a>, WireError> {
    Ok(Disconnect { reason: ReasonCode(body.u8()?), text: body.str16()? })
}

fn sub<'a>(body: &mut Reader<'a>) -> Result<Sub<'a>, WireError> {
    Ok(Sub {
        setting: Setting(body.u8()?),
        sub_no: body.str16()?,
        channel_id: body.str16()?,
        channel_type: body.u8()?,
        action: body.u8()?,
        param: body.str16()?,
    })
}

fn suback<'a>(body: &mut Reader<'a>) -> Result<Suback<'a>, WireError> {
    Ok(Suback {
        sub_no: body.str16()?,
        channel_id: body.str16()?,
        channel_type: body.u8()?,
        action: body.u8()?,
        reason: ReasonCode(body.u8()?),
    })
}

fn event<'a>(body: &mut Reader<'a>) -> Result<Event<'a>, WireError> {
    Ok(Event { id: body.str16()?, name: body.str16()?, timestamp: body.i64()?, data: body.rest() })
}

fn stream<'a>(body: &mut Reader<'a>) -> Result<Stream<'a>, WireError> {
    Ok(Stream { flag: body.u8()?, no: body.str16()?, id: body.u64()? })
}

fn topic<'a>(body: &mut Reader<'a>, setting: Setting) -> Result<Option<&'a str>, WireError> {
    if setting.has(Setting::TOPIC) { body.str16().map(Some) } else { Ok(None) }
}

fn expire(body: &mut Reader<'_>, version: Version) -> Result<u32, WireError> {
    if version.has_expire() { body.u32() } else { Ok(0) }
}

fn message_seq(body: &mut Reader<'_>, version: Version) -> Result<u64, WireError> {
    if version.has_wide_seq() { body.u64() } else { body.u32().map(u64::from) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_kind_keeps_its_body_for_the_log() {
        let packet = Packet::decode(&[0xD2, 0x02, 7, 8], Version::OURS);
        assert_eq!(packet, Ok(Packet::Unknown { kind: 13, flags: Flags::RED_DOT, body: &[7, 8] }));
    }

    #[test]
    fn fields_that_a_newer_peer_appends_are_ignored() {
        let ack = [0x60, 0x0E, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 3, 0xAA, 0xBB];
        let expected = Recvack { flags: Flags(0), message_id: 9, message_seq: 3 };
        assert_eq!(Packet::decode(&ack, Version::OURS), Ok(Packet::Recvack(expected)));
    }

    #[test]
    fn two_packets_at_once_are_refused() {
        assert_eq!(Packet::decode(&[0x80, 0x80], Version::OURS), Err(WireError::TrailingBytes));
    }

    #[test]
    fn a_packet_shorter_than_its_fields_is_refused() {
        assert_eq!(Packet::decode(&[0x90, 0x01, 12], Version::OURS), Err(WireError::UnexpectedEnd));
        assert_eq!(Packet::decode(&[0x90, 0x05, 12], Version::OURS), Err(WireError::UnexpectedEnd));
    }
}
