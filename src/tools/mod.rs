//! What an agent can have done on a platform: tables of tools and their actions, the check of what a model wrote, who may
//! ask for what. The tables themselves, the calls and their answers are the platforms'.

mod authority;
mod desk;
mod params;
mod transcript;

pub use authority::{Reach, Right, Standing, Who, judge};
pub use desk::{conclude, cut, line, receive, without};
pub use params::{Asked, read};
pub use transcript::{Utterance, newest};

use crate::ids::RequestId;
use crate::step::{Effect, Step};

/// A tool: a family of actions on one kind of thing. Few of these and an `action` in each are easier on a model, and
/// cheaper in every prompt, than a tool for each action.
#[derive(Debug)]
pub struct Tool {
    /// As the model calls it.
    pub name: &'static str,
    /// What it is for, in words for the model; the module itself has no use for them.
    #[cfg(test)]
    pub about: &'static str,
    /// What it can do.
    pub actions: &'static [Action],
}

/// One thing that a tool can do.
#[derive(Debug)]
pub struct Action {
    /// Value of the parameter `action`.
    pub name: &'static str,
    /// What it does, in words for the model.
    #[cfg(test)]
    pub about: &'static str,
    /// Who may ask for it.
    pub right: Right,
    /// What is done.
    pub job: Job,
    /// Its parameters; those without which it can't be done come first.
    pub fields: &'static [&'static Field],
    /// How many these are.
    pub needs: usize,
}

/// A parameter. One name means the same in every action of a tool.
#[derive(Debug)]
pub struct Field {
    /// Its name, which is the server's where the server has one.
    pub name: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// What it is, as a noun phrase: for the model, and for whoever forgot it.
    pub about: &'static str,
}

/// A parameter for a table.
#[must_use]
pub const fn field(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, about }
}

/// What a parameter may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Some text.
    Text,
    /// Several texts.
    Texts,
    /// The id of somebody or something; the log says it.
    Id,
    /// Several of these.
    Ids,
    /// A web address.
    Link,
    /// A whole number from 1 to this.
    Count(u32),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A place whose target begins like this, such as `panel:`, or its id alone; any place if it is empty.
    Place(&'static str),
    /// People and agents to invite: ids, e-mail addresses or unique names.
    People,
}

/// How an action is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// Calls of these paths, one after the other; with the method in front where the server has several.
    Calls(&'static [&'static str]),
    /// The latest messages of the place.
    Read,
    /// A text for the place.
    Post,
}

/// Writes a table of actions: for each its words (a doc comment), name, right and job, what it needs and what it takes.
macro_rules! actions {
    ($($(#[doc = $about:literal])+ $name:literal: $right:expr, $job:expr, [$($needs:ident),*], [$($takes:ident),*];)*) => {
        &[$($crate::tools::Action {
            name: $name,
            #[cfg(test)]
            about: concat!($($about),+),
            right: $right,
            job: $job,
            fields: &[$(&$needs,)* $(&$takes,)*],
            needs: { const NEEDED: &[&$crate::tools::Field] = &[$(&$needs),*]; NEEDED.len() },
        }),*]
    };
}
pub(crate) use actions;

/// Tells the host what became of a tool call: words for the model, or why it was not done.
pub fn settle(request: RequestId, result: Result<String, String>, step: &mut Step) {
    let ok = result.is_ok();
    let text = result.unwrap_or_else(|error| error);
    step.push(Effect::SettleTool { request, ok, text });
}
