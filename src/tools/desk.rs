//! What every call of a tool goes through: it is read and judged, and it ends in words for the model and a line in the
//! log.

use super::{Asked, Kind, Reach, Standing, Tool, judge, read, settle};
use crate::ids::RequestId;
use crate::message::Place;
use crate::step::{LogLevel, Step, ToolAsk};
use crate::text;
use serde_json::Value;

/// Characters of an answer, some thousand tokens: beyond that it is no help to anybody.
const MOST_SHOWN: usize = 16_000;

/// Characters of what a call is about, for the log: a hundred uids of 32 characters fit.
const MOST_NAMED: usize = 4_000;

/// Checks a call of one of these tools. Answers with who asked for what and about whom, for the log, and with what is
/// asked for or why it is not done. `place` reads a target, `reach` tells where an action goes.
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
    let named = asked.as_ref().map(named).unwrap_or_default();
    ([text::excerpt(&label), named].concat(), asked)
}

/// Which place and whom a call is about, by the names of its parameters. What is to be said or written is left out.
fn named(asked: &Asked) -> String {
    let mut named = String::new();
    for field in asked.action.fields {
        let Some(value) = asked.params.get(field.name) else { continue };
        let ids = match field.kind {
            Kind::Place(_) => asked.place.as_ref().map(ToString::to_string).into_iter().collect(),
            Kind::Id | Kind::Ids | Kind::People => ids(value),
            Kind::Text | Kind::Texts | Kind::Link | Kind::Count(_) | Kind::Choice(_) => continue,
        };
        for (at, id) in ids.iter().enumerate() {
            let (before, name) = if at == 0 { ("; ", field.name) } else { ("", ",") };
            // A model may take anything for an id.
            let id = text::excerpt(&text::redact(id, "").0);
            [before, name, " ", &id].into_iter().for_each(|part| named.push_str(part));
        }
    }
    cut(&mut named, MOST_NAMED);
    named
}

/// An id, those of a list, or the name in each object of a list of people.
fn ids(value: &Value) -> Vec<String> {
    match value {
        Value::String(id) => vec![id.clone()],
        Value::Array(items) => items.iter().flat_map(ids).collect(),
        Value::Object(person) => person.iter().filter(|(key, _)| *key != "type").flat_map(|(_, id)| ids(id)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
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
