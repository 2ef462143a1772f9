//! What the agent is told.

use super::lane::Work;
use super::{Background, Judged};
use crate::config::FileRules;
use crate::inbox::Entry;
use crate::message::{Author, Chat, Incoming, Media, Quote, Sender};
use crate::step::{About, Downloads, Line, Progress, TurnRequest};
use crate::text;

/// Files that a turn takes along. More fill the model's window with what nobody asks about.
const MOST_FILES: usize = 8;
/// A photo over a slow line. The agent is asked when all are there, so somebody waits this long at most.
const FETCH_TIMEOUT_MS: u32 = 30_000;

/// Puts messages of one place, their context and their background together; `None` without a message.
pub(super) fn request(
    work: &Work,
    background: &Background,
    template: Option<&str>,
    rules: &FileRules,
) -> Option<TurnRequest> {
    let messages = &work.messages;
    let Entry { message: last, adoptions, .. } = messages.last()?.entry.clone();
    let history: Vec<Line> = work.context.iter().map(|entry| remembered(entry, background)).collect();
    let context = template.filter(|_| !history.is_empty()).map(|template| told(template, &history));
    // What others said before the owner is not the owner's word.
    let is_owner = messages.iter().all(|judged| judged.entry.message.sender.is_owner);
    let (downloads, left_out) = downloads(work, background, rules);
    let mut text = body(work, background);
    if left_out > 0 {
        text.push_str(&format!("\n\n({left_out} earlier files are not attached)"));
    }
    let name = last.sender.name.as_deref().or_else(|| background.name_of(&last.sender.id));
    let name = name.map(text::name).filter(|name| !name.is_empty());
    let author_of = |quote: &Quote| text::name(background.name_of(&quote.sender).unwrap_or(&quote.sender));
    Some(TurnRequest {
        message_id: last.id.told(adoptions),
        turn: last.id,
        entries: messages.iter().map(|judged| judged.entry.id()).collect(),
        to: last.place.to_string(),
        chat: last.chat,
        sender: Sender { name, is_owner, ..last.sender },
        text,
        mentioned: messages.iter().any(|judged| judged.entry.message.mentions_us),
        quote: last.quote.map(|quote| Quote { sender: author_of(&quote), ..quote }),
        about: Some(Box::new(background.about.clone())).filter(|about| **about != About::default()),
        downloads,
        history: if context.is_some() { Vec::new() } else { history },
        context,
        space: last.space,
        progress: Progress::Whole,
        sent_at: last.sent_at,
    })
}

/// The latest files, and how many came before these.
fn downloads(work: &Work, background: &Background, rules: &FileRules) -> (Option<Box<Downloads>>, usize) {
    let mut files: Vec<Media> = Vec::new();
    let asking = work.messages.last().map(|judged| judged.entry.message.sender.id.as_str());
    for (sender, file) in work.files().into_iter().rev() {
        if !files.iter().any(|known| known.url == file.url) {
            let said_by =
                said_by(file, sender, background).filter(|_| file.said_by.is_some() || asking != Some(&sender.id));
            files.push(Media { said_by, ..file.clone() });
        }
    }
    let left_out = files.len().saturating_sub(MOST_FILES);
    files.truncate(MOST_FILES);
    files.reverse();
    let FileRules { max_bytes, origins, authorization, transcriber } = rules.clone();
    // An account that moved to another server has no business with its old one.
    let is_ours =
        |url: &str| origins.first().is_some_and(|own| url.strip_prefix(own).is_some_and(|p| p.starts_with('/')));
    for file in files.iter_mut().filter(|file| authorization.is_none() || !is_ours(&file.url)) {
        file.is_guarded = false;
    }
    let transcriber = transcriber.filter(|_| files.iter().any(|file| file.is_voice));
    let authorization = authorization.filter(|_| transcriber.is_some() || files.iter().any(|file| file.is_guarded));
    let downloads = Downloads { files, max_bytes, timeout_ms: FETCH_TIMEOUT_MS, origins, authorization, transcriber };
    ((!downloads.files.is_empty()).then(|| Box::new(downloads)), left_out)
}

/// Whose voice a file is: its words are told, and nobody's may pass for somebody else's.
fn said_by(file: &Media, sender: &Sender, background: &Background) -> Option<String> {
    let name = match &file.said_by {
        Some(quoted) => text::name(background.name_of(quoted).unwrap_or(quoted)),
        None => speaker(sender, background),
    };
    file.is_voice.then(|| if name.is_empty() { "somebody else".to_owned() } else { name })
}

/// The operator's words around the history. Each placeholder is looked for in the template alone, so that nothing that
/// somebody wrote is taken for one.
fn told(template: &str, history: &[Line]) -> String {
    let line = |line: &Line| serde_json::json!({ "sender": line.sender, "body": line.text, "time": format!("{} UTC", line.sent_at.stamp()) });
    let messages = serde_json::Value::from(history.iter().map(line).collect::<Vec<_>>()).to_string();
    let count = history.len().to_string();
    let filled = template.split("{messages}").map(|part| part.split("{count}").collect::<Vec<_>>().join(&count));
    filled.collect::<Vec<_>>().join(&messages)
}

fn remembered(entry: &Entry, background: &Background) -> Line {
    let message = &entry.message;
    Line { sender: speaker(&message.sender, background), text: message.text.clone(), sent_at: message.sent_at }
}

/// Who speaks: `Ann`, `[owner] Olga`, `[agent] Robo`. The mark is the platform's word, and no name can hold one.
fn speaker(sender: &Sender, background: &Background) -> String {
    let mark = match sender.author {
        _ if sender.is_owner => "[owner] ",
        Author::Agent => "[agent] ",
        Author::Person | Author::Us | Author::System => "",
    };
    let known = background.name_of(&sender.id).filter(|_| sender.name.is_none());
    let name = text::name(known.unwrap_or_else(|| sender.label()));
    format!("{mark}{}", if name.is_empty() { text::name(&sender.id) } else { name })
}

/// One message as it is, or several as labelled lines in order of arrival.
fn body(work: &Work, background: &Background) -> String {
    let mut lines: Vec<String> = match (work.messages.as_slice(), work.omitted) {
        ([Judged { entry: Entry { message, .. }, .. }], 0) if !looks_merged(message) => return message.text.clone(),
        (_, 0) => Vec::new(),
        (_, omitted) => vec![format!("({omitted} earlier messages omitted)")],
    };
    lines.extend(work.messages.iter().map(|judged| line(&judged.entry.message, background)));
    lines.join("\n")
}

/// `[time] name: text`. Nothing in a name or a text can begin a line, so nobody can speak for somebody else.
fn line(message: &Incoming, background: &Background) -> String {
    let (time, speaker) = (message.sent_at.stamp(), speaker(&message.sender, background));
    format!("[{time} UTC] {speaker}: {}", text::words(&message.text))
}

/// Whether a single message could pass for several of other people: somebody writes lines like ours.
fn looks_merged(message: &Incoming) -> bool {
    message.chat != Chat::Direct && message.command().is_none() && text::has_stamped_line(&message.text)
}
