//! What an operator is told about a configuration that can't work: which key, and what to do.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use mochat_dmwork::account::Account;
use mochat_dmwork::config::ConfigError;
use serde_json::{Value, json};

fn open(channel: &str, more: Value) -> Result<(), ConfigError> {
    let mut config = match channel {
        "dmwork" => json!({ "apiUrl": "https://im.example", "botToken": "bf_0123456789abcdef0123" }),
        _ => json!({ "clawToken": "claw_0123456789abcdef0123" }),
    };
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Account::open(channel, &config.to_string()).map(|_| ())
}

#[test]
fn a_wrong_value_is_named_by_its_key_with_what_to_write_instead() {
    for (channel, config, key, told) in [
        ("dmwork", json!({ "historyLimit": 201 }), "historyLimit", "from 0 to 200"),
        ("dmwork", json!({ "historyLimit": -1 }), "historyLimit", "remove"),
        ("dmwork", json!({ "historyLimit": "20" }), "historyLimit", "remove"),
        ("dmwork", json!({ "heartbeatIntervalMs": 10 }), "heartbeatIntervalMs", "at least 5000"),
        ("dmwork", json!({ "allowBots": "sometimes" }), "allowBots", "`off`, `mentions`, `on`"),
        ("dmwork", json!({ "maxMessagesPerMinute": 1_001 }), "maxMessagesPerMinute", "from 0 to 1000"),
        ("dmwork", json!({ "maxBotTurns": 101 }), "maxBotTurns", "from 0 to 100"),
        ("dmwork", json!({ "groups": { "g1": { "mention": true } } }), "groups.g1.mention", "requireMention"),
        ("dmwork", json!({ "replyDelayMode": "off" }), "replyDelayMode", "unknown"),
        ("mochat", json!({ "historyLimit": 201 }), "historyLimit", "from 0 to 200"),
        ("mochat", json!({ "replyDelayMode": "sometimes" }), "replyDelayMode", "`non-mention`"),
        ("mochat", json!({ "replyDelayMode": "nonMention" }), "replyDelayMode", "`non-mention`"),
        (
            "mochat",
            json!({ "replyDelayMs": 120_000, "replyDelayMaxMs": 60_000 }),
            "replyDelayMaxMs",
            "at least as long",
        ),
        ("mochat", json!({ "replyDelayMs": -1 }), "replyDelayMs", "remove"),
        ("mochat", json!({ "mention": { "requireInGroups": "yes" } }), "mention.requireInGroups", "boolean"),
        ("mochat", json!({ "groups": { "*": { "requireMention": 1 } } }), "groups.*.requireMention", "boolean"),
        ("mochat", json!({ "allowBots": true }), "allowBots", "remove"),
        // The other adapters' spelling; the sentence lists the right one.
        ("mochat", json!({ "reply_delay_ms": 1 }), "reply_delay_ms", "`replyDelayMs`"),
    ] {
        let error = open(channel, config.clone()).unwrap_err();
        assert_eq!(error.key, key, "{config}");
        assert!(error.to_string().contains(told), "{error}");
    }
}

#[test]
fn values_at_the_edge_are_values() {
    for (channel, config) in [
        ("dmwork", json!({ "historyLimit": 0 })),
        ("dmwork", json!({ "historyLimit": 200, "maxMessagesPerMinute": 0, "maxBotTurns": 0 })),
        ("dmwork", json!({ "historyPromptTemplate": "[Recent]\n{messages}\n({count})" })),
        ("mochat", json!({ "historyLimit": 0, "replyDelayMs": 0 })),
        ("mochat", json!({ "replyDelayMs": 5_000, "replyDelayMaxMs": 5_000 })),
        ("mochat", json!({ "replyDelayMode": "never" })),
        ("mochat", json!({ "groups": {}, "panels": [], "sessions": ["*"] })),
    ] {
        assert_eq!(open(channel, config.clone()), Ok(()), "{config}");
    }
}
