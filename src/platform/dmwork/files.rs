//! Where the files of a message are fetched from. Clients write addresses relative to the server, or whole ones.

use super::Dmwork;
use crate::config::DmworkSettings;
use crate::message::Media;
use crate::text;

/// The bot API's way to a stored file. It wants the token, and redirects to the storage.
const DOWNLOAD: &str = "/v1/bot/file/download/";
/// What stands in front of a stored file's path in whole addresses, behind `v1/`.
const WAYS: [&str; 4] = ["bot/file/download/", "botfile/", "file/preview/", "file/"];
/// What clients put in front of a stored file's path.
const FRONTS: [&str; 4] = ["/", "v1/", "file/preview/", "file/"];

impl Dmwork {
    /// Files by addresses that can be fetched. What has none is only named in the text.
    pub(super) fn located(&self, files: &[Media]) -> Vec<Media> {
        let mut found = Vec::new();
        for file in files {
            let own = of_own_server(&self.settings, &file.url);
            let (url, is_guarded) = match (text::is_remote(&file.url), own.unwrap_or(&file.url)) {
                (true, _) if own.is_none() => (file.url.clone(), false),
                (_, path) => match stored(&self.settings, path) {
                    Some(place) => place,
                    None => continue,
                },
            };
            let before = found.len();
            text::add_media(&mut found, &url, &file.name);
            for new in found.iter_mut().skip(before) {
                (new.is_guarded, new.is_voice) = (is_guarded, file.is_voice);
                new.said_by.clone_from(&file.said_by);
            }
        }
        found
    }
}

/// The path of a stored file in a whole address on the API's own server; nothing of any other address, also there: a
/// member of a group could have the bot call its own API.
fn of_own_server<'a>(settings: &DmworkSettings, url: &'a str) -> Option<&'a str> {
    let rest = url.strip_prefix(settings.api.origin())?;
    let base = settings.api.as_str().strip_prefix(settings.api.origin()).unwrap_or_default();
    let path = rest.strip_prefix(base).unwrap_or(rest).strip_prefix('/')?;
    let path = path.strip_prefix("v1/").unwrap_or(path);
    WAYS.iter().find_map(|way| path.strip_prefix(way))
}

/// The address of a stored file, and whether it wants the token: of what leads out of the folder of files there is none,
/// or a member of a group could have the bot call its own API.
fn stored(settings: &DmworkSettings, relative: &str) -> Option<(String, bool)> {
    let mut path = relative.split(['?', '#']).next().unwrap_or_default();
    for front in FRONTS {
        path = path.strip_prefix(front).unwrap_or(path);
    }
    let leads_out = ["..", "\\", "//", "%2e", "%2f", "%5c"].iter().any(|way| path.to_ascii_lowercase().contains(way));
    let is_file = !path.is_empty() && !path.contains(':') && !path.starts_with('/');
    if leads_out || !is_file || path.contains(char::is_control) {
        return None;
    }
    let path = encoded(path);
    Some(match &settings.cdn {
        Some(cdn) => (cdn.join(&format!("/{path}")), false),
        None => (settings.api.join(&format!("{DOWNLOAD}{path}")), true),
    })
}

/// A path as a URL takes it.
fn encoded(path: &str) -> String {
    let mut url = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' | b'/' | b'%' => url.push(byte.into()),
            byte if byte.is_ascii_alphanumeric() => url.push(byte.into()),
            byte => url.push_str(&format!("%{byte:02X}")),
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Platform, Settings};

    fn settings(more: &str) -> DmworkSettings {
        let json = format!(r#"{{"apiUrl":"https://im.example/api","botToken":"bf_1"{more}}}"#);
        match Settings::parse("dmwork", &json).unwrap().platform {
            Platform::Dmwork(settings) => settings,
            Platform::Mochat(_) => panic!(),
        }
    }

    #[test]
    fn a_relative_address_leads_to_the_bot_api_with_the_token_or_to_the_cdn_without() {
        let api = settings("");
        for written in
            ["chat/1/图 1.png", "/chat/1/图 1.png", "file/preview/chat/1/图 1.png?x=1", "file/chat/1/图 1.png"]
        {
            let url = "https://im.example/api/v1/bot/file/download/chat/1/%E5%9B%BE%201.png".to_owned();
            assert_eq!(stored(&api, written), Some((url, true)), "{written}");
        }
        let cdn = settings(r#","cdnUrl":"https://cdn.example/files/""#);
        let url = "https://cdn.example/files/chat/1.png".to_owned();
        assert_eq!(stored(&cdn, "file/preview/chat/1.png"), Some((url, false)));
    }

    #[test]
    fn a_whole_address_of_the_own_server_is_a_stored_file_if_it_names_one() {
        let api = settings("");
        for (url, path) in [
            ("https://im.example/api/v1/bot/file/download/chat/1.png?filename=x", Some("chat/1.png?filename=x")),
            ("https://im.example/v1/botfile/chat/1.png", Some("chat/1.png")),
            ("https://im.example/file/preview/chat/1.png", Some("chat/1.png")),
            ("https://im.example/api/v1/file/chat/1.png", Some("chat/1.png")),
            ("https://im.example/api/v1/bot/groups", None),
            ("https://im.example/api/v1/bot/events/file/1", None),
            ("https://im.example:444/file/1.png", None),
            ("https://im.example.evil.example/file/1.png", None),
            ("https://im.example@evil.example/file/1.png", None),
            ("http://im.example/file/1.png", None),
        ] {
            assert_eq!(of_own_server(&api, url), path, "{url}");
        }
    }

    #[test]
    fn nothing_leads_out_of_the_folder_of_files() {
        for written in [
            "",
            "/",
            "../groups",
            "chat/../../../groups",
            "file/preview/..",
            "a/%2E%2e/groups",
            "a%2fb",
            "..\\groups",
            "//evil.example/x",
            "file///evil.example",
            "data:image/png;base64,AA",
            "javascript:x",
            "a\nb",
        ] {
            assert_eq!(stored(&settings(""), written), None, "{written:?}");
        }
    }
}
