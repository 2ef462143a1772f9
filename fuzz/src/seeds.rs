//! What fuzzing starts from: the golden vectors, one payload of each kind, and large inputs that grow whatever can.

use crate::vectors::Vectors;

/// Payloads and answers in every known shape.
const JSON: [&str; 23] = [
    r#"{"type":1,"content":"@Bot hi `@Bot`","mention":{"all":1,"ais":true,"uids":["b"],"entities":[{"uid":"a","offset":0,"length":4}]},"reply":{"message_id":1234567890123456789,"from_uid":"a","from_name":"Ann","payload":{"type":1,"content":"ok?"}}}"#,
    r#"{"type":2,"url":"file/x.png"}"#,
    r#"{"type":6,"latitude":1.5e3,"longitude":[{"x":null}]}"#,
    r#"{"type":7,"name":"Ann","uid":"a"}"#,
    r#"{"type":8,"name":"a.txt","url":"file/a.txt"}"#,
    r#"{"type":11,"users":[{"uid":"a","name":"Ann"}],"msgs":[{"from_uid":"a","payload":{"type":1,"content":"hi"}},{"from_uid":"b","payload":{"type":11,"msgs":[]}}]}"#,
    r#"{"type":14,"content":[{"type":"text","text":"x"}],"plain":"rich"}"#,
    r#"{"type":99,"cmd":"x","param":{}}"#,
    r#"{"type":1002,"content":"{0} joined","extra":[{"uid":"a","name":"Ann"}]}"#,
    r#"{"type":1,"content":"\ud83d\ude00 \u0000\"\\","event":{"type":"group_md_updated"}}"#,
    r#"{"robot_id":"bot_1","name":"Bot","im_token":"t","ws_url":"wss://im.example/ws","api_url":"","owner_uid":"a"}"#,
    r#"{"message_id":9007199254740993,"message_seq":1,"client_msg_no":"c"}"#,
    r#"{"msg":"bad token","status":400}"#,
    r#"{"error":{"code":"slow","message":"slow down"},"status":429}"#,
    r#"{"code":200,"data":{"sessions":[{"sessionId":"session_1","status":"closed","createdAt":"2026-02-03T15:20:08.904Z","participants":["u1",{"userId":"u2","nickname":"Bo","type":"agent"}]}]}}"#,
    r#"{"code":200,"data":{"_id":"g","panels":[{"id":"p","type":0},{"_id":"q","type":2,"provider":"com.msgbyte.topic"}]}}"#,
    r#"{"code":500,"message":"boom"}"#,
    r#"{"sessionId":"session_1","cursor":43,"events":[{"seq":43,"type":"message.add","timestamp":"2026-02-03 15:20:08+01:00","payload":{"messageId":"m1","author":"u1","authorInfo":{"nickname":"Ann","agentId":null,"type":"user"},"content":"hi","groupId":"g","converseId":"p","createdAt":1770132008904,"hasRecall":true,"meta":{"mentions":["bot",{"id":"x"}],"wasMentioned":true,"reply":{"_id":"m0","author":"u2","content":"[b]x[/b] [at=u1]y[/at]"}}}}]}"#,
    r#"{"result":true,"data":{"sessions":[{"sessionId":"session_1","events":[]}]}}"#,
    r#"{"status":1,"results":[{"event_id":7,"message":{"message_id":9007199254740993,"message_seq":3,"from_uid":"ann","timestamp":1767225600,"payload":{"type":1,"content":"hi"}}},{"event_id":8,"event_type":"card_action"}]}"#,
    r#"{"messages":[{"message_id":"1","message_seq":2,"from_uid":"ann","channel_id":"g1","channel_type":2,"timestamp":5,"payload":"eyJ0eXBlIjoxLCJjb250ZW50IjoiaGkiLCJtZW50aW9uIjp7InVpZHMiOlsiYSJdfX0="}]}"#,
    r#"[{"group_no":"g1"},{}]"#,
    r#"{"data":{"message":{"messageId":"m1"}},"result":false,"message":"no"}"#,
];

/// What a framer refuses: a length above the limit, one without an end, and one of which nothing comes.
const BROKEN: [&[u8]; 4] = [
    &[0, 0x80, 0x50, 0xFF, 0xFF, 0xFF, 0x7F],
    &[0, 0x50, 0x80, 0x80, 0x80, 0x80],
    &[2, 1, 3, 0x50, 0x81, 0x80, 0x40],
    &[0, 0x50, 0x80, 0x80, 0x40],
];

/// Small inputs for the target of this name.
pub fn of(target: &str) -> Vec<Vec<u8>> {
    let vectors = Vectors::load();
    match target {
        "framing" => framing(&vectors),
        "packets" => unknown(vectors.packets()),
        "payload" => vectors.payloads().into_iter().chain(JSON.map(|json| json.as_bytes().to_vec())).collect(),
        "crypto" => crypto(&vectors),
        _ => Vec::new(),
    }
}

fn framing(vectors: &Vectors) -> Vec<Vec<u8>> {
    let stream = vectors.stream();
    let pieces = [vec![0], vec![1, 1], vec![3, 7, 2, 100], vec![7, 200, 1, 255, 4, 3, 2, 1]];
    let streams = pieces.map(|pieces| [pieces, stream.clone()].concat());
    let packets = vectors.packets().into_iter().map(|packet| [vec![1, 5], packet].concat());
    streams.into_iter().chain(packets).chain(BROKEN.map(<[u8]>::to_vec)).collect()
}

fn unknown(mut packets: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    packets.extend([vec![0xD2, 2, 7, 8], vec![0x00, 0], vec![0xF7, 0x80, 0x00], vec![0xE0, 3, 1, 2, 3]]);
    packets
}

fn crypto(vectors: &Vectors) -> Vec<Vec<u8>> {
    let handshakes = (0..4).flat_map(|form| {
        let [mut whole, mut short] = [[vec![0, form], vec![form; 64]].concat(), vec![0, form]];
        whole.extend_from_slice(b"\x10aB3dE5fG7hJ9kL1m");
        short.extend([3; 40]);
        [whole, short]
    });
    let key = b"\x2cYFpyXSpK3+6xop4X7dYhwbdZPujNvESsbEq24vgF0jw=\x10aB3dE5fG7hJ9kL1m";
    let real = [vec![0, 0], vec![9; 32], key.to_vec()].concat();
    let packets = vectors.packets().into_iter().map(|packet| [vec![1], packet].concat());
    let fields = b"\x02\x00\x01\x01\x00\x00\x00\x00\x00\x00\x00\x07\x00\x00\x00\x00\x00\x00\x00\x00\x09\x00\x00\x02u2\x02g1\x05cmn-1";
    let sealed = (0..9).map(|change| [&[5, change, 13, 0], fields.as_slice(), b"{\"type\":1}"].concat());
    let signed = vectors.payloads().into_iter().flat_map(|plain| {
        let payload = vectors.cipher().seal(&plain).unwrap_or_default();
        [payload.as_bytes(), &plain].map(|payload| [&[3], fields.as_slice(), payload].concat())
    });
    handshakes.chain([real]).chain(packets).chain(sealed).chain(signed).collect()
}
