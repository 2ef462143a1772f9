//! Cuts off what is nested too deep to be read.

/// `text` with `null` in place of each list and object inside of `most` others; `None` if there is none. What is no JSON
/// stays none.
pub(super) fn cut(text: &[u8], most: usize) -> Option<Vec<u8>> {
    let mut kept = Vec::with_capacity(text.len());
    let (mut depth, mut is_text, mut is_escaped, mut is_cut) = (0_usize, false, false, false);
    for &byte in text {
        let was_deep = depth > most;
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            b'[' | b'{' if !is_text => {
                depth = depth.saturating_add(1);
                if depth > most && !was_deep {
                    kept.extend_from_slice(b"null");
                    is_cut = true;
                }
            }
            b']' | b'}' if !is_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if !was_deep && depth <= most {
            kept.push(byte);
        }
    }
    is_cut.then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut_text(text: &str, most: usize) -> Option<String> {
        cut(text.as_bytes(), most).map(|kept| String::from_utf8(kept).unwrap())
    }

    #[test]
    fn what_is_inside_of_too_many_others_becomes_null_and_brackets_in_texts_are_text() {
        for (text, kept) in [
            (r#"{"a":[1,[2,[3]],4],"b":{"c":{}}}"#, Some(r#"{"a":[1,null,4],"b":{"c":null}}"#)),
            (r#"{"a":"[[[","b":"\"[[["}"#, None),
            ("[[]]", None),
            ("[[[[[[", Some("[[null")),
            ("]]]]", None),
        ] {
            assert_eq!(cut_text(text, 2).as_deref(), kept, "{text}");
        }
    }
}
