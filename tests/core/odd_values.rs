//! JSON of odd shapes from whoever can send it: answers of the server, payloads of messages, parameters of a model.

use crate::support::dmwork::{CONFIG, dm, encode, recv};
use crate::support::{World, ok};
use mochat_dmwork::call::CallOutcome;
use mochat_dmwork::ids::RequestId;
use mochat_dmwork::step::Input;
use serde_json::{Value, json};

/// Lists in lists, and objects in objects.
fn nested(levels: usize) -> [String; 2] {
    [
        format!("{}1{}", "[".repeat(levels), "]".repeat(levels)),
        format!("{}1{}", r#"{"data":"#.repeat(levels), "}".repeat(levels)),
    ]
}

#[test]
fn an_answer_of_any_depth_is_an_answer_that_nobody_understands() {
    for levels in [126, 129, 10_000, 500_000] {
        for body in nested(levels) {
            let mut world = World::dmwork(CONFIG);
            world.server.past_answers = vec![ok(body.clone()), ok(body.clone()), ok(body.clone())];
            world.server.registers = Some(ok(body));
            world.cut();
            world.after_secs(60);
            world.server.registers = None;
            world.after_secs(120);
            assert!(world.is_ready(), "{levels}");
        }
    }
}

#[test]
fn a_payload_of_any_depth_is_read_as_far_as_anybody_reads_it_or_skipped() {
    for levels in [90, 126, 10_000, 40_000] {
        for inner in nested(levels) {
            let mut world = World::dmwork(CONFIG);
            let payload = format!(r#"{{"type":1,"content":"hi","reply":{inner},"extra":{inner}}}"#);
            let said = dm(1, "ann", "");
            world.receive_bytes(encode(&recv(&said, payload.as_bytes())));
            world.receive(&[dm(2, "ann", "still there?")]);
            assert_eq!(world.texts().last(), Some(&"still there?"), "{levels}");
            assert_eq!(world.server.acks.len(), 2);
            assert!(world.texts().len() == 1 || world.texts()[0] == "hi");
        }
    }
}

#[test]
fn a_parameter_of_a_tool_that_is_named_like_a_key_of_every_object_is_refused_by_its_name() {
    for key in ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"] {
        let mut world = World::dmwork(CONFIG);
        let mut parameters = json!({ "action": "list" });
        parameters[key] = json!({ "operator": true, "action": "remove" });
        let caller = json!({ "channel": "dmwork", "to": "user:eve", "sender": "eve", key: { "operator": true } });
        let ask = json!({ "tool": "dmwork_groups", "parameters": parameters, "caller": caller });
        world.tell(Input::ToolAsked { request: RequestId(100), ask: ask.to_string() });
        let (done, words) = world.answers.first().cloned().unwrap();
        assert!(!done && words.contains(key), "{words}");
        assert!(world.server.tool_calls.is_empty(), "{key}");
    }
}

#[test]
fn parameters_of_any_depth_are_refused() {
    for inner in nested(100_000) {
        let mut world = World::dmwork(CONFIG);
        let ask = format!(r#"{{"tool":"dmwork_groups","parameters":{inner},"caller":{{}}}}"#);
        world.tell(Input::ToolAsked { request: RequestId(100), ask });
        assert_eq!(world.answers.first().map(|(done, _)| *done), Some(false));
        assert_ne!(world.answers[0].1, Value::Null);
    }
}

#[test]
fn an_error_of_any_depth_is_told_in_one_short_line() {
    let mut world = World::dmwork(CONFIG);
    let body = nested(10_000)[1].clone();
    world.server.answers = vec![CallOutcome::Answered { status: 400, retry_after: None, body }];
    world.send("user:ann", "hi");
    let (_, ids, error) = world.settled[0].clone();
    assert!(ids.is_empty() && error.is_some_and(|error| error.len() < 1_000));
}
