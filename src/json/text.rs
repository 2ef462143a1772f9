//! Strings as JSON writes them, eight bytes at a time.

/// A bit in each byte of a word: the lowest, and the highest.
const LOWEST: u64 = 0x0101_0101_0101_0101;
const HIGHEST: u64 = LOWEST << 7;

/// Appends a string in quotes.
pub(super) fn push_quoted(out: &mut String, text: &str) {
    out.reserve(text.len().saturating_add(2));
    out.push('"');
    let mut rest = text;
    while let Some((plain, tail)) = rest.split_at_checked(plain_len(rest.as_bytes())) {
        out.push_str(plain);
        let mut tail = tail.chars();
        match tail.next() {
            Some(special) => push_escaped(out, special),
            None => break,
        }
        rest = tail.as_str();
    }
    out.push('"');
}

/// How many bytes at the beginning stand for themselves.
fn plain_len(bytes: &[u8]) -> usize {
    let (words, tail) = bytes.as_chunks::<8>();
    let mut len = 0_usize;
    for word in words {
        let found = special_bytes(u64::from_le_bytes(*word));
        if found != 0 {
            let before = found.trailing_zeros() / u8::BITS;
            return len.saturating_add(usize::try_from(before).unwrap_or(0));
        }
        len = len.saturating_add(word.len());
    }
    let in_tail = tail.iter().position(|byte| matches!(byte, 0..0x20 | b'"' | b'\\'));
    len.saturating_add(in_tail.unwrap_or(tail.len()))
}

/// The highest bit of each byte that needs an escape. Subtracting borrows from the next byte, so that bits above the
/// lowest one that is set may be wrong.
fn special_bytes(word: u64) -> u64 {
    let is = |byte: u8| below(word ^ LOWEST.wrapping_mul(byte.into()), 1);
    (below(word, 0x20) | is(b'"') | is(b'\\')) & HIGHEST
}

/// The highest bit of each byte that is below `limit`, at most 128.
fn below(word: u64, limit: u8) -> u64 {
    word.wrapping_sub(LOWEST.wrapping_mul(limit.into())) & !word
}

fn push_escaped(out: &mut String, special: char) {
    match special {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        control => {
            let digit = |shift: u32| char::from_digit(u32::from(control) >> shift & 0xF, 16).unwrap_or('0');
            out.push_str("\\u00");
            out.extend([digit(4), digit(0)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn strings_are_those_of_another_implementation(text in "[a-c\u{0}-\u{1f}\"\\\\\u{7f}-\u{ff}\u{4e2d}\u{1f600}]{0,40}") {
            let mut out = String::new();
            push_quoted(&mut out, &text);
            prop_assert_eq!(out, serde_json::to_string(&text).unwrap());
        }
    }

    #[test]
    fn a_special_character_is_found_wherever_it_stands() {
        for special in (0..0x20).chain([b'"', b'\\']) {
            for before in 0..20 {
                let text = format!("{}{}{}", "é".repeat(before), char::from(special), "x".repeat(9));
                assert_eq!(plain_len(text.as_bytes()), before * 2, "{text:?}");
            }
        }
    }
}
