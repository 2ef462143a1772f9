//! Secrets that must not leave in a message.

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
    let (seen, own) = (Seen::read(text), Seen::read(own).shown);
    // The part behind the prefix is the secret; written alone it is as good as the whole.
    let tail = own.split_once('_').map_or("", |(_, tail)| tail);
    let tail = if tail.len() < MIN_TOKEN_TAIL { "" } else { tail };
    let (mut clean, mut copied, mut count, mut at) = (String::with_capacity(text.len()), 0, 0_usize, 0_usize);
    while let Some(rest) = seen.shown.get(at..).filter(|rest| !rest.is_empty()) {
        let is_own = |word: &str| !word.is_empty() && rest.starts_with(word);
        let length = match () {
            () if is_own(&own) => own.len(),
            () if is_own(tail) => tail.len(),
            () => token(&seen.shown, at, rest),
        };
        if length > 0 {
            let end = at.saturating_add(length);
            clean.push_str(text.get(copied..seen.start(at)).unwrap_or_default());
            clean.push_str(REDACTED);
            count = count.saturating_add(1);
            (copied, at) = (seen.end(end), end);
        } else {
            at = at.saturating_add(rest.chars().next().map_or(1, char::len_utf8));
        }
    }
    clean.push_str(text.get(copied..).unwrap_or_default());
    (clean, count)
}

/// The same for each of these; the first may be empty, and of the others those that are there count.
#[must_use]
pub fn redact_all(text: &str, [first, others @ ..]: [&str; 3]) -> (String, usize) {
    let mut redacted = redact(text, first);
    for other in others.iter().filter(|other| !other.is_empty()) {
        let (text, more) = redact(&redacted.0, other);
        redacted = (text, redacted.1.saturating_add(more));
    }
    redacted
}

/// A text as a person sees it, and where each byte of it stands in the text itself.
struct Seen {
    shown: String,
    /// First byte, and the first one behind, of the character that each byte belongs to.
    places: Vec<(usize, usize)>,
}

impl Seen {
    fn read(text: &str) -> Self {
        let (mut shown, mut places) = (String::with_capacity(text.len()), Vec::with_capacity(text.len()));
        for (at, c) in text.char_indices() {
            let end = at.saturating_add(c.len_utf8());
            let c = match c {
                c if is_unseen(c) => continue,
                // Full-width forms stand in the order of ASCII.
                '\u{ff01}'..='\u{ff5e}' => u32::from(c).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(c),
                _ => c,
            };
            shown.push(c.to_ascii_lowercase());
            places.resize(shown.len(), (at, end));
        }
        Self { shown, places }
    }

    fn start(&self, at: usize) -> usize {
        self.places.get(at).map_or(0, |(start, _)| *start)
    }

    fn end(&self, at: usize) -> usize {
        at.checked_sub(1).and_then(|last| self.places.get(last)).map_or(0, |(_, end)| *end)
    }
}

/// Whether a character leaves no trace on a screen.
pub(super) fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// The length of what looks like a token at the beginning of `rest`, which begins at `at`; 0 if nothing does.
fn token(shown: &str, at: usize, rest: &str) -> usize {
    let Some(prefix) = TOKEN_PREFIXES.iter().find(|prefix| rest.starts_with(**prefix)) else { return 0 };
    let (mut length, mut has_digit, mut is_one_word) = (0_usize, false, true);
    for byte in rest.bytes().skip(prefix.len()).take_while(|byte| is_token_byte(*byte)) {
        length = length.saturating_add(1);
        has_digit |= byte.is_ascii_digit();
        is_one_word &= byte.is_ascii_alphanumeric();
    }
    let before = at.checked_sub(1).and_then(|before| shown.as_bytes().get(before));
    // `app_settings_controller` is a name; random letters have a digit among them, or no underscore. Inside of a longer
    // word only what can be nothing else counts.
    let is_inside = before.is_some_and(|byte| is_token_byte(*byte));
    let is_random = if is_inside { has_digit && is_one_word } else { has_digit || is_one_word };
    if length >= MIN_TOKEN_TAIL && is_random { length.saturating_add(prefix.len()) } else { 0 }
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
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
