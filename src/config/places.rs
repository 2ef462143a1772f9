//! Rules for single groups, threads and panels.

use crate::message::Place;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What a group's own rules, GROUP.md and a thread's THREAD.md, are to the agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "lowercase")]
pub enum GroupRules {
    /// A part of its system prompt: whoever may edit them may instruct it.
    #[default]
    Prompt,
    /// Data about the group.
    Context,
    /// Nothing: they are not even fetched.
    Off,
}

/// What holds in one place, as far as it is set there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlaceRules {
    /// Whether a message needs a mention.
    pub require_mention: Option<bool>,
    /// Whether a mention of everybody is one of the bot.
    pub answer_mention_all: Option<bool>,
    /// Remembered messages.
    pub history: Option<usize>,
    /// What the place's own rules are to the agent.
    pub group_rules: Option<GroupRules>,
    /// The operator's instructions for this place.
    pub prompt: Option<String>,
    /// Whose messages are heard; of nobody else's anything becomes known to the agent.
    pub allow_from: Option<Vec<String>>,
}

/// Rules for one group or panel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export_to = "protocol.ts", optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlaceConfig {
    /// Whether messages here need a mention.
    pub require_mention: Option<bool>,
}

impl From<PlaceConfig> for PlaceRules {
    fn from(place: PlaceConfig) -> Self {
        Self { require_mention: place.require_mention, ..Self::default() }
    }
}

/// The rules that are set, by id.
pub(super) fn place_rules(places: Option<BTreeMap<String, PlaceConfig>>) -> Places {
    Places::new(places.unwrap_or_default().into_iter().map(|(id, place)| (id, place.into())))
}

/// The rules of places by their ids, or by their group's; `*` stands for all others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places(Vec<(String, PlaceRules)>);

impl Places {
    pub(super) fn new(rules: impl Iterator<Item = (String, PlaceRules)>) -> Self {
        Self(rules.collect())
    }

    /// What the most special of these ids says about something, else what `*` says.
    pub fn find<'a, T>(&'a self, ids: &[&str], rule: impl Fn(&'a PlaceRules) -> Option<T>) -> Option<T> {
        let of = |id: &str| self.0.iter().find(|(known, _)| known == id).and_then(|(_, rules)| rule(rules));
        ids.iter().chain(&["*"]).find_map(|id| of(id))
    }

    /// The same for a place without knowledge of the platform's groups: a thread has the rules of its group.
    pub fn of<'a, T>(&'a self, place: &Place, rule: impl Fn(&'a PlaceRules) -> Option<T>) -> Option<T> {
        let id = place.wire_id();
        match place {
            Place::Thread { group, .. } => self.find(&[&id, group], rule),
            Place::Direct { .. } => None,
            Place::Group { .. } | Place::Session { .. } | Place::Panel { .. } => self.find(&[&id], rule),
        }
    }
}
