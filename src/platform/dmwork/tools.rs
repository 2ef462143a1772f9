//! What the agent has done on DMWork by tools: each call is checked, carried out in one or more HTTP calls, and ends in
//! words for the model and a line in the log.

mod lists;
mod messages;
mod requests;
mod table;

pub(in crate::platform) use table::{HOST_TOOLS, TOOLS};

use super::Dmwork;
use super::edits::Edits;
use super::rules::group_of;
use crate::call::CallOutcome;
use crate::ids::RequestId;
use crate::message::Place;
use crate::platform::Post;
use crate::secret::Secret;
use crate::step::{Effect, LogLevel, Step, ToolAsk, ToolCaller};
use crate::text::Person;
use crate::time::{Millis, Time, earliest};
use crate::tools::{self, Asked, Job, Reach, Standing, Who};
use crate::wire::dmwork_api;
use messages::Found;
use serde_json::Value;

/// The server looks at several tables and tells everybody before it answers a change.
const CALL_TIMEOUT: Millis = Millis::secs(20);
/// How long a tool call waits in all for a server that asks for time: the agent waits meanwhile, and can try later.
const PATIENCE: Millis = Millis::secs(10);

/// One tool call. It waits for an HTTP call, which ends by its deadline.
#[derive(Debug)]
pub(super) struct Pending {
    request: RequestId,
    asked: Asked,
    /// Who asked for what, for the log.
    label: String,
    /// The uid of whoever asks, if it is somebody of this platform.
    asker: Option<String>,
    /// Who is in the group, where that was asked.
    people: Vec<Person>,
    /// Groups of the bot that were not looked at.
    unseen: usize,
    stage: Stage,
    /// How long the server had itself waited for so far.
    waited: Millis,
    /// When the call is made again that it had no time for.
    again_at: Option<Time>,
}

/// What the HTTP call that is under way is for. Each answer leads to the next stage.
#[derive(Debug)]
enum Stage {
    /// Who is in the place's group: for the names of who speaks, and for whether whoever asks is among them.
    Members { must_be_in: bool },
    /// A page of the place's log.
    Log(Found),
    /// A page of the place's log, in which a message of the bot's own must be before it is changed: the server asks only
    /// whose it is.
    Own(Found),
    /// In which groups the bot is.
    Groups,
    /// Who is in the last of these groups.
    Shared { candidates: Vec<Value>, shared: Vec<Value> },
    /// The one call of the action, by its path.
    Call(&'static str),
    /// Nothing any more: this is what it came to.
    Done(Value),
}

impl Dmwork {
    /// Begins what a tool call asks for. A text to post goes through the outbox like any other.
    pub(in crate::platform) fn tool_asked(
        &mut self,
        request: RequestId,
        ask: &ToolAsk,
        step: &mut Step,
    ) -> Option<Post> {
        let standing = self.standing(&ask.caller);
        let is_agents = TOOLS.iter().any(|tool| tool.name == ask.tool);
        let tools = if is_agents { TOOLS } else { HOST_TOOLS };
        let reach = |asked: &Asked| self.reach(asked, &standing);
        let (label, asked) = tools::receive(tools, ask, &standing, &|target| self.tool_place(target), &reach);
        let asked = asked.and_then(|asked| self.fits(&asked).map(|()| asked));
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
        let must_be_in = asked.place.is_some() && reach(&asked) == Reach::Joined;
        let first = Stage::first(&asked);
        let has_names = matches!(first, Stage::Log(_)) && asked.place.as_ref().is_some_and(|at| group_of(at).is_some());
        let stage = if must_be_in || has_names { Stage::Members { must_be_in } } else { first };
        let asker = ask.caller.sender.clone().filter(|_| ask.caller.channel.as_deref() == Some("dmwork"));
        let (people, waited) = (Vec::new(), Millis(0));
        let pending = Pending { request, asked, label, asker, people, unseen: 0, stage, waited, again_at: None };
        self.go_on(pending, step);
        None
    }

    /// An HTTP call of a tool ended.
    pub(in crate::platform) fn tool_settled(
        &mut self,
        now: Time,
        request: RequestId,
        outcome: &CallOutcome,
        step: &mut Step,
    ) {
        let Some(mut pending) = self.take_pending(request) else { return };
        let end = match dmwork_api::told(outcome) {
            Ok(answer) if matches!(pending.stage, Stage::Call(table::OWN_TOKEN)) => {
                return self.keep_token(pending, &answer, step);
            }
            Ok(answer) => {
                if let (Stage::Call(table::EDIT), Some(id)) = (&pending.stage, pending.asked.text("messageId")) {
                    self.edits.learn(id, self.clean_text(pending.asked.text("content").unwrap_or_default()));
                }
                pending.take(answer, &self.login.uid, &self.edits)
            }
            // A group whose members the bot is not told is not shared with anybody.
            Err(CallOutcome::Answered { status: 400..=428 | 430..=499, .. })
                if matches!(pending.stage, Stage::Shared { .. }) =>
            {
                pending.take(Value::Null, "", &self.edits)
            }
            Err(busy @ CallOutcome::Answered { status: 429, retry_after, .. }) => {
                let wait = Millis::secs(retry_after.unwrap_or(1).max(1).into());
                if pending.wait(now, wait) {
                    self.tools.push(pending);
                    return;
                }
                let seconds = wait.0.div_ceil(1_000);
                Err(format!("{}. Nothing was done; try again in {seconds} s.", refused(outcome, &busy)))
            }
            Err(refusal) => Err(refused(outcome, &refusal)),
        };
        match end {
            Ok(()) => self.go_on(pending, step),
            Err(error) => tools::conclude((request, &pending.label), Err(error), false, step),
        }
    }

    /// Makes the calls again that the server had no time for.
    pub(super) fn tools_due(&mut self, now: Time, step: &mut Step) {
        let due: Vec<Pending> =
            self.tools.extract_if(.., |pending| pending.again_at.is_some_and(|at| at <= now)).collect();
        for pending in due {
            self.go_on(Pending { again_at: None, ..pending }, step);
        }
    }

    /// When [`Dmwork::tools_due`] has something to do.
    pub(super) fn tools_deadline(&self) -> Option<Time> {
        self.tools.iter().map(|pending| pending.again_at).fold(None, earliest)
    }

    /// Makes the next call, or answers.
    fn go_on(&mut self, pending: Pending, step: &mut Step) {
        match self.next_call(&pending) {
            Some(Ok(call)) => {
                step.call(call);
                self.tools.push(pending);
            }
            Some(Err(error)) => tools::conclude((pending.request, &pending.label), Err(error), false, step),
            None => {
                // The host's directory is no model.
                let is_whole = pending.asked.tool == "directory";
                let shown = self.shown(&pending);
                tools::conclude((pending.request, &pending.label), Ok(shown), is_whole, step);
            }
        }
    }

    /// The server's word on the bot's token. One that differs from ours is written where ours stands.
    fn keep_token(&mut self, pending: Pending, answer: &Value, step: &mut Step) {
        let token = answer.get("bot_token").and_then(Value::as_str).map(str::trim).filter(|token| !token.is_empty());
        let end = match token {
            None => Err("the server answered without a token".to_owned()),
            Some(token) if token == self.settings.token.expose() => Ok("The configured token is the bot's.".to_owned()),
            Some(token) => {
                let (request, token) = (pending.request, Some(Secret::new(token.to_owned())));
                step.push(Effect::KeepToken { request, token });
                self.tools.push(pending);
                return;
            }
        };
        tools::conclude((pending.request, &pending.label), end, false, step);
    }

    /// The host has written the token down, or not.
    pub(in crate::platform) fn token_kept(&mut self, request: RequestId, problem: Option<String>, step: &mut Step) {
        let Some(pending) = self.take_pending(request) else { return };
        let end = match problem {
            None => Ok("The bot's token stands in the configuration. The account connects anew with it.".to_owned()),
            Some(problem) => Err(format!("the token could not be written down: {problem}")),
        };
        tools::conclude((request, &pending.label), end, false, step);
    }

    fn take_pending(&mut self, request: RequestId) -> Option<Pending> {
        let at = self.tools.iter().position(|pending| pending.request == request)?;
        Some(self.tools.remove(at))
    }

    /// By the platform's word. A bot's owner is the owner only between the two: a group's members see what is done there.
    fn standing(&self, caller: &ToolCaller) -> Standing {
        let is_here = caller.channel.as_deref() == Some("dmwork");
        let place = caller.to.as_deref().filter(|_| is_here).and_then(|to| self.place(to));
        let Some(sender) = caller.sender.as_deref().filter(|_| is_here) else {
            return Standing::outside(caller, place);
        };
        let private = matches!(&place, Some(Place::Direct { user }) if user == sender);
        let who = match sender {
            uid if private && self.is_owner(uid) => Who::Owner,
            uid if uid.ends_with("_bot") => Who::Agent,
            _ => Who::Person,
        };
        Standing { who, private, place }
    }

    fn reach(&self, asked: &Asked, standing: &Standing) -> Reach {
        let Some(place) = &asked.place else {
            // In which groups somebody is concerns nobody else.
            let is_own = matches!(asked.action.job, Job::Calls([table::SHARED])) && standing.private;
            return if is_own { Reach::Joined } else { Reach::Nowhere };
        };
        let here = standing.place.as_ref();
        match place {
            // A group's threads are open to its members, and theirs is its list.
            _ if here == Some(place) || group_of(place).is_some_and(|group| here.and_then(group_of) == Some(group)) => {
                Reach::Here
            }
            Place::Direct { user } if self.is_owner(user) => Reach::Owners,
            Place::Direct { .. } => Reach::Private,
            _ if standing.private && standing.who == Who::Person => Reach::Joined,
            Place::Group { .. } | Place::Thread { .. } | Place::Session { .. } | Place::Panel { .. } => Reach::Shared,
        }
    }
}

/// Why nothing came of a call, in the server's own words where it has any.
fn refused(outcome: &CallOutcome, refusal: &CallOutcome) -> String {
    match (outcome, refusal) {
        (CallOutcome::Answered { body, .. }, CallOutcome::Answered { status, body: words, .. })
            if dmwork_api::error_message(body).is_some() =>
        {
            format!("the server refuses (HTTP {status}): {words}")
        }
        _ => refusal.describe(),
    }
}

impl Stage {
    /// The first call that an action is done by.
    fn first(asked: &Asked) -> Self {
        match asked.action.job {
            Job::Read | Job::Calls([table::SEARCH]) => Self::Log(Found::default()),
            Job::Calls([table::EDIT]) => Self::Own(Found::default()),
            Job::Calls([table::SHARED]) => Self::Groups,
            Job::Calls([path, ..]) => Self::Call(path),
            Job::Calls([]) | Job::Post => Self::Done(Value::Null),
        }
    }

    /// The group to look at next, or the end.
    fn shared(candidates: Vec<Value>, shared: Vec<Value>) -> Self {
        if candidates.is_empty() { Self::Done(shared.into()) } else { Self::Shared { candidates, shared } }
    }
}

impl Pending {
    /// Whether the call is made again after this time; else it has waited long enough.
    fn wait(&mut self, now: Time, wait: Millis) -> bool {
        let waited = Millis(self.waited.0.saturating_add(wait.0));
        if waited > PATIENCE {
            return false;
        }
        (self.waited, self.again_at) = (waited, Some(now.after(wait)));
        true
    }

    /// Takes an answer. `us` is the bot's uid.
    fn take(&mut self, answer: Value, us: &str, edits: &Edits) -> Result<(), String> {
        /// Groups that are looked at. Each costs a call out of a budget that all bots share.
        const MOST: usize = 20;
        let is_asker = |one: &Person| Some(&one.id) == self.asker.as_ref();
        let people = || dmwork_api::members(&answer).unwrap_or_default().0;
        self.stage = match std::mem::replace(&mut self.stage, Stage::Done(Value::Null)) {
            Stage::Members { must_be_in } => {
                self.people = people();
                if must_be_in && !self.people.iter().any(is_asker) {
                    return Err("not allowed: whoever asks is not in that group. Say so, or ask the owner.".to_owned());
                }
                Stage::first(&self.asked)
            }
            Stage::Log(mut found) => {
                found.take(&answer, &self.asked, edits);
                Stage::Log(found)
            }
            Stage::Own(mut found) => {
                found.take(&answer, &self.asked, edits);
                match found.author()? {
                    Some(author) if author == us => Stage::Call(table::EDIT),
                    Some(_) => {
                        return Err("messageId: is somebody else's message. Give one of the agent's own.".to_owned());
                    }
                    None => Stage::Own(found),
                }
            }
            Stage::Groups => {
                let mut candidates = answer.as_array().cloned().unwrap_or_default();
                self.unseen = candidates.len().saturating_sub(MOST);
                candidates.truncate(MOST);
                Stage::shared(candidates, Vec::new())
            }
            Stage::Shared { mut candidates, mut shared } => {
                let group = candidates.pop();
                shared.extend(group.filter(|_| people().iter().any(is_asker)));
                Stage::shared(candidates, shared)
            }
            Stage::Call(_) | Stage::Done(_) => Stage::Done(answer),
        };
        Ok(())
    }

    /// The number of the group that the present call is about, and its thread's own id.
    fn ids(&self) -> (&str, &str) {
        match (&self.stage, &self.asked.place) {
            (Stage::Shared { candidates, .. }, _) => {
                let group = candidates.last().and_then(|group| group.get("group_no")?.as_str());
                (group.unwrap_or_default(), "")
            }
            (_, Some(Place::Thread { group, thread })) => (group, thread),
            (_, Some(Place::Group { group })) => (group, ""),
            (_, Some(Place::Direct { .. } | Place::Session { .. } | Place::Panel { .. }) | None) => ("", ""),
        }
    }
}
