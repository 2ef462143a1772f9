/** The gateway's configuration file, written by the gateway's own writer in a home of the test's own. */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { keepToken } from "../../js/channels/token.ts";
import { editConfig } from "../../js/host/config-file.ts";

const folder = mkdtempSync(join(tmpdir(), "config-file-"));
const path = join(folder, "openclaw.json");
const kept = { ...process.env };

before(() => {
  Object.assign(process.env, { HOME: folder, OPENCLAW_STATE_DIR: folder, OPENCLAW_CONFIG_PATH: path });
});

after(() => {
  for (const name of ["HOME", "OPENCLAW_STATE_DIR", "OPENCLAW_CONFIG_PATH"]) {
    if (kept[name] === undefined) delete process.env[name];
    else process.env[name] = kept[name];
  }
  rmSync(folder, { recursive: true });
});

const scope = () => editConfig((cfg) => ({ ...cfg, session: { ...cfg.session, dmScope: "per-account-channel-peer" } }));

test("comments and all other keys stay when a key is changed", async () => {
  const text = `// mine
{
  gateway: { port: 18999, /* not the usual one */ },
  session: {
    dmScope: 'main', // for now
  },
}
`;
  writeFileSync(path, text, { mode: 0o600 });
  await scope();
  const written = readFileSync(path, "utf8");
  assert.ok(written.includes(`dmScope: "per-account-channel-peer", // for now`), written);
  for (const part of ["// mine\n", "gateway: { port: 18999, /* not the usual one */ }"])
    assert.ok(written.includes(part));
});

test("a configuration without comments is as the gateway writes it", async () => {
  writeFileSync(path, JSON.stringify({ gateway: { port: 18999 } }), { mode: 0o600 });
  await scope();
  const written = JSON.parse(readFileSync(path, "utf8"));
  assert.deepEqual([written.gateway.port, written.session.dmScope], [18999, "per-account-channel-peer"]);
});

test("what the gateway refuses is not written", async () => {
  const text = "{ gateway: { port: 18999 } } // fine\n";
  writeFileSync(path, text, { mode: 0o600 });
  await assert.rejects(editConfig((cfg) => Object.assign(cfg, { session: { dmScope: "nonsense" } })));
  assert.equal(readFileSync(path, "utf8"), text);
});

const token = () => JSON.parse(readFileSync(path, "utf8")).channels.mochat.clawToken;

test("of a renewed token it is said where it could not be written, and it can be written there later", async () => {
  const place = { channel: "mochat" as const, accountId: "default", token: "claw_old" };
  const credentials = join(folder, ".config/mochat/credentials.json");
  const held = () => JSON.parse(readFileSync(credentials, "utf8")).token;
  // The gateway knows the channel by the package's manifest.
  const plugins = { load: { paths: [fileURLToPath(new URL("../..", import.meta.url))] } };
  const configure = (clawToken: string) =>
    writeFileSync(path, JSON.stringify({ plugins, channels: { mochat: { clawToken } } }), { mode: 0o600 });
  configure("claw_elsewhere");
  mkdirSync(join(credentials, ".."), { recursive: true });
  writeFileSync(credentials, JSON.stringify({ token: "claw_old" }), { mode: 0o600 });
  assert.match((await keepToken(place, "claw_new")) ?? "", /^clawToken is not written out in the configuration file/);
  assert.deepEqual([token(), held()], ["claw_elsewhere", "claw_old"]);

  configure("claw_old");
  // Nothing can be kept beside the file.
  mkdirSync(`${credentials}.bak/full`, { recursive: true });
  const problem = await keepToken(place, "claw_new");
  assert.match(
    problem ?? "",
    /^it stands in the configuration, but a file with the credentials could not be renewed: /,
  );
  assert.deepEqual([token(), held()], ["claw_new", "claw_old"]);

  rmSync(`${credentials}.bak`, { recursive: true });
  assert.equal(await keepToken(place, "claw_new"), undefined);
  assert.deepEqual([token(), held()], ["claw_new", "claw_new"]);
});
