//! What every call of a tool goes through: it is read and judged, and it ends in words for the model and a line in the
//! log.

use super::{Asked, Reach, Standing, Tool, judge, read, settle};
use crate::ids::RequestId;
use crate::message::Place;
use crate::step::{LogLevel, Step, ToolAsk};
use crate::text;

/// Characters of an answer, some thousand tokens: beyond that it is no help to anybody.
const MOST_SHOWN: usize = 16_000;

/// Checks a call of one of these tools. Answers with who asked for what, for the log, and with what is asked for or why
/// it is not done. `place` reads a target, `reach` tells where an action goes.
pub fn receive(
    tools: &'static [Tool],
    ask: &ToolAsk,
    standing: &Standing,
    place: &dyn Fn(&str) -> Option<Place>,
    reach: &dyn Fn(&Asked) -> Reach,
) -> (String, Result<Asked, String>) {
    let asked = read(tools, &ask.tool, &ask.parameters, place)
        .and_then(|asked| judge(asked.action.right, standing, reach(&asked)).map(|()| asked));
    let action = asked.as_ref().map_or("?", |asked| asked.action.name);
    let sender = ask.caller.sender.as_deref().unwrap_or("-");
    let place = standing.place.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
    let who = standing.who.words();
    let label = ["tool ", &ask.tool, " ", action, " for ", who, " (", sender, ") in ", &place].concat();
    (text::excerpt(&label), asked)
}

/// Ends a call. `is_whole` words, for the host itself, are not shortened. Tokens are cut out of all words that leave.
pub fn conclude(
    (request, label): (RequestId, &str),
    mut result: Result<String, String>,
    is_whole: bool,
    step: &mut Step,
) {
    if let Ok(shown) = &mut result
        && !is_whole
    {
        cut(shown, MOST_SHOWN);
    }
    let end = result.as_ref().err().map_or("done", String::as_str);
    step.log(LogLevel::Info, format!("{label}: {end}"));
    settle(request, result, step);
}

/// A text without these tokens, and without what looks like one.
#[must_use]
pub fn without(text: &str, tokens: [&str; 3]) -> String {
    text::redact_all(text, tokens).0
}

/// Shortens a text to so many characters.
pub fn cut(text: &mut String, most: usize) {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
        text.push('…');
    }
}

/// Adds a line to an answer. Lines of text are cheaper for a model than JSON.
pub fn line(lines: &mut String, parts: &[&str]) {
    for part in parts {
        lines.push_str(part);
    }
    lines.push('\n');
}
