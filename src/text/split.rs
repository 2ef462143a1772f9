//! Long texts in parts that a platform takes.

use super::code::Fence;

/// Borders between sentences, in Latin and CJK texts.
const SENTENCES: [&str; 6] = [". ", "! ", "? ", "。", "！", "？"];
/// The longest mention that is kept in one piece, in bytes. Anything longer is none.
const MAX_MENTION: usize = 200;

/// Splits `text` into parts of at most `limit` characters: between paragraphs and blocks of code, between lines,
/// sentences or words, where there is such a border in the second half of what fits.
///
/// Each part renders alone: a block of code that must be cut is closed at the end of its part and opened again, with its
/// language, in the next. Joined by white space, and without these fences, the parts are the text.
#[must_use]
pub fn split(text: &str, limit: usize) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    // The block of code in which the rest begins.
    let mut open: Option<Fence<'_>> = None;
    while !rest.is_empty() {
        let mut part = open.map(header).unwrap_or_default();
        let room = limit.saturating_sub(part.chars().count());
        let cut = cut(rest, open, room, limit);
        let (taken, after) = rest.split_at_checked(cut.at).unwrap_or((rest, ""));
        part.push_str(taken.trim_end());
        if let Some(fence) = cut.open {
            part.push_str(&footer(fence));
        }
        parts.push(part);
        rest = match cut.open {
            Some(_) => after,
            None if taken.ends_with('\n') => indented(after, limit),
            None => after.trim_start(),
        };
        open = cut.open;
    }
    parts
}

/// Where a text is cut, and the block of code that is open there.
#[derive(Clone, Copy)]
struct Cut<'a> {
    at: usize,
    /// Characters in front of it.
    chars: usize,
    open: Option<Fence<'a>>,
}

/// The last cuts of each kind that fit.
#[derive(Default)]
struct Borders<'a> {
    paragraph: Option<Cut<'a>>,
    line: Option<Cut<'a>>,
}

impl<'a> Borders<'a> {
    /// The best one behind this many characters.
    fn best(&self, least: usize) -> Option<Cut<'a>> {
        let is_late = |cut: &Cut<'a>| cut.chars >= least;
        self.paragraph.filter(is_late).or_else(|| self.line.filter(is_late))
    }
}

/// Finds where `rest` is cut: at its end if it fits into `room`.
fn cut<'a>(rest: &'a str, mut open: Option<Fence<'a>>, room: usize, limit: usize) -> Cut<'a> {
    let mut borders = Borders::default();
    let (mut at, mut chars) = (0_usize, 0_usize);
    let mut lines = rest.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let was_open = open;
        open = behind(open, line, limit);
        let needed = chars.saturating_add(line.trim_end().chars().count()).saturating_add(footer_chars(open));
        if needed > room {
            let least = room / 2;
            let cut = borders.best(least).or_else(|| inside(rest, line, Cut { at, chars, open: was_open }, room));
            return cut.or(borders.best(0)).unwrap_or(Cut { at: first(rest), chars: 1, open: None });
        }
        at = at.saturating_add(line.len());
        chars = chars.saturating_add(line.chars().count());
        let cut = Some(Cut { at, chars, open });
        let is_block_border =
            was_open.is_some() || lines.peek().is_some_and(|next| behind(None, next, limit).is_some());
        let is_blank = line.trim().is_empty() || lines.peek().is_some_and(|next| next.trim().is_empty());
        match open {
            None if is_block_border || is_blank => borders.paragraph = cut,
            None | Some(_) => borders.line = cut,
        }
    }
    Cut { at: rest.len(), chars, open }
}

/// A cut inside of `line`, which begins at `start` and doesn't fit: behind a sentence or a word, or hard.
fn inside<'a>(rest: &str, line: &str, start: Cut<'a>, room: usize) -> Option<Cut<'a>> {
    let space = room.saturating_sub(start.chars).saturating_sub(footer_chars(start.open));
    let end = line.char_indices().nth(space).map_or(line.len(), |(index, _)| index);
    let head = line.get(..end)?;
    let least = (room / 2).saturating_sub(start.chars);
    let mut at = behind_last(head, " ", least);
    if start.open.is_none() {
        let sentence = SENTENCES.iter().map(|border| behind_last(head, border, least)).max();
        at = sentence.filter(|sentence| *sentence > 0).unwrap_or(at);
    }
    let at = in_front_of_mention(line, if at > 0 { at } else { end });
    let at = start.at.saturating_add(at);
    let chars = rest.get(..at)?.chars().count();
    (at > 0 && space > 0).then_some(Cut { at, chars, open: start.open })
}

/// The byte behind the last `border`, if it stands behind this many characters; else 0.
fn behind_last(head: &str, border: &str, least: usize) -> usize {
    let at = head.rfind(border).map_or(0, |at| at.saturating_add(border.len()));
    let chars = head.get(..at).map_or(0, |head| head.chars().count());
    if chars >= least { at } else { 0 }
}

/// The cut itself, or the beginning of the mention that it would tear: `@[uid:Ann Lee]`, `[at=ID]Ann Lee[/at]`.
fn in_front_of_mention(line: &str, at: usize) -> usize {
    let (head, after) = line.split_at_checked(at).unwrap_or((line, ""));
    for (open, close) in [("@[", "]"), ("[at=", "[/at]")] {
        let Some(start) = head.rfind(open).filter(|start| *start > 0) else { continue };
        let Some(length) = line.get(start..).and_then(|mention| mention.find(close)) else { continue };
        if length <= MAX_MENTION && start.saturating_add(length).saturating_add(close.len()) > at {
            return start;
        }
    }
    // A cut between `@` and `[` tears as well.
    let is_between = head.ends_with('@') && after.starts_with('[') && head.len() > 1;
    if is_between { at.saturating_sub(1) } else { at }
}

/// The block of code that is open behind a line. A fence that fills half of a part is no fence.
fn behind<'a>(open: Option<Fence<'a>>, line: &'a str, limit: usize) -> Option<Fence<'a>> {
    match open {
        Some(fence) => (!fence.is_closed_by(line)).then_some(fence),
        None => Fence::open(line)
            .filter(|fence| header(*fence).chars().count().saturating_add(footer_chars(Some(*fence))) <= limit / 2),
    }
}

fn header(Fence { indent, marks, info }: Fence<'_>) -> String {
    format!("{indent}{marks}{info}\n")
}

fn footer(Fence { indent, marks, .. }: Fence<'_>) -> String {
    format!("\n{indent}{marks}")
}

fn footer_chars(open: Option<Fence<'_>>) -> usize {
    open.map_or(0, |fence| fence.indent.len().saturating_add(fence.marks.len()).saturating_add(1))
}

/// The length of the first character: a part has at least one.
fn first(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}

/// `text` without blank lines in front. The indent of its first line belongs to a list, unless it fills a part.
fn indented(text: &str, limit: usize) -> &str {
    let blank = text.split_inclusive('\n').take_while(|line| line.trim().is_empty()).map(str::len).sum();
    let rest = text.get(blank..).unwrap_or_default();
    let bare = rest.trim_start();
    if rest.len().saturating_sub(bare.len()) > limit / 4 { bare } else { rest }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_paragraph_border_is_the_best_place_to_cut() {
        assert_eq!(split("one two\n\nthree four", 12), ["one two", "three four"]);
        assert_eq!(split("one two. three four five", 16), ["one two.", "three four five"]);
        assert_eq!(split("一二三。四五六七", 6), ["一二三。", "四五六七"]);
        assert_eq!(split("one\n- two\n  - three", 10), ["one\n- two", "  - three"]);
    }

    #[test]
    fn an_empty_text_has_no_parts() {
        assert!(split(" \n ", 10).is_empty());
    }

    #[test]
    fn a_block_of_code_that_fits_is_not_cut() {
        let text = "Some words about it.\n```rust\nlet a = 1;\nlet b = 2;\n```\nAnd more.";
        assert_eq!(split(text, 40), ["Some words about it.", "```rust\nlet a = 1;\nlet b = 2;\n```", "And more."]);
    }

    #[test]
    fn a_long_block_of_code_is_closed_and_opened_again_with_its_language() {
        let text = format!("```rust\n{}```\nDone.", "    let a = 1;\n".repeat(4));
        let line = "    let a = 1;";
        assert_eq!(
            split(&text, 45),
            [format!("```rust\n{line}\n{line}\n```"), format!("```rust\n{line}\n{line}\n```"), "Done.".to_owned()]
        );
    }

    #[test]
    fn a_block_that_is_never_closed_is_closed() {
        assert_eq!(split("x\n~~~~\ncode", 100), ["x\n~~~~\ncode\n~~~~"]);
    }

    #[test]
    fn a_mention_is_not_torn() {
        assert_eq!(split("please ask @[u1:Ann Lee] now", 22), ["please ask", "@[u1:Ann Lee] now"]);
        assert_eq!(split("please [at=1]Ann Lee[/at] now", 20), ["please", "[at=1]Ann Lee[/at]", "now"]);
    }

    /// A text without the fences that stand alone on their lines.
    fn bare(text: &str) -> String {
        let lines = text.lines().filter(|line| Fence::open(line).is_none());
        lines.flat_map(|line| line.chars().filter(|c| !c.is_whitespace())).collect()
    }

    fn is_balanced(part: &str) -> bool {
        part.lines().fold(None, |open, line| behind(open, line, usize::MAX)).is_none()
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_no_part_is_too_long(text in "(\\PC|\n| ){0,300}", limit in 1_usize..50) {
            let parts = split(&text, limit);
            prop_assert!(parts.iter().all(|part| part.chars().count() <= limit && !part.is_empty()));
            prop_assert_eq!(bare(&parts.join("\n")), bare(&text));
        }

        #[test]
        fn each_part_has_all_its_fences(
            text in "(word |long sentence\\. |\n|\n\n|@\\[u:A B\\]|\n```rust\n|\n```\n|\n  ~~~\n|    code\\(\\);\n){0,80}",
            limit in 40_usize..120,
        ) {
            let parts = split(&text, limit);
            prop_assert!(parts.iter().all(|part| part.chars().count() <= limit && !part.is_empty()), "{:?}", parts);
            prop_assert!(parts.iter().all(|part| is_balanced(part)), "{:?}", parts);
            prop_assert_eq!(bare(&parts.join("\n")), bare(&text));
        }
    }
}
