/** Paths and names that messages, agents and configurations bring: nothing is read or written outside of its folder. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { accountOfStore, storeName } from "../../js/channels/stores.ts";
import { openOutgoing } from "../../js/host/outgoing-files.ts";
import { normalizeAccountId, type ChannelMedia } from "../../js/host/sdk.ts";
import { credentialsPaths } from "../../js/io/credentials.ts";
import { accountIds, fileNames, sources, type Folders } from "./path-cases.ts";

const SECRET = "canary_secret";
/** Names that Windows gives to devices, whatever stands behind their first dot. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

const home = realpathSync(mkdtempSync(join(tmpdir(), "paths-")));
const folders: Folders = { root: join(home, "workspace"), outside: home, secret: join(home, "secret.json") };
let store: Pick<ChannelMedia, "saveMediaBuffer">;

before(async () => {
  const { root, secret } = folders;
  process.env["OPENCLAW_STATE_DIR"] = join(home, "state");
  store = await import("openclaw/plugin-sdk/media-runtime");
  mkdirSync(join(root, "out"), { recursive: true });
  mkdirSync(`${root}-of-others`);
  writeFileSync(join(root, "out", "a.txt"), "hello");
  writeFileSync(secret, SECRET);
  writeFileSync(join(`${root}-of-others`, "secret.json"), SECRET);
  for (const [link, target] of [
    ["link.json", secret],
    ["link-of-link.json", join(root, "link.json")],
    ["up", home],
    ["machine", "/"],
    ["nowhere", join(home, "nothing")],
    ["circle", join(root, "circle")],
    ["inside.txt", join(root, "out", "a.txt")],
    ["folder", join(root, "out")],
  ] as const) {
    symlinkSync(target, join(root, link));
  }
  execFileSync("mkfifo", [join(root, "pipe")]);
});

after(() => rmSync(home, { recursive: true }));

/** What would be sent. */
async function read(source: string): Promise<string> {
  const remote = { saveRemoteMedia: () => Promise.reject(new Error("no path is fetched")) };
  const order = { source, maxBytes: 10_000, origin: "https://im.example" };
  const access = { localRoots: [folders.root], workspaceDir: folders.root };
  const file = await openOutgoing(remote, order, access, new AbortController().signal);
  const bytes = Buffer.alloc(file.size);
  await file.read(bytes, 0);
  await file.close();
  return bytes.toString();
}

test("the lists of paths and names are long enough to be worth their name", () => {
  assert.ok(sources.length >= 60, String(sources.length));
  assert.equal(new Set(sources.map(([title]) => title)).size, sources.length, "each has a name of its own");
  assert.ok(fileNames.length >= 20 && accountIds.length >= 15);
});

for (const [title, source] of sources) {
  test(`not sent: ${title}`, async () => {
    await assert.rejects(read(source(folders)), (error: Error) => {
      assert.match(error.message, /^it is (no file and no link|not there, or no ordinary file|outside of the folders)/);
      assert.ok(!error.message.includes(home) && error.cause === undefined, "nobody learns what there is");
      return true;
    });
  });
}

for (const [title, source] of [
  ["a file of the folder", "out/a.txt"],
  ["a file by its whole path", join(folders.root, "out", "a.txt")],
  ["a file by its URL", `file://${folders.root}/out/a.txt`],
  ["a folder's link that stays inside", "folder/a.txt"],
  ["a way up that comes back", "out/../out/a.txt"],
] as const) {
  test(`sent: ${title}`, async () => assert.equal(await read(source), "hello"));
}

test("a share of another machine is not even looked for: Windows would log in there", async () => {
  for (const source of ["\\\\server\\share\\x", "//server/share/x", "\\\\?\\UNC\\server\\share\\x", "\\/server/x"]) {
    await assert.rejects(read(source), { message: "it is no file and no link" }, source);
  }
});

for (const [title, name] of fileNames) {
  test(`kept in the gateway's folder: a file named ${title}`, async () => {
    const { path } = await store.saveMediaBuffer(Buffer.from("x"), "image/png", "inbound", 100, name, name);
    assert.equal(dirname(realpathSync(path)), join(home, "state", "media", "inbound"));
    assert.match(basename(path), /^[\p{L}\p{N}._-]+$/u);
    assert.ok(!DEVICE.test(basename(path)) && Buffer.byteLength(basename(path)) <= 255, basename(path));
    assert.equal(readFileSync(path, "utf8"), "x");
  });
}

test("no name brought a file anywhere else", () => {
  const around = [home, folders.root, join(home, "state"), join(home, "state", "media"), tmpdir()];
  const found = around.flatMap((folder) => readdirSync(folder)).filter((path) => path.includes("escaped"));
  assert.deepEqual(found, []);
});

for (const [title, written] of accountIds) {
  test(`one file in its folder: the account ${title}`, () => {
    // As the gateway hands it over, and as it would be without that.
    for (const id of new Set([normalizeAccountId(written), written.toWellFormed()])) {
      const name = storeName(id);
      assert.match(name, /^[\w.~%!'()*-]+\.sqlite$/);
      assert.equal(basename(join("/folder", name)), name);
      assert.equal(accountOfStore(name), id, "and it is found again");
      assert.ok(!DEVICE.test(name), `${name} is a device`);
      for (const path of credentialsPaths(id)) assert.equal(basename(dirname(path)), "mochat");
    }
  });
}

test("a file of somebody else's among the stores is nobody's", () => {
  for (const name of ["%zz.sqlite", "notes.txt", "one.sqlite-wal", "one.sqlite.lock"]) {
    assert.equal(accountOfStore(name), undefined, name);
  }
});
