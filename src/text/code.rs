//! Where code stands in a text: in fenced blocks and between backticks. What is written there calls nobody.

use std::ops::Range;

/// A longer run of backticks opens no code span. Nobody writes one, and each one looks for its end.
const MAX_TICKS: usize = 32;

/// The first line of a fenced block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fence<'a> {
    /// White space before the marks: a block in a list is indented.
    pub(super) indent: &'a str,
    /// Three or more backticks or tildes.
    pub(super) marks: &'a str,
    /// The language, and whatever else stands behind the marks.
    pub(super) info: &'a str,
}

impl<'a> Fence<'a> {
    /// Reads a line that opens a block.
    pub(super) fn open(line: &'a str) -> Option<Self> {
        let rest = line.trim_start_matches([' ', '\t']);
        let indent = line.strip_suffix(rest)?;
        let mark = rest.chars().next().filter(|c| matches!(c, '`' | '~'))?;
        let info = rest.trim_start_matches(mark);
        let marks = rest.strip_suffix(info).filter(|marks| marks.len() >= 3)?;
        // Three backticks that are closed on their own line are a code span.
        (mark == '~' || !info.contains('`')).then_some(Self { indent, marks, info: info.trim() })
    }

    /// Whether a line ends the block.
    pub(super) fn is_closed_by(&self, line: &str) -> bool {
        line.trim().strip_prefix(self.marks).is_some_and(|more| more.chars().all(|c| self.marks.starts_with(c)))
    }
}

/// The code of a text, as ranges of bytes in order.
#[derive(Debug)]
pub(super) struct Code(Vec<Range<usize>>);

impl Code {
    pub(super) fn find(text: &str) -> Self {
        let (mut found, mut at, mut paragraph) = (Vec::new(), 0_usize, 0_usize);
        let mut block: Option<(usize, Fence<'_>)> = None;
        for line in text.split_inclusive('\n') {
            let end = at.saturating_add(line.len());
            match block {
                Some((start, fence)) if fence.is_closed_by(line) => {
                    found.push(start..end);
                    (block, paragraph) = (None, end);
                }
                Some(_) => {}
                None => {
                    block = Fence::open(line).map(|fence| (at, fence));
                    if block.is_some() || line.trim().is_empty() {
                        spans(text, paragraph..at, &mut found);
                        paragraph = end;
                    }
                }
            }
            at = end;
        }
        match block {
            // A block that is never closed goes on to the end.
            Some((start, _)) => found.push(start..text.len()),
            None => spans(text, paragraph..text.len(), &mut found),
        }
        Self(found)
    }

    /// Whether the byte at this index is code.
    pub(super) fn contains(&self, at: usize) -> bool {
        let next = self.0.partition_point(|range| range.end <= at);
        self.0.get(next).is_some_and(|range| range.contains(&at))
    }
}

/// Adds the code spans of a paragraph: from a run of backticks to the next run of the same length.
fn spans(text: &str, paragraph: Range<usize>, found: &mut Vec<Range<usize>>) {
    let Some(inner) = text.get(paragraph.clone()) else { return };
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, _) in inner.match_indices('`') {
        let at = at.saturating_add(paragraph.start);
        match runs.last_mut() {
            Some(run) if run.end == at => run.end = at.saturating_add(1),
            _ => runs.push(at..at.saturating_add(1)),
        }
    }
    let mut rest = runs.as_slice();
    while let Some((open, behind)) = rest.split_first() {
        rest = behind;
        if open.len() > MAX_TICKS {
            continue;
        }
        if let Some(close) = behind.iter().position(|run| run.len() == open.len()) {
            found.push(open.start..behind.get(close).map_or(open.end, |run| run.end));
            rest = behind.get(close.saturating_add(1)..).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The code of a text, piece by piece.
    fn code(text: &str) -> Vec<&str> {
        Code::find(text).0.into_iter().map(|range| text.get(range).unwrap()).collect()
    }

    #[test]
    fn code_stands_between_runs_of_the_same_length() {
        assert_eq!(code("a `b` c ``d ` e`` f"), ["`b`", "``d ` e``"]);
        assert_eq!(code("a ` b"), [""; 0]);
        assert_eq!(code("one ` tick\n\nand ` another"), [""; 0], "a paragraph ends a span");
    }

    #[test]
    fn a_block_goes_from_fence_to_fence_or_to_the_end() {
        assert_eq!(code("x\n```rust\nlet `a`;\n```\ny `z`"), ["```rust\nlet `a`;\n```\n", "`z`"]);
        assert_eq!(code("  ~~~\n```\n~~~\nx"), ["  ~~~\n```\n~~~\n"]);
        assert_eq!(code("x\n````\n```\nmore"), ["````\n```\nmore"]);
        assert_eq!(code("```one line```\nx"), ["```one line```"]);
    }

    #[test]
    fn a_byte_is_code_or_not() {
        let code = Code::find("a `b` c");
        assert_eq!(
            (0..7).map(|at| code.contains(at)).collect::<Vec<_>>(),
            [false, false, true, true, true, false, false]
        );
    }

    #[test]
    fn a_flood_of_backticks_is_read_quickly() {
        let text: String = (1..600).map(|n| "`".repeat(n) + "x").collect::<String>() + &"`x ".repeat(100_000);
        assert!(!code(&text).is_empty());
    }
}
