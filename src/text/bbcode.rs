//! Mochat's markup. Its web client writes BBCode: `[at=ID]Name[/at]`, `[img]url[/img]`, `[card type=file url=…]name[/card]`.

/// Tags whose content is shown and whose brackets are dropped.
const PLAIN_TAGS: [&str; 7] = ["b", "i", "u", "s", "markdown", "emoji", "url"];

/// `text` as a person reads it: mentions become `@Name`, code stands between backticks, the rest loses its tags. Unknown
/// brackets stay as they are. Mentions of `us` become `<@us>`, whatever their label says, for the one place that tells
/// calls from code. One pass, so that a hostile nest of tags costs no more than any other text.
#[must_use]
pub fn plain(text: &str, us: Option<&str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // Whether code may still be closed further on: looked for in vain, it is not looked for again.
    let mut closes = true;
    while let Some((before, tag, after)) = next_tag(rest) {
        out.push_str(before);
        rest = after;
        let (name, argument) = tag.split_once(['=', ' ']).unwrap_or((tag, ""));
        match (name, name.strip_prefix('/')) {
            ("at", _) if us == Some(argument) => {
                out.push_str("<@");
                out.push_str(argument);
                out.push('>');
                rest = after_label(after, "[/at]");
            }
            ("at", _) => out.push('@'),
            ("img", _) => out.push_str("[image] "),
            ("card", _) if argument.contains("type=file") => out.push_str("[file: "),
            (_, Some("card")) => out.push(']'),
            ("code", _) if closes => {
                let end = after.split_once("[/code]");
                closes = end.is_some();
                let (code, behind) = end.unwrap_or_default();
                rest = if closes { behind } else { after };
                write_code(code, &mut out);
            }
            ("code", _) | (_, Some("code")) => {}
            (_, Some("at" | "img")) => {}
            (open, _) if PLAIN_TAGS.contains(&open) => {}
            (_, Some(close)) if PLAIN_TAGS.contains(&close) => {}
            _ => {
                out.push('[');
                out.push_str(tag);
                out.push(']');
            }
        }
    }
    out.push_str(rest);
    out.trim().to_owned()
}

/// Code as it is, between backticks. A blank line would end a span, so several lines are a block.
fn write_code(code: &str, out: &mut String) {
    let is_block = code.trim().contains('\n');
    let (open, close) = if is_block { ("\n```\n", "\n```\n") } else { ("`", "`") };
    if !code.trim().is_empty() {
        out.push_str(open);
        out.push_str(code.trim_matches('\n'));
        out.push_str(close);
    }
}

/// What stands behind a label and its closing tag; the text itself if the label isn't closed.
fn after_label<'a>(text: &'a str, closing: &str) -> &'a str {
    text.find('[').and_then(|end| text.get(end..)).and_then(|from| from.strip_prefix(closing)).unwrap_or(text)
}

/// The first `[tag]` with what stands before and after it.
fn next_tag(text: &str) -> Option<(&str, &str, &str)> {
    let (before, from) = text.split_once('[')?;
    let (tag, after) = from.split_once(']')?;
    Some((before, tag, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_the_text_a_person_reads() {
        for (markup, text) in [
            ("[at=1]Ann[/at] hello", "@Ann hello"),
            ("[b]bold [i]both[/i][/b]", "bold both"),
            ("see [url]https://x.example[/url]", "see https://x.example"),
            ("[img width=1 height=2]https://x/y.png[/img]", "[image] https://x/y.png"),
            ("[card type=file url=https://x/a.pdf]a.pdf[/card]", "[file: a.pdf]"),
            ("list[0] and [unknown]x[/unknown]", "list[0] and [unknown]x[/unknown]"),
            ("[at=1]open", "@open"),
            ("run [code]ls[/code]", "run `ls`"),
            ("[code]\na\n\n[b]b[/b][/code] ok", "```\na\n\n[b]b[/b]\n```\n ok"),
            ("[code]x [b]y[/b]", "x y"),
        ] {
            assert_eq!(plain(markup, None), text, "{markup}");
        }
    }

    #[test]
    fn the_bots_own_mention_is_one_by_its_id_and_not_by_its_label() {
        assert_eq!(plain("[at=bot]Bot[/at]deploy with [at=2]Bob[/at]", Some("bot")), "<@bot>deploy with @Bob");
        assert_eq!(plain("[at=bot99]bot[/at] x", Some("bot")), "@bot x");
    }

    #[test]
    fn a_deep_nest_of_tags_is_like_any_other_text() {
        let deep = "[b]".repeat(100_000) + "x" + &"[/b]".repeat(100_000);
        assert_eq!(plain(&deep, None), "x");
        assert_eq!(plain(&"[code]".repeat(100_000), None), "");
    }
}
