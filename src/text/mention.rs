//! Calls of somebody in a text that came in: where a name or an id really is one, and what is left without it.

use super::code::Code;
use std::ops::Range;

/// What sets a name apart from the words behind it.
const BEHIND_NAME: &[char] = &[' ', '\n', '\t', ',', '，', ':', '：', '、'];
/// What a sentence ends with.
const SENTENCE_END: &[char] = &['.', '!', '?', '。', '！', '？', ' ', '\n'];

/// Whether `text` calls somebody of these names: `@name` or `<@name>` as a word of its own. Not inside an e-mail address
/// or a package name, not as the beginning of a longer name, not in code.
#[must_use]
pub fn mentions(text: &str, names: &[&str]) -> bool {
    !calls(text, names).is_empty()
}

/// `text` as the one who is called should read it. Calls at the beginning go, and one that is set apart at the end.
/// Inside a sentence they are part of it and become `@` with the first of the names.
#[must_use]
pub fn without_own(text: &str, names: &[&str]) -> String {
    let shown = names.iter().find(|name| !name.trim().is_empty()).unwrap_or(&"");
    let mut out = String::with_capacity(text.len());
    let mut rest_from = 0;
    for call in calls(text, names) {
        out.push_str(text.get(rest_from..call.start).unwrap_or_default());
        rest_from = call.end;
        let rest = text.get(call.end..).unwrap_or_default();
        if !out.chars().any(is_letter_or_digit) {
            let kept = rest.trim_start_matches(BEHIND_NAME);
            rest_from = text.len().saturating_sub(kept.len());
            out.truncate(out.trim_end().len());
            out.push_str(if out.is_empty() { "" } else { " " });
        } else if is_set_apart(&out, rest) {
            out.truncate(out.trim_end_matches(BEHIND_NAME).len());
            // "Is that so, @Bot?" stays a question; a sentence that has its mark, and a command, need no other.
            if out.starts_with('/') || !out.chars().next_back().is_some_and(is_letter_or_digit) {
                rest_from = text.len();
            }
        } else {
            out.push('@');
            out.push_str(shown);
        }
    }
    out.push_str(text.get(rest_from..).unwrap_or_default());
    out.trim().to_owned()
}

/// Whether a call between these is the last word and no part of the sentence: "Look at this, @Bot." A command has no
/// sentence, and the host knows it only without anything behind it.
fn is_set_apart(before: &str, after: &str) -> bool {
    let is_last = after.trim_start_matches(SENTENCE_END).is_empty();
    let set_apart = before
        .trim_end_matches(' ')
        .chars()
        .next_back()
        .is_some_and(|c| SENTENCE_END.contains(&c) || BEHIND_NAME.contains(&c));
    is_last && (set_apart || before.starts_with('/'))
}

/// `text` with `<@id>` in place of UTF-16 spans `(offset, length)`, as mention entities give them. A span that doesn't
/// begin with `@`, lies outside or overlaps another changes nothing.
#[must_use]
pub fn mark_spans(text: &str, mut spans: Vec<(usize, usize)>, id: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut units = 0_usize;
    let mut chars = text.char_indices().peekable();
    let mut copied = 0;
    // From the first to the last; there are few.
    while let Some((next, (offset, length))) = spans.iter().copied().enumerate().min_by_key(|(_, span)| *span) {
        spans.swap_remove(next);
        let mut byte_at = |unit: usize| {
            while let Some((_, c)) = chars.next_if(|_| units < unit) {
                units = units.saturating_add(c.len_utf16());
            }
            (units == unit).then(|| chars.peek().map_or(text.len(), |(index, _)| *index))
        };
        let Some(start) = byte_at(offset) else { continue };
        let Some(end) = byte_at(offset.saturating_add(length)) else { continue };
        if text.get(start..end).is_some_and(|span| span.starts_with('@')) {
            out.push_str(text.get(copied..start).unwrap_or_default());
            out.push_str("<@");
            out.push_str(id);
            out.push('>');
            copied = end;
        }
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    out
}

/// All calls of these names, in order.
fn calls(text: &str, names: &[&str]) -> Vec<Range<usize>> {
    if !text.contains('@') {
        return Vec::new();
    }
    let code = Code::find(text);
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.match_indices('@') {
        let is_inside = found.last().is_some_and(|call| at < call.end);
        if !is_inside && !code.contains(at) {
            let mut longest: Option<Range<usize>> = None;
            for call in names.iter().filter_map(|name| call_at(text, at, name)) {
                if longest.as_ref().is_none_or(|other| other.end < call.end) {
                    longest = Some(call);
                }
            }
            if let Some(call) = longest {
                found.push(call);
            }
        }
    }
    found
}

/// The call of `name` whose `@` stands at this byte.
fn call_at(text: &str, at: usize, name: &str) -> Option<Range<usize>> {
    let end = after_name(text, at, name)?;
    let (before, after) = (text.get(..at)?, text.get(end..)?);
    if before.ends_with('<') && after.starts_with('>') {
        return Some(at.saturating_sub(1)..end.saturating_add(1));
    }
    (opens_word(before) && closes_word(after)).then_some(at..end)
}

/// The byte behind `@name`, if that is what stands at `at`. Nobody types capitals as they should be.
pub(super) fn after_name(text: &str, at: usize, name: &str) -> Option<usize> {
    let start = at.checked_add(1)?;
    let end = start.checked_add(name.len())?;
    let is_there = !name.trim().is_empty() && text.get(start..end)?.eq_ignore_ascii_case(name);
    is_there.then_some(end)
}

/// Whether `@` may begin a call behind this text. Texts in CJK have no spaces around names; any other letter before `@`
/// makes it an address.
pub(super) fn opens_word(before: &str) -> bool {
    before.chars().next_back().is_none_or(|c| !(is_letter(c) || matches!(c, '_' | '.' | '-' | '+' | '/' | '@')))
}

/// Whether a name may end in front of this text.
pub(super) fn closes_word(after: &str) -> bool {
    let mut rest = after.chars();
    match rest.next() {
        None => true,
        Some('.' | '-' | '/' | '@') => rest.next().is_none_or(|c| !c.is_ascii_alphanumeric()),
        Some(c) => !(is_letter(c) || c == '_'),
    }
}

/// A letter or digit of a script that puts spaces between words.
fn is_letter(c: char) -> bool {
    let is_cjk = matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}');
    is_letter_or_digit(c) && !is_cjk
}

fn is_letter_or_digit(c: char) -> bool {
    c.is_alphabetic() || c.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_as_a_word_of_its_own() {
        for text in ["@Bot", "hi @bot!", "看@Bot请", "(@Bot)", "@Bot.", "a\n@Bot, b", "<@Bot>", "x<@Bot>y"] {
            assert!(mentions(text, &["Bot"]), "{text}");
        }
        assert!(mentions("@机器人请看", &["机器人"]));
    }

    #[test]
    fn false_friends_stay_false() {
        for text in [
            "a@Bot.com",
            "é@Bot.com",
            "@Bot2",
            "@Bottom",
            "@Bot_x",
            "@Bot-hands",
            "npm i @Bot/node",
            "@Bot@im.example",
            "Bot",
            "@@Bot",
            "<@Bot2>",
            "@Botё",
        ] {
            assert!(!mentions(text, &["Bot"]), "{text}");
        }
        assert!(!mentions("@ x", &["", " "]));
    }

    #[test]
    fn code_calls_nobody_in_any_form() {
        for text in ["`@Bot`", "a ``<@Bot>`` b", "```\n@Bot\n```", "~~~sh\necho <@Bot>\n", "`a` b `@Bot` `"] {
            assert!(!mentions(text, &["Bot"]), "{text}");
        }
        assert!(mentions("`a` @Bot `b`", &["Bot"]));
        assert!(mentions("a ` b @Bot", &["Bot"]));
    }

    #[test]
    fn every_call_at_the_beginning_goes_and_a_sentence_stays_whole() {
        for (text, left) in [
            ("@Code Reviewer please look", "please look"),
            ("<@u1> @Code Reviewer, @u1: please look", "please look"),
            ("😀 @Code Reviewer is this ok?", "😀 is this ok?"),
            // A CJK text right behind a name is no part of it.
            ("@u1你好", "你好"),
            ("ask <@u1> or @code reviewer about it", "ask @Code Reviewer or @Code Reviewer about it"),
            ("please look, @Code Reviewer", "please look"),
            ("Look. <@u1>!", "Look."),
            ("is that so, <@u1>?", "is that so?"),
            ("/status @Code Reviewer", "/status"),
            ("what would you ask @Code Reviewer?", "what would you ask @Code Reviewer?"),
            ("`@u1` @u1 x", "`@u1` @Code Reviewer x"),
            ("@u1", ""),
        ] {
            assert_eq!(without_own(text, &["Code Reviewer", "u1"]), left, "{text}");
        }
    }

    #[test]
    fn spans_count_utf16_units_and_may_come_in_any_order() {
        assert_eq!(mark_spans("😀 @机器人 你好 @B", vec![(11, 2), (3, 4)], "u"), "😀 <@u> 你好 <@u>");
    }

    #[test]
    fn a_span_that_is_no_mention_changes_nothing() {
        for (offset, length) in [(0, 3), (1, 2), (90, 4), (usize::MAX, usize::MAX)] {
            assert_eq!(mark_spans("😀@b cd", vec![(offset, length)], "u"), "😀@b cd");
        }
        assert_eq!(mark_spans("@Bot x", vec![(0, 4), (0, 4), (0, 2)], "u").matches("<@u>").count(), 1);
    }
}
