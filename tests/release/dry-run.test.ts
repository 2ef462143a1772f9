/** The rehearsal of a release, which builds and so is no part of the check: `node --test tests/release/dry-run.test.ts`. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Nobody listens there: whoever asks a registry fails. */
const NO_REGISTRY = { npm_config_registry: "http://127.0.0.1:9/", npm_config_fetch_retries: "0" };

function release(...flags: string[]) {
  const env = { ...process.env, ...NO_REGISTRY, CI: "" };
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/publish.mjs", ...flags], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  return { status, out: `${stdout}${stderr}` };
}

test("a dry run builds, packs, looks into the package and asks no registry", () => {
  const { status, out } = release("--dry-run");
  assert.equal(status, 0, out);
  assert.match(out, /^core [0-9a-f]{12}, \d+ components in dist\/sbom\.cdx\.json$/m);
  assert.match(out, /^Not run: npm publish --provenance --access public /m);
});

test("nothing is published outside of CI, nor without a word", () => {
  const [outside, mute] = [release("--publish"), release()];
  assert.equal(outside.status, 1);
  assert.match(outside.out, /this is no CI/);
  assert.equal(mute.status, 1);
  assert.match(mute.out, /say --dry-run or --publish/);
});
