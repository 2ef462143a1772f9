/** Imports go down only, in both languages. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { breaches } from "./layers.ts";

const root = new URL("../../", import.meta.url);

function sources(folder: string, extension: string): string[] {
  return readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(extension))
    .map((file) => `${folder}/${file.replaceAll("\\", "/")}`);
}

function lines(files: string[]): number {
  return files.reduce((sum, file) => sum + read(file).split("\n").length, 0);
}

function read(file: string): string {
  return readFileSync(new URL(file, root), "utf8");
}

test("no file imports what is not below it", () => {
  const files = [...sources("src", ".rs"), ...sources("js", ".ts")];
  assert(files.length > 10);
  assert.deepEqual(
    files.flatMap((file) => breaches(file, read(file))),
    [],
  );
});

test("the shim is smaller than the core", (context) => {
  // What is generated is nobody's code.
  const shim = lines(sources("js", ".ts").filter((file) => file !== "js/core/protocol.ts"));
  const core = lines(sources("src", ".rs"));
  context.diagnostic(`js/ has ${shim} lines, ${Math.round((100 * shim) / core)} % of the ${core} in src/`);
});

const allowed: [path: string, source: string][] = [
  ["src/policy/gate.rs", "use crate::text::mention;\nuse super::loop_guard::Guard;\nuse crate::{ids, time::Time};"],
  ["src/platform/dmwork.rs", "use crate::wire::{wukong_packet, dmwork_api::Answer};"],
  ["src/step.rs", "use crate::call::{Call, Errand};"],
  ["src/wire/mochat_api.rs", "use crate::text::excerpt;"],
  ["src/call.rs", "crate::text::excerpt(body)"],
  [
    "src/wire/reader.rs",
    '//! See [`crate::inbox`].\nconst A: &str = "crate::inbox::x"; const B: char = \'"\'; // crate::inbox',
  ],
  ["src/link.rs", "mod tests { use super::{Link, Kick}; use super::Epoch; }"],
  ["src/wasm/calls.rs", "use js_sys::Promise; async fn f() { g().await }"],
  ["js/drive.ts", 'import { openCore } from "./core/load.ts"; import type { Turn } from "./host/turn.ts";'],
  ["js/host/sdk.ts", 'export { x } from "openclaw/plugin-sdk/channel-core";'],
  ["js/index.ts", 'await import("./channels/mochat.ts");'],
];

const forbidden: [path: string, source: string][] = [
  ["src/wire/reader.rs", "use crate::platform::dmwork;"],
  ["src/wire/reader.rs", "use crate::{ids, time::Time, inbox::{Inbox, cursor}};"],
  ["src/wire/reader.rs", "fn f() { crate::talk::history::remember() }"],
  ["src/wire/mod.rs", "use super::account::Account;"],
  ["src/wire/reader.rs", "use super::super::account::Account;"],
  ["src/policy/gate.rs", "use crate::wire::dmwork_payload;"],
  ["src/policy/gate.rs", "use crate::outbox::reply;"],
  ["src/link.rs", "use crate::wire::{reader, writer};"],
  ["src/inbox/mod.rs", "use crate::talk::{Batch, Turn};"],
  ["src/step.rs", "use crate::text::split;"],
  ["src/helpers.rs", "use crate::ids::Epoch;"],
  ["src/account.rs", "use crate::wasm::Account;"],
  ["src/talk/turn.rs", "async fn wait() {}"],
  ["src/link.rs", "let now = js_sys::Date::now();"],
  ["js/io/store.ts", 'import { log } from "../host/sdk.ts";'],
  ["js/core/load.ts", 'import { drive } from "../drive.ts";'],
  ["js/host/turn.ts", 'import { mochat } from "../channels/mochat.ts";'],
  ["js/host/turn.ts", 'import { x } from "openclaw/plugin-sdk/channel-core";'],
  ["js/channels/mochat.ts", 'const sdk = await import("openclaw/plugin-sdk/channel-core");'],
  ["js/drive.ts", 'export * from "./index.ts";'],
  ["js/utils.ts", 'import "./core/load.ts";'],
];

for (const [path, source] of allowed) {
  test(`allowed in ${path}: ${source.replaceAll("\n", " ")}`, () => assert.deepEqual(breaches(path, source), []));
}

for (const [path, source] of forbidden) {
  test(`a breach in ${path}: ${source}`, () => assert.notDeepEqual(breaches(path, source), []));
}
