//! Mentions in plain text: where a name really is one, and how it is taken out.

/// Whether `text` contains `@name` as a word of its own: not inside an e-mail address or a package name, not as the
/// beginning of a longer name, not in a code span.
#[must_use]
pub fn mentions(text: &str, name: &str) -> bool {
    find(text, name).is_some()
}

/// `text` without the first `@name`, and without the white space that it leaves behind.
#[must_use]
pub fn without_mention(text: &str, name: &str) -> String {
    let Some(start) = find(text, name) else { return text.trim().to_owned() };
    let end = start.saturating_add(name.len()).saturating_add(1);
    join(text.get(..start).unwrap_or_default(), text.get(end..).unwrap_or_default())
}

/// `text` without the UTF-16 span `offset..offset + length`, as mention entities give it; unchanged if the span doesn't
/// begin with `@` or lies outside.
#[must_use]
pub fn without_span(text: &str, offset: usize, length: usize) -> String {
    let (Some(start), Some(end)) = (byte_index(text, offset), byte_index(text, offset.saturating_add(length))) else {
        return text.trim().to_owned();
    };
    match text.get(start..end) {
        Some(span) if span.starts_with('@') => {
            join(text.get(..start).unwrap_or_default(), text.get(end..).unwrap_or_default())
        }
        _ => text.trim().to_owned(),
    }
}

/// The byte at which a UTF-16 offset stands; `None` if it lies outside or inside a character.
fn byte_index(text: &str, utf16: usize) -> Option<usize> {
    let mut units = 0_usize;
    for (index, c) in text.char_indices() {
        if units >= utf16 {
            return (units == utf16).then_some(index);
        }
        units = units.saturating_add(c.len_utf16());
    }
    (units == utf16).then_some(text.len())
}

fn join(before: &str, after: &str) -> String {
    let (before, after) = (before.trim_end(), after.trim_start());
    match (before.is_empty(), after.is_empty()) {
        (false, false) => format!("{before} {after}").trim().to_owned(),
        _ => format!("{before}{after}").trim().to_owned(),
    }
}

/// The byte at which a real `@name` begins.
fn find(text: &str, name: &str) -> Option<usize> {
    if name.trim().is_empty() {
        return None;
    }
    // Code stands between two backticks; the last one of an odd number is only a character.
    let last_tick = text.rfind('`').unwrap_or(0);
    let mut in_code = false;
    text.match_indices(['@', '`']).find_map(|(at, mark)| {
        if mark == "`" {
            in_code = !in_code;
            return None;
        }
        let is_code = in_code && at < last_tick;
        (!is_code && is_word(text, at, name)).then_some(at)
    })
}

/// Whether `@name` stands at a byte of `text` as a word of its own.
fn is_word(text: &str, at: usize, name: &str) -> bool {
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    let Some(after) = text.get(at.saturating_add(1)..).and_then(|rest| rest.strip_prefix(name)) else {
        return false;
    };
    // A CJK text has no spaces around names; a Latin word character before `@` is an address.
    let opens = before.is_none_or(|c| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '/' | '@')));
    let mut rest = after.chars();
    let closes = match rest.next() {
        None => true,
        Some('.' | '-' | '/') => rest.next().is_none_or(|c| !c.is_ascii_alphanumeric()),
        Some(c) => !(c.is_ascii_alphanumeric() || c == '_' || (c.is_alphabetic() && !is_cjk(c))),
    };
    opens && closes
}

/// Scripts that are written without spaces between words.
fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_as_a_word_of_its_own() {
        for text in ["@Bot", "hi @Bot!", "看@Bot请", "(@Bot)", "@Bot.", "a\n@Bot, b"] {
            assert!(mentions(text, "Bot"), "{text}");
        }
    }

    #[test]
    fn false_friends_stay_false() {
        for text in
            ["a@Bot.com", "@Bot2", "@Bottom", "@Bot_x", "@Bot-hands", "npm i @Bot/node", "`@Bot`", "Bot", "@@Bot"]
        {
            assert!(!mentions(text, "Bot"), "{text}");
        }
        assert!(!mentions("@ x", ""));
    }

    #[test]
    fn code_stands_between_two_backticks() {
        assert!(!mentions("`a` b `@Bot` `", "Bot"));
        assert!(mentions("`a` @Bot `b`", "Bot"));
        assert!(mentions("a ` b @Bot", "Bot"));
        assert_eq!(without_mention("`@Bot` @Bot x", "Bot"), "`@Bot` x");
    }

    #[test]
    fn a_name_with_spaces_is_one_name() {
        assert_eq!(without_mention("@Code Reviewer please look", "Code Reviewer"), "please look");
        assert_eq!(without_mention("please look, @Code Reviewer", "Code Reviewer"), "please look,");
    }

    #[test]
    fn a_span_counts_utf16_units() {
        assert_eq!(without_span("😀 @机器人 你好", 3, 4), "😀 你好");
        assert_eq!(without_span("@Bot hi", 0, 4), "hi");
    }

    #[test]
    fn a_span_that_is_no_mention_changes_nothing() {
        for (offset, length) in [(0, 3), (1, 2), (90, 4), (usize::MAX, usize::MAX)] {
            assert_eq!(without_span("😀ab cd", offset, length), "😀ab cd");
        }
    }
}
