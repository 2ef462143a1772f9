//! The page and the JavaScript table of all reasons come from the table in Rust; this test fails when they drift.
//! `npm run types` writes them anew.

use super::{Reason, Verdict};
use crate::generated::{same, table};
use serde_json::{Map, json};

fn verdicts(reason: Reason) -> String {
    let words = reason.verdicts().iter().map(|verdict| json!(verdict).as_str().unwrap().to_owned());
    words.collect::<Vec<_>>().join(", ")
}

const ABOUT: &str = "# Reasons

<!-- Written by `npm run types` from src/reason.rs. -->

Every message that an account receives ends in exactly one verdict, with one of these reasons. Logs, the account's store
and [`why`](WHY.md) name the code. Config keys are those of the account.

- **answer**: it started a turn of the agent, or joined one.
- **remember**: it was kept as context for the next question in its place.
- **ignore**: nothing was done with it.
- **fail**: it deserved a turn and got none.

";

#[test]
fn the_page_names_every_reason() {
    let title = ["code", "verdict", "what it means", "config key", "what to do"].map(str::to_owned);
    let row = |reason: &Reason| {
        let code = |text: &str| text.split(", ").map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
        [
            code(reason.code()),
            verdicts(*reason),
            reason.sentence().to_owned(),
            reason.config_key().map(code).unwrap_or_default(),
            reason.fix().unwrap_or_default().to_owned(),
        ]
    };
    let rows: Vec<_> = std::iter::once(title).chain(Reason::ALL.iter().map(row)).collect();
    same("docs/REASONS.md", &format!("{ABOUT}{}", table(&rows)));
}

#[test]
fn javascript_can_explain_every_reason_without_the_core() {
    let entry = |reason: &Reason| {
        let about = json!({ "sentence": reason.sentence(), "configKey": reason.config_key(), "fix": reason.fix() });
        (reason.code().to_owned(), about)
    };
    let reasons: Map<_, _> = Reason::ALL.iter().map(entry).collect();
    let text = format!(
        "/** Written by `npm run types` from src/reason.rs: what there is to say about each reason. */\n\
         import type {{ Reason }} from \"./protocol.ts\";\n\n\
         export type About = {{ sentence: string; configKey: string | null; fix: string | null }};\n\n\
         export const REASONS: Readonly<Record<Reason, About>> = {};\n",
        serde_json::to_string_pretty(&reasons).unwrap()
    );
    same("js/core/reasons.ts", &text);
}

#[test]
fn a_code_is_unique_and_is_what_the_store_keeps() {
    let mut codes: Vec<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
    for reason in Reason::ALL {
        assert_eq!(json!(reason), json!(reason.code()));
    }
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), Reason::ALL.len());
}

#[test]
fn every_verdict_has_a_reason() {
    for verdict in [Verdict::Answer, Verdict::Remember, Verdict::Ignore, Verdict::Fail] {
        assert!(Reason::ALL.iter().any(|reason| reason.verdicts().contains(&verdict)), "{verdict:?}");
    }
}
