//! Whether an account works, and what is known of it.

use super::{Mochat, read};
use crate::call::{Call, CallOutcome, Errand};
use crate::ids::RequestId;
use crate::step::Probe;
use crate::wire::mochat_api;

impl Mochat {
    /// Lists sessions: every agent may, and it changes nothing.
    pub(in crate::platform) fn probe(&self, request: RequestId) -> Call {
        let (path, body) = mochat_api::list_sessions(None);
        self.call(Errand::Probe(request), path, body)
    }

    pub(in crate::platform) fn probed(&self, outcome: &CallOutcome) -> Probe {
        let error = read(outcome).err();
        let connected = self.link.up().is_some();
        let sessions = self.directory.wanted_sessions(&self.settings.sessions).len();
        let panels = self.directory.wanted_panels(&self.settings.panels).len();
        let no_msgpack = connected && self.parser.is_json() && !self.settings.json_parser_first;
        Probe {
            ok: error.is_none(),
            connected,
            bot: self.us.as_deref().map(|us| self.named(us)),
            owner: self.owner.as_deref().map(|owner| self.named(owner)),
            places: connected.then(|| format!("sessions: {sessions}, panels: {panels}")),
            lacks: no_msgpack.then_some("msgpack").into_iter().collect(),
            error,
        }
    }
    /// `name (id)`, or the id alone.
    fn named(&self, user: &str) -> String {
        self.directory.name_of(user).map_or_else(|| user.to_owned(), |name| format!("{name} ({user})"))
    }
}
