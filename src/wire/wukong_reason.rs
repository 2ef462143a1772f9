//! Reason codes of CONNACK, SENDACK, DISCONNECT and SUBACK.

use std::fmt;

/// Why the server accepted, refused or ended something. A code that is not known yet keeps its number.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReasonCode(pub u8);

impl ReasonCode {
    /// It worked.
    pub const SUCCESS: Self = Self(1);
    /// Token or uid were refused. WuKongIM v2.2.5 closes the connection without saying so; only later servers send it.
    pub const AUTH_FAILED: Self = Self(2);
    /// The message key of a SEND was wrong, as WuKongIM v2.2.5 reports it.
    pub const PAYLOAD_UNREADABLE: Self = Self(9);
    /// Somebody else connected as this device, or an operator ended the session (vector `disconnect_kick`).
    pub const KICKED: Self = Self(12);
    /// The account is banned.
    pub const BANNED: Self = Self(19);

    /// Whether the server did what was asked.
    pub fn is_success(self) -> bool {
        self == Self::SUCCESS
    }

    /// The code in plain words, for logs and status lines.
    pub fn describe(self) -> &'static str {
        match self.0 {
            0 => "unspecified",
            1 => "success",
            2 => "authentication failed",
            3 => "the subscriber does not exist",
            4 => "the sender is on the deny list",
            5 => "the channel does not exist",
            6 => "the user is not on this server node",
            7 => "the sender is offline",
            8 => "the message key is wrong",
            9 => "the payload could not be decoded",
            10 => "forwarding to another node failed",
            11 => "not allowed",
            12 => "another login took over the connection",
            13 => "the sender is not on the allow list",
            14 => "the token could not be looked up",
            15 => "server error",
            16 => "the channel id is invalid",
            17 => "no server node could be found for the channel",
            18 => "the channel belongs to another server node",
            19 => "banned",
            20 => "unsupported header",
            21 => "the client key is missing",
            22 => "rate limited",
            23 => "unsupported channel type",
            24 => "the channel was disbanded",
            25 => "sending is banned in this channel",
            26 => "the channel is being deleted",
            27 => "the server requires a newer protocol version",
            28 => "the same client message number was used for another message",
            29 => "the channel has no message numbers left",
            _ => "unknown reason",
        }
    }
}

impl fmt::Debug for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.0, self.describe())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_code_keeps_its_number_and_still_reads_well() {
        assert_eq!(format!("{:?}", ReasonCode(200)), "200 (unknown reason)");
        assert!(!ReasonCode(200).is_success());
    }
}
