//! `docs/CONFIG.md` comes from the configuration structs and the manifest's schema; this test fails when they drift.
//! `npm run types` writes it anew.

use super::manifest::section;
use super::retired::{DMWORK, MOCHAT, Retired};
use super::{DmworkConfig, MochatConfig};
use crate::generated::{same, table};
use schemars::JsonSchema;
use serde_json::Value;
use ts_rs::{Config, TS};

const ABOUT: &str = "# Configuration

<!-- Written by `npm run types` from src/config. -->

A channel's keys stand under `channels.mochat` or `channels.dmwork`. All but the last three may also stand under
`accounts.<id>`, where they override the ones beside `accounts` key by key: an account that has `groups` or `sessions` of
its own has only these. `agentUserId` belongs to its token: an account with a token of its own never takes it over.

A SecretRef is `{ source, provider, id }`, as everywhere in OpenClaw. A value that can't work is refused by name, before
the account starts. Any key that is not listed here is an error.

Keys of the plugins before this one that mean nothing any more are accepted. The log names each when the account starts.
";

#[test]
fn the_page_names_every_key() {
    let mochat = channel::<MochatConfig>("Mochat: `channels.mochat`", &MOCHAT);
    let dmwork = channel::<DmworkConfig>("DMWork: `channels.dmwork`", &DMWORK);
    same("docs/CONFIG.md", &format!("{ABOUT}\n{mochat}\n{dmwork}"));
}

fn channel<T: JsonSchema + TS>(title: &str, retired: &[Retired]) -> String {
    let schema = section::<T>(retired);
    let declared = T::inline(&Config::new());
    let is_retired = |name: &str| retired.iter().any(|(key, _)| *key == name);
    let mut keys: Vec<_> = schema["properties"].as_object().unwrap().iter().collect();
    keys.retain(|(name, _)| !is_retired(name));
    // As declared: what belongs together stands together. What the host adds comes last.
    keys.sort_by_key(|(name, _)| declared.find(&format!("{name}?:")).unwrap_or(usize::MAX));
    let head = ["key", "value", "what it does"].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(head).chain(keys.into_iter().flat_map(|(name, key)| rows(name, key))).collect();
    let head = ["without effect", "why"].map(str::to_owned);
    let gone: Vec<_> = retired.iter().map(|(key, why)| [format!("`{key}`"), (*why).to_owned()]).collect();
    let gone: Vec<_> = std::iter::once(head).chain(gone).collect();
    format!("## {title}\n\n{}\n{}", table(&rows), table(&gone))
}

/// A key, or in its place those of the object that it holds.
fn rows(name: &str, key: &Value) -> Vec<[String; 3]> {
    let inner = |prefix: &str, object: &Value| -> Option<Vec<[String; 3]>> {
        let keys = object["properties"].as_object()?;
        Some(keys.iter().flat_map(|(inner, key)| rows(&format!("{prefix}.{inner}"), key)).collect())
    };
    // The keys of an account are those of the table itself.
    let nested = match name {
        "accounts" => None,
        _ => inner(name, key).or_else(|| inner(&format!("{name}.<id>"), &key["additionalProperties"])),
    };
    let about = key["description"].as_str().unwrap_or_default().replace('\n', " ").replace('|', "\\|");
    let above = |[name, value, what]: [String; 3]| {
        let what = if name.contains("<id>") || what.is_empty() { format!("{about} {what}") } else { what };
        [name, value, what.trim().to_owned()]
    };
    match nested {
        Some(nested) => nested.into_iter().map(above).collect(),
        None => vec![[format!("`{name}`"), value(key), about]],
    }
}

/// What may stand there.
fn value(key: &Value) -> String {
    if let Some(words) = key["enum"].as_array() {
        let words: Vec<_> = words.iter().map(|word| format!("`{}`", word.as_str().unwrap())).collect();
        return words.join(", ");
    }
    if key["anyOf"].is_array() {
        return "text or SecretRef".to_owned();
    }
    match key["type"].as_str() {
        Some("integer") => match (key["minimum"].as_u64(), key["maximum"].as_u64()) {
            (Some(least), Some(most)) => format!("{least} to {most}"),
            (Some(least), None) => format!("number from {least}"),
            _ => "number".to_owned(),
        },
        Some("boolean") => "`true`, `false`".to_owned(),
        Some("array") => "list of text".to_owned(),
        Some("object") => "object by id".to_owned(),
        _ => "text".to_owned(),
    }
}
