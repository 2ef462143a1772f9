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

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
