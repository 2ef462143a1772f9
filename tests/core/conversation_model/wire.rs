//! What passes between an account and a platform that has nothing to complain about.

use crate::conversation_model::script::{Bots, Mode, Platform, Settings, Who};
use crate::conversation_model::told::Message;
use crate::support::dmwork::encode;
use crate::support::mochat::BOT;
use mochat_dmwork::account::Account;
use mochat_dmwork::call::Errand;
use mochat_dmwork::ids::Epoch;
use mochat_dmwork::step::Input;
use mochat_dmwork::wire::wukong_packet::{Connack, Flags, Packet, ReasonCode, Recv, Setting, Version};
use serde_json::json;
use std::rc::Rc;

/// Between two looks at lists that never change here.
const RARELY: u64 = 100_000_000;

/// An account that has not been started.
pub fn account(platform: Platform, settings: &Settings) -> Account {
    let mode = match settings.mode {
        Mode::Off => "off",
        Mode::Never => "never",
        Mode::NonMention => "non-mention",
        Mode::Always => "always",
    };
    let bots = match settings.bots {
        Bots::Off => "off",
        Bots::Mentions => "mentions",
        Bots::On => "on",
    };
    let (group, place) = match platform {
        Platform::Dmwork => ("g1", "g1____t1"),
        Platform::Mochat => ("group1", "6981a1"),
    };
    let rules = [(group, settings.group_asks), (place, settings.place_asks), ("*", settings.rest_asks)];
    let rules = rules.into_iter().filter_map(|(id, asks)| Some((id.to_owned(), json!({ "requireMention": asks? }))));
    let mut config = json!({ "historyLimit": settings.history, "allowBots": bots,
        "maxMessagesPerMinute": settings.per_minute, "maxBotTurns": settings.bot_turns,
        "groups": serde_json::Value::Object(rules.collect()) });
    let more = match platform {
        Platform::Dmwork => json!({ "apiUrl": "https://im.example", "botToken": "bf_0123456789abcdef0123",
            "requireMention": settings.asks, "heartbeatIntervalMs": RARELY }),
        Platform::Mochat => json!({ "clawToken": "claw_0123456789abcdef0123", "agentUserId": BOT,
            "baseUrl": "https://mochat.example", "refreshIntervalMs": RARELY, "mention": { "requireInGroups": settings.asks },
            "replyDelayMode": mode, "replyDelayMs": settings.quiet, "replyDelayMaxMs": settings.longest }),
    };
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let channel = if platform == Platform::Dmwork { "dmwork" } else { "mochat" };
    Account::open(channel, &config.to_string()).unwrap()
}

/// The transport reports these messages, all of one place.
pub fn heard(platform: Platform, epoch: Epoch, messages: &[Rc<Message>]) -> Input {
    match platform {
        Platform::Dmwork => {
            Input::FrameReceived { epoch, bytes: messages.iter().flat_map(|message| packet(message)).collect() }
        }
        Platform::Mochat => {
            let (kind, target) = messages[0].place.split_once(':').unwrap();
            let name = format!("claw.{kind}.events");
            let events: Vec<String> = messages.iter().map(|message| event(message)).collect();
            let body = format!(r#"{{"sessionId":"{target}","cursor":1,"events":[{}]}}"#, events.join(","));
            Input::EventReceived { epoch, name, body }
        }
    }
}

fn packet(message: &Message) -> Vec<u8> {
    let (kind, id) = message.place.split_once(':').unwrap();
    let channel_type = match kind {
        "user" => 1,
        "group" => 2,
        _ => 5,
    };
    let uids = if message.calls_us() { "\"rev_bot\"" } else { "" };
    let payload = format!(r#"{{"type":1,"content":"{}","mention":{{"uids":[{uids}]}}}}"#, message.text);
    encode(&Packet::Recv(Recv {
        flags: Flags(0),
        setting: Setting(0),
        msg_key: "",
        from_uid: message.sender,
        channel_id: id,
        channel_type,
        expire: 0,
        client_msg_no: "",
        stream: None,
        message_id: i64::try_from(message.id).unwrap(),
        // Numbered messages wait until the log before them is read, which is told elsewhere.
        message_seq: 0,
        timestamp: i32::try_from(message.sent_at / 1_000).unwrap(),
        topic: None,
        payload: payload.as_bytes(),
    }))
}

fn event(message: &Message) -> String {
    let Message { id, sender, text, sent_at, .. } = message;
    let agent = if message.line.0 == Who::Robot { r#","authorInfo":{"type":"agent"}"# } else { "" };
    let mentions = if message.calls_us() { format!(r#","mentions":["{BOT}"]"#) } else { String::new() };
    let group = if message.place.starts_with("panel:") { r#","groupId":"group1""# } else { "" };
    let payload = format!(r#""messageId":"{id}","author":"{sender}","content":"{text}"{agent}{mentions}{group}"#);
    format!(r#"{{"seq":1,"type":"message.add","timestamp":{sent_at},"payload":{{{payload}}}}}"#)
}

/// Somebody deletes a message.
pub fn deleted(epoch: Epoch, message: &Message) -> Input {
    let body = format!(r#"{{"messageId":"{}","converseId":"x"}}"#, message.id);
    Input::EventReceived { epoch, name: "notify:chat.message.delete".to_owned(), body }
}

/// The inbox of the bot says that this message of a panel mentions it.
pub fn announced(epoch: Epoch, message: &Message) -> Input {
    let Message { id, sender, text, sent_at, place, .. } = message;
    let panel = place.strip_prefix("panel:").unwrap();
    let body = format!(
        r#"{{"_id":"i{id}","userId":"{BOT}","type":"message","createdAt":{sent_at},"payload":{{"groupId":"group1",
        "converseId":"{panel}","messageId":"{id}","messageAuthor":"{sender}","messageSnippet":"{text}"}}}}"#
    );
    Input::EventReceived { epoch, name: "notify:chat.inbox.append".to_owned(), body }
}

/// What a server answers.
pub fn answer(platform: Platform, errand: &Errand) -> String {
    let answer = match errand {
        Errand::Register(_) => {
            r#"{"robot_id":"rev_bot","name":"Reviewer","im_token":"bf_0123456789abcdef0123","ws_url":"wss://im.example/ws",
            "owner_uid":"owner","owner_channel_id":"owner"}"#
        }
        Errand::Groups(_) => "[]",
        Errand::Events(_) => r#"{"status":1,"results":[]}"#,
        Errand::Messages(..) => r#"{"messages":[]}"#,
        Errand::Owner(_) => r#"{"code":200,"data":{"owner":{"userId":"owner"}}}"#,
        Errand::Directory(_) => {
            r#"{"code":200,"data":{"_id":"group1","panels":[{"id":"6981a1","type":0},{"id":"6981a2","type":0}]}}"#
        }
        Errand::Sessions(_) => {
            let between = |at: usize| format!(r#"{{"sessionId":"session_{at}","participants":["{BOT}","ann{at}"]}}"#);
            let sessions = (0..8).map(between).collect::<Vec<_>>().join(",");
            let many = format!(r#"{{"sessionId":"session_many","participants":["{BOT}","ann","bob"]}}"#);
            return format!(r#"{{"code":200,"data":{{"sessions":[{sessions},{many}]}}}}"#);
        }
        Errand::Send(_) if platform == Platform::Mochat => r#"{"code":200,"data":{"message":{"messageId":"out"}}}"#,
        _ => r#"{"message_id":9007199254740993,"status":200}"#,
    };
    answer.to_owned()
}

/// What a WuKongIM server says to these bytes.
pub fn reply(bytes: &[u8]) -> Option<Vec<u8>> {
    match bytes.first().map(|first| first >> 4) {
        Some(1) => Some(encode(&Packet::Connack(Connack {
            server_version: Some(Version::OURS),
            time_diff: 0,
            reason: ReasonCode::SUCCESS,
            server_key: "",
            salt: "",
            node_id: Some(1),
        }))),
        Some(7) => Some(encode(&Packet::Pong)),
        _ => None,
    }
}

/// The place to which a post goes.
pub fn addressee(url: &str, body: &str) -> String {
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    let id = ["sessionId", "panelId", "channel_id"].iter().find_map(|key| body[key].as_str()).unwrap();
    let kind = match (url.contains("/panels/"), body["channel_type"].as_u64()) {
        (true, _) => "panel",
        (false, None) => "session",
        (false, Some(1)) => "user",
        (false, Some(2)) => "group",
        (false, Some(_)) => "thread",
    };
    format!("{kind}:{id}")
}
