//! From nothing to an accepted connection: registration, socket, CONNECT; and what it means when that fails.

use super::Dmwork;
use super::catch_up::EVENTS;
use super::connection::Connection;
use crate::call::{CallOutcome, Errand};
use crate::config::is_private;
use crate::ids::Epoch;
use crate::link::Loss;
use crate::step::{Effect, LogLevel, Step};
use crate::text;
use crate::time::{Millis, Time};
use crate::wire::dmwork_api::{self, Registration};
use serde::Deserialize;

/// WuKongIM v2.2.5 answers a dead token with silence and a close. Three silent handshakes in a row are no accident: the
/// token may be another one by now, and registering tells.
const SILENT_HANDSHAKES: u32 = 3;
/// Sockets in a row that did not even open. The server may have moved its realtime endpoint, and registering tells where.
const UNOPENED_SOCKETS: u32 = 3;
/// Between two registrations for these reasons. Each closes the bot's other connections.
const REGISTER_AGAIN: Millis = Millis::secs(30);
/// A connection that ends this soon after the login was not ended by an idle timer or a proxy.
const QUICK_END: Millis = Millis::secs(10);
/// Servers after v2.2.5 let another client in by closing our connection, without a word.
const QUICK_ENDS: u32 = 3;

/// The token goes with CONNECT.
const IN_CLEAR: &str = "the token crosses the network in clear, set wsUrl to a wss:// address of the server";

/// Who the bot is, and how the latest attempts to get in ended.
#[derive(Debug, Default)]
pub(super) struct Login {
    /// What the server said about the bot; asked for again when that is in doubt.
    pub(super) bot: Option<Registration>,
    /// The bot's uid. It stays the same while the rest is in doubt.
    pub(super) uid: String,
    registered_at: Time,
    /// Handshakes in a row that ended without a word.
    silent: u32,
    /// Whether the bot was registered again because of them.
    is_suspect: bool,
    /// Sockets in a row that did not open.
    unopened: u32,
    /// Connections in a row that ended right after the login.
    quick_ends: u32,
    /// The connection whose socket was ordered last.
    socket: Option<Epoch>,
}

impl Login {
    /// The server let us in.
    pub(super) fn succeeded(&mut self) {
        self.silent = 0;
        self.is_suspect = false;
    }

    /// Whether the last registration is long enough ago.
    fn may_register_again(&self, now: Time) -> bool {
        now.since(self.registered_at) >= REGISTER_AGAIN
    }

    /// Whether the socket of this connection was ordered already.
    pub(super) fn has_socket(&self, epoch: Epoch) -> bool {
        self.socket == Some(epoch)
    }
}

impl Dmwork {
    /// Registers if the server's answer isn't known: it re-announces the token, which closes the bot's other
    /// connections, so it isn't repeated for each reconnect.
    pub(super) fn connect(&mut self, epoch: Epoch, step: &mut Step) {
        if self.login.bot.is_some() {
            self.open_socket(epoch, step);
        } else {
            step.call(self.post(Errand::Register(epoch), "/v1/bot/register", "{}".to_owned()));
        }
    }

    fn open_socket(&mut self, epoch: Epoch, step: &mut Step) {
        let Some(url) = self.socket_url().map(str::to_owned) else { return };
        if !is_private(&url) {
            self.say_once(format!("{IN_CLEAR}; the realtime endpoint is {}", text::excerpt(&url)), step);
        }
        self.login.socket = Some(epoch);
        step.push(Effect::OpenWebSocket { epoch, url });
    }

    /// Where the WebSocket listens.
    fn socket_url(&self) -> Option<&str> {
        self.settings.ws_url.as_deref().or_else(|| Some(self.login.bot.as_ref()?.ws_url.as_str()))
    }

    /// What the operator should know of the connection, for the status.
    pub(super) fn caveat(&self) -> Option<&'static str> {
        (!is_private(self.socket_url()?)).then_some(IN_CLEAR)
    }

    pub(in crate::platform) fn socket_opened(&mut self, now: Time, epoch: Epoch, entropy: &[u8], step: &mut Step) {
        if !self.link.is_current(epoch) || self.connection.is_some() {
            return;
        }
        let (Some(bot), Ok(entropy)) = (&self.login.bot, <[u8; 32]>::try_from(entropy)) else {
            self.lose(now, epoch, &Loss::Fault("the socket opened without a registration or entropy".into()), step);
            return;
        };
        self.login.unopened = 0;
        let connection = Connection::open(entropy);
        let hello = connection.hello(&self.device, &bot.robot_id, &bot.im_token, now);
        match hello {
            Ok(bytes) => step.push(Effect::SendFrame { epoch, bytes }),
            Err(error) => step.log(LogLevel::Error, format!("cannot say hello: {error}")),
        }
        self.connection = Some(connection);
    }

    /// What a close means: servers don't always say.
    pub(super) fn understand_close(&mut self, now: Time, reason: &str) -> Loss {
        let is_quick = self.link.up().is_some() && self.link.held(now) < QUICK_END;
        self.login.quick_ends = if is_quick { self.login.quick_ends.saturating_add(1) } else { 0 };
        if self.login.quick_ends >= QUICK_ENDS {
            return Loss::Kicked(format!(
                "or it is restarting: it closed {} connections in a row right after the login",
                self.login.quick_ends
            ));
        }
        let is_silent = self.connection.as_ref().is_some_and(|connection| !connection.is_established());
        if is_silent && self.login.is_suspect && self.login.silent.saturating_add(1) >= SILENT_HANDSHAKES {
            let words =
                "it closes each connection after the login without a word, as for a revoked token or a banned bot";
            return Loss::Rejected(words.to_owned());
        }
        Loss::Fault(reason.to_owned())
    }

    pub(super) fn registered(&mut self, now: Time, epoch: Epoch, outcome: &CallOutcome, step: &mut Step) {
        let loss = match dmwork_api::told(outcome) {
            Ok(answer) => match Registration::deserialize(&answer) {
                Ok(bot) => {
                    self.link.extend_handshake(now);
                    self.login.uid.clone_from(&bot.robot_id);
                    self.login.bot = Some(bot);
                    self.login.registered_at = now;
                    self.open_socket(epoch, step);
                    return;
                }
                Err(error) => Loss::Fault(format!("register answered something else: {error}")),
            },
            // A bad or revoked token is a plain 400 on this server, 401 and 403 on others.
            Err(refusal @ CallOutcome::Answered { status: 400 | 401 | 403, .. }) => {
                let words = match outcome {
                    CallOutcome::Answered { body, .. } => dmwork_api::error_message(body),
                    CallOutcome::Failed { .. } => None,
                };
                Loss::Rejected(words.unwrap_or_else(|| refusal.describe()))
            }
            Err(busy @ CallOutcome::Answered { retry_after: Some(seconds), .. }) => {
                Loss::Busy(Millis::secs(seconds.into()), format!("register: {}", busy.describe()))
            }
            Err(fault) => Loss::Fault(format!("register: {}", fault.describe())),
        };
        self.lose(now, epoch, &loss, step);
    }

    /// Closes what is open and waits. Handshakes that end without a word make the registration suspect.
    pub(super) fn lose(&mut self, now: Time, epoch: Epoch, loss: &Loss, step: &mut Step) {
        if self.link.held(now) >= QUICK_END {
            self.login.quick_ends = 0;
        }
        match self.connection.take() {
            Some(connection) if !connection.is_established() => {
                self.login.silent = self.login.silent.saturating_add(1);
            }
            None if self.login.has_socket(epoch) => self.login.unopened = self.login.unopened.saturating_add(1),
            Some(_) | None => {}
        }
        let is_old = self.login.may_register_again(now);
        if matches!(loss, Loss::Rejected(_)) {
            self.login.bot = None;
        } else if self.login.silent >= SILENT_HANDSHAKES && is_old {
            self.login.bot = None;
            self.login.is_suspect = true;
            self.login.silent = 0;
        } else if self.login.unopened >= UNOPENED_SOCKETS && is_old && self.settings.ws_url.is_none() {
            self.login.bot = None;
            self.login.unopened = 0;
        }
        self.read_acks.clear();
        let marks = &self.marks;
        self.catch_up.abandon(|held| {
            marks.get(EVENTS).is_none()
                || held.place.as_ref().is_some_and(|place| marks.get(&place.to_string()).is_none())
        });
        step.push(Effect::CloseSocket { epoch });
        let wait = self.link.lost(now, loss);
        crate::platform::report_loss(loss, wait, self.link.tells(now, loss), step);
    }

    /// The server said no, and why: that is no silence.
    pub(super) fn refused(&mut self, now: Time, epoch: Epoch, loss: &Loss, step: &mut Step) {
        self.lose(now, epoch, loss, step);
        self.login.silent = 0;
    }
}
