//! A DMWork bot that goes away and comes back.

use super::World;
use super::dmwork::{CONFIG, DmworkServer, Said, group};
use mochat_dmwork::call::CallOutcome;
use serde_json::json;

/// Answers in `g1` and `g2` without a mention.
pub fn talkative() -> String {
    CONFIG.replace(
        '}',
        r#","maxMessagesPerMinute":0,"groups":{"g1":{"requireMention":false},"g2":{"requireMention":false}}}"#,
    )
}

/// The bot is in `g1`.
pub fn server() -> DmworkServer {
    DmworkServer { groups: vec!["g1"], ..DmworkServer::default() }
}

pub fn world() -> World<DmworkServer> {
    World::new("dmwork", &talkative(), server())
}

pub fn mention(id: i64, text: &str) -> Said {
    group(id, "ann", text).mentioning(json!({ "uids": ["rev_bot"] }))
}

pub fn refused(status: u16, retry_after: Option<u32>) -> CallOutcome {
    CallOutcome::Answered { status, retry_after, body: r#"{"msg":"not now"}"#.to_owned() }
}

impl World<DmworkServer> {
    /// Cuts the connection, has things said, and lets the bot come back.
    pub fn away(&mut self, said: &[Said]) {
        self.cut();
        self.keep(said);
        self.after_secs(5);
        assert!(self.is_ready());
    }
}
