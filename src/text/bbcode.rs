//! Mochat's markup. Its web client writes BBCode: `[at=ID]Name[/at]`, `[img]url[/img]`, `[card type=file url=…]name[/card]`.

use super::media::{add, add_images, file_name, label};
use super::name;
use crate::message::Media;

/// Tags whose content is shown and whose brackets are dropped.
const PLAIN_TAGS: [&str; 5] = ["b", "i", "u", "s", "markdown"];
/// What clients put in place of their server's address (Tailchat's `parseUrlStr`).
const SERVER: [&str; 2] = ["{BACKEND}", "%7BBACKEND%7D"];

/// What somebody wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// As a person reads it. Files are named: `[image: a.png]`.
    pub text: String,
    /// Files in it that can be fetched.
    pub media: Vec<Media>,
}

/// `markup` as a person reads it: mentions become `@Name`, code stands between backticks, the rest loses its tags.
/// Unknown brackets stay as they are.
#[must_use]
pub fn plain(markup: &str) -> String {
    read(markup, None, "").text
}

/// The same with its files, whose URLs may lead to `server`. Mentions of `us` become `<@us>`, whatever their label says,
/// for the one place that tells calls from code. One pass, so that a hostile nest of tags costs no more than any other
/// text.
#[must_use]
pub fn read(markup: &str, us: Option<&str>, server: &str) -> Said {
    let mut reader = Reader { text: String::with_capacity(markup.len()), media: Vec::new(), server, rest: markup };
    // Whether code, a picture and a card may still be closed further on: looked for in vain, they are not looked for
    // again.
    let mut closes = [true; 3];
    while let Some((before, tag, after)) = next_tag(reader.rest) {
        reader.text.push_str(before);
        reader.rest = after;
        reader.tag(tag, us, &mut closes);
    }
    let Reader { mut text, mut media, rest, .. } = reader;
    text.push_str(rest);
    let text = text.trim().to_owned();
    add_images(&text, &mut media);
    Said { text, media }
}

struct Reader<'a> {
    text: String,
    media: Vec<Media>,
    server: &'a str,
    /// What is not read yet.
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn tag(&mut self, tag: &'a str, us: Option<&str>, [code, img, card]: &mut [bool; 3]) {
        let (open, argument) = tag.split_once(['=', ' ']).unwrap_or((tag, ""));
        match (open, open.strip_prefix('/')) {
            ("at", _) if us == Some(argument) => {
                self.text.push_str("<@");
                self.text.push_str(argument);
                self.text.push('>');
                self.rest = after_label(self.rest, "[/at]");
            }
            ("at", _) => self.text.push('@'),
            ("img", _) => {
                let inner = self.inner("[/img]", img);
                let url = attribute(argument).or(inner).unwrap_or_default();
                self.file("image", url, None);
            }
            ("card", _) => {
                let said = self.inner("[/card]", card).map(name);
                match attribute(argument).filter(|_| argument.contains("type=file")) {
                    Some(url) => self.file("file", url, said),
                    None => self.text.push_str(&format!("[card: {}]", said.unwrap_or_default())),
                }
            }
            ("code", _) => {
                if let Some(inner) = self.inner("[/code]", code) {
                    write_code(inner, &mut self.text);
                }
            }
            ("url", _) if !argument.is_empty() => self.link(argument),
            ("url", _) | (_, Some("at" | "img" | "card" | "code" | "url")) => {}
            ("emoji", _) | (_, Some("emoji")) => self.text.push(':'),
            (open, _) if PLAIN_TAGS.contains(&open) => {}
            (_, Some(close)) if PLAIN_TAGS.contains(&close) => {}
            _ => {
                self.text.push('[');
                self.text.push_str(tag);
                self.text.push(']');
            }
        }
    }

    /// What stands between a tag and the one that closes it, if there is one.
    fn inner(&mut self, closing: &str, closes: &mut bool) -> Option<&'a str> {
        let found = if *closes { self.rest.split_once(closing) } else { None };
        *closes = found.is_some();
        let (inner, behind) = found?;
        self.rest = behind;
        Some(inner)
    }

    /// Names a file, by `called` or its URL, and adds it.
    fn file(&mut self, kind: &str, url: &str, called: Option<String>) {
        let url = self.absolute(url.trim());
        let called = called.filter(|called| !called.is_empty()).unwrap_or_else(|| file_name(&url));
        self.text.push_str(&label(kind, &called));
        if self.rest.starts_with(|c: char| !c.is_whitespace()) {
            self.text.push(' ');
        }
        add(&mut self.media, &url, &called);
    }

    /// `[url=address]words[/url]`: both, unless the words are the address.
    fn link(&mut self, address: &str) {
        if self.rest.split('[').next().is_some_and(|words| words.trim() != address) {
            self.text.push_str(address);
            self.text.push(' ');
        }
    }

    fn absolute(&self, url: &str) -> String {
        match SERVER.iter().find_map(|server| url.strip_prefix(server)).or(Some(url).filter(|url| url.starts_with('/')))
        {
            Some(path) => format!("{}{path}", self.server),
            None => url.to_owned(),
        }
    }
}

/// The value of `url=` in a tag's attributes.
fn attribute(attributes: &str) -> Option<&str> {
    attributes.split_whitespace().find_map(|attribute| attribute.strip_prefix("url="))
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
            ("[url=https://x.example]here[/url]", "https://x.example here"),
            ("[url=https://x.example]https://x.example[/url]!", "https://x.example!"),
            ("well [emoji]smile[/emoji]", "well :smile:"),
            ("[img width=1 height=2]https://x/y.png[/img]look", "[image: y.png] look"),
            ("[img]https://x/y.png", "[image] https://x/y.png"),
            ("[card type=file url=https://x/a.pdf]报告 a.pdf[/card]", "[file: 报告 a.pdf]"),
            ("[card type=vote]lunch[/card]", "[card: lunch]"),
            ("list[0] and [unknown]x[/unknown]", "list[0] and [unknown]x[/unknown]"),
            ("[at=1]open", "@open"),
            ("run [code]ls[/code]", "run `ls`"),
            ("[code]\na\n\n[b]b[/b][/code] ok", "```\na\n\n[b]b[/b]\n```\n ok"),
            ("[code]x [b]y[/b]", "x y"),
        ] {
            assert_eq!(plain(markup), text, "{markup}");
        }
    }

    #[test]
    fn files_are_found_wherever_markup_names_them() {
        let said = read(
            "[img]{BACKEND}/static/1.jpg[/img][img url=/static/2][/img][card type=file url=https://x/a?b=c]a.pdf[/card]\
             [img]data:image/png;base64,AA[/img] https://x/3.png [url]https://x/4.png[/url]",
            None,
            "https://im.example",
        );
        let found: Vec<_> = said.media.iter().map(|media| (media.url.as_str(), media.name.as_str())).collect();
        assert_eq!(
            found,
            [
                ("https://im.example/static/1.jpg", "1.jpg"),
                ("https://im.example/static/2", "2"),
                ("https://x/a?b=c", "a.pdf"),
                ("https://x/3.png", "3.png"),
                ("https://x/4.png", "4.png"),
            ]
        );
        let text = "[image: 1.jpg] [image: 2] [file: a.pdf] [image: data] https://x/3.png https://x/4.png";
        assert_eq!(said.text, text);
    }

    #[test]
    fn the_bots_own_mention_is_one_by_its_id_and_not_by_its_label() {
        let read = |markup| read(markup, Some("bot"), "").text;
        assert_eq!(read("[at=bot]Bot[/at]deploy with [at=2]Bob[/at]"), "<@bot>deploy with @Bob");
        assert_eq!(read("[at=bot99]bot[/at] x"), "@bot x");
    }

    #[test]
    fn a_deep_nest_of_tags_is_like_any_other_text() {
        let deep = "[b]".repeat(100_000) + "x" + &"[/b]".repeat(100_000);
        assert_eq!(plain(&deep), "x");
        for tag in ["[code]", "[img]", "[card type=file url=x]"] {
            assert!(!plain(&tag.repeat(50_000)).contains("[/"));
        }
        assert_eq!(plain(&"[code]".repeat(100_000)), "");
    }
}
