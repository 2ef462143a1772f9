//! What an agent can have done on Mochat. `npm run types` makes the schemas of it that models see.

use crate::tools::Kind::{Choice, Count, Id, Ids, Link, People, Place, Text};
use crate::tools::{Field, Job, Right, Tool, actions, field};

const SESSION: Field = field("sessionId", Place("session:"), "a session's id (`session_…`)");
const PANEL: Field = field("panelId", Place("panel:"), "a panel's id");
const CONTENT: Field = field("content", Text, "the text to post");
const REPLY_TO: Field = field("replyTo", Text, "the id of the message to answer");
const LIMIT: Field = field("limit", Count(100), "how many messages, 1 to 100; 20 if left out");
const BEFORE: Field = field("beforeMessageId", Text, "a message's id, to read what was said before it");
const PARTICIPANTS: Field = field(
    "participants",
    People,
    "a list of up to 100 user ids, e-mail addresses or unique names, with `agent:` in front of those of agents",
);
const VISIBILITY: Field = field(
    "visibility",
    Choice(&["private", "public"]),
    "who may find it: `private`, which it is if left out, or `public`",
);
const POLICY: Field = field(
    "policy",
    Choice(&["archive", "lock", "cleanup"]),
    "what becomes of what was said: `archive`, `lock` or `cleanup`",
);
const GROUP: Field = field("groupId", Id, "a group's id, if it is not the agent's own group");
const NAME: Field = field("name", Text, "the panel's name");
const KIND: Field = field(
    "kind",
    Choice(&["text", "folder", "topic", "web"]),
    "what the panel is for: `text`, `folder`, `topic` or `web`",
);
const PARENT: Field = field("parentId", Id, "the id of the folder to put it in");
const URL: Field = field("url", Link, "the page that a `web` panel shows");
const INVITE_TYPE: Field =
    field("inviteType", Choice(&["normal", "permanent"]), "how long it works: `normal` or `permanent`");
const CODE: Field = field("code", Text, "the invite's code or its link");
const USERS: Field = field("userIds", Ids, "a list of up to 100 user ids");
const TARGET: Field = field("target", Place(""), "a place such as `session:<id>` or `panel:<id>`");
const QUERY: Field = field("query", Text, "a part of the name or id");

/// Tells names that no list tells.
pub(super) const NAMES: &str = "users/resolve";
/// The lists that tell who and what there is.
const EVERYTHING: &[&str] = &["sessions/list", "groups/get", NAMES];
const MEMBERS: &[&str] = &["groups/get", NAMES];

/// Tools for the agent.
pub(in crate::platform) static TOOLS: &[Tool] = &[
    Tool {
        name: "mochat_sessions",
        #[cfg(test)]
        about: "Mochat sessions, private chats of two or more: list them, see who is in, read, post, start, add or remove \
            people, close.",
        actions: actions![
            /// List the agent's sessions and who is in them.
            "list": Right::Owner, Job::Calls(EVERYTHING), [], [];
            /// Show who is in a session.
            "detail": Right::Here, Job::Calls(&["sessions/detail"]), [SESSION], [];
            /// Read a session's latest messages.
            "messages": Right::Here, Job::Read, [SESSION], [LIMIT, BEFORE];
            /// Post a text in a session. The answer to the message at hand needs no tool.
            "send": Right::Write, Job::Post, [SESSION, CONTENT], [REPLY_TO];
            /// Start a session with people or agents.
            "create": Right::Owner, Job::Calls(&["sessions/create"]), [PARTICIPANTS], [VISIBILITY];
            /// Add people or agents to a session.
            "add": Right::Owner, Job::Calls(&["sessions/addParticipants"]), [SESSION, PARTICIPANTS], [];
            /// Take people or agents out of a session.
            "remove": Right::Owner, Job::Calls(&["sessions/removeParticipants"]), [SESSION, PARTICIPANTS], [];
            /// End a session.
            "close": Right::Owner, Job::Calls(&["sessions/close"]), [SESSION], [POLICY];
        ],
    },
    Tool {
        name: "mochat_panels",
        #[cfg(test)]
        about: "Mochat panels, the channels of a group: list, read, post, create, rename or delete them.",
        actions: actions![
            /// List the group's panels.
            "list": Right::Members, Job::Calls(&["groups/get"]), [], [GROUP];
            /// Read a panel's latest messages.
            "messages": Right::Here, Job::Read, [PANEL], [LIMIT, BEFORE];
            /// Post a text in a panel. The answer to the message at hand needs no tool.
            "send": Right::Write, Job::Post, [PANEL, CONTENT], [REPLY_TO];
            /// Make a panel.
            "create": Right::Owner, Job::Calls(&["groups/panels/create"]), [NAME, KIND], [PARENT, URL, GROUP];
            /// Give a panel another name, or a web panel another page.
            "modify": Right::Owner, Job::Calls(&["groups/panels/modify"]), [PANEL, NAME], [URL, GROUP];
            /// Delete a panel and everything that was said in it.
            "delete": Right::Owner, Job::Calls(&["groups/panels/delete"]), [PANEL], [GROUP];
        ],
    },
    Tool {
        name: "mochat_group",
        #[cfg(test)]
        about: "Mochat groups: see who is in, make an invite link, join by one.",
        actions: actions![
            /// Show the group and who is in it.
            "get": Right::Members, Job::Calls(MEMBERS), [], [GROUP];
            /// Make a link by which others join the agent's own group.
            "invite": Right::Owner, Job::Calls(&["groups/createInvite"]), [], [INVITE_TYPE];
            /// Join somebody else's group.
            "join": Right::Owner, Job::Calls(&["groups/joinByInvite"]), [CODE], [];
        ],
    },
    Tool {
        name: "mochat_account",
        #[cfg(test)]
        about: "Mochat account of this agent: its owner and where to ask them, who is behind a user id, a new token.",
        actions: actions![
            /// Show whom the agent belongs to, and the session to ask them in.
            "owner": Right::Anyone, Job::Calls(&["agents/owner"]), [], [];
            /// Show names and kinds of users by their ids.
            "resolve": Right::Anyone, Job::Calls(&["users/resolve"]),
                [USERS], [];
            /// Have the server renew the agent's token; the configuration gets the new one.
            "rotate_token": Right::Owner, Job::Calls(&["agents/rotateToken"]), [], [];
        ],
    },
];

/// What the host's own surfaces ask for: its `message` tool and its directory.
pub(in crate::platform) static HOST_TOOLS: &[Tool] = &[
    Tool {
        name: "message",
        #[cfg(test)]
        about: "The host's message tool.",
        actions: actions![
            /// Read the latest messages of a place.
            "read": Right::Here, Job::Read, [TARGET], [LIMIT, BEFORE];
            /// Answer a message in its place.
            "reply": Right::Write, Job::Post, [TARGET, CONTENT, REPLY_TO], [];
        ],
    },
    Tool {
        name: "directory",
        #[cfg(test)]
        about: "The host's directory.",
        actions: actions![
            /// The agent itself.
            "self": Right::Owner, Job::Calls(EVERYTHING), [], [];
            /// People and agents with a session of their own.
            "peers": Right::Owner, Job::Calls(EVERYTHING), [], [QUERY];
            /// Panels, and sessions of more than two.
            "groups": Right::Owner, Job::Calls(EVERYTHING), [], [QUERY];
            /// Who is in a place.
            "members": Right::Owner, Job::Calls(EVERYTHING), [TARGET], [];
        ],
    },
];
