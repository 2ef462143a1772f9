//! A message as both platforms mean it, and the places where it can stand.

use crate::ids::EntryId;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a conversation happens, and so where its reply goes.
///
/// The text form (`Display`, [`Place::parse`]) is the target grammar of the message tool, and what the store keeps.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Place {
    /// DMWork, `channel_type` 1: one person, `user:<uid>`.
    Direct {
        /// The other side's uid.
        user: String,
    },
    /// DMWork, `channel_type` 2: `group:<group_no>`.
    Group {
        /// The `group_no`.
        group: String,
    },
    /// DMWork, `channel_type` 5: `thread:<group_no>____<short_id>`.
    Thread {
        /// The parent's `group_no`.
        group: String,
        /// The thread's `short_id`.
        thread: String,
    },
    /// Mochat: a private conversation of two or more, `session:<sessionId>`.
    Session {
        /// The `session_…` id.
        session: String,
    },
    /// Mochat: a channel of a group, `panel:<panelId>`.
    Panel {
        /// The panel's id.
        panel: String,
    },
}

/// Joins a group and its thread in a DMWork channel id.
const THREAD_SEPARATOR: &str = "____";

impl Place {
    /// A DMWork group or thread by its channel id; a thread's is `<group>____<thread>`.
    #[must_use]
    pub fn from_group_channel(channel_id: &str) -> Self {
        match channel_id.split_once(THREAD_SEPARATOR) {
            Some((group, thread)) if !group.is_empty() && !thread.is_empty() => {
                Self::Thread { group: group.to_owned(), thread: thread.to_owned() }
            }
            _ => Self::Group { group: channel_id.to_owned() },
        }
    }

    /// A Mochat conversation by its id: sessions announce themselves by their prefix, the rest are panels.
    #[must_use]
    pub fn from_mochat_id(id: &str) -> Self {
        if id.starts_with("session_") {
            Self::Session { session: id.to_owned() }
        } else {
            Self::Panel { panel: id.to_owned() }
        }
    }

    /// Reads the text form; `None` if it names no place. Behind a blank may stand the host's id of a thread in there, and
    /// behind a group's number whom to call (`text::calling`). Other adapters write groups as `channel:` too.
    #[must_use]
    pub fn parse(target: &str) -> Option<Self> {
        let (kind, id) = target.trim().split_once(':')?;
        let (id, thread) = id.split_once(' ').filter(|_| kind != "user").unwrap_or((id, ""));
        if id.is_empty() {
            return None;
        }
        match kind {
            "user" => Some(Self::Direct { user: id.to_owned() }),
            "group" | "channel" => {
                let id = id.split('@').next().filter(|id| !id.is_empty())?;
                Some(Self::from_group_channel(id).within(thread.trim()))
            }
            "thread" => Some(Self::from_group_channel(id)).filter(|place| matches!(place, Self::Thread { .. })),
            "session" => Some(Self::Session { session: id.to_owned() }),
            "panel" => Some(Self::Panel { panel: id.to_owned() }),
            _ => None,
        }
    }

    /// The thread with this id in a group: its own id, or the whole one. One of another group is none of this group's.
    fn within(self, thread: &str) -> Self {
        match (self, thread.split_once(THREAD_SEPARATOR)) {
            (Self::Group { group }, None) if !thread.is_empty() => Self::Thread { group, thread: thread.to_owned() },
            (Self::Group { group }, Some((parent, own))) if parent == group && !own.is_empty() => {
                Self::Thread { group, thread: own.to_owned() }
            }
            (place, _) => place,
        }
    }

    /// Whether it is DMWork's conversation of two; of Mochat's sessions the id doesn't tell.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        matches!(self, Self::Direct { .. })
    }

    /// The id the platform knows the place by.
    #[must_use]
    pub fn wire_id(&self) -> String {
        match self {
            Self::Direct { user: id }
            | Self::Group { group: id }
            | Self::Session { session: id }
            | Self::Panel { panel: id } => id.clone(),
            Self::Thread { group, thread } => format!("{group}{THREAD_SEPARATOR}{thread}"),
        }
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        place.to_string()
    }
}

impl TryFrom<String> for Place {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        // Nobody can write there, but what comes from there is on record: the platform's own accounts have no uid.
        if text == "user:" {
            return Ok(Self::Direct { user: String::new() });
        }
        Self::parse(&text).ok_or("no place")
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::Direct { .. } => "user",
            Self::Group { .. } => "group",
            Self::Thread { .. } => "thread",
            Self::Session { .. } => "session",
            Self::Panel { .. } => "panel",
        };
        write!(f, "{kind}:{}", self.wire_id())
    }
}

/// Whether a conversation is between two or among many. Mochat's sessions can be either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub enum Chat {
    /// Two participants.
    Direct,
    /// More than two, or a place that anybody may join.
    Group,
}

/// What kind of author wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub enum Author {
    /// A human, or somebody the platform doesn't tell apart from one.
    Person,
    /// Another bot.
    Agent,
    /// This bot itself: its own message came back.
    Us,
    /// The platform: joins, renames, notices.
    System,
}

/// Who wrote a message. Only the id decides anything; the name is for reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub struct Sender {
    /// The platform's stable user id.
    pub id: String,
    /// Display name, untrusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub name: Option<String>,
    /// What kind of author this is.
    pub author: Author,
    /// Whether the platform says that the bot belongs to this person. Names never do.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
    pub is_owner: bool,
}

impl Sender {
    /// The name if there is one, else the id.
    #[must_use]
    pub fn label(&self) -> &str {
        self.name.as_deref().filter(|name| !name.trim().is_empty()).unwrap_or(&self.id)
    }
}

/// The message that another one answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub struct Quote {
    /// Its id, where the platform gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub id: Option<String>,
    /// Its author's name or id, untrusted; empty if the message doesn't tell.
    pub sender: String,
    /// Its text, untrusted.
    pub text: String,
}

/// What a reply answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The message.
    pub id: EntryId,
    /// Who asked.
    pub asker: Sender,
}

/// A file that came with a message. It is fetched when the message gets its turn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub struct Media {
    /// Where it is: an absolute `http(s)` URL, untrusted.
    pub url: String,
    /// Its name, untrusted and on one short line.
    pub name: String,
    /// Whether the platform gives it only to who shows the account's token. Nobody's message says so: such a URL is made
    /// by us, on the platform's own server.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
    pub is_guarded: bool,
    /// Whether it is somebody's voice.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
    pub is_voice: bool,
    /// Whose voice it is, where that is not whoever asks. As kept with a message: the uid or name of whom it quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub said_by: Option<String>,
}

/// One message from a platform. Its JSON is the record that the store keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Incoming {
    /// The platform's message id: the key of dedupe.
    pub id: EntryId,
    /// Where it was said.
    pub place: Place,
    /// The group a place belongs to, where rules can be set per group (DMWork group, Mochat group of a panel).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Between two or among many.
    pub chat: Chat,
    /// Whose access rules hold: those of direct messages or of groups.
    pub access: Chat,
    /// Who said it.
    pub sender: Sender,
    /// What the model reads: plain text, the bot's own mention removed.
    pub text: String,
    /// Whether it calls this bot by name, id or role.
    #[serde(default)]
    pub mentions_us: bool,
    /// What it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<Quote>,
    /// Files in it and in what it answers. The text names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Media>,
    /// The part of the platform that a direct message belongs to (DMWork's Space): a conversation of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space: Option<String>,
    /// When the platform says it was sent.
    pub sent_at: Time,
    /// It was said before the bot listened in this place: context at most.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_past: bool,
}

impl Incoming {
    /// The command that the host reads in it, without its slash: `stop` of `/stop`, `model` of `/model: gpt`. A path such
    /// as `/tmp/x` is none.
    #[must_use]
    pub fn command(&self) -> Option<&str> {
        let rest = self.text.trim_start().strip_prefix('/')?;
        let word = rest.split(|c: char| c.is_whitespace() || matches!(c, ':' | '@')).next()?;
        let is_word = word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        (is_word && word.starts_with(|c: char| c.is_ascii_alphabetic())).then_some(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_keeps_its_whole_id_from_wire_to_target_and_back() {
        let place = Place::from_group_channel("9f0c____1234567890123456");
        assert_eq!(place, Place::Thread { group: "9f0c".into(), thread: "1234567890123456".into() });
        assert_eq!(place.wire_id(), "9f0c____1234567890123456");
        assert_eq!(Place::parse(&place.to_string()), Some(place));
    }

    #[test]
    fn an_id_with_half_a_separator_is_the_group_itself() {
        for id in ["____1", "g____", "plain", "a_b"] {
            assert_eq!(Place::from_group_channel(id), Place::Group { group: id.into() });
        }
    }

    #[test]
    fn a_target_that_names_no_place_is_refused() {
        for target in ["", "user:", "ann", "thread:g1", "robot:x", "group:@ann"] {
            assert_eq!(Place::parse(target), None, "{target}");
        }
    }

    #[test]
    fn a_thread_of_the_hosts_is_one_of_the_group_that_is_meant() {
        for (target, place) in [
            ("group:g1 t7", "thread:g1____t7"),
            ("channel:g1 t7", "thread:g1____t7"),
            ("group:g1@ann,bob t7", "thread:g1____t7"),
            ("group:g1 g1____t7", "thread:g1____t7"),
            ("group:g1 other____t7", "group:g1"),
            ("group:g1____t1 t7", "thread:g1____t1"),
            ("thread:g1____t1 t7", "thread:g1____t1"),
            ("panel:p1 t7", "panel:p1"),
        ] {
            assert_eq!(Place::parse(target).unwrap().to_string(), place, "{target}");
        }
    }

    #[test]
    fn every_place_is_read_back_as_it_was_written_that_of_the_platform_itself_as_well() {
        for user in ["ann", ""] {
            let place = Place::Direct { user: user.into() };
            assert_eq!(Place::try_from(String::from(place.clone())), Ok(place));
        }
    }

    #[test]
    fn a_uid_that_looks_like_a_space_id_stays_itself() {
        assert_eq!(Place::parse("user:sales_ann"), Some(Place::Direct { user: "sales_ann".into() }));
    }
}
