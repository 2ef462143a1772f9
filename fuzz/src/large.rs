//! Inputs of a wanted size in the shapes that cost most: whatever can repeat does.

/// Begins and ends of JSON that repeat their middle.
const JSON: [[&str; 3]; 26] = [
    [r#"{"type":1,"content":""#, "@Bot ", r#""}"#],
    [r#"{"type":1,"content":""#, "@`", r#""}"#],
    [r#"{"type":1,"content":""#, r"\ud83d\ude00", r#""}"#],
    [r#"{"type":1,"content":""#, r"\u0000", r#"","mention":{"entities":[{"uid":"a","offset":9,"length":9}]}}"#],
    [r#"{"type":1,"x":["#, "0,", "0]}"],
    [r#"{"type":1,"x":["#, "[],", "0]}"],
    [r#"{"type":1,"x":["#, "[0],", "0]}"],
    [r#"{"type":1,"x":["#, r#"{"":0},"#, "0]}"],
    [r#"{"type":1,"x":["#, r#""","#, "0]}"],
    [r#"{"type":1,"mention":{"entities":["#, r#"{"uid":""},"#, "0]}}"],
    [r#"{"type":1,"mention":{"uids":["#, r#""","#, "0]}}"],
    [r#"{"type":6,"latitude":["#, "1e15,", "0]}"],
    [r#"{"type":11,"msgs":["#, r#"{"from_uid":"a"},"#, "0]}"],
    [r#"{"type":11,"msgs":[{"payload":{"type":1,"content":""#, r"\n", r#""}}]}"#],
    [r#"{"type":1,"content":"x","reply":{"from_uid":"a","payload":{"type":11,"msgs":["#, "{},", "0]}}}"],
    [r#"{"sessionId":"s","events":["#, r#"{"type":"message","payload":{}},"#, "0]}"],
    [r#"{"sessionId":"s","events":[{"type":"message","payload":{"content":["#, "1e15,", r#"0]}}]}"#],
    [
        r#"{"sessionId":"s","events":[{"type":"message","payload":{"meta":{"reply":{"author":"a","content":""#,
        "[b][i",
        r#""}}}}]}"#,
    ],
    [
        r#"{"sessionId":"s","events":[{"type":"message","payload":{"meta":{"mentions":["#,
        r#""a","#,
        r#"0],"authorInfo":{},"author":""}}}]}"#,
    ],
    [r#"{"code":200,"data":{"sessions":["#, r#"{"sessionId":"s","participants":["u"]},"#, "0]}}"],
    [r#"{"code":200,"data":{"panels":["#, r#"{"id":"p","type":0},"#, "0]}}"],
    [r#"{"results":["#, r#"{"event_id":1,"message":{"message_id":1,"payload":{}}},"#, "0]}"],
    [r#"{"messages":["#, r#"{"message_id":1,"payload":"eyJtZW50aW9uIjp7InVpZHMiOlsiIiwiIiwiIl19fSAg"},"#, "0]}"],
    [r#"{"messages":["#, r#"{"message_id":"1","payload":""},"#, "0]}"],
    ["[", r#"{"group_no":""},"#, "0]"],
    [r#"{"error":{"message":""#, r"\u0001 ", r#""}}"#],
];

/// Inputs of about `len` bytes for the target of this name.
pub fn of(target: &str, len: usize) -> Vec<Vec<u8>> {
    match target {
        "framing" => framing(len),
        "packets" => (0..16).map(|kind| packet(kind, len)).collect(),
        "payload" => payload(len),
        "crypto" => crypto(len),
        _ => Vec::new(),
    }
}

fn framing(len: usize) -> Vec<Vec<u8>> {
    let [packet, half] = [packet(5, len), packet(5, len.saturating_add(100_000))];
    let half = half.into_iter().take(len).collect();
    let small = [0x52, 3, 1, 2, 3].repeat(len / 5);
    let pieces: [&[u8]; 4] = [&[0], &[1, 1], &[2, 255, 1], &[1, 255]];
    let streams = [vec![0x80; len], small, packet, half];
    pieces.iter().flat_map(|pieces| streams.iter().map(|stream| [pieces, stream.as_slice()].concat())).collect()
}

/// A packet of `kind` whose fields are empty, up to a payload that fills it.
fn packet(kind: u8, len: usize) -> Vec<u8> {
    let remaining = len.clamp(1, 1024 * 1024);
    let value = u32::try_from(remaining).unwrap_or(0);
    let digit = |bits: u32| u8::try_from(value >> bits & 0x7F).unwrap_or(0);
    let header = [kind << 4, digit(0) | 0x80, digit(7) | 0x80, digit(14)];
    [header.as_slice(), &vec![0; remaining]].concat()
}

/// As often as it fits.
fn fill(piece: &str, len: usize) -> String {
    piece.repeat(len.checked_div(piece.len()).unwrap_or(0))
}

fn payload(len: usize) -> Vec<Vec<u8>> {
    let repeated = JSON.map(|[begin, middle, end]| [begin, &fill(middle, len), end].concat());
    // One name, shown for each of many messages.
    let name = "n".repeat(len);
    let messages = r#"{"from_uid":"a"},"#.repeat(30);
    let names = format!(r#"{{"type":11,"users":[{{"uid":"a","name":"{name}"}}],"msgs":[{messages}0]}}"#);
    let keys: String = (0..len / 12).map(|number| format!(r#""{number:07}":0,"#)).collect();
    let object = format!(r#"{{{keys}"type":1}}"#);
    let deep = format!(r#"{{"x":{}{}}}"#, "[".repeat(100), "]".repeat(100));
    let deeper = "[".repeat(len);
    let number = format!(r#"{{"type":{}}}"#, "1".repeat(len));
    repeated.into_iter().chain([names, object, deep, deeper, number]).map(String::into_bytes).collect()
}

fn crypto(len: usize) -> Vec<Vec<u8>> {
    let fields = [0; 25];
    let signed = [&[3], fields.as_slice(), &vec![b'A'; len & !63]].concat();
    let sealed = [&[5, 0, 0, 0], fields.as_slice(), &vec![b' '; len]].concat();
    let mut keyed = packet(5, len);
    // A RECV with a message key of 32 zeros: the setting, then the length of the key.
    if let Some(byte) = keyed.get_mut(6) {
        *byte = 32;
    }
    vec![signed, sealed, [vec![1], keyed].concat()]
}
