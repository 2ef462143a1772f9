//! Long texts in parts that a platform takes.

/// Splits `text` into parts of at most `limit` characters, at paragraph, line, sentence or word borders where there are
/// any. Joined by white space the parts are the text.
#[must_use]
pub fn split(text: &str, limit: usize) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while rest.chars().nth(limit).is_some() {
        let (part, after) = cut(rest, limit);
        parts.push(part.trim_end().to_owned());
        rest = after.trim_start();
    }
    if !rest.is_empty() {
        parts.push(rest.to_owned());
    }
    parts
}

/// Cuts at the best border in the second half of the first `limit` characters, or hard.
fn cut(text: &str, limit: usize) -> (&str, &str) {
    let hard = text.char_indices().nth(limit).map_or(text.len(), |(index, _)| index);
    let (head, _) = text.split_at_checked(hard).unwrap_or((text, ""));
    let border = ["\n\n", "\n", ". ", "。", " "].iter().find_map(|border| {
        let end = head.rfind(border)?.checked_add(border.len())?;
        (end >= hard / 2).then_some(end)
    });
    text.split_at_checked(border.unwrap_or(hard)).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_paragraph_border_is_the_best_place_to_cut() {
        assert_eq!(split("one two\n\nthree four", 12), ["one two", "three four"]);
    }

    #[test]
    fn an_empty_text_has_no_parts() {
        assert!(split(" \n ", 10).is_empty());
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_no_part_is_too_long(text in "(\\PC|\n| ){0,300}", limit in 1_usize..50) {
            let parts = split(&text, limit);
            prop_assert!(parts.iter().all(|part| part.chars().count() <= limit && !part.is_empty()));
            let squeeze = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(squeeze(&parts.concat()), squeeze(&text));
        }
    }
}
