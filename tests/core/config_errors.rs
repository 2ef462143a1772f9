//! What an operator is told about a configuration that can't work: which key, and what to do.

use mochat_dmwork::account::Account;
use mochat_dmwork::config::ConfigError;
use mochat_dmwork::step::{Effect, Input, LogLevel};
use mochat_dmwork::time::Time;
use serde_json::{Value, json};

fn open(channel: &str, more: Value) -> Result<(), ConfigError> {
    account(channel, more).map(|_| ())
}

fn account(channel: &str, more: Value) -> Result<Account, ConfigError> {
    let mut config = match channel {
        "dmwork" => json!({ "apiUrl": "https://im.example", "botToken": "bf_0123456789abcdef0123" }),
        _ => json!({ "clawToken": "claw_0123456789abcdef0123" }),
    };
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Account::open(channel, &config.to_string())
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

#[test]
fn a_key_of_an_older_plugin_that_means_nothing_any_more_is_named_in_a_warning_when_the_account_starts() {
    for (channel, keys) in [
        (
            "mochat",
            json!({ "socketReconnectDelayMs": 1_000, "socketMaxReconnectDelayMs": 10_000, "watchLimit": 100,
                "socketConnectTimeoutMs": 10_000, "watchTimeoutMs": 25_000, "retryDelayMs": 200, "maxRetryAttempts": 3 }),
        ),
        (
            "dmwork",
            json!({ "pollIntervalMs": 2_000, "botUid": "b", "onBehalfOf": "u", "agentModel": "m",
                "systemPrompt": "p" }),
        ),
    ] {
        let mut account = account(channel, keys.clone()).unwrap();
        let started = Input::Started {
            entries: Vec::new(),
            notes: Vec::new(),
            turns: Vec::new(),
            inherited: Vec::new(),
            suspects: Vec::new(),
            entropy: vec![7; 32],
        };
        let effects = account.handle(Time(1_000), started).effects;
        let warned = |key: &str| {
            effects.iter().any(|effect| {
                matches!(effect, Effect::Log { level: LogLevel::Warn, text } if text.starts_with(&format!("{key}: has no effect")))
            })
        };
        for key in keys.as_object().unwrap().keys() {
            assert!(warned(key), "{key}");
        }
    }
    // On the other platform it is just unknown.
    assert_eq!(open("dmwork", json!({ "watchLimit": 1 })).unwrap_err().key, "watchLimit");
}
