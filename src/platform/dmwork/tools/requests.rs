//! From a tool call to the server's calls.

use super::table::EDIT;
use super::{CALL_TIMEOUT, Dmwork, Pending, Stage};
use crate::call::{Call, Errand, Method};
use crate::ids::EntryId;
use crate::json::object;
use crate::message::Place;
use crate::secret::Secret;
use crate::tools::{self, Asked, Job};
use crate::wire::dmwork_api;
use serde_json::Value;

/// Threads in an answer.
pub(super) const PAGE_SIZE: u64 = 100;

impl Dmwork {
    /// A target in the place grammar, or a group's or thread's bare id, which nobody takes for anything else.
    pub(super) fn tool_place(&self, target: &str) -> Option<Place> {
        let target = target.trim();
        self.place(target).or_else(|| {
            let (group, thread) = target.split_once("____").unwrap_or((target, "0"));
            let is_bare = group.len() == 32
                && group.bytes().all(|byte| byte.is_ascii_hexdigit())
                && thread.bytes().all(|byte| byte.is_ascii_digit());
            is_bare.then(|| Place::from_group_channel(target))
        })
    }

    /// What can be told to be wrong before the server is asked.
    pub(super) fn fits(&self, asked: &Asked) -> Result<(), String> {
        let Job::Calls([path, ..]) = asked.action.job else { return Ok(()) };
        let takes_change = path.starts_with("PUT") && !path.ends_with("/md");
        let changes = ["name", "notice", "description", "content"].iter().any(|key| asked.params.contains_key(*key));
        match asked.text("botId") {
            _ if takes_change && !changes => {
                Err(format!("`{}` changes nothing without one of its other parameters", asked.action.name))
            }
            _ if path.contains(" user/") && self.settings.user_key.is_none() => {
                Err("userApiKey: is not set in channels.dmwork. The operator finds it with BotFather (uk_…)."
                    .to_owned())
            }
            Some(bot) if path.starts_with("DELETE") && self.is_us(bot) => {
                Err("botId: is the bot of this account, which can't delete itself. Give another one.".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// The call that is due, or why it can't be made; `None` once everything is known.
    pub(super) fn next_call(&self, pending: &Pending) -> Option<Result<Call, String>> {
        let asked = &pending.asked;
        let (path, body) = match &pending.stage {
            Stage::Members { .. } | Stage::Shared { .. } => ("GET bot/groups/{g}/members", None),
            Stage::Log(found) | Stage::Own(found) => ("POST bot/messages/sync", Some(found.page(asked)?)),
            Stage::Groups => ("GET bot/groups", None),
            Stage::Call(EDIT) => (EDIT, Some(self.edit(asked)?)),
            Stage::Call(path) if path.starts_with("POST") || path.starts_with("PUT") => (*path, Some(self.body(asked))),
            Stage::Call(path) => (*path, None),
            Stage::Done(_) => return None,
        };
        Some(self.request(pending, path, body))
    }

    fn request(&self, pending: &Pending, path: &str, body: Option<Value>) -> Result<Call, String> {
        let (method, path) = path.split_once(' ').unwrap_or(("GET", path));
        let mut url = "/v1/".to_owned();
        for (at, part) in path.split('/').enumerate() {
            if at > 0 {
                url.push('/');
            }
            url.push_str(self.segment(pending, part)?);
        }
        let query = query(&pending.asked, path);
        if method == "GET" && !query.is_empty() {
            url.push('?');
            url.push_str(&query);
        }
        let call = self.post(Errand::Tool(pending.request), &url, String::new());
        let auth = match &self.settings.user_key {
            Some(key) if path.starts_with("user/") => (call.auth.0, Secret::new(format!("Bearer {}", key.expose()))),
            _ => call.auth.clone(),
        };
        let method = match method {
            "POST" => Method::Post,
            "PUT" => Method::Put,
            "DELETE" => Method::Delete,
            _ => Method::Get,
        };
        Ok(Call { method, auth, body: body.map(|body| body.to_string()), timeout: CALL_TIMEOUT, ..call })
    }

    /// A part of a path. What stands for an id must be no more than that: no way leads out of its place in the path.
    fn segment<'a>(&'a self, pending: &'a Pending, part: &'a str) -> Result<&'a str, String> {
        let (group, thread) = pending.ids();
        let id = match part {
            "{g}" => group,
            "{t}" => thread,
            "{bot}" => pending.asked.text("botId").unwrap_or_default(),
            "{us}" => self.login.bot.as_ref().map(|bot| bot.robot_id.as_str()).unwrap_or_default(),
            part => return Ok(part),
        };
        let is_plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        is_plain.then_some(id).ok_or_else(|| match part {
            "{us}" => "the bot's id is not known yet: the account has not connected".to_owned(),
            _ => format!("`{}` names none that `{}` is for", crate::text::excerpt(id), pending.asked.action.name),
        })
    }

    /// The parameters in the server's words, none of them with a token in it.
    fn body(&self, asked: &Asked) -> Value {
        let mut fields = Vec::new();
        for (name, value) in &asked.params {
            match name.as_str() {
                "groupId" | "threadId" | "target" | "botId" => {}
                // An int64 that the server wants as a number.
                "sourceMessageId" => {
                    let id = value.as_str().and_then(|id| EntryId::meant(id).parse::<i64>().ok());
                    fields.push(("source_message_id", id.map_or(Value::Null, Value::from)));
                }
                "space" => fields.push(("space_id", value.clone())),
                "commands" => fields.push(("commands", commands(value))),
                // The one call that names its text otherwise.
                "content" if asked.action.name == "set_voice_context" => fields.push(("context", self.clean(value))),
                name => fields.push((name, self.clean(value))),
            }
        }
        object(&fields)
    }

    /// The replacement is a whole payload, written as text.
    fn edit(&self, asked: &Asked) -> Option<Value> {
        let place = asked.place.as_ref()?;
        let content = self.clean(asked.params.get("content")?);
        let payload = object(&[("type", 1.into()), ("content", content)]).to_string();
        Some(object(&[
            ("message_id", asked.text("messageId")?.into()),
            ("channel_id", place.wire_id().into()),
            ("channel_type", dmwork_api::channel_type(place)?.into()),
            ("content_edit", payload.into()),
        ]))
    }

    fn clean(&self, value: &Value) -> Value {
        value.as_str().map_or_else(|| value.clone(), |text| self.clean_text(text).into())
    }

    pub(super) fn clean_text(&self, text: &str) -> String {
        crate::text::hide_paths(&tools::without(text, self.tokens())).0
    }
}

/// The page of a list that is asked for, from 1.
pub(super) fn page_of(asked: &Asked) -> u64 {
    asked.params.get("page").and_then(Value::as_u64).unwrap_or(1)
}

/// The parameters of a call without a body.
fn query(asked: &Asked, path: &str) -> String {
    let mut query = String::new();
    if path.ends_with("/threads") {
        // Without it the server tells a hundred, and not that there are more.
        query = format!("page_index={}&page_size={PAGE_SIZE}", page_of(asked));
    }
    for (name, key) in [("uid", "uid"), ("query", "keyword"), ("limit", "limit"), ("space", "space_id")] {
        let Some(value) = asked.params.get(name) else { continue };
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(key);
        query.push('=');
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        for byte in text.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' => query.push(byte.into()),
                _ => query.push_str(&format!("%{byte:02x}")),
            }
        }
    }
    query
}

/// `/help: shows what I can do` as command and description.
fn commands(lines: &Value) -> Value {
    let lines = lines.as_array().map(Vec::as_slice).unwrap_or_default();
    let command = |line: &Value| {
        let line = line.as_str().unwrap_or_default();
        let (command, about) = line.split_once(':').unwrap_or((line, ""));
        object(&[("command", command.trim().into()), ("description", about.trim().into())])
    };
    lines.iter().map(command).collect()
}
