//! A short, harmless piece of foreign text for logs.

/// Enough to recognise an error message, too little to flood a log.
const EXCERPT_CHARS: usize = 160;

/// The beginning of `text` on one line: control characters become spaces.
#[must_use]
pub fn excerpt(text: &str) -> String {
    let mut line: String =
        text.trim().chars().take(EXCERPT_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.trim().chars().nth(EXCERPT_CHARS).is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_body_becomes_one_short_line() {
        assert_eq!(excerpt(" a\nb "), "a b");
        assert_eq!(excerpt(&"x".repeat(500)).chars().count(), EXCERPT_CHARS + 1);
    }
}
