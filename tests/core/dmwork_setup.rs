//! `openclaw dmwork setup` against a server and a configuration in memory.

use mochat_dmwork::call::{Call, CallOutcome, Method};
use mochat_dmwork::setup::{Fact, Order, Report, Setup};
use serde_json::{Map, Value, json};

const TOKEN: &str = "bf_02abe7edeccf467da558484f18e289b4";
const OTHER: &str = "bf_9991e7edeccf467da558484f18e28999";
const KEY: &str = "uk_02abe7edeccf467da558484f18e289b4";
const SERVER: &str = "https://im.example";

/// A machine with a configuration, and a DMWork server where ann owns bots.
struct World {
    facts: Value,
    config: Map<String, Value>,
    dm_scope: Option<String>,
    agent: Option<String>,
    /// What else the command finds: a key in the configuration, a token in the environment.
    found: Vec<(&'static str, Value)>,
    answers: Vec<&'static str>,
    asked: Vec<String>,
    /// Tokens and names of ann's bots.
    bots: Vec<(String, String)>,
    /// Paths that the server refuses, with the status.
    refused: Vec<(&'static str, u16)>,
    /// How it answers a path instead, as if all were well.
    answered: Option<(&'static str, &'static str)>,
    called: Vec<(String, Value)>,
}

impl World {
    /// On a command line where nobody can be asked.
    fn unattended(flags: Value) -> Self {
        Self {
            facts: flags,
            config: Map::new(),
            dm_scope: None,
            agent: None,
            found: Vec::new(),
            answers: Vec::new(),
            asked: Vec::new(),
            bots: vec![(TOKEN.to_owned(), "Reviewer".to_owned())],
            refused: Vec::new(),
            answered: None,
            called: Vec::new(),
        }
    }

    fn attended(answers: &[&'static str]) -> Self {
        let mut world = Self::unattended(json!({ "interactive": true }));
        world.answers = answers.iter().rev().copied().collect();
        world
    }

    fn run(&mut self) -> Report {
        let mut facts = self.facts.clone();
        facts["channel"] = "dmwork".into();
        facts["account"] = "helper".into();
        facts["config"] = Value::Object(self.config.clone());
        facts["dmScope"] = self.dm_scope.clone().into();
        facts["boundTo"] = self.agent.clone().into();
        if let Some(token) = self.config.get("botToken") {
            let text = if token.is_object() { TOKEN.into() } else { token.clone() };
            facts["configured"] = json!({ "token": text });
            if token.is_object() {
                facts["configured"]["reference"] = token.clone();
            }
        }
        for (name, found) in &self.found {
            facts[*name] = found.clone();
        }
        let mut setup = Setup::new(&facts.to_string()).unwrap();
        let mut order = setup.handle(Fact::Started);
        loop {
            let fact = match order {
                Order::Finish { report } => return report,
                Order::Ask { message, complaint, .. } => {
                    self.asked.push(complaint.unwrap_or_else(|| message.to_owned()));
                    Fact::Answered(self.answers.pop().expect(message).to_owned())
                }
                Order::Call { call, .. } => Fact::Settled(self.answer(&call)),
                Order::Configure { keys, dm_scope, agent } => {
                    let keys: Value = serde_json::from_str(&keys).unwrap();
                    self.config.extend(keys.as_object().unwrap().clone());
                    self.dm_scope = dm_scope.map(str::to_owned).or(self.dm_scope.take());
                    self.agent = agent.or(self.agent.take());
                    Fact::Written
                }
                Order::SaveCredentials { .. } => panic!("nothing is saved beside the configuration"),
            };
            order = setup.handle(fact);
        }
    }

    fn answer(&mut self, call: &Call) -> CallOutcome {
        let path = call.url.strip_prefix(SERVER).unwrap();
        let body: Value = call.body.as_deref().map(|body| serde_json::from_str(body).unwrap()).unwrap_or_default();
        self.called.push((path.to_owned(), body.clone()));
        let token = call.auth.1.expose().strip_prefix("Bearer ").unwrap();
        let known = self.bots.iter().find(|(known, _)| known == token);
        let refusal = self.refused.iter().find(|(refused, _)| *refused == path).map(|(_, status)| *status);
        let is_owners = path.starts_with("/v1/user/");
        let refusal = refusal.or((if is_owners { token != KEY } else { known.is_none() }).then_some(401));
        if let Some(status) = refusal {
            return CallOutcome::Answered { status, retry_after: None, body: format!(r#"{{"msg":"no {token}"}}"#) };
        }
        if let Some((_, body)) = self.answered.filter(|(answered, _)| *answered == path) {
            return CallOutcome::Answered { status: 200, retry_after: None, body: body.to_owned() };
        }
        let bot = |(token, name): &(String, String)| {
            json!({ "robot_id": format!("{}_bot", name.to_lowercase()),
            "name": name, "bot_token": token })
        };
        let answer = match (call.method, path) {
            (Method::Get, "/v1/user/bots") => self.bots.iter().map(bot).collect(),
            (Method::Post, "/v1/user/bots") => {
                self.bots.push((OTHER.to_owned(), body["name"].as_str().unwrap().to_owned()));
                bot(self.bots.last().unwrap())
            }
            (_, "/v1/bot/register") => {
                let mut bot = bot(known.unwrap());
                bot["owner_uid"] = "ann".into();
                bot
            }
            _ => json!([]),
        };
        CallOutcome::Answered { status: 200, retry_after: None, body: answer.to_string() }
    }

    fn paths(&self) -> Vec<&str> {
        self.called.iter().map(|(path, _)| path.as_str()).collect()
    }
}

fn given(token: &str) -> Value {
    json!({ "apiUrl": SERVER, "given": { "token": token } })
}

#[test]
fn a_bots_token_is_all_that_is_needed_and_the_owner_is_greeted_once() {
    let mut world = World::unattended(given(TOKEN));
    let report = world.run();
    assert_eq!(report.error, None);
    assert_eq!(
        Value::Object(world.config.clone()),
        json!({ "botToken": TOKEN, "apiUrl": SERVER, "allowFrom": ["ann"] })
    );
    assert_eq!(world.dm_scope.as_deref(), Some("per-account-channel-peer"));
    assert_eq!(world.paths(), ["/v1/bot/register", "/v1/bot/sendMessage"]);
    assert_eq!(world.called[1].1["channel_id"], "ann");
    assert_eq!(
        report.checked.as_deref(),
        Some("https://im.example takes the token. The bot is Reviewer (reviewer_bot) and belongs to ann.")
    );
    assert_eq!(report.done, ["Configured the DMWork account helper.", "Greeted the owner."]);
    let again = world.run();
    assert_eq!((again.ok, again.done), (true, Vec::new()));
    // Registering would close the connection of a gateway that runs.
    assert_eq!(world.paths().last(), Some(&"/v1/bot/groups"));
}

#[test]
fn the_owners_key_makes_the_bot_once() {
    let mut flags = given(KEY);
    flags["name"] = "Scout".into();
    (flags["username"], flags["space"]) = ("scout".into(), "s1".into());
    let mut world = World::unattended(flags);
    let report = world.run();
    assert_eq!(report.error, None);
    assert_eq!(world.called[1].1, json!({ "name": "Scout", "space_id": "s1", "username": "scout" }));
    assert_eq!(world.config["botToken"], OTHER);
    assert!(!world.config.contains_key("userApiKey"), "the key is not kept");
    world.called.clear();
    let again = world.run();
    assert_eq!((again.ok, again.done, world.bots.len()), (true, Vec::new(), 2));
    assert_eq!(world.paths(), ["/v1/user/bots", "/v1/bot/groups"]);
}

#[test]
fn with_the_owners_key_a_bot_is_taken_by_its_id_or_name() {
    for wish in ["reviewer_bot", "Reviewer"] {
        let mut flags = given(KEY);
        flags["bot"] = wish.into();
        let mut world = World::unattended(flags);
        assert_eq!(world.run().error, None);
        assert_eq!(world.config["botToken"], TOKEN);
    }
    let mut flags = given(KEY);
    flags["bot"] = "Nobody".into();
    let report = World::unattended(flags).run();
    assert_eq!(report.error.as_deref(), Some("--bot: `Nobody` is none of the owner's bots: Reviewer (reviewer_bot)."));
    let mut flags = given(KEY);
    flags["bot"] = "Reviewer".into();
    let mut world = World::unattended(flags);
    world.bots.push((OTHER.to_owned(), "Reviewer".to_owned()));
    assert!(world.run().error.unwrap().starts_with("Several of the owner's bots are called Reviewer"));
}

#[test]
fn the_owners_key_of_the_configuration_makes_and_takes_bots_where_none_is_given() {
    for (flag, wish, paths) in [
        ("name", "Scout", &["/v1/user/bots", "/v1/user/bots", "/v1/bot/register"][..]),
        ("bot", "Reviewer", &["/v1/user/bots", "/v1/bot/register"]),
    ] {
        let mut world = World::unattended(json!({ "noGreeting": true }));
        world.facts[flag] = wish.into();
        world.config.insert("apiUrl".into(), SERVER.into());
        world.found = vec![("userKey", json!({ "token": KEY }))];
        let report = world.run();
        assert_eq!((report.error, world.paths()), (None, paths.to_vec()), "{flag}");
        assert_eq!(world.config["botToken"], if flag == "bot" { TOKEN } else { OTHER });
        assert!(!world.config.contains_key("userApiKey"), "it is where it was");
    }
}

#[test]
fn the_owners_key_of_the_configuration_is_shown_to_no_other_server() {
    let mut world = World::unattended(json!({ "apiUrl": SERVER, "name": "Scout" }));
    world.config.insert("apiUrl".into(), "https://elsewhere.example".into());
    world.found = vec![("userKey", json!({ "token": KEY }))];
    let report = world.run();
    assert!(report.error.is_some_and(|error| error.contains("--token-file")));
    assert_eq!(world.paths(), [""; 0]);
}

#[test]
fn a_token_in_the_environment_stays_there_and_gives_way_to_what_is_meant() {
    let reference = json!({ "source": "env", "provider": "default", "id": "DMWORK_BOT_TOKEN" });
    let environment = ("environment", json!({ "token": TOKEN, "reference": reference }));
    let mut world = World::unattended(json!({ "apiUrl": SERVER }));
    world.found = vec![environment.clone()];
    assert_eq!(world.run().error, None);
    assert_eq!(world.config["botToken"], reference, "the token itself is written nowhere");

    let mut world = World::unattended(json!({ "apiUrl": SERVER, "given": { "token": OTHER } }));
    world.bots.push((OTHER.to_owned(), "Scout".to_owned()));
    world.found = vec![environment.clone()];
    assert_eq!(world.run().error, None);
    assert_eq!(world.config["botToken"], OTHER);

    let mut world = World::unattended(json!({ "name": "Scout", "noGreeting": true }));
    world.config.insert("apiUrl".into(), SERVER.into());
    world.found = vec![("userKey", json!({ "token": KEY })), environment];
    assert_eq!(world.run().error, None);
    assert_eq!(world.config["botToken"], OTHER, "another bot is meant than the environment's");
}

#[test]
fn who_may_write_directly_is_the_operators_choice() {
    for (dms, policy, allowed) in [("owner", "allowlist", "ann"), ("friends", "pairing", "ann"), ("open", "open", "*")]
    {
        let mut flags = given(TOKEN);
        flags["dms"] = dms.into();
        let mut world = World::unattended(flags);
        assert_eq!(world.run().error, None);
        assert_eq!((&world.config["dmPolicy"], &world.config["allowFrom"]), (&json!(policy), &json!([allowed])));
        world.facts["dms"] = "owner".into();
        world.run();
        assert_eq!(world.config["allowFrom"], json!(["ann"]), "what was for everybody is not for the owner alone");
    }
    let mut flags = given(TOKEN);
    flags["dms"] = "everybody".into();
    let report = World::unattended(flags).run();
    assert_eq!((report.flags, report.ok), (["--dms"].as_slice(), false));
    let mut flags = given(KEY);
    (flags["name"], flags["dms"]) = ("Scout".into(), "everybody".into());
    let mut world = World::unattended(flags);
    assert!(!world.run().ok);
    assert!(world.called.is_empty(), "no bot is made before that is right");
}

#[test]
fn a_person_is_asked_for_what_is_missing_and_again_where_that_was_nonsense() {
    let mut world = World::attended(&["im.example", SERVER, KEY, "Scout", "nobody", "Owner"]);
    let report = world.run();
    assert_eq!(report.error, None);
    assert_eq!(world.asked.len(), 6);
    assert!(world.asked[1].starts_with("apiUrl: "), "{:?}", world.asked);
    assert!(world.asked[5].starts_with("--dms: `nobody`"), "{:?}", world.asked);
    assert_eq!(world.config["dmPolicy"], "allowlist");
}

#[test]
fn where_nobody_can_be_asked_the_flag_is_named_and_nothing_happens() {
    for (facts, flag) in [
        (json!({}), "--api-url"),
        (json!({ "apiUrl": SERVER }), "--token-file"),
        (given(KEY), "--name"),
        (json!({ "apiUrl": "im.example" }), "--api-url"),
    ] {
        let mut world = World::unattended(facts);
        let report = world.run();
        assert_eq!((report.ok, report.flags[0]), (false, flag));
        assert!(world.config.is_empty());
    }
}

#[test]
fn a_token_that_the_server_refuses_changes_nothing_and_is_not_printed() {
    let mut world = World::unattended(given(OTHER));
    let report = world.run();
    let error = report.error.unwrap();
    assert!(error.starts_with("The server refuses the token that you gave."), "{error}");
    assert!(!error.contains(OTHER), "{error}");
    assert!(world.config.is_empty());
}

#[test]
fn a_token_of_another_account_is_refused_by_the_accounts_name() {
    let mut flags = given(TOKEN);
    flags["others"] = json!({ TOKEN: "reviewer" });
    let mut world = World::unattended(flags);
    assert!(world.run().error.unwrap().contains("is that of account reviewer"));
    assert!(world.called.is_empty());
}

#[test]
fn a_secret_that_is_kept_elsewhere_stays_there() {
    let reference = json!({ "source": "env", "provider": "default", "id": "BOT" });
    let mut flags = given(TOKEN);
    flags["given"]["reference"] = reference.clone();
    let mut world = World::unattended(flags);
    world.run();
    assert_eq!(world.config["botToken"], reference);
    world.called.clear();
    assert_eq!(world.run().done, Vec::<String>::new());
}

#[test]
fn an_agent_gets_the_account_and_no_other_agent_loses_it() {
    let mut flags = given(TOKEN);
    flags["agent"] = "support".into();
    let mut world = World::unattended(flags);
    world.run();
    assert_eq!(world.agent.as_deref(), Some("support"));
    world.facts["agent"] = "sales".into();
    let report = world.run();
    let error = report.error.unwrap();
    assert!(error.contains("belongs to the agent support, not sales"), "{error}");
    assert!(error.ends_with("openclaw agents unbind --agent support --bind dmwork:helper"), "{error}");
}

#[test]
fn a_session_scope_that_joins_people_is_left_and_explained() {
    let mut world = World::unattended(given(TOKEN));
    world.dm_scope = Some("main".to_owned());
    let report = world.run();
    assert_eq!(world.dm_scope.as_deref(), Some("main"));
    assert!(report.warnings[0].starts_with("session.dmScope is `main`"), "{:?}", report.warnings);
}

#[test]
fn an_owner_who_can_not_be_greeted_is_a_warning() {
    let mut world = World::unattended(given(TOKEN));
    world.refused = vec![("/v1/bot/sendMessage", 400)];
    let report = world.run();
    assert!(report.ok);
    assert_eq!(report.warnings, ["The owner could not be greeted: no [redacted]"]);
}

#[test]
fn a_success_that_is_none_checks_nothing_makes_nothing_and_is_written_nowhere() {
    let known = json!({ "apiUrl": SERVER, "botToken": TOKEN });
    let owners = json!({ "apiUrl": SERVER, "given": { "token": KEY }, "name": "Reviewer" });
    for (path, facts, is_configured) in [
        ("/v1/bot/register", given(TOKEN), false),
        ("/v1/bot/groups", json!({}), true),
        ("/v1/user/bots", owners, false),
    ] {
        for (body, words) in [
            ("{}", "failed: the server answered something else"),
            ("<html>", "failed: the server answered something else"),
            (r#"{"msg":"try again","status":0}"#, "failed: try again."),
            (r#"{"msg":"revoked","status":401}"#, "refuses the "),
        ] {
            let mut world = World::unattended(facts.clone());
            world.config = known.as_object().filter(|_| is_configured).cloned().unwrap_or_default();
            let before = world.config.clone();
            world.answered = Some((path, body));
            let report = world.run();
            let problem = report.error.unwrap_or_else(|| panic!("{path} {body}"));
            assert!(problem.contains(words), "{path} {body}: {problem}");
            assert_eq!((report.checked, world.config), (None, before), "{path} {body}");
            assert_eq!(world.called.len(), 1, "{path} {body}");
        }
    }
}
