//! The TypeScript types and the manifest's schemas come from the Rust types; these tests fail when they drift.
//! `UPDATE=1 cargo test` writes them anew.

use super::{Effect, Input, Step, ToolAsk};
use crate::config::{DmworkConfig, MochatConfig};
use std::path::{Path, PathBuf};
use ts_rs::{Config, TS};

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Compares a committed file with what it should be, or writes it when asked to.
fn same(path: &str, wanted: &str) {
    let file = root(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, wanted).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(found == wanted, "{path} differs from the Rust types: run `npm run types` and commit the result");
}

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
    let generated = std::fs::read_to_string(scratch.join("protocol.ts")).unwrap();
    std::fs::remove_dir_all(&scratch).unwrap();
    same("js/core/protocol.ts", &generated);
}
