//! Secrets that must not leave in a message.

use std::ops::Range;

/// What replaces a secret.
const REDACTED: &str = "[redacted]";
/// How the platforms' tokens begin. Mochat: `claw_`; DMWork: bots, app bots, users.
const TOKEN_PREFIXES: [&str; 4] = ["claw_", "bf_", "app_", "uk_"];
/// Shorter words with such a beginning are names (`app_store`), not tokens.
const MIN_TOKEN_TAIL: usize = 16;

/// `text` without `own` and without anything that looks like a token of either platform; and how many were replaced.
///
/// Capitals, full-width letters and characters that nobody sees (zero-width spaces, soft hyphens) hide nothing: the text
/// is searched as a person would type it off.
#[must_use]
pub fn redact(text: &str, own: &str) -> (String, usize) {
    let seen: Vec<Seen> = text.char_indices().filter_map(Seen::read).collect();
    let own: Vec<char> = own.char_indices().filter_map(Seen::read).map(|seen| seen.shown).collect();
    // The part behind the prefix is the secret; written alone it is as good as the whole.
    let prefix = own.iter().position(|c| *c == '_').map_or(0, |at| at.saturating_add(1));
    let tail = own.get(prefix..).filter(|tail| tail.len() >= MIN_TOKEN_TAIL).unwrap_or_default();
    let (mut clean, mut copied, mut count) = (String::with_capacity(text.len()), 0, 0_usize);
    let mut at = 0;
    while at < seen.len() {
        let found = [own.as_slice(), tail].into_iter().find_map(|word| begins(&seen, at, word));
        let Some(secret) = found.or_else(|| token(&seen, at)) else {
            at = at.saturating_add(1);
            continue;
        };
        let bytes = bytes(&seen, &secret);
        clean.push_str(text.get(copied..bytes.start).unwrap_or_default());
        clean.push_str(REDACTED);
        count = count.saturating_add(1);
        (copied, at) = (bytes.end, secret.end);
    }
    clean.push_str(text.get(copied..).unwrap_or_default());
    (clean, count)
}

/// A character as a person sees it, and the byte where it stands.
#[derive(Clone, Copy)]
struct Seen {
    at: usize,
    len: usize,
    shown: char,
}

impl Seen {
    /// `None` for what leaves no trace on a screen.
    fn read((at, c): (usize, char)) -> Option<Self> {
        let is_unseen = matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{e0000}'..='\u{e0fff}');
        // Full-width forms stand in the order of ASCII.
        let plain = match c {
            '\u{ff01}'..='\u{ff5e}' => u32::from(c).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(c),
            _ => c,
        };
        (!is_unseen).then_some(Self { at, len: c.len_utf8(), shown: plain.to_ascii_lowercase() })
    }

    fn is_token_char(self) -> bool {
        self.shown.is_ascii_alphanumeric() || matches!(self.shown, '_' | '-')
    }
}

/// The place of `word`, if it stands at `at`.
fn begins(seen: &[Seen], at: usize, word: &[char]) -> Option<Range<usize>> {
    let end = at.checked_add(word.len())?;
    let is_there = seen.get(at..end)?.iter().map(|seen| seen.shown).eq(word.iter().copied());
    (is_there && !word.is_empty()).then_some(at..end)
}

/// The place of something that looks like a token, if it begins at `at`.
fn token(seen: &[Seen], at: usize) -> Option<Range<usize>> {
    let prefix = TOKEN_PREFIXES.iter().find(|prefix| {
        let rest = seen.get(at..).unwrap_or_default().iter().map(|seen| seen.shown);
        prefix.chars().eq(rest.take(prefix.len()))
    })?;
    let tail = at.checked_add(prefix.len())?;
    let is_in = |range: Range<usize>, test: fn(Seen) -> bool| {
        seen.get(range).unwrap_or_default().iter().take_while(|seen| test(**seen)).count()
    };
    let length = is_in(tail..seen.len(), Seen::is_token_char);
    let end = tail.saturating_add(length);
    let has_digit = seen.get(tail..end)?.iter().any(|seen| seen.shown.is_ascii_digit());
    let is_one_word = seen.get(tail..end)?.iter().all(|seen| seen.shown.is_ascii_alphanumeric());
    let is_inside = at.checked_sub(1).and_then(|before| seen.get(before)).is_some_and(|seen| seen.is_token_char());
    // `app_settings_controller` is a name; random letters have a digit among them, or no underscore. Inside of a longer
    // word only what can be nothing else counts.
    let is_random = if is_inside { has_digit && is_one_word } else { has_digit || is_one_word };
    (length >= MIN_TOKEN_TAIL && is_random).then_some(at..end)
}

/// The bytes from the first to the last of these characters, with what hides between them.
fn bytes(seen: &[Seen], range: &Range<usize>) -> Range<usize> {
    let start = seen.get(range.start).map_or(0, |seen| seen.at);
    let last = range.end.checked_sub(1).and_then(|last| seen.get(last));
    start..last.map_or(start, |seen| seen.at.saturating_add(seen.len))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OWN: &str = "claw_00112233445566778899aabb";

    #[test]
    fn the_bots_own_token_and_foreign_tokens_disappear() {
        let text = format!("mine is {OWN}, yours is bf_0123456789abcdef0123!");
        assert_eq!(redact(&text, OWN), ("mine is [redacted], yours is [redacted]!".to_owned(), 2));
    }

    #[test]
    fn nothing_that_a_reader_does_not_see_hides_a_token() {
        for text in [
            "CLAW_00112233445566778899AABB",
            "cl\u{200b}aw_0011\u{ad}2233445566778899aa\u{feff}bb",
            "ｃｌａｗ＿00112233445566778899aabb",
            "the token without its beginning: 00112233445566778899aabb",
            "\u{2060}bf_0123\u{2060}456789abcdef0123",
            "BF_0123456789ABCDEF0123",
            "uk_abcdefghijklmnopqrst",
            "x_app_0123456789abcdef0123",
        ] {
            let (clean, count) = redact(text, OWN);
            assert_eq!(count, 1, "{text}");
            assert!(clean.ends_with(REDACTED), "{clean}");
        }
    }

    #[test]
    fn words_that_only_begin_like_a_token_stay() {
        for text in
            ["app_store", "see bf_1 and uk_ok", "claw_", "", "app_settings_controller_base", "my_app_identity_provider"]
        {
            assert_eq!(redact(text, "bf_secret"), (text.to_owned(), 0));
        }
    }

    proptest! {
        #[test]
        fn a_token_is_found_wherever_it_stands(before in "\\PC{0,40}", after in "\\PC{0,40}", hidden in 0_usize..28) {
            let (head, tail) = OWN.split_at(hidden);
            let (clean, count) = redact(&format!("{before}{head}\u{200b}{tail}{after}"), OWN);
            prop_assert!(count >= 1 && !clean.contains("112233"));
        }

        #[test]
        fn a_text_without_a_token_is_left_alone(text in "[a-z @./\u{200b}é\n]{0,200}") {
            prop_assert_eq!(redact(&text, OWN), (text, 0));
        }
    }
}
