//! Paths of the gateway's own machine. They tell strangers how it is laid out and lead nobody anywhere.

use super::code::Code;

/// The name of the gateway's folders, with or without a dot.
const GATEWAY: &str = "openclaw";
/// The folder of its state in a home.
const STATE: &str = ".openclaw";
const SLASHES: &[char] = &['/', '\\'];
/// What ends a path, beside white space.
const ENDS: &[char] = &[
    '`', '"', '\'', '<', '>', '(', ')', '[', ']', '{', '}', '|', '，', '。', '、', '；', '：', '！', '？', '（', '）',
    '「', '」', '“', '”',
];
/// What ends the sentence that a path stands in.
const MARKS: &[char] = &['.', ',', ':', ';', '!', '?', '*'];
/// Hardly any path is longer, and each place where one may begin is read this far.
const MAX_PATH: usize = 1_024;

/// `text` without paths of this machine, in code as well; and how many were replaced. Of each its last name is left:
/// `…/report.pdf`. A line `MEDIA:` with a path is a file that could not be sent, and becomes `[file: report.pdf]`.
///
/// A path is one of this machine if it is a `file:` URL, lies below somebody's home or below a folder of the gateway's.
/// Anything else is left: `/api/v1`, `src/main.rs`, `/etc/hosts`, `/home/<you>/x`, and what belongs to a URL.
#[must_use]
pub fn hide_paths(text: &str) -> (String, usize) {
    if !text.contains(['/', '\\']) {
        return (text.to_owned(), 0);
    }
    let code = Code::find(text);
    let (mut clean, mut count, mut at) = (String::with_capacity(text.len()), 0_usize, 0_usize);
    for line in text.split_inclusive('\n') {
        let media = line.trim_start().strip_prefix("MEDIA:").filter(|_| !code.contains(at));
        at = at.saturating_add(line.len());
        if let Some(name) = media.and_then(local_media) {
            clean.push_str("[file: ");
            clean.push_str(name);
            clean.push(']');
            clean.push_str(if line.ends_with('\n') { "\n" } else { "" });
            count = count.saturating_add(1);
        } else {
            count = count.saturating_add(hide_in_line(line, &mut clean));
        }
    }
    (clean, count)
}

/// The name of the file in a `MEDIA:` line, unless it is a URL that others can open.
fn local_media(target: &str) -> Option<&str> {
    let target = target.trim().trim_matches(ENDS);
    let is_url = target.contains("://") && !target.to_ascii_lowercase().starts_with("file:");
    (!is_url && !target.is_empty()).then(|| last_name(target))
}

/// Copies a line without its local paths; answers with their number.
fn hide_in_line(line: &str, clean: &mut String) -> usize {
    let (mut rest, mut count) = (line, 0_usize);
    let mut before = None;
    while let Some(c) = rest.chars().next() {
        let length = if begins_path(before) { local_path(rest) } else { 0 };
        let (taken, behind) = rest.split_at_checked(length.max(c.len_utf8())).unwrap_or((rest, ""));
        if length > 0 {
            clean.push_str("…/");
            clean.push_str(last_name(taken));
            count = count.saturating_add(1);
        } else {
            clean.push_str(taken);
        }
        (before, rest) = (taken.chars().next_back(), behind);
    }
    count
}

/// Whether a path may begin behind this character. In `https://host/home/x` and `a/root/b` none does.
fn begins_path(before: Option<char>) -> bool {
    before.is_none_or(|c| !(c.is_ascii_alphanumeric() || matches!(c, '/' | '\\' | '.' | '-' | '_' | '~' | '%' | '$')))
}

/// The length of the local path at the beginning of `text`; 0 if there is none.
fn local_path(text: &str) -> usize {
    // Paths begin with a slash, `~`, `file:` or a drive.
    if !text.starts_with(['/', '~']) && !text.get(1..).is_some_and(|rest| rest.starts_with([':', 'i', 'I'])) {
        return 0;
    }
    let mut end = text.len();
    for (number, (index, c)) in text.char_indices().enumerate() {
        if number == MAX_PATH || c.is_whitespace() || c.is_control() || ENDS.contains(&c) {
            end = index;
            break;
        }
    }
    let path = text.get(..end).unwrap_or_default().trim_end_matches(MARKS);
    if is_local(path) { path.len() } else { 0 }
}

fn is_local(path: &str) -> bool {
    let path = path.replace('\\', "/");
    let names: Vec<&str> = path.split('/').collect();
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_alphabetic() || c.is_ascii_digit() || ".-_".contains(c))
    };
    match names.as_slice() {
        [scheme, _, ..] if scheme.eq_ignore_ascii_case("file:") => true,
        // `/home/dashboard` is a page of some site, `/home/ann/x` somebody's file.
        ["", "home" | "Users", name, file, ..] => is_name(name) && !file.is_empty(),
        ["", "root", file, ..] | ["", "var", "folders", file, ..] | ["", "private", "var", file, ..] => {
            !file.is_empty()
        }
        ["", "", ..] => false,
        ["~", folder, file, ..] => *folder == STATE && !file.is_empty(),
        // The gateway's folders, wherever they stand: `/var/lib/openclaw/…`, `/srv/bot/.openclaw/…`.
        ["", _, folders @ ..] => folders.iter().any(|folder| folder.trim_start_matches('.') == GATEWAY),
        [drive, folder, _, _, ..] => drive.len() == 2 && drive.ends_with(':') && folder.eq_ignore_ascii_case("users"),
        _ => false,
    }
}

fn last_name(path: &str) -> &str {
    path.trim_end_matches(SLASHES).rsplit(SLASHES).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paths_of_this_machine_leave_only_their_last_name() {
        for (text, hidden) in [
            ("saved as /home/claw/out/report.pdf.", "saved as …/report.pdf."),
            ("`/Users/ann/x.txt`, 见/root/.ssh/id", "`…/x.txt`, 见…/id"),
            ("file:///etc/passwd and FILE:/tmp/x", "…/passwd and …/x"),
            ("~/.openclaw/openclaw.json", "…/openclaw.json"),
            ("(/var/lib/openclaw/media/a.png)", "(…/a.png)"),
            ("/srv/bot/.openclaw/", "…/.openclaw"),
            (r"C:\Users\Ann\notes.txt, d:/users/ann/b", "…/notes.txt, …/b"),
            ("```sh\ncat /home/claw/key\n```", "```sh\ncat …/key\n```"),
            ("scp host:/home/ann/a b", "scp host:…/a b"),
        ] {
            let (clean, count) = hide_paths(text);
            assert_eq!(clean, hidden);
            assert!(count > 0);
        }
    }

    #[test]
    fn a_file_that_could_not_be_sent_is_named() {
        assert_eq!(hide_paths("Here:\nMEDIA:/tmp/x/chart.png\nok").0, "Here:\n[file: chart.png]\nok");
        assert_eq!(hide_paths("MEDIA: `./out/a b.png`").0, "[file: a b.png]");
        for text in ["MEDIA:https://x.example/a.png", "```\nMEDIA:./a.png\n```"] {
            assert_eq!(hide_paths(text), (text.to_owned(), 0));
        }
    }

    #[test]
    fn other_paths_and_urls_stay() {
        for text in [
            "GET /api/v1/users",
            "src/main.rs",
            "/etc/hosts",
            "/home/dashboard",
            "/home/<you>/x",
            "/home/$USER/x",
            "https://x.example/home/ann/a.txt",
            "https://github.com/openclaw/openclaw/issues",
            "/openclaw/issues",
            "~/notes.txt",
            "a/root/b",
            "and/or",
            "/usr/bin/env",
            "/tmp/x.log",
            r"\\server\share",
            "/root/",
            "x:/users",
        ] {
            assert_eq!(hide_paths(text), (text.to_owned(), 0));
        }
    }

    proptest! {
        #[test]
        fn a_text_without_such_paths_is_left_alone(text in "[a-z ./~:`\n@é]{0,120}") {
            let has_path = ["home/", "root/", "file:", "openclaw", "media", "users"].iter().any(|word| text.contains(word));
            prop_assume!(!has_path);
            prop_assert_eq!(hide_paths(&text), (text, 0));
        }
    }
}
