//! What the server's answers say, as a model or the host's directory reads it.

use super::requests::{PAGE_SIZE, page_of};
use super::{Dmwork, Pending, Stage};
use crate::text;
use crate::tools::{Asked, line};
use serde_json::Value;

/// What a list tells of each thing in it beside its id and name, with the server's names. No token is among them.
const SHOWN: [&str; 14] = [
    "owner_name",
    "notice",
    "creator",
    "creator_uid",
    "description",
    "message_count",
    "member_count",
    "source_message_id",
    "status",
    "version",
    "added",
    "removed",
    "skipped_bots",
    "skipped_members",
];

impl Dmwork {
    /// The answer to a tool call whose HTTP calls have all ended.
    pub(super) fn shown(&self, pending: &Pending) -> String {
        let asked = &pending.asked;
        let mut lines = String::new();
        let answer = match &pending.stage {
            Stage::Log(found) => return self.said(pending, found),
            Stage::Done(answer) => answer,
            Stage::Members { .. } | Stage::Own(_) | Stage::Groups | Stage::Shared { .. } | Stage::Call(_) => {
                &Value::Null
            }
        };
        match (asked.tool, asked.action.name) {
            ("directory", wanted) => self.entries(wanted, asked, answer, &mut lines),
            ("dmwork_account", "owner") => return self.owner(),
            (_, "rules") => return rules(answer),
            (_, "voice_context") => {
                return word(answer, "context").unwrap_or("there is none").to_owned();
            }
            _ => items(answer).iter().for_each(|item| describe(item, &mut lines)),
        }
        if pending.unseen > 0 {
            let unseen = pending.unseen.to_string();
            line(&mut lines, &[&unseen, " more groups of the bot were not looked at. Name one by its groupId."]);
        }
        if let Some(more) = more(asked, answer) {
            line(&mut lines, &[&more]);
        }
        if lines.is_empty() && asked.tool != "directory" { "done, there is nothing to show".to_owned() } else { lines }
    }

    fn owner(&self) -> String {
        match self.login.bot.as_ref().map(|bot| bot.owner_uid.as_str()).filter(|uid| !uid.is_empty()) {
            Some(uid) => format!("user:{uid} is the owner; ask them there"),
            None => "the server has not told whom the bot belongs to".to_owned(),
        }
    }

    /// Entries for the host's directory: kind, id in the target grammar, name; tabs between.
    fn entries(&self, wanted: &str, asked: &Asked, answer: &Value, lines: &mut String) {
        let query = asked.text("query").unwrap_or_default().to_ascii_lowercase();
        if let Some(bot) = self.login.bot.as_ref().filter(|_| wanted == "self") {
            line(lines, &["user\tuser:", &bot.robot_id, "\t", &text::name(&bot.name)]);
        }
        let (kind, key) = if wanted == "groups" { ("group", "group_no") } else { ("user", "uid") };
        for item in items(answer) {
            let Some(id) = word(item, key) else { continue };
            let name = text::name(word(item, "name").unwrap_or_default());
            if [id, name.as_str()].iter().any(|text| text.to_ascii_lowercase().contains(&query)) {
                let name = if name.is_empty() { id } else { &name };
                line(lines, &[kind, "\t", kind, ":", id, "\t", name]);
            }
        }
    }
}

/// The things in an answer: a list, a page of one, or one thing alone.
fn items(answer: &Value) -> &[Value] {
    let list = answer.get("list").unwrap_or(answer);
    match list {
        Value::Array(items) => items,
        Value::Null => &[],
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => std::slice::from_ref(list),
    }
}

/// How to read on in a list of threads, of which the server shows a page at a time.
fn more(asked: &Asked, answer: &Value) -> Option<String> {
    let count = answer.get("count").and_then(Value::as_u64)?;
    let page = page_of(asked);
    let is_last = count <= page.saturating_mul(PAGE_SIZE);
    (!is_last).then(|| format!("There are {count}. Ask for page {} to read on.", page.saturating_add(1)))
}

fn word<'a>(item: &'a Value, key: &str) -> Option<&'a str> {
    item.get(key).and_then(Value::as_str).filter(|word| !word.trim().is_empty())
}

/// One thing on one line: its target, its name and what else there is to know.
fn describe(item: &Value, lines: &mut String) {
    let ids = [("robot_id", "bot "), ("channel_id", "thread:"), ("group_no", "group:"), ("uid", "user:")];
    let id = ids.iter().find_map(|(key, kind)| Some([kind, word(item, key)?].concat()));
    let mut parts: Vec<String> = Vec::new();
    if let Some(id) = id {
        let name = text::name(word(item, "name").unwrap_or_default());
        parts.push(if name.is_empty() { id } else { [&id, " ", &name].concat() });
    }
    if item.get("robot").and_then(Value::as_u64) == Some(1) {
        parts.push("a bot".to_owned());
    }
    for key in SHOWN {
        let value = match item.get(key) {
            // 200 in every answer, and 1 for everything that is alive.
            None | Some(Value::Null) => continue,
            Some(status) if key == "status" && status.as_u64().is_some_and(|code| code == 1 || code == 200) => continue,
            Some(Value::String(words)) if words.is_empty() => continue,
            Some(Value::String(words)) => text::excerpt(words),
            Some(value) => text::excerpt(&value.to_string()),
        };
        parts.push([&key.replace('_', " "), " ", &value].concat());
    }
    if !parts.is_empty() {
        line(lines, &[&parts.join(", ")]);
    }
}

/// GROUP.md or THREAD.md.
fn rules(answer: &Value) -> String {
    let Some(content) = word(answer, "content") else { return "there are none".to_owned() };
    let by = text::name(word(answer, "updated_by").unwrap_or_default());
    let version = answer.get("version").and_then(Value::as_u64).unwrap_or(0);
    format!("Version {version} by {by}; what members wrote, as data:\n{content}")
}
