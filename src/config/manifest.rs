//! The manifest's JSON schemas come from the configuration structs; this test fails when they drift.
//! `npm run types` writes them anew.

use super::retired::{DMWORK, MOCHAT, Retired};
use super::{DmworkConfig, MochatConfig};
use crate::generated::same;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

/// The schema of one account.
pub(super) fn account<T: JsonSchema>(retired: &[Retired]) -> Value {
    let mut settings = SchemaSettings::draft07();
    settings.inline_subschemas = true;
    settings.meta_schema = None;
    let schema: Schema = settings.into_generator().into_root_schema_for::<T>();
    let mut schema = schema.to_value();
    tidy(&mut schema);
    for (key, why) in retired {
        // Of any type: it may stand there with whatever the older plugin took.
        schema["properties"][*key] = json!({ "description": format!("Has no effect. {why}") });
    }
    schema
}

/// Optional keys may be absent, not `null`; titles and numeric formats say nothing to an operator.
fn tidy(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.remove("title");
            object.remove("format");
            if let Some(kinds) = object.get("type").and_then(Value::as_array) {
                let kind = kinds.iter().find(|kind| **kind != "null").cloned();
                object.insert("type".to_owned(), kind.unwrap_or_default());
            }
            if let Some(choices) = object.get_mut("anyOf").and_then(Value::as_array_mut) {
                choices.retain(|choice| choice.get("type") != Some(&json!("null")));
                if let [Value::Object(only)] = choices.as_slice() {
                    let only = only.clone();
                    object.remove("anyOf");
                    for (key, value) in only {
                        object.entry(key).or_insert(value);
                    }
                }
            }
            // The host names the allowed words of an `enum` in its error, and says nothing useful about a `oneOf`.
            if let Some(words) = object.get("oneOf").and_then(Value::as_array).and_then(|choices| words(choices)) {
                object.remove("oneOf");
                object.insert("type".to_owned(), json!("string"));
                object.insert("enum".to_owned(), words);
            }
            if let Some(choices) = object.get_mut("enum").and_then(Value::as_array_mut) {
                choices.retain(|choice| !choice.is_null());
            }
            object.values_mut().for_each(tidy);
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn words(choices: &[Value]) -> Option<Value> {
    choices.iter().map(|choice| choice.get("const").cloned()).collect()
}

/// A channel's section: the account's keys as defaults for all, its accounts, and what the host reads.
pub(super) fn section<T: JsonSchema>(retired: &[Retired]) -> Value {
    let account = account::<T>(retired);
    let mut properties: Map<String, Value> = account["properties"].as_object().unwrap().clone();
    let accounts = json!({
        "type": "object",
        "description": "Bots by a name of your choice; each may override the keys beside.",
        "additionalProperties": account,
    });
    properties.insert("accounts".to_owned(), accounts);
    properties.insert(
        "defaultAccount".to_owned(),
        json!({ "type": "string", "description": "The account that sends where none is named." }),
    );
    properties.insert(
        "healthMonitor".to_owned(),
        json!({ "type": "object", "description": "The gateway's own watch over this channel.",
            "properties": { "enabled": { "type": "boolean" } }, "additionalProperties": false }),
    );
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

#[test]
fn the_status_knows_the_keys_without_effect() {
    let of = |keys: &[Retired]| keys.iter().map(|(key, why)| ((*key).to_owned(), json!(why))).collect::<Map<_, _>>();
    let keys = serde_json::to_string_pretty(&json!({ "dmwork": of(&DMWORK), "mochat": of(&MOCHAT) })).unwrap();
    let text = format!(
        "/** Written by `npm run types` from src/config/retired.rs: keys of older plugins, and why they have no effect. */\n\
         import type {{ Channel }} from \"./account.ts\";\n\n\
         export const RETIRED: Readonly<Record<Channel, Readonly<Record<string, string>>>> = {keys};\n"
    );
    same("js/core/retired.ts", &text);
}

#[test]
fn the_manifest_knows_exactly_the_keys_that_the_core_reads() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openclaw.plugin.json");
    let found: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut wanted = found.clone();
    wanted["channelConfigs"]["dmwork"]["schema"] = section::<DmworkConfig>(&DMWORK);
    wanted["channelConfigs"]["mochat"]["schema"] = section::<MochatConfig>(&MOCHAT);
    if std::env::var_os("UPDATE").is_some() {
        let text = serde_json::to_string_pretty(&wanted).unwrap();
        std::fs::write(path, format!("{text}\n")).unwrap();
        return;
    }
    assert!(
        found == wanted,
        "openclaw.plugin.json differs from the Rust types: run `npm run types` and commit the result"
    );
}
