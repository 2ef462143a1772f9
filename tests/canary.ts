/**
 * Every story in a sandbox is searched for the tokens of its accounts when it ends: they stand in the header for their
 * server, and in no log, status, prompt, store or message.
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Sandbox } from "../sandbox/index.ts";

/** Where something was found, and what. */
export type Finding = readonly [where: string, text: string];

/** Fails if any of these, or anything that was called, posted or asked of the model, holds a token. */
export function assertNoLeak(sandbox: Sandbox, found: Iterable<Finding>): void {
  const secrets = secretsOf(sandbox);
  const calls = sandbox.ledger.find({ kind: "http" }).map(({ name, data }): Finding => {
    return [`the call ${name}`, JSON.stringify([data["query"], data["request"]])];
  });
  const emits = sandbox.ledger.find({ kind: "received", server: "mochat" }).map(({ name, data }): Finding => {
    return [`the event ${name}`, JSON.stringify(data)];
  });
  const prompts: Finding = ["a prompt", JSON.stringify(sandbox.model.requests)];
  const leaks = [...found, ...calls, ...emits, prompts].flatMap(([where, text]) => {
    const at = secrets.map((secret) => text.indexOf(secret)).find((index) => index >= 0);
    return at === undefined ? [] : [`${where}: ${text.slice(Math.max(0, at - 80), at)}…`];
  });
  assert.deepEqual(leaks, [], "a token is where none may be");
}

/** What lies in a folder, as bytes; without what a story puts tokens into on purpose. */
export function filesIn(folder: string, isTold: (path: string) => boolean = () => false): Finding[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .filter((path) => !isTold(path))
    .map((path) => [path, readFileSync(path, "latin1")]);
}

/** Without their beginnings, which are no secret: the rest is as good as the whole. */
function secretsOf({ world }: Sandbox): string[] {
  const tokens = [
    ...Object.values(world.dmwork.tokens),
    world.dmwork.ownerKey,
    ...Object.values(world.mochat.agents).map(({ token }) => token),
  ];
  const tails = tokens.map((token) => token.replace(/^[a-z]+_/, ""));
  assert.ok(tails.length >= 5 && tails.every((tail) => tail.length >= 16), "there is something to look for");
  return tails;
}
