//! Any handshake, and any message under an agreed key.
//!
//! Input: which of the four below, then its fields.

use std::cell::RefCell;

use mochat_dmwork::error::WireError;
use mochat_dmwork::wire::wukong_cipher::{Cipher, MessageKey};
use mochat_dmwork::wire::wukong_packet::{Flags, Packet, Recv, Send, Setting, Version};

use crate::draw::Draw;
use crate::gauge::{self, Limit};
use crate::handshake;
use crate::vectors::Vectors;

/// The plugin opens a packet of 1 MiB in less than 50 ms, by vectors of wasm. Here their portable stand-in does, which
/// is slower by more than this.
const PORTABLE: Limit = Limit { patience: 8, ..gauge::STRICT };

thread_local! {
    /// Agreed once: a key agreement takes longer than a hundred messages.
    static CIPHER: RefCell<Cipher> = RefCell::new(Vectors::load().cipher());
}

/// See the module.
pub fn run(input: &[u8]) {
    let mut draw = Draw::new(input);
    let choice = draw.choice(8);
    CIPHER.with_borrow_mut(|cipher| match choice {
        0 => handshake::agree(&mut draw),
        1 | 2 => open_packet(cipher, draw.rest()),
        3 | 4 => open_signed(cipher, &mut draw),
        _ => open_sealed(cipher, &mut draw),
    });
}

/// A packet as it may come from the socket: what nobody signed does not open.
fn open_packet(cipher: &mut Cipher, packet: &[u8]) {
    let Ok(Packet::Recv(recv)) = Packet::decode(packet, Version::OURS) else { return };
    let opened = gauge::judge_by(PORTABLE, "Cipher::open", packet.len(), || {
        cipher.open(&recv).map(|plain| plain == recv.payload)
    });
    if recv.msg_key.is_empty() {
        assert_eq!(opened, Ok(true), "{recv:?} is not encrypted");
    } else if recv.message_id >= 0 && sign(cipher, &recv).as_str() != recv.msg_key {
        assert_eq!(opened, Err(WireError::BadMessageKey), "{recv:?} was never signed");
    }
}

/// A message whose signature is right and whose payload is anything.
fn open_signed(cipher: &mut Cipher, draw: &mut Draw<'_>) {
    let recv = message(draw);
    let key = sign(cipher, &recv);
    let recv = Recv { msg_key: key.as_str(), ..recv };
    let size = size(&recv);
    let opened = gauge::judge_by(PORTABLE, "Cipher::open", size, || match cipher.open(&recv) {
        Ok(plain) => Ok(plain.len()),
        Err(error) => Err(error),
    });
    match opened {
        // Base64 and padding have one form, so what opens is what sealing makes of it.
        Ok(_) => {
            let plain = cipher.open(&recv).map(<[u8]>::to_vec).unwrap_or_default();
            assert_eq!(cipher.seal(&plain).as_deref().map(str::as_bytes), Some(recv.payload));
        }
        Err(error) => assert_eq!(error, WireError::BadCiphertext, "{recv:?}"),
    }
}

/// A message as the server seals it, and the same with one change.
fn open_sealed(cipher: &mut Cipher, draw: &mut Draw<'_>) {
    let (change, at) = (draw.byte(), u16::from_le_bytes(draw.array()));
    let plain = message(draw);
    let sealed =
        gauge::judge_by(PORTABLE, "Cipher::seal", size(&plain), || cipher.seal(plain.payload)).expect("it encrypts");
    let recv = Recv { payload: sealed.as_bytes(), ..plain.clone() };
    let key = sign(cipher, &recv);
    let recv = Recv { msg_key: key.as_str(), ..recv };
    let opens = gauge::judge_by(PORTABLE, "Cipher::open", size(&recv), || {
        cipher.open(&recv).map(|opened| opened == plain.payload)
    });
    assert_eq!(opens, Ok(true), "{plain:?}");

    let changed = flipped(field(&recv, change), at);
    let number = recv.message_id ^ 1 << (at % 63);
    let text = std::str::from_utf8(&changed).unwrap_or("\u{FFFD}");
    let wrong = match change % 9 {
        0 => Recv { payload: &changed, ..recv },
        1 => Recv { msg_key: text, ..recv },
        2 => Recv { from_uid: text, ..recv },
        3 => Recv { channel_id: text, ..recv },
        4 => Recv { client_msg_no: text, ..recv },
        5 => Recv { message_id: number, ..recv },
        6 => Recv { message_seq: recv.message_seq ^ 1 << (at % 64), ..recv },
        7 => Recv { timestamp: recv.timestamp ^ 1 << (at % 32), ..recv },
        _ => Recv { channel_type: recv.channel_type ^ 1 << (at % 8), ..recv },
    };
    let opened = cipher.open(&wrong).map(<[u8]>::len);
    if wrong.msg_key.is_empty() {
        return;
    }
    assert_eq!(opened, Err(WireError::BadMessageKey), "{wrong:?} was opened in place of {key:?}");
}

/// The bytes that a change is made to.
fn field<'a>(recv: &Recv<'a>, change: u8) -> &'a [u8] {
    match change % 9 {
        0 => recv.payload,
        1 => recv.msg_key.as_bytes(),
        2 => recv.from_uid.as_bytes(),
        3 => recv.channel_id.as_bytes(),
        4 => recv.client_msg_no.as_bytes(),
        _ => b"",
    }
}

/// The same with one bit flipped, never the highest of a byte, so that text mostly stays text; or one byte longer.
fn flipped(bytes: &[u8], at: u16) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let place = usize::from(at >> 3).checked_rem(bytes.len()).unwrap_or(0);
    match bytes.get_mut(place) {
        Some(byte) => *byte ^= 1 << (at % 7),
        None => bytes.push(b'x'),
    }
    bytes
}

/// A RECV of anything, unsigned. The number is not negative, since [`sign`] could not write it otherwise.
fn message<'a>(draw: &mut Draw<'a>) -> Recv<'a> {
    Recv {
        flags: Flags(draw.byte() & 0x0F),
        setting: Setting(draw.byte()),
        msg_key: "",
        channel_type: draw.byte(),
        message_id: i64::from_le_bytes(draw.array()) & i64::MAX,
        message_seq: u64::from_le_bytes(draw.array()),
        timestamp: i32::from_le_bytes(draw.array()),
        from_uid: draw.text(),
        channel_id: draw.text(),
        client_msg_no: draw.text(),
        expire: 0,
        stream: None,
        topic: None,
        payload: draw.rest(),
    }
}

/// What a call with this message is given.
fn size(recv: &Recv<'_>) -> usize {
    [recv.msg_key, recv.from_uid, recv.channel_id, recv.client_msg_no]
        .iter()
        .fold(recv.payload.len(), |sum, text| sum.saturating_add(text.len()))
}

/// The message key that the server would give to a RECV. Both signatures cover their fields without separators, so a
/// SEND that says the same in a row has the same one.
fn sign(cipher: &Cipher, recv: &Recv<'_>) -> MessageKey {
    let number = recv.message_id.to_string();
    let (first, digits) = number.split_at(1);
    let (seq, time) = (recv.message_seq, recv.timestamp);
    let between = format!("{digits}{seq}{}{time}{}{}", recv.client_msg_no, recv.from_uid, recv.channel_id);
    let send = Send {
        flags: Flags(0),
        setting: Setting(0),
        client_seq: first.parse().expect("a digit"),
        client_msg_no: &between,
        stream_no: None,
        channel_id: "",
        channel_type: recv.channel_type,
        expire: 0,
        msg_key: "",
        topic: None,
        payload: recv.payload,
    };
    gauge::judge_by(PORTABLE, "Cipher::sign", size(recv), || cipher.sign(&send)).expect("it encrypts")
}
