//! Ids of what crosses the boundary asynchronously. A stale one is recognised and ignored.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Defines a number that names one thing and counts up.
macro_rules! counter {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts", type = "number"))]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl $name {
            /// The next id. Wraps: four billion later nothing old is left to confuse it with.
            #[must_use]
            pub fn next(self) -> Self {
                Self(self.0.wrapping_add(1))
            }
        }
    };
}

counter! {
    /// One connection attempt. Whatever a socket reports carries the epoch it was opened with.
    Epoch
}
counter! {
    /// One transaction asked of the store.
    CommitId
}
counter! {
    /// One acknowledged Socket.IO emit.
    EmitId
}
counter! {
    /// One thing the host asked for and waits for: a message to send, a probe.
    RequestId
}

/// The platform's id of a message, as text: DMWork's exceed 2^53 and Mochat's are hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts", type = "string"))]
#[serde(transparent)]
pub struct EntryId(pub String);

/// Stands between a message's id and how often the host has taken it over.
const AGAIN: char = '~';

impl EntryId {
    /// The id by which the host is told of a message that it took over so often before. It takes no id twice, also after a
    /// restart that the turn did not survive.
    #[must_use]
    pub fn told(&self, adoptions: u32) -> String {
        if adoptions == 0 { self.0.clone() } else { format!("{self}{AGAIN}{adoptions}") }
    }

    /// The message that the host means by an id.
    #[must_use]
    pub fn meant(told: &str) -> &str {
        let is_count = |count: &str| !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
        told.rsplit_once(AGAIN).filter(|(_, count)| is_count(count)).map_or(told, |(id, _)| id)
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
