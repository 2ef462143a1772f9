//! How a file can get to the server.

use crate::wire::dmwork_upload::{self as wire, Ticket};
use crate::wire::media_kind::MediaKind;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Into the store of whatever make that the server names, by a URL that it has signed.
    Signed,
    /// Into Tencent's, by credentials that older servers lend.
    Lent,
    /// Through the API itself.
    Form,
}

impl Way {
    /// All, best first.
    pub(super) const ALL: [Self; 3] = [Self::Signed, Self::Lent, Self::Form];

    /// The call that a server may lack.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Signed => "/v1/bot/upload/presigned",
            Self::Lent => "/v1/bot/upload/credentials",
            Self::Form => "/v1/bot/file/upload",
        }
    }

    /// What to ask first where to put a file of this name and size; nothing for the way that needs no ticket.
    pub(super) fn question(self, name: &str, size: u64) -> Option<String> {
        match self {
            Self::Signed => Some(wire::presigned_path(name, size)),
            Self::Lent => Some(wire::credentials_path(name)),
            Self::Form => None,
        }
    }

    /// The answer to that.
    pub(super) fn ticket(self, answer: &str, name: &str, kind: MediaKind) -> Option<Ticket> {
        match self {
            Self::Signed => wire::presigned(answer),
            Self::Lent => wire::lent(answer, name, kind),
            Self::Form => None,
        }
    }
}
