//! Names of files, in any script, on their way in and out.

use crate::support::World;
use crate::support::dmwork::{CONFIG, Said, dm};
use mochat_dmwork::text;
use mochat_dmwork::wire::dmwork_upload::{form, lent, presigned_path};
use mochat_dmwork::wire::media_kind::MediaKind;
use proptest::prelude::*;
use serde_json::json;

/// Words of several scripts, with what stands between them in names.
const NAME: &str = "([a-zA-Z0-9]|图|報告|отчёт|نص|שלום|ñ|e\u{301}|😀|👩‍💻|％| |-|_|\\.|'|\"|%20|%|\\+|&|=|#|\\?|;|,|~|\\(){1,40}\\.(png|txt|zip)";

/// What a browser makes of `%E5%9B%BE`.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%' {
            out.push(u8::from_str_radix(&text[at + 1..at + 3], 16).unwrap());
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(out).unwrap()
}

proptest! {
    #[test]
    fn a_name_arrives_as_it_was_given(name in NAME) {
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut world = World::dmwork(CONFIG);
        let payload = json!({ "type": 8, "url": "https://x.example/a", "name": name });
        world.receive(&[Said { payload, ..dm(1, "ann", "") }]);
        prop_assert_eq!(world.texts(), [format!("[file: {name}]")]);
        prop_assert_eq!(&world.turns[0].downloads.as_ref().unwrap().files[0].name, &name);
    }

    #[test]
    fn a_name_leaves_as_it_is(name in NAME) {
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        let path = presigned_path(&name, 1);
        let asked = path.split_once("filename=").unwrap().1.split_once('&').unwrap().0;
        prop_assert_eq!(decoded(asked), name.clone());
        let lending = json!({ "bucket": "b-1", "region": "ap", "key": "k", "startTime": 1, "expiredTime": 2,
            "cdnBaseUrl": "https://c", "credentials": { "tmpSecretId": "i", "tmpSecretKey": "k", "sessionToken": "t" } });
        let ticket = lent(&lending.to_string(), &name, MediaKind::Other).unwrap();
        let (_, disposition) = ticket.transfer.headers.iter().find(|(key, _)| key == "content-disposition").unwrap();
        let written = disposition.expose().split_once("filename*=UTF-8''").unwrap().1.to_owned();
        prop_assert_eq!(decoded(&written), name);
    }

    #[test]
    fn no_name_ends_the_header_that_it_stands_in(name in "([a-z]|\"|\r|\n|\\\\|;|图){0,40}") {
        let upload = form("https://x".to_owned(), ("a", mochat_dmwork::secret::Secret::new(String::new())), &name, "b");
        let head = upload.before.split("\r\n").nth(1).unwrap();
        prop_assert_eq!(head.matches('"').count(), 4, "{}", head);
        prop_assert_eq!(upload.before.split("\r\n").count(), 5);
    }
}

#[test]
fn a_very_long_name_keeps_its_place_and_its_beginning() {
    let name = text::given_name(&format!("{}.png", "图".repeat(300)));
    assert!(name.starts_with("图图图") && name.len() < 1_024);
}
