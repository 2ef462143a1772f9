//! `openclaw mochat setup` against a server, files and a configuration in memory.

use mochat_dmwork::call::{Call, CallOutcome};
use mochat_dmwork::setup::{Fact, Order, Report, Setup};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const AGENT: &str = "698211ea99e79b91f1ee449f";
const OWNER: &str = "6981b89f00000000000000a1";
const TOKEN: &str = "claw_02abe7edeccf467da558484f18e289b4";
const SHARED: &str = "/home/ann/.config/mochat/credentials.json";
const OWN: &str = "/home/ann/.config/mochat/credentials-claw.json";

/// A machine with a configuration and files, and a Mochat server.
struct World {
    facts: Value,
    config: Map<String, Value>,
    files: BTreeMap<&'static str, String>,
    answers: Vec<&'static str>,
    asked: Vec<String>,
    /// The server's agents by token.
    agents: Vec<String>,
    owner: Option<&'static str>,
    /// Paths that the server refuses, with the status.
    refused: Vec<(&'static str, u16)>,
    /// Paths that never answer.
    silent: Vec<&'static str>,
    called: Vec<(String, String)>,
    full: bool,
}

impl World {
    fn new(facts: Value) -> Self {
        Self {
            facts,
            config: Map::new(),
            files: BTreeMap::new(),
            answers: Vec::new(),
            asked: Vec::new(),
            agents: Vec::new(),
            owner: None,
            refused: Vec::new(),
            silent: Vec::new(),
            called: Vec::new(),
            full: false,
        }
    }

    /// On a command line where nobody can be asked.
    fn unattended(flags: Value) -> Self {
        Self::new(flags)
    }

    fn attended(answers: &[&'static str]) -> Self {
        let mut world = Self::new(json!({ "interactive": true }));
        world.answers = answers.iter().rev().copied().collect();
        world
    }

    /// The agent exists on the server already, and the account is configured with it.
    fn settled() -> Self {
        let mut world = Self::unattended(json!({}));
        world.agents.push(TOKEN.to_owned());
        world.owner = Some("ann@mail.de");
        world.config.insert("clawToken".to_owned(), TOKEN.into());
        world.config.insert("agentUserId".to_owned(), AGENT.into());
        world.config.insert("allowFrom".to_owned(), json!([OWNER]));
        world
    }

    fn run(&mut self) -> Report {
        self.called.clear();
        self.asked.clear();
        let mut setup = Setup::new(&self.all_facts().to_string()).unwrap();
        let mut fact = Fact::Started;
        loop {
            fact = match setup.handle(fact) {
                Order::Finish { report } => return report,
                Order::Ask { message, complaint, .. } => {
                    self.asked.push(complaint.unwrap_or_else(|| message.to_owned()));
                    Fact::Answered(self.answers.pop().unwrap().to_owned())
                }
                Order::Call { call, .. } => Fact::Settled(self.answer(&call)),
                Order::SaveCredentials { path, .. } if self.full => Fact::NotWritten(format!("no room for {path}")),
                Order::SaveCredentials { path, text } => {
                    let path = if path == SHARED { SHARED } else { OWN };
                    self.files.insert(path, text.expose().clone());
                    Fact::Written
                }
                Order::Configure { keys, .. } => {
                    self.config.extend(serde_json::from_str::<Map<String, Value>>(&keys).unwrap());
                    Fact::Written
                }
            };
        }
    }

    fn all_facts(&self) -> Value {
        let keys = |path: &str| self.files.get(path).map(|text| serde_json::from_str::<Value>(text).unwrap());
        let file = |path: &str| json!({ "path": path, "keys": keys(path), "loose": false });
        let mut facts = json!({ "account": "claw", "now": "2026-02-03T15:20:08.904Z", "config": self.config,
            "files": [file(OWN), file(SHARED)] });
        if let Some(token) = self.config.get("clawToken") {
            facts["configured"] = match token.as_str() {
                Some(token) => json!({ "token": token }),
                None => json!({ "token": TOKEN, "reference": token }),
            };
        }
        facts.as_object_mut().unwrap().extend(self.facts.as_object().unwrap().clone());
        facts
    }

    fn answer(&mut self, call: &Call) -> CallOutcome {
        let (_, path) = call.url.split_once("/api/claw/").unwrap();
        let body: Value = serde_json::from_str(call.body.as_deref().unwrap()).unwrap();
        self.called.push((path.to_owned(), body.to_string()));
        let answered =
            |status, body: Value| CallOutcome::Answered { status, retry_after: None, body: body.to_string() };
        if self.silent.contains(&path) {
            return CallOutcome::Failed { unsent: false, cause: "timeout".to_owned() };
        }
        if let Some((_, status)) = self.refused.iter().find(|(refused, _)| *refused == path) {
            return answered(*status, json!({ "code": status, "message": "no" }));
        }
        let token = call.auth.1.expose();
        if path == "agents/selfRegister" {
            assert_eq!(token, "");
            self.agents.push(TOKEN.to_owned());
            let made = json!({ "workspaceId": "claw_square", "groupId": "g1", "botUserId": AGENT, "token": TOKEN });
            return answered(200, json!({ "code": 200, "data": made }));
        }
        if !self.agents.contains(token) {
            return answered(401, json!({ "code": 401, "message": format!("unknown token {token}") }));
        }
        let data = match path {
            "agents/owner" => match self.owner {
                Some(email) => json!({ "owner": { "userId": OWNER, "nickname": "ann", "email": email } }),
                None => json!({ "owner": null }),
            },
            "agents/bind" => {
                self.owner = Some("ann@mail.de");
                json!({ "success": true, "ownerUserId": OWNER, "sessionId": "session_1", "converseId": "c1" })
            }
            "groups/createInvite" => json!({ "code": "fxaFXNxM" }),
            "sessions/list" if self.owner.is_some() => {
                json!({ "sessions": [{ "sessionId": "session_1", "participants": [AGENT, OWNER] }] })
            }
            "sessions/list" => json!({ "sessions": [] }),
            other => panic!("{other}"),
        };
        answered(200, json!({ "code": 200, "data": data }))
    }

    fn paths(&self) -> Vec<&str> {
        self.called.iter().map(|(path, _)| path.as_str()).collect()
    }
}

fn flags() -> Value {
    json!({ "name": "Claw", "email": "ann@mail.de" })
}

#[test]
fn from_nothing_an_agent_is_registered_bound_invited_and_configured() {
    let mut world = World::unattended(flags());
    let report = world.run();
    assert!(report.ok, "{report:?}");
    assert_eq!(world.paths(), ["agents/selfRegister", "agents/bind", "groups/createInvite", "sessions/list"]);
    let credentials: Value = serde_json::from_str(&world.files[SHARED]).unwrap();
    assert_eq!(
        credentials,
        json!({ "token": TOKEN, "workspaceId": "claw_square", "groupId": "g1", "botUserId": AGENT, "agentName": "Claw",
            "registeredAt": "2026-02-03T15:20:08.904Z" })
    );
    assert_eq!(Value::Object(world.config), json!({ "clawToken": TOKEN, "agentUserId": AGENT, "allowFrom": [OWNER] }));
    assert_eq!(report.invite.as_deref(), Some("https://mochat.io/invite/fxaFXNxM"));
    assert_eq!((report.owner_user_id.as_deref(), report.session_id.as_deref()), (Some(OWNER), Some("session_1")));
    assert!(report.next[0].contains("/invite/fxaFXNxM") && report.next[0].contains("ann@mail.de"), "{report:?}");
}

#[test]
fn a_second_run_changes_nothing_and_only_looks() {
    let mut world = World::unattended(flags());
    world.run();
    let (config, files) = (world.config.clone(), world.files.clone());
    let report = world.run();
    assert!(report.ok && report.done.is_empty() && report.invite.is_none(), "{report:?}");
    assert_eq!(world.paths(), ["agents/owner", "sessions/list"]);
    assert_eq!((world.config, world.files), (config, files));
}

#[test]
fn giving_what_is_configured_already_changes_nothing() {
    let mut world = World::unattended(flags());
    world.run();
    world.facts = json!({ "given": { "token": TOKEN }, "email": "ann@mail.de" });
    let report = world.run();
    assert!(report.ok && report.done.is_empty(), "{report:?}");
}

#[test]
fn a_server_that_knows_no_owners_is_no_fault() {
    let mut world = World::settled();
    world.refused.push(("agents/owner", 404));
    world.facts = json!({ "noOwner": true });
    assert!(world.run().ok);
}

#[test]
fn a_person_is_asked_for_what_only_they_know() {
    let mut world = World::attended(&["", "Claw", "not an address", "ann@mail.de"]);
    let report = world.run();
    assert!(report.ok, "{report:?}");
    assert_eq!(world.asked.len(), 4);
    assert!(world.asked[3].contains("is no e-mail address"), "{:?}", world.asked);
}

#[test]
fn where_nobody_can_be_asked_the_flags_are_named_and_nothing_is_touched() {
    let mut world = World::unattended(json!({}));
    let report = world.run();
    assert_eq!(report.flags, ["--name", "--email"]);
    assert!(report.error.unwrap().contains("--token-file"));
    assert!(world.called.is_empty() && world.files.is_empty() && world.config.is_empty());
}

#[test]
fn an_owner_is_never_made_up() {
    for (flags, flag) in [
        (json!({ "name": "Claw", "email": "owner@example.com" }), "made-up"),
        (json!({ "name": "Claw" }), "Ask the owner"),
    ] {
        let mut world = World::unattended(flags);
        let report = world.run();
        assert_eq!(report.flags, ["--email"]);
        assert!(report.error.unwrap().contains(flag));
        assert!(world.called.is_empty());
    }
}

#[test]
fn a_run_that_failed_goes_on_where_it_stopped() {
    let mut world = World::unattended(flags());
    world.refused.push(("agents/bind", 500));
    let report = world.run();
    assert!(!report.ok && report.done.len() == 2, "{report:?}");
    assert!(world.config.is_empty() && world.files.contains_key(SHARED));
    world.refused.clear();
    let report = world.run();
    assert!(report.ok, "{report:?}");
    assert!(!world.paths().contains(&"agents/selfRegister"));
    assert_eq!(world.config["agentUserId"], AGENT);
    assert_eq!(world.agents.len(), 1);
}

#[test]
fn an_agent_that_exists_is_taken_over_with_its_token_and_learns_who_it_is() {
    let mut world = World::unattended(json!({ "given": { "token": TOKEN } }));
    world.agents.push(TOKEN.to_owned());
    world.owner = Some("ann@mail.de");
    let report = world.run();
    assert!(report.ok && report.invite.is_none(), "{report:?}");
    assert_eq!(report.agent_user_id.as_deref(), Some(AGENT));
    assert_eq!(
        serde_json::from_str::<Value>(&world.files[SHARED]).unwrap(),
        json!({ "token": TOKEN, "botUserId": AGENT })
    );
}

#[test]
fn a_token_of_the_environment_is_configured_as_a_reference_and_written_nowhere() {
    let reference = json!({ "source": "env", "provider": "default", "id": "MOCHAT_TOKEN" });
    let mut world = World::unattended(json!({ "email": "ann@mail.de",
        "environment": { "token": TOKEN, "reference": reference } }));
    world.agents.push(TOKEN.to_owned());
    let report = world.run();
    assert!(report.ok, "{report:?}");
    assert_eq!(world.config["clawToken"], reference);
    assert!(world.files.is_empty());
    assert!(report.next.iter().any(|line| line.contains("MOCHAT_TOKEN")));
    assert!(world.run().done.is_empty());
}

#[test]
fn a_token_that_the_server_refuses_is_named_by_its_place_and_not_shown() {
    let mut world = World::settled();
    world.agents.clear();
    let report = world.run();
    let error = report.error.unwrap();
    assert!(error.contains("in the configuration") && !error.contains("02abe7"), "{error}");
}

#[test]
fn a_secret_that_can_not_be_read_says_why() {
    let mut world = World::unattended(json!({ "configured": { "problem": "CLAW_TOKEN is not set" } }));
    assert!(world.run().error.unwrap().contains("CLAW_TOKEN is not set"));
}

#[test]
fn two_accounts_never_share_a_token() {
    let mut world = World::unattended(json!({ "name": "Claw", "email": "ann@mail.de",
        "others": { "claw_scout": "scout" } }));
    world.files.insert(SHARED, json!({ "token": "claw_scout", "botUserId": "u9" }).to_string());
    assert!(world.run().ok);
    assert!(world.files[SHARED].contains("claw_scout"), "the other agent's credentials stay");
    assert!(world.files[OWN].contains(TOKEN));
    assert_eq!(world.config["agentUserId"], AGENT);
    world.facts["given"] = json!({ "token": "claw_scout" });
    assert!(world.run().error.unwrap().contains("account scout"));
}

#[test]
fn a_token_is_shown_to_no_other_server_than_its_own() {
    let mut world = World::settled();
    world.files.insert(SHARED, json!({ "token": TOKEN }).to_string());
    world.facts = json!({ "baseUrl": "https://elsewhere.example" });
    assert_eq!(world.run().flags, ["--name", "--email"]);
    assert!(world.called.is_empty());
}

#[test]
fn another_server_is_configured_and_noted_with_the_credentials() {
    let mut world = World::unattended(json!({ "name": "Claw", "email": "ann@mail.de",
        "baseUrl": "http://127.0.0.1:11000/api/" }));
    let report = world.run();
    assert_eq!(report.invite.as_deref(), Some("http://127.0.0.1:11000/invite/fxaFXNxM"));
    assert_eq!(world.config["baseUrl"], "http://127.0.0.1:11000");
    assert!(world.files[SHARED].contains("127.0.0.1:11000"));
    assert!(world.run().done.is_empty());
    world.facts["baseUrl"] = json!("http://mochat.io");
    assert!(world.run().error.unwrap().contains("unencrypted"));
}

#[test]
fn an_agent_with_an_owner_is_not_given_to_somebody_else() {
    let mut world = World::settled();
    world.facts = json!({ "email": "bob@mail.de" });
    let report = world.run();
    assert_eq!(report.flags, ["--email"]);
    assert!(!world.paths().contains(&"agents/bind"));
    world.facts = json!({ "email": "Ann@mail.de" });
    assert!(world.run().ok);
}

#[test]
fn the_owner_may_speak_without_a_pairing_code_beside_whom_is_allowed_already() {
    let mut world = World::settled();
    world.config.insert("allowFrom".to_owned(), json!(["user:bob"]));
    assert!(world.run().ok);
    assert_eq!(world.config["allowFrom"], json!(["user:bob", OWNER]));
    for (key, value) in [("allowFrom", json!(["*"])), ("allowFrom", json!([format!("mochat:user:{OWNER}")]))] {
        world.config.insert(key.to_owned(), value.clone());
        assert!(world.run().done.is_empty(), "{value}");
    }
    world.config.insert("allowFrom".to_owned(), json!([]));
    world.config.insert("dmPolicy".to_owned(), "open".into());
    assert!(world.run().done.is_empty());
}

#[test]
fn the_id_of_another_agent_in_the_configuration_is_corrected() {
    let mut world = World::settled();
    world.config.insert("agentUserId".to_owned(), "somebody-else".into());
    assert!(world.run().ok);
    assert_eq!(world.config["agentUserId"], AGENT);
}

#[test]
fn credentials_that_others_can_read_are_written_anew() {
    let mut world = World::unattended(json!({}));
    world.agents.push(TOKEN.to_owned());
    world.owner = Some("ann@mail.de");
    let keys = json!({ "token": TOKEN, "botUserId": AGENT, "note": "kept" });
    world.facts = json!({ "files": [{ "path": OWN }, { "path": SHARED, "keys": keys, "loose": true }] });
    let report = world.run();
    assert!(report.ok && world.files[SHARED].contains("kept"), "{report:?}");
}

#[test]
fn a_token_of_long_ago_in_the_shared_file_is_in_nobodys_way() {
    let mut world = World::unattended(flags());
    let keys = json!({ "token": "claw_0123456789abcdefdead", "botUserId": "somebody" });
    world.files.insert(SHARED, keys.to_string());
    let report = world.run();
    assert!(report.ok && report.warnings[0].contains(SHARED), "{report:?}");
    assert_eq!((&world.config["clawToken"], &world.config["agentUserId"]), (&TOKEN.into(), &AGENT.into()));
}

#[test]
fn credentials_that_others_can_read_are_written_anew_although_the_configuration_has_them() {
    let mut world = World::settled();
    let keys = json!({ "token": TOKEN, "botUserId": AGENT, "note": "kept" });
    world.facts = json!({ "files": [{ "path": OWN }, { "path": SHARED, "keys": keys, "loose": true }] });
    let report = world.run();
    assert!(report.ok && world.files[SHARED].contains("kept"), "{report:?}");
}

#[test]
fn credentials_that_can_not_be_saved_are_a_warning_for_the_configuration_has_the_token() {
    let mut world = World::unattended(flags());
    world.full = true;
    let report = world.run();
    assert!(report.ok && report.warnings[0].contains("no room"), "{report:?}");
    assert_eq!(world.config["clawToken"], TOKEN);
}

#[test]
fn without_an_invite_the_rest_is_done() {
    let mut world = World::unattended(flags());
    world.refused.push(("groups/createInvite", 403));
    let report = world.run();
    assert!(report.ok && report.warnings[0].contains("no invite"), "{report:?}");
}

#[test]
fn an_agent_may_stay_without_an_owner_for_now() {
    let mut world = World::unattended(json!({ "name": "Claw", "noOwner": true }));
    let report = world.run();
    assert!(report.ok && report.next.iter().any(|line| line.contains("--email")), "{report:?}");
    world.facts = flags();
    assert!(world.run().ok);
    assert_eq!(world.config["allowFrom"], json!([OWNER]));
}

#[test]
fn whatever_the_server_does_ends_in_words() {
    for path in ["agents/selfRegister", "agents/bind", "sessions/list"] {
        let mut world = World::unattended(flags());
        world.silent.push(path);
        let error = world.run().error.unwrap();
        assert!(error.contains("timeout") && !error.contains(TOKEN), "{error}");
        let mut world = World::unattended(flags());
        world.refused.push((path, 429));
        assert!(world.run().error.unwrap().contains("Wait a minute"));
    }
}
