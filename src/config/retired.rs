//! Keys of the plugins before this one that mean nothing any more. They stand in people's configurations, so they are
//! accepted, and it is said that they have no effect; any other unknown key is an error.

use serde_json::Value;

/// A key, and why it has no effect.
pub(super) type Retired = (&'static str, &'static str);

const RECONNECTS: &str = "A lost connection is tried again for as long as it takes, with growing pauses.";
const TIMEOUTS: &str = "The plugin knows how long each step may take.";
const CALLS: &str = "Whether and when a call is repeated depends on how it failed.";

/// Of the OpenClaw extension and of nanobot.
pub(super) const MOCHAT: [Retired; 7] = [
    ("socketReconnectDelayMs", RECONNECTS),
    ("socketMaxReconnectDelayMs", RECONNECTS),
    ("socketConnectTimeoutMs", TIMEOUTS),
    ("watchTimeoutMs", TIMEOUTS),
    ("watchLimit", "As much is asked for as the server gives at once."),
    ("retryDelayMs", CALLS),
    ("maxRetryAttempts", "The plugin never gives up on a connection, whatever number stands here."),
];

/// Of the OpenClaw plugin, some versions of which had `onBehalfOf`, and of its documentation, which shows the last two.
pub(super) const DMWORK: [Retired; 5] = [
    ("pollIntervalMs", "Messages come by themselves, and the queue of missed ones is looked at every five minutes."),
    ("botUid", "The server tells it when the bot registers."),
    ("onBehalfOf", "The bot speaks as itself, and never as a person."),
    (
        "agentModel",
        "A model is an agent's: set it there, and `openclaw dmwork setup --agent <id>` gives that agent the account.",
    ),
    (
        "systemPrompt",
        "Instructions for all groups stand in `groups.\"*\".systemPrompt`. Any other prompt is an agent's: write it there, \
         and `openclaw dmwork setup --agent <id>` gives that agent the account.",
    ),
];

/// Takes them out of an account's configuration, and answers with what to tell the operator of each.
pub(super) fn take(retired: &[Retired], config: &mut Value) -> Vec<String> {
    let mut told = Vec::new();
    if let Value::Object(keys) = config {
        // Put together anew: taking keys out of a map would weigh three times this module.
        for (key, value) in std::mem::take(keys) {
            match retired.iter().find(|(name, _)| *name == key) {
                Some((name, why)) => told.push(format!("{name}: has no effect. {why} Remove it.")),
                None => drop(keys.insert(key, value)),
            }
        }
    }
    told
}
