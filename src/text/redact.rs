//! Secrets that must not leave in a message.

/// What replaces a secret.
const REDACTED: &str = "[redacted]";
/// How the platforms' tokens begin. Mochat: `claw_`; DMWork: bots, app bots, users.
const TOKEN_PREFIXES: [&str; 4] = ["claw_", "bf_", "app_", "uk_"];
/// Shorter words with such a beginning are names (`app_store`), not tokens.
const MIN_TOKEN_TAIL: usize = 16;

/// `text` without `own` and without anything that looks like a token of either platform; and how many were replaced.
#[must_use]
pub fn redact(text: &str, own: &str) -> (String, usize) {
    let mut count = 0_usize;
    let mut out = text.to_owned();
    if !own.is_empty() && out.contains(own) {
        count = out.matches(own).count();
        out = out.replace(own, REDACTED);
    }
    let mut clean = String::with_capacity(out.len());
    let mut rest = out.as_str();
    while let Some((before, after)) = next_token(rest) {
        clean.push_str(before);
        clean.push_str(REDACTED);
        count = count.saturating_add(1);
        rest = after;
    }
    clean.push_str(rest);
    (clean, count)
}

/// What stands before and after the first token in `text`.
fn next_token(text: &str) -> Option<(&str, &str)> {
    let mut word_start = 0;
    let ends_token = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-');
    for word in text.split_inclusive(ends_token) {
        let token = word.trim_end_matches(ends_token);
        let is_token = TOKEN_PREFIXES
            .iter()
            .any(|prefix| token.strip_prefix(prefix).is_some_and(|tail| tail.len() >= MIN_TOKEN_TAIL));
        if is_token {
            let (before, from) = text.split_at_checked(word_start)?;
            let (_, after) = from.split_at_checked(token.len())?;
            return Some((before, after));
        }
        word_start = word_start.saturating_add(word.len());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bots_own_token_and_foreign_tokens_disappear() {
        let own = "claw_00112233445566778899aabb";
        let text = format!("mine is {own}, yours is bf_0123456789abcdef0123!");
        assert_eq!(redact(&text, own), ("mine is [redacted], yours is [redacted]!".to_owned(), 2));
    }

    #[test]
    fn words_that_only_begin_like_a_token_stay() {
        for text in ["app_store", "see bf_1 and uk_ok", "claw_", ""] {
            assert_eq!(redact(text, "bf_secret"), (text.to_owned(), 0));
        }
    }
}
