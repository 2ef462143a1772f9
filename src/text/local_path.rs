//! Paths of the gateway's own machine. They tell strangers how it is laid out and lead nobody anywhere.

use super::code::Code;

/// Folders of one person each: the name behind them is somebody's.
const HOMES: [&str; 2] = ["/home/", "/Users/"];
/// Folders that only this machine has a use for.
const PRIVATE: [&str; 4] = ["/root/", "/var/folders/", "/private/var/", "~/.openclaw/"];
/// The gateway's folders, wherever they stand: `/var/lib/openclaw/…`, `/srv/bot/.openclaw/…`.
const STATE_FOLDERS: [&str; 2] = ["openclaw", ".openclaw"];

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
    let target = target.trim().trim_matches(['`', '"', '\'', '<', '>']);
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
    let mut chars = text.char_indices().enumerate();
    let end = chars.find(|(number, (_, c))| ends_path(*c) || *number == MAX_PATH);
    let end = end.map_or(text.len(), |(_, (index, _))| index);
    let path = text.get(..end).unwrap_or_default().trim_end_matches(['.', ',', ':', ';', '!', '?', '*']);
    let starts = |prefix: &str| path.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let is_local = starts("file:/") || is_in_home(path) || is_windows_home(path) || is_of_machine(path);
    if is_local { path.len() } else { 0 }
}

fn ends_path(c: char) -> bool {
    c.is_whitespace() || c.is_control() || "`\"'<>()[]{}|，。、；：！？（）「」“”".contains(c)
}

/// `/home/ann/notes.txt`: a name and something in it. `/home/dashboard` is a page of some site.
fn is_in_home(path: &str) -> bool {
    HOMES.iter().filter_map(|home| path.strip_prefix(home)).any(|rest| {
        let mut names = rest.split('/');
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
        names.next().is_some_and(|name| !name.is_empty() && name.chars().all(is_name))
            && names.next().is_some_and(|file| !file.is_empty())
    })
}

/// `C:\Users\Ann\notes.txt`, with either slash.
fn is_windows_home(path: &str) -> bool {
    let mut chars = path.chars();
    let has_drive = chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.next() == Some(':');
    let mut names = chars.as_str().split(['\\', '/']);
    let is_absolute = names.next() == Some("");
    has_drive
        && is_absolute
        && names.next().is_some_and(|name| name.eq_ignore_ascii_case("users"))
        && names.count() >= 2
}

/// Below a folder of this machine's or of the gateway's.
fn is_of_machine(path: &str) -> bool {
    let is_private = PRIVATE.iter().any(|folder| path.strip_prefix(folder).is_some_and(|rest| !rest.is_empty()));
    let mut folders = path.split('/').skip(2);
    let is_absolute = (path.starts_with('/') && !path.starts_with("//")) || path.starts_with("~/");
    is_private || (is_absolute && folders.any(|folder| STATE_FOLDERS.contains(&folder)))
}

fn last_name(path: &str) -> &str {
    path.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or_default()
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
