//! Files that a text names by their URLs.

use super::code::Code;
use super::line::name;
use crate::message::Media;

/// Files of one message that are told. Nobody looks at more, and each is kept with its message.
const MOST: usize = 20;
/// The longest URL of a file. Signed ones have some hundred characters.
const MAX_URL: usize = 2_048;
/// What stands between folders, on any machine.
const SLASHES: [char; 2] = ['/', '\\'];
/// Characters of a UUID.
const UUID: usize = 36;
/// What platforms show as a picture.
const IMAGES: [&str; 7] = ["png", "jpg", "jpeg", "gif", "webp", "bmp", "avif"];

/// Whether somebody else can open it.
#[must_use]
pub fn is_remote(url: &str) -> bool {
    let scheme = |scheme: &str| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    scheme("https://") || scheme("http://")
}

/// Whether a URL is that of a picture, by its name.
#[must_use]
pub fn is_image(url: &str) -> bool {
    let end = path(url).rsplit_once('.').map(|(_, end)| end);
    end.is_some_and(|end| IMAGES.iter().any(|image| end.eq_ignore_ascii_case(image)))
}

/// The name of the file behind a URL or at a path, as a person reads it: `a b.png` of `https://x/a%20b.png?v=1`.
#[must_use]
pub fn file_name(url: &str) -> String {
    let last = match url.split_once(':') {
        Some(("data", _)) => "data",
        _ => last(path(url)),
    };
    let name = given_name(&decoded(last));
    if is_remote(url) { name } else { without_mark(&name) }
}

/// The name that somebody gave a file, without folders: whoever saves it under its name saves it where they are.
#[must_use]
pub fn given_name(given: &str) -> String {
    let name = name(last(given));
    if name.chars().all(|c| c == '.') { String::new() } else { name }
}

/// What stands behind the last slash, one at the end left aside.
fn last(path: &str) -> &str {
    path.trim_end_matches(SLASHES).rsplit(SLASHES).next().unwrap_or_default()
}

/// The gateway keeps a copy of what is to be sent, `chart---<uuid>.png` for `chart.png`.
fn without_mark(name: &str) -> String {
    let (stem, end) = name.rfind('.').and_then(|dot| name.split_at_checked(dot)).unwrap_or((name, ""));
    let is_uuid = |mark: &str| mark.len() == UUID && mark.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    match stem.rsplit_once("---") {
        Some((stem, mark)) if !stem.is_empty() && is_uuid(mark) => format!("{stem}{end}"),
        Some(_) | None => name.to_owned(),
    }
}

/// A URL without its query and fragment. Of a path nothing is taken: `#1.png` is a file's name there.
fn path(url: &str) -> &str {
    if is_remote(url) { url.split(['?', '#']).next().unwrap_or_default() } else { url }
}

/// Without `%20` and the like. What isn't UTF-8 then stays as it was.
fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((&byte, behind)) = rest.split_first() {
        let hex = behind.get(..2).filter(|_| byte == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(code) = hex.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(code);
            rest = behind.get(2..).unwrap_or_default();
        } else {
            bytes.push(byte);
            rest = behind;
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// The label of a file in a text: `[image: a.png]`.
#[must_use]
pub fn label(kind: &str, name: &str) -> String {
    if name.is_empty() { format!("[{kind}]") } else { format!("[{kind}: {name}]") }
}

/// Adds a file that can be fetched, once.
pub fn add(media: &mut Vec<Media>, url: &str, name: &str) {
    let is_known = media.iter().any(|known| known.url == url);
    let is_clean = !url.contains(|c: char| c.is_whitespace() || c.is_control());
    if is_remote(url) && is_clean && url.len() <= MAX_URL && !is_known && media.len() < MOST {
        media.push(Media { url: url.to_owned(), name: name.to_owned(), ..Media::default() });
    }
}

/// Adds the pictures whose URLs stand in a text. In code they are examples.
pub fn add_images(text: &str, media: &mut Vec<Media>) {
    if !text.contains("://") {
        return;
    }
    let code = Code::find(text);
    let mut from = 0_usize;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("http")).and_then(|at| at.checked_add(from)) {
        let rest = text.get(at..).unwrap_or_default();
        let end = rest.find(ends_url).unwrap_or(rest.len());
        let url = rest.get(..end).unwrap_or_default().trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_']);
        if is_image(url) && !code.contains(at) {
            add(media, url, &file_name(url));
        }
        from = at.saturating_add(end.max(1));
    }
}

/// What no URL contains, or what stands behind one in a sentence of any language.
fn ends_url(c: char) -> bool {
    c.is_whitespace() || c.is_control() || "\"'<>()[]{}|`，。、；！？（）「」“”".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(text: &str) -> Vec<String> {
        let mut media = Vec::new();
        add_images(text, &mut media);
        media.into_iter().map(|media| media.url).collect()
    }

    #[test]
    fn pictures_are_found_by_their_urls_and_not_in_code() {
        for (text, urls) in [
            ("see https://x.example/a.png.", vec!["https://x.example/a.png"]),
            ("![a](https://x.example/a.JPG?v=1#x)", vec!["https://x.example/a.JPG?v=1#x"]),
            ("看https://x.example/图.webp。", vec!["https://x.example/图.webp"]),
            ("https://x.example/a.gif https://x.example/a.gif", vec!["https://x.example/a.gif"]),
            ("`https://x.example/a.png` and https://x.example/page", vec![]),
            ("ftp://x.example/a.png httpx://y/a.png", vec![]),
        ] {
            assert_eq!(found(text), urls, "{text}");
        }
        assert_eq!(found(&(0..90).map(|n| format!("https://x/{n}.png ")).collect::<String>()).len(), MOST);
        assert_eq!(found(&"http".repeat(100_000)).len(), 0);
    }

    #[test]
    fn a_files_name_is_read_like_a_person_does() {
        for (url, name) in [
            ("https://x.example/a/b%20c.png?sign=1", "b c.png"),
            ("https://x.example/%E5%9B%BE.png", "图.png"),
            ("https://x.example/%ff%zz.png", "%ff%zz.png"),
            ("file:///tmp/%5Bowner%5D.txt", "(owner).txt"),
            (r"C:\Users\ann\notes.txt", "notes.txt"),
            ("https://x.example/", "x.example"),
            ("/tmp/report #1.pdf", "report #1.pdf"),
            ("https://x.example/..%2F..%2Fa.png", "a.png"),
            ("https://x.example/..%5ca.png", "a.png"),
            ("https://x.example/%2e%2e", ""),
            ("/m/outbound/图---86549eac-ae65-413f-bfc2-b3db1cdae349.png", "图.png"),
            ("/m/a---86549eac-ae65-413f-bfc2-b3db1cdae349", "a"),
            ("/m/a---b.png", "a---b.png"),
        ] {
            assert_eq!(file_name(url), name);
        }
    }

    #[test]
    fn a_given_name_leads_nowhere() {
        for (given, name) in [
            ("a b.png", "a b.png"),
            ("50%20.png", "50%20.png"),
            ("../../etc/cron.d/x", "x"),
            (r"..\..\x.png", "x.png"),
            (r"C:\Windows\x.png", "x.png"),
            ("a/", "a"),
            ("..", ""),
            ("/", ""),
            (".bashrc", ".bashrc"),
            ("gnp\u{202e}.exe", "gnp .exe"),
        ] {
            assert_eq!(given_name(given), name);
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in "(http|https://|%|[a-z./?#]|[^a-z]){0,40}") {
            let _ = (found(&text), file_name(&text), is_image(&text));
        }
    }
}
