//! Words that reach the operator, the host or a model: they never hold a token, whoever wrote them. A server may quote
//! what it was shown, and a proxy whatever it likes.

use crate::step::{Effect, Probe, Status, Step};
use crate::text;

/// Cuts the account's own tokens, and whatever looks like one, out of everything in a step that people read.
pub(super) fn conceal(step: &mut Step, own: [&str; 3]) {
    for effect in &mut step.effects {
        let words = match effect {
            Effect::Log { text, .. }
            | Effect::SettleTool { text, .. }
            | Effect::Status { status: Status { detail: text, .. } } => Some(text),
            Effect::SettleSend { error: text, .. }
            | Effect::SettleProbe { probe: Probe { error: text, .. }, .. }
            | Effect::Resolve { detail: text, .. } => text.as_mut(),
            Effect::OpenWebSocket { .. }
            | Effect::OpenSocketIo { .. }
            | Effect::CloseSocket { .. }
            | Effect::SendFrame { .. }
            | Effect::Emit { .. }
            | Effect::OpenFile { .. }
            | Effect::Upload { .. }
            | Effect::CloseFile { .. }
            | Effect::Commit { .. }
            | Effect::Judged { .. }
            | Effect::Keep { .. }
            | Effect::Reopen { .. }
            | Effect::Reclaim { .. }
            | Effect::Release { .. }
            | Effect::ReadEntries { .. }
            | Effect::AskAccess { .. }
            | Effect::StartTurn { .. }
            | Effect::SeekAnswer { .. }
            | Effect::AssignSend { .. }
            | Effect::KeepToken { .. }
            | Effect::Alive
            | Effect::Call(_) => None,
        };
        if let Some(words) = words {
            for token in own {
                let (clean, found) = text::redact(words, token);
                if found > 0 {
                    *words = clean;
                }
            }
        }
    }
}
