//! Checks what a model wrote. Every refusal names the parameter and what to write instead.

#![allow(clippy::wildcard_enum_match_arm, reason = "a check concerns some kinds of values")]

use super::{Action, Field, Kind, Tool};
use crate::json;
use crate::message::Place;
use crate::text::excerpt;
use serde_json::{Map, Value};

/// Longest text parameter. A message is split long before; whatever is longer is a mistake.
const MOST_BYTES: usize = 64 * 1024;
/// Most items of a list parameter; DMWork's server takes as many uids.
const MOST_ITEMS: usize = 200;

/// What is asked for, checked.
#[derive(Debug)]
pub struct Asked {
    /// The tool's name.
    pub tool: &'static str,
    /// What to do.
    pub action: &'static Action,
    /// Its parameters, as the server names and wants them.
    pub params: Map<String, Value>,
    /// The place among them.
    pub place: Option<Place>,
}

impl Asked {
    /// A text parameter.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.params.get(name).and_then(Value::as_str)
    }
}

/// Reads the parameters of a call, a JSON object with an `action`. `place` reads a target.
///
/// # Errors
/// One sentence for the model.
pub fn read(
    tools: &'static [Tool],
    tool: &str,
    parameters: &Value,
    place: &dyn Fn(&str) -> Option<Place>,
) -> Result<Asked, String> {
    let tool = tools.iter().find(|known| known.name == tool);
    let tool = tool.ok_or_else(|| "there is no such tool on this platform".to_owned())?;
    let Value::Object(given) = parameters else {
        return Err("parameters: are no JSON object. Give one with an `action`.".to_owned());
    };
    let name = given.get("action").and_then(Value::as_str).unwrap_or_default();
    let Some(action) = tool.actions.iter().find(|action| action.name == name) else {
        let mut names = String::new();
        tool.actions.iter().for_each(|action| list(action.name, &mut names));
        return Err(format!("action: `{}` is none of this tool's. Use one of: {names}.", excerpt(name)));
    };
    let mut asked = Asked { tool: tool.name, action, params: Map::new(), place: None };
    for (name, value) in given {
        // Models fill in what they have no value for.
        if name == "action" || is_blank(value) {
            continue;
        }
        match action.fields.iter().find(|field| field.name == name) {
            Some(field) => asked.take(field, value, place)?,
            None => {
                let mut takes = String::new();
                action.fields.iter().for_each(|field| list(field.name, &mut takes));
                let name = excerpt(name);
                return Err(format!(
                    "{name}: is no parameter of `{}`, which takes only: {takes}. Leave it out.",
                    action.name
                ));
            }
        }
    }
    match action.fields.iter().take(action.needs).find(|field| !asked.params.contains_key(field.name)) {
        None => Ok(asked),
        Some(Field { name, about, .. }) => Err(format!("{name}: is missing for `{}`. Give {about}.", action.name)),
    }
}

fn list(name: &str, names: &mut String) {
    if !names.is_empty() {
        names.push_str(", ");
    }
    names.push_str(name);
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

impl Asked {
    fn take(&mut self, field: &Field, value: &Value, place: &dyn Fn(&str) -> Option<Place>) -> Result<(), String> {
        let checked = self.check(field.kind, value, place);
        let checked = checked.map_err(|wrong| [field.name, ": ", wrong, ". Give ", field.about, "."].concat())?;
        self.params.insert(field.name.to_owned(), checked);
        Ok(())
    }

    /// The value as the server wants it, or what is wrong with it.
    fn check(
        &mut self,
        kind: Kind,
        value: &Value,
        place: &dyn Fn(&str) -> Option<Place>,
    ) -> Result<Value, &'static str> {
        if let Kind::Count(most) = kind {
            // Models write numbers as texts as well.
            let count = value.as_u64().or_else(|| value.as_str()?.trim().parse().ok());
            let count = count.filter(|count| (1..=u64::from(most)).contains(count));
            return count.map(Value::from).ok_or("is no whole number in its range");
        }
        if matches!(kind, Kind::Texts | Kind::Ids | Kind::People) {
            return texts(value, kind).map(Value::Array).ok_or("is no list of texts");
        }
        let text = value.as_str().map(str::trim).ok_or("is no text")?;
        if let Kind::Place(kind) = kind {
            let found = place(text).filter(|found| found.to_string().starts_with(kind)).ok_or("names no such place")?;
            let id = found.wire_id();
            self.place = Some(found);
            return Ok(id.into());
        }
        match kind {
            Kind::Link if !is_link(text) => Err("is no http(s):// address"),
            Kind::Choice(words) if !words.contains(&text) => Err("is none of its words"),
            _ if text.len() > MOST_BYTES => Err("is too long"),
            _ => Ok(text.into()),
        }
    }
}

/// The items of a list of texts; a text alone is a list of one.
fn texts(value: &Value, kind: Kind) -> Option<Vec<Value>> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut read = Vec::new();
    for item in items {
        let text = item.as_str().map(str::trim).filter(|text| !text.is_empty())?;
        read.push(if kind == Kind::People { person(text) } else { text.into() });
    }
    (read.len() <= MOST_ITEMS).then_some(read)
}

/// A participant as the server wants it: `agent:` before a name or id makes it an agent.
fn person(text: &str) -> Value {
    let (kind, name) =
        text.split_once(':').filter(|(kind, _)| matches!(*kind, "agent" | "user")).unwrap_or(("user", text));
    let is_id = name.len() == 24 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let key = match () {
        () if name.contains('@') => "email",
        () if is_id => "id",
        () => "uniqueName",
    };
    json::object(&[("type", kind.into()), (key, name.into())])
}

fn is_link(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !url.contains(char::is_whitespace))
}
