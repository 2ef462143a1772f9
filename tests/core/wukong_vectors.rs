//! The golden vectors of WuKongIM, made by the servers' own encoders, against this crate's decoder and encoder.

use std::fs;

use mochat_dmwork::error::WireError;
use mochat_dmwork::wire::wukong_cipher::{Cipher, KeyPair};
use mochat_dmwork::wire::wukong_packet::{Flags, Packet, Recv, Version};
use mochat_dmwork::wire::wukong_stream::Framer;
use serde_json::{Value, json};

struct Vectors(Value);

/// One packet of the file.
struct Vector {
    name: String,
    version: Version,
    bytes: Vec<u8>,
    fields: Value,
}

impl Vector {
    fn decode(&self) -> Packet<'_> {
        Packet::decode(&self.bytes, self.version).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }
}

impl Vectors {
    fn load() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/wukongim.json");
        Self(serde_json::from_slice(&fs::read(path).unwrap()).unwrap())
    }

    fn packets(&self) -> Vec<Vector> {
        let of = |vector: &Value| Vector {
            name: text(&vector["name"]).to_owned(),
            version: Version(vector["version"].as_u64().unwrap().try_into().unwrap()),
            bytes: unhex(text(&vector["hex"])),
            fields: vector["fields"].clone(),
        };
        self.0["vectors"].as_array().unwrap().iter().map(of).collect()
    }

    fn crypto(&self, key: &str) -> &str {
        text(&self.0["crypto"][key])
    }

    fn client_keys(&self) -> KeyPair {
        KeyPair::from_entropy(unhex(self.crypto("clientPrivHex")).try_into().unwrap())
    }

    fn cipher(&self) -> Cipher {
        self.client_keys().agree(self.crypto("serverKeyBase64"), self.crypto("salt")).unwrap()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not text"))
}

fn unhex(hex: &str) -> Vec<u8> {
    hex.as_bytes().chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// The packet under the field names of the vector file, 64-bit numbers as text.
fn fields_of(packet: &Packet<'_>) -> Value {
    let wide = |number: &dyn ToString| number.to_string();
    let utf8 = |bytes| str::from_utf8(bytes).unwrap();
    match packet {
        Packet::Connect(p) => json!({
            "type": 1, "protoVersion": p.version.0, "deviceFlag": p.device_flag.0, "deviceId": p.device_id, "uid": p.uid,
            "token": p.token, "clientTimestamp": wide(&p.client_timestamp), "clientKey": p.client_key,
        }),
        Packet::Connack(p) => json!({
            "type": 2, "hasServerVersion": p.server_version.is_some(), "serverVersion": p.server_version.map(|v| v.0),
            "timeDiff": wide(&p.time_diff), "reasonCode": p.reason.0, "serverKey": p.server_key, "salt": p.salt,
            "nodeId": p.node_id.map(|id| wide(&id)),
        }),
        Packet::Send(p) => json!({
            "type": 3, "flags": flags(p.flags), "setting": p.setting.0, "clientSeq": p.client_seq,
            "clientMsgNo": p.client_msg_no, "streamNo": p.stream_no, "channelId": p.channel_id,
            "channelType": p.channel_type, "expire": p.expire, "msgKey": p.msg_key, "topic": p.topic,
            "payload": utf8(p.payload),
        }),
        Packet::Sendack(p) => json!({
            "type": 4, "messageId": wide(&p.message_id), "clientSeq": p.client_seq, "messageSeq": wide(&p.message_seq),
            "reasonCode": p.reason.0, "clientMsgNo": p.client_msg_no,
        }),
        Packet::Recv(p) => json!({
            "type": 5, "flags": flags(p.flags), "setting": p.setting.0, "msgKey": p.msg_key, "fromUid": p.from_uid,
            "channelId": p.channel_id, "channelType": p.channel_type, "expire": p.expire,
            "clientMsgNo": p.client_msg_no, "streamFlag": p.stream.map(|s| s.flag), "streamNo": p.stream.map(|s| s.no),
            "streamId": p.stream.map(|s| wide(&s.id)), "messageId": wide(&p.message_id),
            "messageSeq": wide(&p.message_seq), "timestamp": p.timestamp, "topic": p.topic, "payload": utf8(p.payload),
        }),
        Packet::Recvack(p) => json!({
            "type": 6, "flags": flags(p.flags), "messageId": wide(&p.message_id), "messageSeq": wide(&p.message_seq),
        }),
        Packet::Ping => json!({ "type": 7 }),
        Packet::Pong => json!({ "type": 8 }),
        Packet::Disconnect(p) => json!({ "type": 9, "reasonCode": p.reason.0, "reason": p.text }),
        Packet::Sub(p) => json!({
            "type": 10, "setting": p.setting.0, "subNo": p.sub_no, "channelId": p.channel_id,
            "channelType": p.channel_type, "action": p.action, "param": p.param,
        }),
        Packet::Suback(p) => json!({
            "type": 11, "subNo": p.sub_no, "channelId": p.channel_id, "channelType": p.channel_type, "action": p.action,
            "reasonCode": p.reason.0,
        }),
        Packet::Event(p) => json!({
            "type": 12, "id": p.id, "eventType": p.name, "timestamp": wide(&p.timestamp), "data": utf8(p.data),
        }),
        Packet::Unknown { kind, .. } => panic!("no vector has kind {kind}"),
    }
}

fn flags(flags: Flags) -> Value {
    json!({
        "noPersist": flags.has(Flags::NO_PERSIST), "redDot": flags.has(Flags::RED_DOT),
        "syncOnce": flags.has(Flags::SYNC_ONCE), "dup": flags.has(Flags::DUP),
    })
}

/// Whether a field that a vector does not list holds nothing.
fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(set) => !set,
        Value::Number(number) => number.as_u64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.iter().all(is_blank),
        Value::Object(fields) => fields.values().all(is_blank),
    }
}

/// `found` has what `listed` has, and nothing beyond it.
fn assert_fields(name: &str, found: &Value, listed: &Value) {
    // What the file derives from a packet rather than reads from it.
    const DERIVED: [&str; 2] = ["payloadPlain", "signInput"];
    for (key, expected) in listed.as_object().unwrap().iter().filter(|(key, _)| !DERIVED.contains(&key.as_str())) {
        match found.get(key) {
            None => assert!(is_blank(expected), "{name}: no {key}"),
            Some(inner) if expected.is_object() => assert_fields(name, inner, expected),
            Some(value) => assert_eq!(value, expected, "{name}: {key}"),
        }
    }
    for (key, value) in found.as_object().unwrap() {
        assert!(listed.get(key).is_some() || is_blank(value), "{name}: {key} is {value}, but not listed");
    }
}

#[test]
fn every_vector_decodes_to_its_fields() {
    let vectors = Vectors::load().packets();
    assert_eq!(vectors.len(), 31);
    for vector in &vectors {
        assert_fields(&vector.name, &fields_of(&vector.decode()), &vector.fields);
    }
}

#[test]
fn every_vector_encodes_back_to_its_bytes() {
    for vector in Vectors::load().packets() {
        let mut bytes = Vec::new();
        vector.decode().encode(vector.version, &mut bytes).unwrap();
        assert_eq!(bytes, vector.bytes, "{}", vector.name);
    }
}

#[test]
fn a_connack_settles_the_version_of_what_follows() {
    let asked = Version(6);
    for vector in Vectors::load().packets() {
        let Packet::Connack(connack) = vector.decode() else { continue };
        let settled =
            vector.fields["serverVersion"].as_u64().map_or(asked, |number| Version(number.try_into().unwrap()));
        assert_eq!(connack.version(asked), settled, "{}", vector.name);
    }
}

#[test]
fn the_client_key_is_the_one_the_vectors_publish() {
    let vectors = Vectors::load();
    assert_eq!(vectors.client_keys().public_base64(), vectors.crypto("clientKeyBase64"));
}

#[test]
fn both_ends_agree_on_the_same_cipher() {
    let vectors = Vectors::load();
    let server_keys = KeyPair::from_entropy(unhex(vectors.crypto("serverPrivHex")).try_into().unwrap());
    let server = server_keys.agree(vectors.crypto("clientKeyBase64"), vectors.crypto("salt")).unwrap();
    assert_eq!(server.seal(b"hello"), vectors.cipher().seal(b"hello"));
}

#[test]
fn payloads_encrypt_to_the_published_ciphertexts() {
    let vectors = Vectors::load();
    let cases = vectors.0["payloadCases"].as_array().unwrap();
    assert_eq!(cases.len(), 6);
    for case in cases {
        let plain = unhex(text(&case["plaintextHex"]));
        assert_eq!(vectors.cipher().seal(&plain).unwrap(), text(&case["ciphertextBase64"]));
    }
}

#[test]
fn every_received_vector_is_verified_and_opens_to_its_plaintext() {
    let vectors = Vectors::load();
    let mut cipher = vectors.cipher();
    for vector in vectors.packets() {
        let Packet::Recv(recv) = vector.decode() else { continue };
        let plain = cipher.open(&recv).unwrap_or_else(|error| panic!("{}: {error}", vector.name));
        assert_eq!(str::from_utf8(plain).unwrap(), text(&vector.fields["payloadPlain"]), "{}", vector.name);
    }
}

#[test]
fn every_sent_vector_is_sealed_and_signed_alike() {
    let vectors = Vectors::load();
    let cipher = vectors.cipher();
    for vector in vectors.packets() {
        let Packet::Send(send) = vector.decode() else { continue };
        let sealed = cipher.seal(text(&vector.fields["payloadPlain"]).as_bytes()).unwrap();
        assert_eq!(sealed.as_bytes(), send.payload, "{}", vector.name);
        assert_eq!(cipher.sign(&send).unwrap().as_str(), send.msg_key, "{}", vector.name);
    }
}

#[test]
fn a_change_of_any_signed_field_is_noticed() {
    let vectors = Vectors::load();
    let mut cipher = vectors.cipher();
    let packets = vectors.packets();
    let vector = packets.iter().find(|vector| vector.name == "recv_v4_group_utf8").unwrap();
    let Packet::Recv(recv) = vector.decode() else { panic!("{} is no RECV", vector.name) };
    let changed = [
        Recv { message_id: recv.message_id + 1, ..recv.clone() },
        Recv { message_seq: recv.message_seq + 1, ..recv.clone() },
        Recv { client_msg_no: "cmn-0003", ..recv.clone() },
        Recv { timestamp: -recv.timestamp, ..recv.clone() },
        Recv { from_uid: "u3", ..recv.clone() },
        Recv { channel_id: "group_2", ..recv.clone() },
        Recv { channel_type: 1, ..recv.clone() },
        Recv { payload: b"wyDNfDBO6sX0zBX+IOM+eQ==", ..recv.clone() },
        Recv { msg_key: "short", ..recv.clone() },
    ];
    assert!(cipher.open(&recv).is_ok());
    for recv in changed {
        assert_eq!(cipher.open(&recv), Err(WireError::BadMessageKey), "{recv:?}");
    }
}

#[test]
fn the_stream_yields_the_same_packets_whole_and_byte_by_byte() {
    let vectors = Vectors::load();
    let bytes = unhex(text(&vectors.0["framing"]["hex"]));
    for chunk_len in [bytes.len(), 1, 2, 7, 100] {
        let mut framer = Framer::default();
        let mut frames = Vec::new();
        for chunk in bytes.chunks(chunk_len) {
            framer.push(chunk);
            while let Some(frame) = framer.next_frame().unwrap() {
                frames.push(frame.to_vec());
            }
        }
        assert_eq!(frames.len(), 6);
        assert_eq!(frames.concat(), bytes);
        for frame in &frames {
            assert!(vectors.packets().iter().any(|vector| vector.bytes == *frame));
        }
    }
}

/// Whatever the bytes are, every layer answers; only the panic that would end the test counts.
fn feed(bytes: &[u8], version: Version, cipher: &mut Cipher) {
    let mut framer = Framer::default();
    framer.push(bytes);
    while let Ok(Some(frame)) = framer.next_frame() {
        assert!(frame.len() <= bytes.len());
    }
    if let Ok(packet) = Packet::decode(bytes, version) {
        // A changed packet still has a canonical form, so what decodes also encodes.
        packet.encode(version, &mut Vec::new()).unwrap();
        // The cipher takes a payload of 20 KB like one of 200 B, only a hundred times slower.
        if let Packet::Recv(recv) = packet
            && recv.payload.len() < 1_000
        {
            let _ = cipher.open(&recv);
        }
    }
}

#[test]
fn no_cut_off_vector_decodes_or_panics() {
    let vectors = Vectors::load();
    let mut cipher = vectors.cipher();
    for vector in vectors.packets() {
        for end in 0..vector.bytes.len() {
            let cut = &vector.bytes[..end];
            assert!(Packet::decode(cut, vector.version).is_err(), "{} cut to {end} bytes", vector.name);
            feed(cut, vector.version, &mut cipher);
        }
    }
}

#[test]
fn no_vector_with_one_wrong_byte_panics_at_any_version() {
    let vectors = Vectors::load();
    let mut cipher = vectors.cipher();
    for vector in vectors.packets() {
        let mut bytes = vector.bytes.clone();
        for at in 0..bytes.len() {
            let right = bytes[at];
            // Every wrong value where a vector is short, one in the 26 KB of the long one.
            let step = if bytes.len() > 1_000 { 255 } else { 1 };
            for wrong in (1..=u8::MAX).step_by(step).map(|change| right ^ change) {
                bytes[at] = wrong;
                feed(&bytes, vector.version, &mut cipher);
            }
            bytes[at] = !right;
            (1..=6).for_each(|version| feed(&bytes, Version(version), &mut cipher));
            bytes[at] = right;
        }
    }
}

#[test]
fn no_vector_panics_when_read_by_the_rules_of_another_version() {
    let vectors = Vectors::load();
    let mut cipher = vectors.cipher();
    for vector in vectors.packets() {
        (0..=u8::MAX).for_each(|version| feed(&vector.bytes, Version(version), &mut cipher));
    }
}

#[test]
fn a_string_that_claims_more_than_the_packet_holds_is_refused() {
    for vector in Vectors::load().packets() {
        let Packet::Disconnect(_) = vector.decode() else { continue };
        let mut bytes = vector.bytes;
        bytes[3..5].copy_from_slice(&[0x7F, 0xFF]);
        assert_eq!(Packet::decode(&bytes, vector.version), Err(WireError::UnexpectedEnd));
        bytes[3..5].copy_from_slice(&[0x80, 0x00]);
        assert_eq!(Packet::decode(&bytes, vector.version), Err(WireError::TooLong { limit: 32_767 }));
    }
}
