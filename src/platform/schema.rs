//! The tools' schemas come from their tables; these tests fail when they drift. `npm run types` writes them anew.

use crate::platform::{dmwork, mochat};
use crate::tools::{Action, Field, Job, Kind, Tool};
use serde_json::{Map, Value, json};
use std::path::Path;

/// Ties each tool to its channel.
fn tools() -> Vec<(&'static str, &'static Tool)> {
    let of = |channel, tools: &'static [Tool]| tools.iter().map(move |tool| (channel, tool));
    of("mochat", mochat::TOOLS).chain(of("dmwork", dmwork::TOOLS)).collect()
}

/// Compares a committed file with what it should be, or writes it when asked to.
fn same(path: &str, wanted: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, wanted).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(found == wanted, "{path} differs from the Rust tables: run `npm run types` and commit the result");
}

/// `detail (sessionId)`, with a `?` behind what may be left out.
fn signature(action: &Action) -> String {
    let (needs, takes) = action.fields.split_at(action.needs);
    let needs = needs.iter().map(|field| field.name.to_owned());
    let parameters: Vec<String> = needs.chain(takes.iter().map(|field| format!("{}?", field.name))).collect();
    format!("- {} ({}): {}", action.name, parameters.join(", "), action.about.trim())
}

fn description(tool: &Tool) -> String {
    let actions: Vec<String> = tool.actions.iter().map(signature).collect();
    format!("{} Actions and their parameters:\n{}", tool.about, actions.join("\n"))
}

fn field_schema(field: &Field) -> Value {
    let mut schema = match field.kind {
        Kind::Text | Kind::Id | Kind::Link | Kind::Place(_) => json!({ "type": "string" }),
        Kind::Texts | Kind::Ids | Kind::People => json!({ "type": "array", "items": { "type": "string" } }),
        Kind::Count(most) => json!({ "type": "integer", "minimum": 1, "maximum": most }),
        Kind::Choice(words) => json!({ "type": "string", "enum": words }),
    };
    let (first, rest) = field.about.split_at(1);
    schema["description"] = format!("{}{rest}.", first.to_uppercase()).into();
    schema
}

/// The key of the account's configuration without which the tool is of no use.
fn needs(tool: &Tool) -> Option<&'static str> {
    let is_users = |action: &Action| matches!(action.job, Job::Calls([path]) if path.contains(" user/"));
    tool.actions.iter().all(is_users).then_some("userApiKey")
}

/// One flat object: several providers refuse a choice between objects at the top of a tool's parameters. Which action
/// takes what stands in the description, and the core holds a model to it.
fn parameters(tool: &Tool) -> Value {
    let names: Vec<&str> = tool.actions.iter().map(|action| action.name).collect();
    let mut properties = Map::new();
    properties.insert("action".to_owned(), json!({ "type": "string", "enum": names, "description": "What to do." }));
    for field in tool.actions.iter().flat_map(|action| action.fields) {
        properties.entry(field.name).or_insert_with(|| field_schema(field));
    }
    json!({ "type": "object", "additionalProperties": false, "required": ["action"], "properties": properties })
}

#[test]
fn the_schemas_that_models_see_are_those_of_the_tables() {
    let described = |(channel, tool): &(&str, &Tool)| {
        json!({ "channel": channel, "name": tool.name, "description": description(tool),
            "parameters": parameters(tool), "needs": needs(tool) })
    };
    let all: Vec<Value> = tools().iter().map(described).collect();
    let text = format!(
        "/** Written by `npm run types` from the tables of tools in src/platform. */\n\
         import type {{ Channel }} from \"./account.ts\";\n\n\
         export type ToolDescription = {{\n  channel: Channel;\n  name: string;\n  description: string;\n  \
         parameters: Readonly<Record<string, unknown>>;\n  /** A key of the account without which \
         it is of no use. */\n  needs: string | null;\n}};\n\n\
         export const TOOLS: readonly ToolDescription[] = {};\n",
        serde_json::to_string_pretty(&all).unwrap()
    );
    same("js/core/tools.ts", &text);
}

#[test]
fn the_manifest_names_every_tool() {
    let path = "openclaw.plugin.json";
    let found = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let manifest: Value = serde_json::from_str(&found).unwrap();
    let names: Vec<&str> = tools().iter().map(|(_, tool)| tool.name).collect();
    assert_eq!(manifest["contracts"]["tools"], json!(names), "name them in {path}");
}

#[test]
fn a_parameter_means_the_same_in_every_action_of_its_tool() {
    for (_, tool) in tools() {
        let all: Vec<&Field> = tool.actions.iter().flat_map(|action| action.fields).copied().collect();
        for field in &all {
            let same = all.iter().filter(|other| other.name == field.name);
            assert!(same.clone().all(|other| other.about == field.about && other.kind == field.kind), "{}", field.name);
        }
    }
}

#[test]
fn no_two_actions_of_a_tool_and_no_two_tools_share_a_name() {
    let unique = |mut names: Vec<&str>| {
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        names.len() == all
    };
    for host in [mochat::HOST_TOOLS, dmwork::HOST_TOOLS] {
        assert!(unique(tools().iter().map(|(_, tool)| *tool).chain(host).map(|tool| tool.name).collect()));
    }
    for tool in tools().into_iter().map(|(_, tool)| tool).chain(mochat::HOST_TOOLS).chain(dmwork::HOST_TOOLS) {
        assert!(unique(tool.actions.iter().map(|action| action.name).collect()), "{}", tool.name);
    }
}
