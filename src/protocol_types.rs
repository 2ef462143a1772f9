//! The TypeScript types and the manifest's schemas come from the Rust types; these tests fail when they drift.
//! `UPDATE=1 cargo test` writes them anew.

use crate::config::{DmworkConfig, MochatConfig};
use crate::generated::same;
use crate::setup::{Order, SetupFacts};
use crate::step::{Effect, Input, Step, ToolAsk};
use ts_rs::{Config, TS};

#[test]
fn the_typescript_types_are_those_of_the_core() {
    let scratch = std::env::temp_dir().join(format!("core-types-{}", std::process::id()));
    let config = Config::new().with_out_dir(&scratch);
    Input::export_all(&config).unwrap();
    Effect::export_all(&config).unwrap();
    Step::export_all(&config).unwrap();
    ToolAsk::export_all(&config).unwrap();
    DmworkConfig::export_all(&config).unwrap();
    MochatConfig::export_all(&config).unwrap();
    SetupFacts::export_all(&config).unwrap();
    Order::export_all(&config).unwrap();
    let generated = std::fs::read_to_string(scratch.join("protocol.ts")).unwrap();
    std::fs::remove_dir_all(&scratch).unwrap();
    same("js/core/protocol.ts", &generated);
}
