//! Tokens as an operator writes them.

use super::ConfigError;
use crate::secret::Secret;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

/// A string, or a SecretRef that the host replaces by a string before the account starts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema), ts(export_to = "protocol.ts", untagged), schemars(untagged))]
pub enum SecretInput {
    /// The secret itself.
    Plain(#[cfg_attr(test, schemars(length(min = 1), regex(pattern = r"\S")))] String),
    /// Where the host finds it.
    Ref {
        /// `env`, `file` or `exec`.
        source: String,
        /// The host's provider name.
        provider: String,
        /// The provider's id of the secret.
        id: String,
    },
}

impl<'de> Deserialize<'de> for SecretInput {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = SecretInput;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text or a SecretRef")
            }

            fn visit_str<E>(self, text: &str) -> Result<SecretInput, E> {
                Ok(SecretInput::Plain(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SecretInput, A::Error> {
                let [mut source, mut provider, mut id] = [String::new(), String::new(), String::new()];
                while let Some((key, value)) = map.next_entry::<String, String>()? {
                    match key.as_str() {
                        "source" => source = value,
                        "provider" => provider = value,
                        "id" => id = value,
                        _ => {}
                    }
                }
                Ok(SecretInput::Ref { source, provider, id })
            }
        }
        input.deserialize_any(Either)
    }
}

/// A token that is there, is text and isn't blank.
pub(super) fn token(key: &str, input: Option<&SecretInput>, hint: &str) -> Result<Secret<String>, ConfigError> {
    match input {
        Some(SecretInput::Plain(token)) if !token.trim().is_empty() => Ok(Secret::new(token.trim().to_owned())),
        Some(SecretInput::Plain(_)) => Err(ConfigError::new(key, "is blank", hint)),
        Some(SecretInput::Ref { .. }) => Err(ConfigError::new(
            key,
            "is a SecretRef that the gateway did not resolve",
            "Check the secret's provider and id with `openclaw secrets audit`, then restart the gateway.",
        )),
        None => Err(ConfigError::new(key, "is missing", hint)),
    }
}
