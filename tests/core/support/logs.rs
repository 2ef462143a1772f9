//! A Mochat agent that goes away and comes back, and what the server's logs and queues keep meanwhile.

use super::World;
use super::mochat::{MochatServer, PANEL, config, event, logged, session};
use mochat_dmwork::call::CallOutcome;
use serde_json::{Value, json};

/// The next minutes of every test.
pub fn at(seconds: u64) -> String {
    format!("2026-01-01T00:{:02}:{:02}.000Z", seconds / 60, seconds % 60)
}

/// The hour before every test.
pub fn before(seconds: u64) -> String {
    format!("2025-12-31T23:{:02}:{:02}.000Z", seconds / 60, seconds % 60)
}

pub fn world() -> World<MochatServer> {
    with_log(json!({ "replyDelayMode": "off", "maxMessagesPerMinute": 0 }), Vec::new())
}

/// An agent that finds this log in the first panel when it starts.
pub fn with_log(more: Value, log: Vec<Value>) -> World<MochatServer> {
    let sessions = vec![session("session_dm", &["owner"]), session("session_three", &["ann", "bob"])];
    let server = MochatServer { sessions, logs: [(PANEL.to_owned(), log)].into(), ..MochatServer::default() };
    World::new("mochat", &config(more), server)
}

impl World<MochatServer> {
    /// Somebody writes in the first panel; the server keeps it, and tells it if somebody listens.
    pub fn say(&mut self, id: &str, seconds: u64) {
        let said = logged(id, "ann", id, &at(seconds));
        self.server.logs.entry(PANEL.to_owned()).or_default().push(said);
        if self.server.open.is_some() {
            let mut event = event(seconds, id, "ann", id, &at(seconds));
            event["payload"]["groupId"] = json!("group1");
            self.event("claw.panel.events", &json!({ "sessionId": PANEL, "cursor": 1, "events": [event] }));
        }
    }

    pub fn away(&mut self) {
        self.server.is_down = true;
        self.cut("transport close");
    }

    pub fn back(&mut self) {
        self.server.is_down = false;
        self.after_secs(65);
        assert!(self.is_ready());
    }
}

/// `m0`, `m1`, …
pub fn ids(range: std::ops::Range<u64>) -> Vec<String> {
    range.map(|number| format!("m{number}")).collect()
}

pub fn busy(status: u16, retry_after: Option<u32>) -> CallOutcome {
    CallOutcome::Answered { status, retry_after, body: r#"{"code":500,"message":"not now"}"#.to_owned() }
}
