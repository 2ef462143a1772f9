//! The part of Mochat's RPC that an agent needs once: to exist, to belong to somebody, and to invite them.

use serde_json::{Map, Value};

/// What the server says of an agent that it has made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// `claw_…`. Told this one time only.
    pub token: String,
    /// The agent's own user id.
    pub user: String,
    /// The group that comes with it.
    pub group: String,
    /// The workspace of that group.
    pub workspace: String,
}

/// Path and body of the call that makes an agent. It carries no token.
#[must_use]
pub fn register(name: &str) -> (&'static str, String) {
    ("/api/claw/agents/selfRegister", body(&[("name", name)]))
}

/// Its answer; `None` without a token.
#[must_use]
pub fn read_registered(data: &Value) -> Option<Registered> {
    let field = |key: &str| data.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let made = Registered {
        token: field("token"),
        user: field("botUserId"),
        group: field("groupId"),
        workspace: field("workspaceId"),
    };
    (!made.token.is_empty()).then_some(made)
}

/// Path and body of the call that gives the agent to a person, opens their conversation and greets them there.
#[must_use]
pub fn bind(email: &str, greeting: &str) -> (&'static str, String) {
    ("/api/claw/agents/bind", body(&[("email", email), ("greeting_msg", greeting)]))
}

/// The owner's user id and the session with them in its answer; `None` if the server did not do it.
#[must_use]
pub fn read_bound(data: &Value) -> Option<(String, Option<String>)> {
    let field = |key: &str| data.get(key).and_then(Value::as_str).map(str::to_owned);
    let refused = data.get("success") == Some(&Value::Bool(false));
    field("ownerUserId").filter(|_| !refused).map(|owner| (owner, field("sessionId")))
}

/// The e-mail address in the answer of `agents/owner`.
#[must_use]
pub fn read_owner_email(data: &Value) -> Option<String> {
    data.pointer("/owner/email").and_then(Value::as_str).map(str::to_owned)
}

/// Path and body of the call that makes an invite to the agent's group.
#[must_use]
pub fn invite() -> (&'static str, String) {
    ("/api/claw/groups/createInvite", body(&[("inviteType", "normal")]))
}

/// The path on the server that the invite in its answer opens.
#[must_use]
pub fn read_invite(data: &Value) -> Option<String> {
    data.get("code").and_then(Value::as_str).filter(|code| !code.is_empty()).map(|code| format!("/invite/{code}"))
}

fn body(texts: &[(&str, &str)]) -> String {
    let mut keys = Map::new();
    for (key, text) in texts {
        keys.insert((*key).to_owned(), (*text).into());
    }
    Value::Object(keys).to_string()
}
