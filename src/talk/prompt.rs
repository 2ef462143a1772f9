//! What the agent is told.

use super::lane::Work;
use crate::inbox::Entry;
use crate::step::{Line, TurnRequest};

/// Puts messages of one place and their context together; `None` without a message.
pub(super) fn request(work: &Work, template: Option<&str>) -> Option<TurnRequest> {
    let messages = &work.messages;
    let last = messages.last()?.entry.message.clone();
    let history: Vec<Line> = work.context.iter().map(remembered).collect();
    let context = template.filter(|_| !history.is_empty()).map(|template| told(template, &history));
    Some(TurnRequest {
        turn: last.id,
        entries: messages.iter().map(|judged| judged.entry.id()).collect(),
        to: last.place.to_string(),
        chat: last.chat,
        sender: last.sender,
        text: body(work),
        mentioned: messages.iter().any(|judged| judged.entry.message.mentions_us),
        quote: last.quote,
        history: if context.is_some() { Vec::new() } else { history },
        context,
        space: last.space,
        sent_at: last.sent_at,
    })
}

/// The operator's words around the history. Each placeholder is looked for in the template alone, so that nothing that
/// somebody wrote is taken for one.
fn told(template: &str, history: &[Line]) -> String {
    let line = |line: &Line| serde_json::json!({ "sender": line.sender, "body": line.text });
    let messages = serde_json::Value::from(history.iter().map(line).collect::<Vec<_>>()).to_string();
    let count = history.len().to_string();
    let filled = template.split("{messages}").map(|part| part.split("{count}").collect::<Vec<_>>().join(&count));
    filled.collect::<Vec<_>>().join(&messages)
}

fn remembered(entry: &Entry) -> Line {
    let message = &entry.message;
    Line { sender: message.sender.label().to_owned(), text: message.text.clone(), sent_at: message.sent_at }
}

/// One message as it is, or several as labelled lines in order of arrival.
fn body(work: &Work) -> String {
    let mut lines: Vec<String> = match (work.messages.as_slice(), work.omitted) {
        ([only], 0) => return only.entry.message.text.clone(),
        (_, 0) => Vec::new(),
        (_, omitted) => vec![format!("({omitted} earlier messages omitted)")],
    };
    lines.extend(work.messages.iter().map(|judged| line(&judged.entry)));
    lines.join("\n")
}

/// `[time] name: text`. Nothing in a name or a text can begin a line, so nobody can speak for somebody else.
fn line(entry: &Entry) -> String {
    let label: String =
        entry.message.sender.label().chars().map(|c| if breaks_lines(c) || c == ':' { ' ' } else { c }).collect();
    let mut line = format!("[{} UTC] {}: ", entry.message.sent_at.stamp(), label.trim());
    for c in entry.message.text.trim().chars() {
        match c {
            '\n' => line.push_str("\n    "),
            c if breaks_lines(c) => line.push(' '),
            c => line.push(c),
        }
    }
    line
}

/// Characters that end a line or turn the direction of writing.
fn breaks_lines(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
