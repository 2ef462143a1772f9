//! What an agent can have done on DMWork. `npm run types` makes the schemas of it that models see.
//!
//! In a path `{g}` is the number of the place's group, `{t}` its thread's own id, `{bot}` a bot's id.

use crate::tools::Kind::{Count, Id, Ids, Place, Text, Texts};
use crate::tools::{Field, Job, Right, Tool, actions, field};

const GROUP: Field = field("groupId", Place("group:"), "a group's number (`group_no`)");
const THREAD: Field = field("threadId", Place("thread:"), "a thread's id (`<group_no>____<short_id>`)");
const TARGET: Field =
    field("target", Place(""), "a place: `user:<uid>`, `group:<group_no>` or `thread:<group_no>____<short_id>`");
const MEMBERS: Field = field("members", Ids, "a list of up to 200 uids of people");
const NAME: Field = field("name", Text, "a name; of a group's, 20 characters are kept");
const NOTICE: Field = field("notice", Text, "the notice that the group's members see");
const CREATOR: Field = field("creator", Id, "the uid of the person that the group belongs to, else the first member");
const RULES: Field = field("content", Text, "the whole new text in Markdown, up to 10,240 bytes");
const SOURCE: Field = field("sourceMessageId", Id, "the id of the message that the thread is about");
const CONTENT: Field = field("content", Text, "the text");
const REPLY_TO: Field = field("replyTo", Text, "the id of the message to answer");
const MESSAGE: Field = field("messageId", Id, "the id of a message of the agent's own");
const LIMIT: Field = field("limit", Count(100), "how many, 1 to 100; 20 if left out");
const PEOPLE: Field = field("limit", Count(200), "how many, 1 to 200; 50 if left out");
const PAGE: Field = field("page", Count(u32::MAX), "which page of 100, from 1");
const BEFORE: Field = field("before", Count(u32::MAX), "a message's number (`no.`), to read what was said before it");
const AFTER: Field = field("after", Count(u32::MAX), "a message's number (`no.`), to read what was said after it");
const QUERY: Field = field("query", Text, "a part of the text, name or id to look for");
const UID: Field = field("uid", Id, "a user's id");
const COMMANDS: Field = field("commands", Texts, "a list such as `/help: shows what I can do`");
const CONTEXT: Field =
    field("content", Text, "words and names that transcription should know, up to 10,000 characters");
const SPACE: Field = field("space", Text, "the id of a Space, if the bot is in several; else the first one is meant");
const BOT: Field = field("botId", Id, "a bot's id (`robot_id`)");
const BOT_NAME: Field = field("name", Text, "the bot's name, up to 64 bytes");
const USERNAME: Field =
    field("username", Text, "a name of its own for the bot's id: letters, digits and `_`, up to 20");
const DESCRIPTION: Field = field("description", Text, "what the bot is for, up to 500 bytes");

/// The latest messages of a place that contain a text.
pub(super) const SEARCH: &str = "search";
/// The groups of whoever asks among the bot's.
pub(super) const SHARED: &str = "shared";
/// Says of a message of the agent's own what it should read from now on.
pub(super) const EDIT: &str = "POST bot/message/edit";
/// The token of the account's own bot, as the server has it now.
pub(super) const OWN_TOKEN: &str = "GET user/bots/{us}/token";

/// Tools for the agent.
pub(in crate::platform) static TOOLS: &[Tool] = &[
    Tool {
        name: "dmwork_groups",
        #[cfg(test)]
        about: "DMWork groups: list them, see who is in, make and change them, read and write their rules (GROUP.md).",
        actions: actions![
            /// List the groups that the bot is in.
            "list": Right::Owner, Job::Calls(&["GET bot/groups"]), [], [SPACE];
            /// List the groups that whoever asks is in as well.
            "shared": Right::Members, Job::Calls(&[SHARED]), [], [];
            /// Show a group's name, notice and creator.
            "info": Right::Members, Job::Calls(&["GET bot/groups/{g}"]), [GROUP], [];
            /// Show who is in a group.
            "members": Right::Members, Job::Calls(&["GET bot/groups/{g}/members"]), [GROUP], [];
            /// Make a group with these people.
            "create": Right::Owner, Job::Calls(&["POST bot/createGroup"]), [MEMBERS], [NAME, CREATOR, SPACE];
            /// Change a group's name or notice.
            "update": Right::Owner, Job::Calls(&["PUT bot/groups/{g}/info"]), [GROUP], [NAME, NOTICE];
            /// Add people to a group.
            "add": Right::Owner, Job::Calls(&["POST bot/groups/{g}/members/add"]), [GROUP, MEMBERS], [];
            /// Take people out of a group.
            "remove": Right::Owner, Job::Calls(&["POST bot/groups/{g}/members/remove"]), [GROUP, MEMBERS], [];
            /// Read a group's rules.
            "rules": Right::Members, Job::Calls(&["GET bot/groups/{g}/md"]), [GROUP], [];
            /// Replace a group's rules.
            "set_rules": Right::Owner, Job::Calls(&["PUT bot/groups/{g}/md"]), [GROUP, RULES], [];
        ],
    },
    Tool {
        name: "dmwork_threads",
        #[cfg(test)]
        about: "DMWork threads, the side conversations of a group: list, start, join, leave or delete them, read and write \
            their rules (THREAD.md).",
        actions: actions![
            /// List a group's threads.
            "list": Right::Members, Job::Calls(&["GET bot/groups/{g}/threads"]), [GROUP], [PAGE];
            /// Show a thread.
            "get": Right::Members, Job::Calls(&["GET bot/groups/{g}/threads/{t}"]), [THREAD], [];
            /// Show who is in a thread.
            "members": Right::Members, Job::Calls(&["GET bot/groups/{g}/threads/{t}/members"]), [THREAD], [];
            /// Start a thread in a group.
            "create": Right::Write, Job::Calls(&["POST bot/groups/{g}/threads"]), [GROUP, NAME], [SOURCE];
            /// Join a thread.
            "join": Right::Write, Job::Calls(&["POST bot/groups/{g}/threads/{t}/join"]), [THREAD], [];
            /// Leave a thread.
            "leave": Right::Owner, Job::Calls(&["POST bot/groups/{g}/threads/{t}/leave"]), [THREAD], [];
            /// Delete a thread and everything that was said in it.
            "delete": Right::Owner, Job::Calls(&["DELETE bot/groups/{g}/threads/{t}"]), [THREAD], [];
            /// Read a thread's rules.
            "rules": Right::Members, Job::Calls(&["GET bot/groups/{g}/threads/{t}/md"]), [THREAD], [];
            /// Replace a thread's rules.
            "set_rules": Right::Owner, Job::Calls(&["PUT bot/groups/{g}/threads/{t}/md"]), [THREAD, RULES], [];
        ],
    },
    Tool {
        name: "dmwork_messages",
        #[cfg(test)]
        about: "DMWork messages: read or search those of a place, post one elsewhere, correct one of the agent's own.",
        actions: actions![
            /// Read a place's latest messages.
            "read": Right::Here, Job::Read, [TARGET], [LIMIT, BEFORE, AFTER];
            /// Look for a text in a place's latest 1,000 messages.
            "search": Right::Here, Job::Calls(&[SEARCH]), [TARGET, QUERY], [BEFORE];
            /// Post a text in a place. The answer to the message at hand needs no tool.
            "send": Right::Write, Job::Post, [TARGET, CONTENT], [REPLY_TO];
            /// Replace the text of a message of the agent's own.
            "edit": Right::Correct, Job::Calls(&[EDIT]), [TARGET, MESSAGE, CONTENT], [];
        ],
    },
    Tool {
        name: "dmwork_account",
        #[cfg(test)]
        about: "DMWork account of this bot: its owner, people by name or id, its menu of commands, words for transcription.",
        actions: actions![
            /// Show whom the bot belongs to.
            "owner": Right::Anyone, Job::Calls(&[]), [], [];
            /// Show who is behind a uid.
            "user": Right::Anyone, Job::Calls(&["GET bot/user/info"]), [UID], [];
            /// Look for people and bots of the bot's Space.
            "people": Right::Owner, Job::Calls(&["GET bot/space/members"]), [], [QUERY, PEOPLE, SPACE];
            /// Replace the menu of commands that people see.
            "set_commands": Right::Owner, Job::Calls(&["POST bot/setCommands"]), [COMMANDS], [];
            /// Read the owner's words for transcription.
            "voice_context": Right::Owner, Job::Calls(&["GET bot/voice/context"]), [], [];
            /// Replace the owner's words for transcription.
            "set_voice_context": Right::Owner, Job::Calls(&["PUT bot/voice/context"]), [CONTEXT], [];
            /// Delete the owner's words for transcription.
            "delete_voice_context": Right::Owner, Job::Calls(&["DELETE bot/voice/context"]), [], [];
        ],
    },
    Tool {
        name: "dmwork_bots",
        #[cfg(test)]
        about: "The owner's bots on DMWork, where `userApiKey` is configured: list, make, change or delete them.",
        actions: actions![
            /// List the owner's bots.
            "list": Right::Owner, Job::Calls(&["GET user/bots"]), [], [];
            /// Make a bot. `openclaw dmwork setup --bot <id>` gives it an account here.
            "create": Right::Owner, Job::Calls(&["POST user/bots"]), [BOT_NAME], [USERNAME, DESCRIPTION, SPACE];
            /// Change a bot's name or description.
            "update": Right::Owner, Job::Calls(&["PUT user/bots/{bot}"]), [BOT], [BOT_NAME, DESCRIPTION];
            /// Delete a bot for good.
            "delete": Right::Owner, Job::Calls(&["DELETE user/bots/{bot}"]), [BOT], [];
            /// Fetch this bot's token anew, after it was revoked; the configuration gets it.
            "token": Right::Owner, Job::Calls(&[OWN_TOKEN]), [], [];
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
            "read": Right::Here, Job::Read, [TARGET], [LIMIT, BEFORE, AFTER];
            /// Look for a text in a place's latest messages.
            "search": Right::Here, Job::Calls(&[SEARCH]), [TARGET, QUERY], [];
            /// Answer a message in its place.
            "reply": Right::Write, Job::Post, [TARGET, CONTENT], [REPLY_TO];
            /// Replace the text of a message of the agent's own.
            "edit": Right::Correct, Job::Calls(&[EDIT]), [TARGET, MESSAGE, CONTENT], [];
            /// Start a thread in a group.
            "thread-create": Right::Write, Job::Calls(&["POST bot/groups/{g}/threads"]), [TARGET, NAME], [SOURCE];
            /// List a group's threads.
            "thread-list": Right::Members, Job::Calls(&["GET bot/groups/{g}/threads"]), [TARGET], [PAGE];
        ],
    },
    Tool {
        name: "directory",
        #[cfg(test)]
        about: "The host's directory.",
        actions: actions![
            /// The bot itself.
            "self": Right::Owner, Job::Calls(&[]), [], [];
            /// People and bots of the bot's Space.
            "peers": Right::Owner, Job::Calls(&["GET bot/space/members"]), [], [QUERY];
            /// Groups that the bot is in.
            "groups": Right::Owner, Job::Calls(&["GET bot/groups"]), [], [QUERY];
            /// Who is in a group.
            "members": Right::Owner, Job::Calls(&["GET bot/groups/{g}/members"]), [TARGET], [];
        ],
    },
];
