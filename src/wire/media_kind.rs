//! What a file is, by its first and last bytes: names say anything.

use super::base64;
use std::str;

/// The kinds of content that clients show in their own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    /// A picture, with its size in pixels.
    Image {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// A GIF, which may move.
    Gif {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// Sound.
    Audio {
        /// Seconds.
        seconds: u32,
    },
    /// A video.
    Video {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// Seconds.
        seconds: u32,
    },
    /// Text of any sort.
    Text,
    /// Anything else, and whatever doesn't tell its size or length.
    Other,
}

/// Ticks per second of the clock in each Opus stream.
const OPUS_TICKS: u64 = 48_000;
/// Kilobits per second of MPEG-1 layer III, by the index in a frame's header.
const MP3_RATES: [u64; 16] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0];
/// The same for MPEG-2 and 2.5.
const MP3_LOW_RATES: [u64; 16] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0];

impl MediaKind {
    /// Looks at the beginning and the end of a file of `size` bytes.
    #[must_use]
    pub fn of(head: &[u8], tail: &[u8], size: u64) -> Self {
        let image = |size: Option<(u32, u32)>| match size {
            Some((width, height)) if width > 0 && height > 0 => Self::Image { width, height },
            Some(_) | None => Self::Other,
        };
        match head {
            [0x89, b'P', b'N', b'G', ..] => image(be32(head, 16).zip(be32(head, 20))),
            [b'G', b'I', b'F', b'8', ..] => match le16(head, 6).zip(le16(head, 8)) {
                Some((width, height)) => Self::Gif { width, height },
                None => Self::Other,
            },
            [0xff, 0xd8, ..] => image(jpeg(head)),
            [b'B', b'M', ..] => image(le32(head, 18).zip(le32(head, 22)).map(|(width, height)| {
                // A height below zero counts from the top.
                (width, height.cast_signed().unsigned_abs())
            })),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => image(webp(head)),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => audio(wav(head, size)),
            [b'O', b'g', b'g', b'S', ..] => audio(ogg(head, tail)),
            [b'I', b'D', b'3', ..] => audio(mp3(head, size)),
            [0xff, second, ..] if second & 0xe6 == 0xe2 => audio(mp3(head, size)),
            [_, _, _, _, b'f', b't', b'y', b'p', ..] => mp4(head).or_else(|| mp4(tail)).unwrap_or(Self::Other),
            _ if is_text(head) => Self::Text,
            _ => Self::Other,
        }
    }
}

/// The bytes behind base64; none if it is none.
#[must_use]
pub fn bytes_of(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    if base64::decode(text.as_bytes(), &mut bytes).is_none() {
        bytes.clear();
    }
    bytes
}

fn audio(seconds: Option<u64>) -> MediaKind {
    match seconds.and_then(|seconds| u32::try_from(seconds).ok()) {
        Some(seconds) => MediaKind::Audio { seconds: seconds.max(1) },
        None => MediaKind::Other,
    }
}

fn bytes<const N: usize>(data: &[u8], at: usize) -> Option<[u8; N]> {
    data.get(at..at.checked_add(N)?)?.try_into().ok()
}

fn be16(data: &[u8], at: usize) -> Option<u32> {
    bytes(data, at).map(u16::from_be_bytes).map(u32::from)
}

fn be32(data: &[u8], at: usize) -> Option<u32> {
    bytes(data, at).map(u32::from_be_bytes)
}

fn le16(data: &[u8], at: usize) -> Option<u32> {
    bytes(data, at).map(u16::from_le_bytes).map(u32::from)
}

fn le32(data: &[u8], at: usize) -> Option<u32> {
    bytes(data, at).map(u32::from_le_bytes)
}

/// The size in the first start of a frame (SOF0 to SOF15 without the tables among them). A camera's turned picture is
/// given as its pixels lie.
fn jpeg(head: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2_usize;
    loop {
        let [mark, kind] = bytes(head, at)?;
        if mark != 0xff {
            return None;
        }
        match kind {
            0xff => at = at.checked_add(1)?,
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return be16(head, at.checked_add(7)?).zip(be16(head, at.checked_add(5)?));
            }
            _ => at = at.checked_add(2)?.checked_add(be16(head, at.checked_add(2)?)? as usize)?,
        }
    }
}

/// The three forms: lossy, lossless and extended.
fn webp(head: &[u8]) -> Option<(u32, u32)> {
    match bytes::<4>(head, 12)? {
        [b'V', b'P', b'8', b' '] => Some((le16(head, 26)? & 0x3fff, le16(head, 28)? & 0x3fff)),
        [b'V', b'P', b'8', b'L'] => {
            let bits = le32(head, 21)?;
            Some(((bits & 0x3fff).saturating_add(1), ((bits >> 14) & 0x3fff).saturating_add(1)))
        }
        [b'V', b'P', b'8', b'X'] => {
            let less = |at| Some((le32(head, at)? & 0x00ff_ffff).saturating_add(1));
            less(24).zip(less(27))
        }
        _ => None,
    }
}

/// Bytes of sound through bytes per second; the format comes first in every file.
fn wav(head: &[u8], size: u64) -> Option<u64> {
    let is_format = bytes::<4>(head, 12)? == *b"fmt ";
    let per_second = u64::from(le32(head, 28).filter(|_| is_format)?);
    size.saturating_sub(44).checked_div(per_second)
}

/// The clock of the last page. Opus ticks at one rate; Vorbis names its own.
fn ogg(head: &[u8], tail: &[u8]) -> Option<u64> {
    let rate = match head.get(28..)? {
        [b'O', b'p', b'u', b's', b'H', ..] => OPUS_TICKS,
        [1, b'v', b'o', b'r', b'b', b'i', b's', ..] => u64::from(le32(head, 40)?),
        _ => return None,
    };
    let end = if tail.is_empty() { head } else { tail };
    let last = end.windows(4).rposition(|window| window == b"OggS")?;
    u64::from_le_bytes(bytes(end, last.checked_add(6)?)?).checked_div(rate)
}

/// The first frame's rate, and a size that is right as long as the rate stays.
fn mp3(head: &[u8], size: u64) -> Option<u64> {
    let start = match head {
        // Its length has seven bits in each byte.
        [b'I', b'D', b'3', _, _, _, a, b, c, d, ..] => {
            let length = [a, b, c, d].iter().fold(0_usize, |length, byte| (length << 7) | usize::from(**byte & 0x7f));
            length.checked_add(10)?
        }
        _ => 0,
    };
    let [mark, kind, rate, _] = bytes::<4>(head, start)?;
    if mark != 0xff || kind & 0xe6 != 0xe2 {
        return None;
    }
    let rates = if kind & 0x18 == 0x18 { MP3_RATES } else { MP3_LOW_RATES };
    let rate = rates.get(usize::from(rate >> 4)).copied().filter(|rate| *rate > 0)?;
    let sound = size.saturating_sub(u64::try_from(start).ok()?);
    sound.checked_mul(8)?.checked_div(rate.checked_mul(1_000)?)
}

/// Length and size of an MP4: `mvhd` has the clock, each track's `tkhd` a size, which is zero for sound.
fn mp4(data: &[u8]) -> Option<MediaKind> {
    let find = |name: &[u8]| data.windows(4).position(|window| window == name);
    let mvhd = find(b"mvhd")?.checked_add(4)?;
    let [version] = bytes::<1>(data, mvhd)?;
    let at = |short: usize, long: usize| mvhd.checked_add(if version == 1 { long } else { short });
    let ticks = u64::from(be32(data, at(12, 20)?)?);
    let length = match version {
        1 => u64::from_be_bytes(bytes(data, at(16, 24)?)?),
        _ => u64::from(be32(data, at(16, 24)?)?),
    };
    let seconds = u32::try_from(length.checked_div(ticks)?).ok()?.max(1);
    let size = tracks(data).find(|(width, height)| *width > 0 && *height > 0);
    Some(match size {
        Some((width, height)) => MediaKind::Video { width, height, seconds },
        None => MediaKind::Audio { seconds },
    })
}

/// Width and height of each track: whole numbers in front of 16 bits of fraction, at the end of `tkhd`.
fn tracks(data: &[u8]) -> impl Iterator<Item = (u32, u32)> {
    let names = data.windows(4).enumerate().filter(|(_, window)| *window == b"tkhd").map(|(at, _)| at);
    names.filter_map(|at| {
        let length = be32(data, at.checked_sub(4)?)? as usize;
        let end = at.checked_sub(4)?.checked_add(length)?;
        Some((be16(data, end.checked_sub(8)?)?, be16(data, end.checked_sub(4)?)?))
    })
}

/// UTF-8 without control characters; the last one may be cut.
fn is_text(head: &[u8]) -> bool {
    let valid = match str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            head.get(..error.valid_up_to()).and_then(|valid| str::from_utf8(valid).ok()).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !valid.is_empty() && !valid.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(head: &[u8]) -> MediaKind {
        MediaKind::of(head, &[], head.len() as u64)
    }

    fn webp_of(form: &[u8], rest: &[u8]) -> Vec<u8> {
        [b"RIFF\0\0\0\0WEBP", form, b"\0\0\0\0", rest].concat()
    }

    #[test]
    fn pictures_tell_their_size() {
        let png = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &[0, 0, 2, 128, 0, 0, 1, 224]].concat();
        let exif =
            [&[0xff, 0xd8, 0xff, 0xe1, 0, 4, 9, 9, 0xff, 0xdb, 0, 3, 0, 0xff, 0xff, 0xc2, 0, 17, 8][..]].concat();
        let jpeg = [&exif[..], &[1, 224, 2, 128]].concat();
        let bmp = [&[b'B', b'M'][..], &[0; 16], &640_u32.to_le_bytes(), &(-480_i32).to_le_bytes()].concat();
        let lossless = (639_u32 | (479 << 14)).to_le_bytes();
        for file in [
            png,
            jpeg,
            bmp,
            webp_of(b"VP8 ", &[0, 0, 0, 0x9d, 1, 0x2a, 128, 2, 224, 1]),
            webp_of(b"VP8L", &[&[0x2f][..], &lossless, &[0]].concat()),
            webp_of(b"VP8X", &[0, 0, 0, 0, 127, 2, 0, 223, 1, 0, 0]),
        ] {
            assert_eq!(of(&file), MediaKind::Image { width: 640, height: 480 }, "{file:?}");
            assert_eq!(of(&file[..12]), MediaKind::Other, "a size that isn't there is none");
        }
        assert_eq!(of(b"GIF89a\x10\0\x20\0"), MediaKind::Gif { width: 16, height: 32 });
    }

    #[test]
    fn sound_and_videos_tell_their_length() {
        let rate = 16_000_u32.to_le_bytes();
        let wav = [b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\0\0\0\0".as_slice(), &rate].concat();
        assert_eq!(MediaKind::of(&wav, &[], 16_000 * 3 + 44), MediaKind::Audio { seconds: 3 });
        let opus = [b"OggS".as_slice(), &[0; 24], b"OpusHead"].concat();
        let page = [b"..OggS\0\x04".as_slice(), &(48_000_u64 * 7).to_le_bytes()].concat();
        assert_eq!(MediaKind::of(&opus, &page, 1_000), MediaKind::Audio { seconds: 7 });
        let mp3 = [b"ID3\x04\0\0\0\0\0\x02".as_slice(), &[0, 0, 0xff, 0xfb, 0x90, 0]].concat();
        assert_eq!(MediaKind::of(&mp3, &[], 16_000 * 5 + 12), MediaKind::Audio { seconds: 5 });

        let mvhd =
            [b"\0\0\0\x6cmvhd".as_slice(), &[0; 12], &1_000_u32.to_be_bytes(), &9_500_u32.to_be_bytes()].concat();
        let track = |width: u16, height: u16| {
            let (width, height) = (width.to_be_bytes(), height.to_be_bytes());
            [b"\0\0\0\x5ctkhd".as_slice(), &[0; 76], &width, &[0, 0], &height, &[0, 0]].concat()
        };
        let start = b"\0\0\0\x18ftypisom".to_vec();
        let sound = [start.clone(), mvhd.clone(), track(0, 0)].concat();
        assert_eq!(of(&sound), MediaKind::Audio { seconds: 9 });
        let end = [mvhd, track(0, 0), track(1_280, 720)].concat();
        let video = MediaKind::Video { width: 1_280, height: 720, seconds: 9 };
        assert_eq!(MediaKind::of(&start, &end, 1 << 20), video);
        assert_eq!(of(&start), MediaKind::Other);
    }

    #[test]
    fn text_is_told_from_bytes() {
        assert_eq!(of("日志: ok\n".as_bytes()), MediaKind::Text);
        assert_eq!(of(&"日志".as_bytes()[..5]), MediaKind::Text, "cut through a character");
        assert_eq!((of(b"a\0b"), of(b"\x7fELF\x02"), of(b"")), (MediaKind::Other, MediaKind::Other, MediaKind::Other));
    }

    proptest! {
        #[test]
        fn no_file_is_too_odd(
            start in prop::sample::select(vec![&b"\x89PNG"[..], b"\xff\xd8\xff", b"RIFF....WEBPVP8X", b"RIFF....WAVEfmt ",
                b"OggS", b"ID3", b"\xff\xfb", b"....ftyp", b"GIF8", b"BM"]),
            rest in prop::collection::vec(any::<u8>(), 0..200),
            tail in prop::collection::vec(any::<u8>(), 0..60),
            size in any::<u64>(),
        ) {
            let _ = MediaKind::of(&[start, b"mvhd", &rest, b"tkhd"].concat(), &tail, size);
        }
    }
}
