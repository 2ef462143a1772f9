//! How a file gets to a DMWork server: to its object store with a signed URL, to Tencent's with lent credentials, or
//! through the API; and the message that shows it.
#![allow(clippy::wildcard_enum_match_arm, reason = "JSON of any shape may come; one is looked for")]

use super::media_kind::MediaKind;
use crate::json;
use crate::secret::Secret;
use crate::step::Transfer;
use serde_json::{Value, json as object};
use sha1::{Digest, Sha1};

/// What the server's upload calls take, by the end of the name; one without is refused as well.
const ALLOWED: &str = " jpg jpeg png gif bmp webp ico pdf doc docx xls xlsx ppt pptx txt csv rtf odt ods md html htm mp3 \
    wav aac flac ogg wma m4a amr mp4 avi mov wmv flv mkv webm m4v zip rar 7z tar gz bz2 xz json xml yaml yml dmg pkg deb \
    rpm appimage ";
/// A longer sound is a recording to keep, not a voice message; clients record no longer ones.
const LONGEST_VOICE_SECS: u32 = 60;
/// A block of SHA-1, in bytes.
const BLOCK: usize = 64;

/// Where to put a file, and where it is then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The request.
    pub transfer: Transfer,
    /// The URL for the message.
    pub url: String,
}

/// The name under which the server takes a file: its own, or with an ending that says what it is.
///
/// # Errors
/// What to do instead, in words.
pub fn stored_name(name: &str, head: &[u8], kind: MediaKind) -> Result<String, String> {
    let name = if name.is_empty() { "file" } else { name };
    let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default();
    let is_word = !end.is_empty() && end.chars().all(|c| c.is_ascii_alphanumeric());
    if is_word && ALLOWED.contains(&format!(" {end} ")) {
        return Ok(name.to_owned());
    }
    let fitting = match head {
        _ if kind == MediaKind::Text => "txt",
        [0x89, b'P', b'N', b'G', ..] => "png",
        [b'G', b'I', b'F', b'8', ..] => "gif",
        [0xff, 0xd8, ..] => "jpg",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "webp",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => "wav",
        [b'O', b'g', b'g', b'S', ..] => "ogg",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => "mp4",
        [b'%', b'P', b'D', b'F', ..] => "pdf",
        [b'P', b'K', 3, 4, ..] => "zip",
        _ if is_word => return Err(format!("the server takes no .{end} files, a zip of it would do")),
        _ => return Err("the server takes no files without an ending, a zip of it would do".to_owned()),
    };
    Ok(format!("{name}.{fitting}"))
}

/// Path of the call that asks for a signed URL.
#[must_use]
pub fn presigned_path(name: &str, size: u64) -> String {
    format!("/v1/bot/upload/presigned?filename={}&fileSize={size}", percent(name))
}

/// Its answer. The signature covers what it says about the type, so both are repeated word for word.
#[must_use]
pub fn presigned(answer: &str) -> Option<Ticket> {
    let answer = json::parse(answer.as_bytes()).ok()?;
    let field = |key: &str| answer.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let header = |name: &str, key: &str| Some((name.to_owned(), Secret::new(field(key)?.to_owned())));
    let headers = [header("content-type", "contentType"), header("content-disposition", "contentDisposition")];
    Some(Ticket {
        transfer: Transfer {
            method: field("method").unwrap_or("PUT").to_owned(),
            url: Secret::new(field("uploadUrl")?.to_owned()),
            headers: headers.into_iter().flatten().collect(),
            ..Transfer::default()
        },
        url: field("downloadUrl")?.to_owned(),
    })
}

/// Path of the call that asks for credentials of Tencent's store.
#[must_use]
pub fn credentials_path(name: &str) -> String {
    format!("/v1/bot/upload/credentials?filename={}", percent(name))
}

/// Its answer, as a request signed by them: one PUT of one key is all that they allow.
/// <https://cloud.tencent.com/document/product/436/7778> describes the signature.
#[must_use]
pub fn lent(answer: &str, name: &str, kind: MediaKind) -> Option<Ticket> {
    let answer = json::parse(answer.as_bytes()).ok()?;
    let field = |path: &str| answer.pointer(path).and_then(Value::as_str).filter(|text| !text.is_empty());
    let time = |path: &str| answer.pointer(path).and_then(Value::as_u64);
    let is_label = |text: &&str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let (bucket, region) = field("/bucket").filter(is_label).zip(field("/region").filter(is_label))?;
    let (key, host) = (field("/key")?.trim_start_matches('/'), format!("{bucket}.cos.{region}.myqcloud.com"));
    let times = format!("{};{}", time("/startTime")?, time("/expiredTime")?);
    let sign_key = hmac(field("/credentials/tmpSecretKey")?.as_bytes(), &times);
    let request = format!("put\n/{key}\n\nhost={host}\n");
    let signature = hmac(sign_key.as_bytes(), &format!("sha1\n{times}\n{}\n", hex(&Sha1::digest(&request))));
    let id = field("/credentials/tmpSecretId")?;
    let path: Vec<String> = key.split('/').map(percent).collect();
    let path = path.join("/");
    let disposition = match kind {
        MediaKind::Audio { .. } | MediaKind::Video { .. } => "inline".to_owned(),
        _ => format!("attachment; filename*=UTF-8''{}", percent(name)),
    };
    let authorization = format!(
        "q-sign-algorithm=sha1&q-ak={id}&q-sign-time={times}&q-key-time={times}&q-header-list=host&q-url-param-list=\
         &q-signature={signature}"
    );
    let header = |name: &str, value: String| (name.to_owned(), Secret::new(value));
    Some(Ticket {
        transfer: Transfer {
            method: "PUT".to_owned(),
            url: Secret::new(format!("https://{host}/{path}")),
            headers: vec![
                header("authorization", authorization),
                header("x-cos-security-token", field("/credentials/sessionToken")?.to_owned()),
                header("content-disposition", disposition),
            ],
            ..Transfer::default()
        },
        url: format!("{}/{path}", field("/cdnBaseUrl")?.trim_end_matches('/')),
    })
}

/// A form with the file in it, for the API itself. `boundary` must not occur in the file: random digits.
#[must_use]
pub fn form(url: String, auth: (&str, Secret<String>), name: &str, boundary: &str) -> Transfer {
    // As browsers write names: in UTF-8, with what would end them escaped.
    let name = name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
    let content_type = Secret::new(format!("multipart/form-data; boundary={boundary}"));
    Transfer {
        method: "POST".to_owned(),
        url: Secret::new(url),
        headers: vec![(auth.0.to_owned(), auth.1), ("content-type".to_owned(), content_type)],
        before: format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        ),
        after: format!("\r\n--{boundary}--\r\n"),
    }
}

/// The URL in the answer to it; clients know where a relative one begins.
#[must_use]
pub fn uploaded(answer: &str) -> Option<String> {
    let answer = json::parse(answer.as_bytes()).ok()?;
    answer.get("url").and_then(Value::as_str).filter(|url| !url.is_empty()).map(str::to_owned)
}

/// The payload of a message that shows a file.
#[must_use]
pub fn payload(kind: MediaKind, url: &str, name: &str, size: u64) -> Value {
    match kind {
        MediaKind::Image { width, height } => {
            object!({ "type": 2, "url": url, "width": width, "height": height, "name": name, "size": size })
        }
        MediaKind::Gif { width, height } => object!({ "type": 3, "url": url, "width": width, "height": height }),
        MediaKind::Audio { seconds } if seconds <= LONGEST_VOICE_SECS => {
            object!({ "type": 4, "url": url, "duration": seconds })
        }
        MediaKind::Video { width, height, seconds } => {
            object!({ "type": 5, "url": url, "width": width, "height": height, "duration": seconds })
        }
        MediaKind::Audio { .. } | MediaKind::Text | MediaKind::Other => {
            object!({ "type": 8, "url": url, "name": name, "size": size })
        }
    }
}

/// Everything but letters, digits and `-._~` as `%XX`.
fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// HMAC-SHA1 (RFC 2104), in hexadecimal.
fn hmac(key: &[u8], text: &str) -> String {
    let short = if key.len() > BLOCK { Sha1::digest(key).to_vec() } else { key.to_vec() };
    let pad = |with: u8| {
        let padded = short.iter().copied().chain(std::iter::repeat(0)).take(BLOCK);
        padded.map(|byte| byte ^ with).collect::<Vec<u8>>()
    };
    let inner = Sha1::new().chain_update(pad(0x36)).chain_update(text).finalize();
    hex(&Sha1::new().chain_update(pad(0x5c)).chain_update(inner).finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: MediaKind = MediaKind::Text;
    const OTHER: MediaKind = MediaKind::Other;

    #[test]
    fn a_file_keeps_its_name_or_gets_an_ending_that_the_server_takes() {
        let png = MediaKind::Image { width: 1, height: 1 };
        for (name, head, kind, stored) in [
            ("报告 😀.PDF", &b"%PDF"[..], OTHER, "报告 😀.PDF"),
            ("x.py", b"print()", TEXT, "x.py.txt"),
            ("report.log", b"ok", TEXT, "report.log.txt"),
            ("Makefile", b"all:", TEXT, "Makefile.txt"),
            ("avatar", b"\x89PNG", png, "avatar.png"),
            ("", b"ok", TEXT, "file.txt"),
        ] {
            assert_eq!(stored_name(name, head, kind).as_deref(), Ok(stored));
        }
        assert_eq!(
            stored_name("a.exe", b"MZ\0", OTHER).unwrap_err(),
            "the server takes no .exe files, a zip of it would do"
        );
        assert!(stored_name("core", b"\x7fELF\x02", OTHER).unwrap_err().contains("without an ending"));
    }

    #[test]
    fn a_signed_url_is_used_word_for_word() {
        assert_eq!(
            presigned_path("报 告.md", 5),
            "/v1/bot/upload/presigned?filename=%E6%8A%A5%20%E5%91%8A.md&fileSize=5"
        );
        let answer = r#"{"method":"PUT","uploadUrl":"https://s3/k?sig=1","downloadUrl":"https://cdn/k",
            "contentType":"text/markdown","contentDisposition":"attachment; filename*=UTF-8''a","key":"k"}"#;
        let ticket = presigned(answer).unwrap();
        let headers = ticket.transfer.headers.iter().map(|(name, value)| (name.as_str(), value.expose().as_str()));
        let wanted = [("content-type", "text/markdown"), ("content-disposition", "attachment; filename*=UTF-8''a")];
        assert_eq!(headers.collect::<Vec<_>>(), wanted);
        assert_eq!(
            (ticket.transfer.url.expose().as_str(), ticket.url.as_str()),
            ("https://s3/k?sig=1", "https://cdn/k")
        );
        assert_eq!(presigned(r#"{"status":200}"#), None);
    }

    /// The expected values come from Python's `hmac`.
    #[test]
    fn lent_credentials_sign_one_put() {
        assert_eq!(
            hmac(b"key", "The quick brown fox jumps over the lazy dog"),
            "de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9"
        );
        assert_eq!(hmac(&[b'k'; 100], "x").len(), 40);
        let answer = r#"{"bucket":"b-125","region":"ap-beijing","key":"chat/1.txt","credentials":{"tmpSecretId":"id",
            "tmpSecretKey":"secret","sessionToken":"token"},"startTime":1557989151,"expiredTime":1557990951,
            "cdnBaseUrl":"https://cdn.example/"}"#;
        let ticket = lent(answer, "a.txt", TEXT).unwrap();
        assert_eq!(ticket.url, "https://cdn.example/chat/1.txt");
        assert_eq!(ticket.transfer.url.expose(), "https://b-125.cos.ap-beijing.myqcloud.com/chat/1.txt");
        assert_eq!(
            ticket.transfer.headers[0].1.expose(),
            "q-sign-algorithm=sha1&q-ak=id&q-sign-time=1557989151;1557990951&q-key-time=1557989151;1557990951\
             &q-header-list=host&q-url-param-list=&q-signature=8a8905279fb06d0fc29e1be25a098053186c41c4"
        );
        assert_eq!(lent(&answer.replace("b-125", "evil.example/"), "a.txt", TEXT), None);
    }

    #[test]
    fn a_name_cannot_leave_its_form() {
        let auth = ("Authorization", Secret::new("Bearer bf_1".to_owned()));
        let form = form("https://im/v1/bot/file/upload".into(), auth, "报\"\r\n告.md", "b1");
        assert!(form.before.contains("filename=\"报%22%0D%0A告.md\"\r\n"), "{}", form.before);
        assert!(!format!("{form:?}").contains("bf_1"));
        assert_eq!(
            uploaded(r#"{"url":"file/preview/chat/1.md","name":"a","size":5}"#).as_deref(),
            Some("file/preview/chat/1.md")
        );
    }

    #[test]
    fn a_long_recording_is_a_file() {
        let kind = |seconds| payload(MediaKind::Audio { seconds }, "u", "a.mp3", 9)["type"].clone();
        assert_eq!((kind(60), kind(61)), (4.into(), 8.into()));
    }
}
