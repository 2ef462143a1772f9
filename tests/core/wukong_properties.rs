//! What holds for every WuKongIM packet and every split of the byte stream.

use proptest::collection::vec;
use proptest::prelude::*;

use mochat_dmwork::wire::wukong_cipher::KeyPair;
use mochat_dmwork::wire::wukong_packet::{
    Connack, Connect, DeviceFlag, Disconnect, Event, Flags, Packet, ReasonCode, Recv, Recvack, Send, Sendack, Setting,
    Stream, Sub, Suback, Version,
};
use mochat_dmwork::wire::wukong_stream::Framer;

/// Values for the fields of any packet.
#[derive(Debug, Clone)]
struct Draft {
    kind: u8,
    version: Version,
    bits: (u8, u8),
    small: (u8, u8),
    text: [String; 5],
    narrow: (u32, i32),
    wide: (i64, u64),
    tail: Vec<u8>,
}

impl Draft {
    /// The packet as it can be at its version: fields that are not on the wire then hold nothing.
    fn packet(&self) -> Packet<'_> {
        let (flags, setting) = (Flags(self.bits.0 & 0x0F), Setting(self.bits.1));
        let [a, b, c, d, e] = self.text.each_ref().map(String::as_str);
        let (message_id, wide) = self.wide;
        let (narrow, timestamp) = self.narrow;
        let message_seq = if self.version.has_wide_seq() { wide } else { narrow.into() };
        let expire = if self.version.has_expire() { narrow } else { 0 };
        let topic = setting.has(Setting::TOPIC).then_some(d);
        let streams = setting.has(Setting::STREAM) && self.version.has_stream_fields();
        let (one, two) = self.small;
        let (reason, payload) = (ReasonCode(one), self.tail.as_slice());
        match self.kind {
            1 => Packet::Connect(Connect {
                version: Version(one),
                device_flag: DeviceFlag(two),
                device_id: a,
                uid: b,
                token: c,
                client_timestamp: message_id,
                client_key: d,
            }),
            2 => Packet::Connack(Connack {
                server_version: flags.has(Flags::NO_PERSIST).then_some(self.version),
                time_diff: message_id,
                reason,
                server_key: a,
                salt: b,
                node_id: self.version.has_node_id().then_some(wide),
            }),
            3 => Packet::Send(Send {
                flags,
                setting,
                client_seq: narrow,
                client_msg_no: a,
                stream_no: streams.then_some(e),
                channel_id: b,
                channel_type: one,
                expire,
                msg_key: c,
                topic,
                payload,
            }),
            4 => Packet::Sendack(Sendack { message_id, client_seq: narrow, message_seq, reason, client_msg_no: a }),
            5 => Packet::Recv(Recv {
                flags,
                setting,
                msg_key: a,
                from_uid: b,
                channel_id: c,
                channel_type: one,
                expire,
                client_msg_no: a,
                stream: streams.then_some(Stream { flag: two, no: e, id: wide }),
                message_id,
                message_seq,
                timestamp,
                topic,
                payload,
            }),
            6 => Packet::Recvack(Recvack { flags, message_id, message_seq }),
            7 => Packet::Ping,
            8 => Packet::Pong,
            9 => Packet::Disconnect(Disconnect { reason, text: a }),
            10 => Packet::Sub(Sub { setting, sub_no: a, channel_id: b, channel_type: one, action: two, param: c }),
            11 => Packet::Suback(Suback { sub_no: a, channel_id: b, channel_type: one, action: two, reason }),
            12 => Packet::Event(Event { id: a, name: b, timestamp: message_id, data: payload }),
            kind => Packet::Unknown { kind, flags, body: payload },
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.packet().encode(self.version, &mut bytes).unwrap();
        bytes
    }
}

fn drafts() -> impl Strategy<Value = Draft> {
    let text = || ".{0,12}";
    let texts = [text(), text(), text(), text(), text()];
    let numbers = (any::<(u32, i32)>(), any::<(i64, u64)>(), vec(any::<u8>(), 0..300));
    (0_u8..16, 1_u8..=6, any::<(u8, u8)>(), any::<(u8, u8)>(), texts, numbers).prop_map(
        |(kind, version, bits, small, text, (narrow, wide, tail))| Draft {
            kind,
            version: Version(version),
            bits,
            small,
            text,
            narrow,
            wide,
            tail,
        },
    )
}

proptest! {
    #[test]
    fn what_is_encoded_decodes_to_itself(draft in drafts()) {
        let bytes = draft.bytes();
        prop_assert_eq!(Packet::decode(&bytes, draft.version), Ok(draft.packet()));
    }

    #[test]
    fn any_split_of_the_stream_yields_the_same_frames(
        drafts in vec(drafts(), 0..8),
        cuts in vec(1_usize..64, 1..8),
    ) {
        let packets: Vec<_> = drafts.iter().map(Draft::bytes).collect();
        let stream = packets.concat();
        let mut framer = Framer::default();
        let mut frames = Vec::new();
        let mut rest = stream.as_slice();
        for cut in cuts.iter().cycle() {
            let (chunk, later) = rest.split_at((*cut).min(rest.len()));
            rest = later;
            framer.push(chunk);
            while let Some(frame) = framer.next_frame().unwrap() {
                frames.push(frame.to_vec());
            }
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(frames, packets);
    }

    #[test]
    fn no_bytes_panic(bytes in vec(any::<u8>(), 0..200), version in any::<u8>()) {
        let mut framer = Framer::default();
        framer.push(&bytes);
        while let Ok(Some(frame)) = framer.next_frame() {
            let _ = Packet::decode(frame, Version(version));
        }
        let _ = Packet::decode(&bytes, Version(version));
    }

    #[test]
    fn no_handshake_panics(entropy in any::<[u8; 32]>(), server_key in ".{0,60}", salt in ".{0,20}") {
        let _ = KeyPair::from_entropy(entropy).agree(&server_key, &salt);
    }
}
