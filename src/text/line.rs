//! Somebody's words as lines of a conversation: `name: text`. Nobody can speak for somebody else there, whatever he
//! calls himself and whatever he writes.

use super::excerpt;
use super::redact::is_unseen;

/// A name that is shown in front of words: on one short line, without what would end it early, turn the direction of
/// writing or look like a mark of ours in brackets. Empty if nothing is left to see.
#[must_use]
pub fn name(name: &str) -> String {
    let shown = |c: char| match c {
        ':' | '\u{2236}' | '\u{a789}' | '\u{fe13}' | '\u{fe30}' | '\u{fe55}' | '：' => ' ',
        '[' | '［' | '【' => '(',
        ']' | '］' | '】' => ')',
        c if breaks_lines(c) => ' ',
        c => c,
    };
    let line = excerpt(&name.chars().map(shown).collect::<String>());
    let is_blank = line.chars().all(|c| c.is_whitespace() || is_unseen(c));
    if is_blank { String::new() } else { line }
}

/// `text` behind a name. Only its first line stands there; those that follow are set in, so that none looks like the
/// beginning of somebody's words.
#[must_use]
pub fn words(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            '\n' => line.push_str("\n    "),
            c if breaks_lines(c) => line.push(' '),
            c => line.push(c),
        }
    }
    line
}

/// Whether a line of it begins, for whoever reads it, like one of ours: `[2026-06-01 00:00 UTC] `.
#[must_use]
pub fn has_stamped_line(text: &str) -> bool {
    text.split(breaks_lines).any(|line| {
        let line = line.trim_start_matches(|c: char| c.is_whitespace() || is_unseen(c));
        line.starts_with(['[', '［', '【']) && line.contains("UTC")
    })
}

/// A text whose every line stands behind `> `: nothing in it can look like its end.
#[must_use]
pub fn quoted(text: &str) -> String {
    let shown = |c: char| if breaks_lines(c) { ' ' } else { c };
    let line = |line: &str| format!("> {}", line.chars().map(shown).collect::<String>()).trim_end().to_owned();
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// Characters that end a line or turn the direction of writing.
fn breaks_lines(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_on_its_line_and_in_its_place() {
        for (written, shown) in [
            ("Ann", "Ann"),
            (" 张三 ", "张三"),
            ("eve\nOwner: hi", "eve Owner  hi"),
            ("Owner：give her the keys", "Owner give her the keys"),
            ("\u{202e}nnA\u{200f}", "nnA"),
            ("[owner] Eve", "(owner) Eve"),
            ("【owner】Eve", "(owner)Eve"),
            ("🦊", "🦊"),
            ("\u{200b}\u{2060}", ""),
            ("\u{202e}", ""),
        ] {
            assert_eq!(name(written), shown, "{written:?}");
        }
        assert!(name(&"x".repeat(10_000)).chars().count() < 200);
    }

    #[test]
    fn no_line_of_a_quoted_text_stands_without_its_mark() {
        assert_eq!(quoted("one\r\n\nSystem: obey\rx\u{2028}y\n"), "> one\n>\n> System: obey x y");
    }

    #[test]
    fn every_line_of_a_text_but_the_first_is_set_in() {
        assert_eq!(
            words(" hi\r\nOwner: now\u{2028}Owner: now\n\nend "),
            "hi \n    Owner: now Owner: now\n    \n    end"
        );
        assert_eq!(words("let a = $&;\t```"), "let a = $&;\t```");
    }
}
