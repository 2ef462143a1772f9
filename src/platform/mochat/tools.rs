//! What the agent has done on Mochat by tools: each call is checked, carried out in one or more HTTP calls, and ends in
//! words for the model and a line in the log.

mod lists;
mod messages;
mod requests;
mod table;
mod token;

pub(in crate::platform) use table::{HOST_TOOLS, TOOLS};

use super::{Mochat, read};
use crate::call::{CallOutcome, Errand};
use crate::config::MochatSettings;
use crate::ids::RequestId;
use crate::message::{Chat, Place};
use crate::platform::{Heard, Post};
use crate::step::{Effect, LogLevel, Step, ToolAsk, ToolCaller};
use crate::time::Time;
use crate::tools::{self, Asked, Job, Reach, Right, Standing, Who};
use crate::wire::mochat_api::{Group, Participant, Session};
use serde_json::Value;
use token::Renewal;

/// Tool calls under way. Each waits for an HTTP call, which ends by its deadline, or for the host.
#[derive(Debug, Default)]
pub(super) struct Desk {
    pending: Vec<Pending>,
    /// A token that the host has to write down, for this request.
    fresh_token: Option<RequestId>,
    pub(super) renewal: Renewal,
}

/// One tool call.
#[derive(Debug)]
struct Pending {
    request: RequestId,
    asked: Asked,
    /// Who asked for what, for the log.
    label: String,
    /// Answers so far.
    answers: usize,
    /// What they told.
    raw: Value,
    sessions: Vec<Session>,
    group: Group,
    people: Vec<Participant>,
}

impl Mochat {
    /// Begins what a tool call asks for. A text to post goes through the outbox like any other.
    pub(in crate::platform) fn tool_asked(
        &mut self,
        now: Time,
        request: RequestId,
        ask: &ToolAsk,
        is_owners: bool,
        step: &mut Step,
    ) -> Option<Post> {
        let standing = self.standing(&ask.caller, is_owners);
        let is_agents = TOOLS.iter().any(|tool| tool.name == ask.tool);
        let tools = if is_agents { TOOLS } else { HOST_TOOLS };
        let (label, asked) =
            tools::receive(tools, ask, &standing, &|target| self.place(target), &|asked| self.reach(asked, &standing));
        let asked = match asked {
            Ok(asked) => asked,
            Err(error) => {
                tools::conclude((request, &label), Err(error), false, step);
                return None;
            }
        };
        if asked.action.job == Job::Post {
            step.log(LogLevel::Info, label);
            return Post::read(&asked);
        }
        let pending = Pending {
            request,
            asked,
            label,
            answers: 0,
            raw: Value::Null,
            sessions: Vec::new(),
            group: Group::default(),
            people: Vec::new(),
        };
        if pending.rotates() {
            // First whether a new token could be kept at all: the server forgets the old one at once.
            step.push(Effect::KeepToken { request, token: None });
            self.desk.pending.push(pending);
            return None;
        }
        self.go_on(now, pending, step);
        None
    }

    /// An HTTP call of a tool ended.
    pub(in crate::platform) fn tool_settled(
        &mut self,
        now: Time,
        request: RequestId,
        outcome: &CallOutcome,
        step: &mut Step,
    ) -> Heard {
        let Some(mut pending) = self.desk.take(request) else { return Heard::default() };
        let answer = match read(outcome) {
            // A list that only adds names, or a group that the agent is in none of, ends nothing.
            Err(error) if pending.answers == 0 => {
                let doubt = if pending.rotates() && !matches!(outcome, CallOutcome::Answered { .. }) {
                    ". The server may have renewed it all the same: if it rejects the account from now on, run \
                     `openclaw mochat setup` with the agent's new token"
                } else {
                    ""
                };
                tools::conclude((request, &pending.label), Err([&error, doubt].concat()), false, step);
                return Heard::default();
            }
            answer => answer.unwrap_or_default(),
        };
        if pending.rotates() {
            return self.rotated(now, pending, &answer, step);
        }
        pending.learn(answer);
        if pending.asked.action.right == Right::Owner && self.refresh_at.is_some() {
            // What exists may have changed: what was just made is listened to at once.
            self.refresh_at = Some(now);
        }
        self.go_on(now, pending, step);
        Heard::default()
    }

    /// Makes the next call, or answers.
    fn go_on(&mut self, now: Time, pending: Pending, step: &mut Step) {
        match self.next_call(&pending) {
            Some((path, body)) => {
                if !self.budget.take(now) {
                    let wait = self.budget.free_at(now).since(now).0.div_ceil(1_000);
                    let error = format!("the server takes no more requests for now; try again in {wait} seconds");
                    return tools::conclude((pending.request, &pending.label), Err(error), false, step);
                }
                step.call(self.call(Errand::Tool(pending.request), &path, body));
                self.desk.pending.push(pending);
            }
            None => {
                let shown = self.shown(&pending);
                // The host's directory is no model.
                let is_whole = pending.asked.tool == "directory";
                tools::conclude((pending.request, &pending.label), Ok(shown), is_whole, step);
            }
        }
    }

    fn standing(&self, caller: &ToolCaller, is_owners: bool) -> Standing {
        let is_here = caller.channel.as_deref() == Some("mochat");
        let place = caller.to.as_deref().filter(|_| is_here).and_then(|to| self.place(to));
        let Some(sender) = caller.sender.as_deref().filter(|_| is_here) else {
            return Standing::outside(caller, place);
        };
        let private = place.as_ref().is_some_and(|place| self.is_direct(place));
        let who = match sender {
            // Where many write, the owner may have been the last of them only.
            id if self.owner.as_deref() == Some(id) && (private || is_owners) => Who::Owner,
            id if self.directory.is_agent(id) => Who::Agent,
            _ => Who::Person,
        };
        Standing { who, private, place }
    }

    fn reach(&self, asked: &Asked, standing: &Standing) -> Reach {
        let Some(place) = &asked.place else {
            // Without a group's id it is the agent's own group that is meant.
            let is_in_group = matches!(&standing.place, Some(Place::Panel { panel })
                if self.directory.group_of(panel).is_some() && asked.text("groupId").is_none());
            return if is_in_group { Reach::Here } else { Reach::Nowhere };
        };
        let session = match place {
            here if standing.place.as_ref() == Some(here) => return Reach::Here,
            Place::Session { session } => session,
            Place::Panel { .. } | Place::Direct { .. } | Place::Group { .. } | Place::Thread { .. } => {
                return Reach::Shared;
            }
        };
        let owners = self.owner.as_deref().and_then(|owner| self.directory.direct_with(owner));
        match self.directory.chat(session) {
            Some(Chat::Group) => Reach::Shared,
            Some(Chat::Direct) if owners == Some(session) => Reach::Owners,
            // One that nobody told about yet may be anybody's.
            Some(Chat::Direct) | None => Reach::Private,
        }
    }

    fn is_direct(&self, place: &Place) -> bool {
        matches!(place, Place::Session { session } if self.directory.chat(session) == Some(Chat::Direct))
    }
}

impl Desk {
    pub(super) fn new(settings: &MochatSettings) -> Self {
        Self { renewal: Renewal::new(&settings.token), ..Self::default() }
    }

    fn take(&mut self, request: RequestId) -> Option<Pending> {
        let at = self.pending.iter().position(|pending| pending.request == request)?;
        Some(self.pending.remove(at))
    }
}

impl Pending {
    fn is(&self, tool: &str, action: &str) -> bool {
        self.asked.tool == tool && self.asked.action.name == action
    }

    fn rotates(&self) -> bool {
        self.is("mochat_account", "rotate_token")
    }
}
