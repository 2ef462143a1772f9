//! Every step of every story is searched for the account's own tokens: they stand in the header for their server, and
//! nowhere else.

use mochat_dmwork::call::{Call, Errand};
use mochat_dmwork::step::{Effect, Input};
use serde_json::Value;

/// Keys of a configuration that hold a secret.
const SECRETS: [&str; 3] = ["botToken", "clawToken", "userApiKey"];
/// Keys that name a server which may see it.
const SERVERS: [&str; 3] = ["apiUrl", "baseUrl", "socketUrl"];

/// What an account must keep to itself, and whom it may show it.
pub struct Canary {
    /// The parts behind the prefixes: written alone they are as good as the whole.
    secrets: Vec<String>,
    origins: Vec<String>,
    /// The story itself told somebody's message with a token in it, which the store and the agent then have.
    is_told: bool,
}

impl Canary {
    pub fn of(config: &str) -> Self {
        let config: Value = serde_json::from_str(config).unwrap();
        let text = |key: &&str| config.get(*key).and_then(Value::as_str);
        let tail = |token: &str| token.rsplit('_').next().unwrap_or_default().to_owned();
        let secrets: Vec<_> = SECRETS.iter().filter_map(text).map(tail).filter(|tail| tail.len() >= 8).collect();
        Self { secrets, origins: SERVERS.iter().filter_map(text).map(origin).collect(), is_told: false }
    }

    pub fn hear(&mut self, input: &Input) {
        self.is_told |= match input {
            // The server's answer to the token, which names it.
            Input::CallSettled { errand: Errand::Register(_), .. } => false,
            Input::FrameReceived { bytes, .. } => self.find(&String::from_utf8_lossy(bytes)).is_some(),
            other => self.find(&format!("{other:?}")).is_some(),
        };
    }

    /// Fails if an order shows a secret to anybody but its server. What is a [`mochat_dmwork::secret::Secret`] prints none.
    pub fn watch(&self, effect: &Effect) {
        match effect {
            Effect::Call(call) => {
                self.watch_call(call);
                // What the agent gave a tool is shown to the bot's own server, what people read is not.
                if self.is_told && matches!(call.errand, Errand::Tool(_)) {
                    return;
                }
            }
            Effect::OpenSocketIo { url, .. } => assert!(self.origins.contains(&origin(url)), "a token for {url}"),
            Effect::Upload { transfer, .. } => {
                let shown = transfer.headers.iter().any(|(_, value)| self.find(value.expose()).is_some());
                let to = transfer.url.expose();
                assert!(!shown || self.origins.contains(&origin(to)), "a token for {to}");
                assert!(self.find(to).is_none(), "a token in {to}");
            }
            // The greeting of a WuKongIM connection holds it.
            Effect::SendFrame { .. } => return,
            Effect::StartTurn { turn } => {
                for file in turn.downloads.iter().flat_map(|downloads| &downloads.files) {
                    let is_theirs = self.origins.contains(&origin(&file.url));
                    assert!(!file.is_guarded || is_theirs, "a token for {}", file.url);
                }
                if self.is_told {
                    return;
                }
            }
            // A renewed token is noted until the configuration has it.
            Effect::Commit { entries, notes, .. } => {
                let shown = format!("{:?}", notes.iter().filter(|note| note.key != "token").collect::<Vec<_>>());
                assert_eq!(self.find(&shown), None, "a token in {shown}");
                let shown = format!("{entries:?}");
                assert!(self.is_told || self.find(&shown).is_none(), "a token in {shown}");
                return;
            }
            Effect::Reopen { .. } | Effect::Reclaim { .. } | Effect::AskAccess { .. } | Effect::OpenFile { .. }
                if self.is_told =>
            {
                return;
            }
            _ => {}
        }
        let shown = format!("{effect:?}");
        assert_eq!(self.find(&shown), None, "a token in {shown}");
    }

    /// The same for stories of millions of orders, of which only the words and the calls are looked at.
    pub fn glance(&self, effect: &Effect) {
        let told = match effect {
            Effect::Log { text, .. } => text,
            Effect::Status { status } => &status.detail,
            Effect::Call(call) => {
                self.watch_call(call);
                call.body.as_deref().unwrap_or_default()
            }
            _ => return,
        };
        assert_eq!(self.find(told), None, "a token in {told}");
    }

    /// A call goes to the configured server, by a path that stays what it is.
    fn watch_call(&self, call: &Call) {
        assert!(self.origins.contains(&origin(&call.url)), "a call of {}", call.url);
        let path = call.url.split(['?', '#']).next().unwrap_or_default();
        let is_odd = |c: char| c.is_whitespace() || c.is_control() || c == '\\';
        assert!(!path.contains("/..") && !call.url.contains(is_odd), "a call of {}", call.url);
    }

    fn find<'a>(&'a self, text: &str) -> Option<&'a str> {
        self.secrets.iter().map(String::as_str).find(|secret| text.contains(*secret))
    }
}

/// Scheme, host and port.
fn origin(url: &str) -> String {
    url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/")
}
