//! From a tool call to the server's calls.

use super::table::NAMES;
use super::{Mochat, Pending};
use crate::json::object;
use crate::tools::{Asked, Job};
use crate::wire::{mochat_api, mochat_history};
use serde_json::Value;

/// Messages that are read where nobody says how many.
const USUAL_MESSAGES: u32 = 20;

impl Mochat {
    /// Path and body of the call that is due; `None` once everything is known.
    pub(super) fn next_call(&self, pending: &Pending) -> Option<(String, String)> {
        let asked = &pending.asked;
        let paths = match asked.action.job {
            Job::Calls(paths) => paths,
            Job::Read => &["messages"],
            Job::Post => &[],
        };
        let path = *paths.get(pending.answers)?;
        let body = match path {
            "messages" => return messages(asked).map(|(path, body)| (path.to_owned(), body)),
            "sessions/list" => {
                let (path, body) = mochat_api::list_sessions(None);
                return Some((path.to_owned(), body));
            }
            NAMES if pending.answers > 0 => object(&[("userIds", Value::Array(self.unnamed(pending)?))]),
            // The host's own parameters are none of the server's.
            _ if asked.tool == "directory" => object(&[]),
            "agents/rotateToken" => object(&[("botUserId", self.us.clone().into())]),
            _ => self.body(asked),
        };
        Some((["/api/claw/", path].concat(), body.to_string()))
    }

    /// The parameters in the server's words: participants that are known to be agents as such, kinds of panels as numbers
    /// and plugins, an invite's code without its link.
    fn body(&self, asked: &Asked) -> Value {
        let mut fields = Vec::new();
        for (name, value) in &asked.params {
            let text = value.as_str().unwrap_or_default();
            match (name.as_str(), text) {
                ("participants", _) => fields.push(("participants", self.with_agents(value.clone()))),
                ("code", link) => fields.push(("code", code(link).into())),
                ("url", _) => fields.push(("meta", object(&[("url", value.clone())]))),
                ("kind", "text") => fields.push(("type", 0.into())),
                ("kind", "folder") => fields.push(("type", 1.into())),
                ("kind", kind) => {
                    let plugin = if kind == "topic" { "com.msgbyte.topic" } else { "com.msgbyte.webview" };
                    fields.push(("type", 2.into()));
                    fields.push(("provider", plugin.into()));
                    fields.push(("pluginPanelName", [plugin, "/grouppanel"].concat().into()));
                }
                (name, _) => fields.push((name, value.clone())),
            }
        }
        object(&fields)
    }

    fn with_agents(&self, mut people: Value) -> Value {
        for person in people.as_array_mut().into_iter().flatten() {
            let is_agent = person.get("id").and_then(Value::as_str).is_some_and(|id| self.directory.is_agent(id));
            if let Some(kind) = person.get_mut("type").filter(|_| is_agent) {
                *kind = "agent".into();
            }
        }
        people
    }
}

/// An invite's code, also of its link.
fn code(link: &str) -> &str {
    let link = link.trim_end_matches('/');
    link.rsplit_once('/').map_or(link, |(_, code)| code)
}

fn messages(asked: &Asked) -> Option<(&'static str, String)> {
    let limit = asked.params.get("limit").and_then(Value::as_u64).and_then(|limit| u32::try_from(limit).ok());
    mochat_history::ask_page(asked.place.as_ref()?, asked.text("beforeMessageId"), limit.unwrap_or(USUAL_MESSAGES))
}
