/** Addresses that strangers post: none leads the gateway to a server that only the gateway can reach. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fetchFiles } from "../../js/host/files.ts";
import { openOutgoing } from "../../js/host/outgoing-files.ts";
import type { ChannelMedia } from "../../js/host/sdk.ts";
import { listen } from "./loopback.ts";
import { isolate, name, rejoin, takeDialed } from "./network.ts";
import { allowed, NAMES, refused, type Ports } from "./ssrf-cases.ts";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYPhfDwAChAGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
/** What a guarded file is asked for with. */
const TOKEN = "Bearer bf_canary_7f3a";

const ports: Ports = { trap: 0, home: 0 };
let store: Pick<ChannelMedia, "saveRemoteMedia" | "readRemoteMediaBuffer" | "saveMediaBuffer">;
/** Requests to the configured server, and to the one that is nobody's. */
const asked: string[] = [];
const trapped: string[] = [];
/** The headers of everything that either of them heard. */
const headers: string[] = [];

const home: RequestListener = ({ url = "", rawHeaders }, response) => {
  const { pathname, searchParams } = new URL(url, "http://home");
  asked.push(pathname);
  headers.push(`home ${pathname} ${rawHeaders.join(" ")}`);
  const to = pathname === "/loop" ? "/loop" : searchParams.get("to");
  if (to === null) response.writeHead(200, { "content-type": "image/png" }).end(PNG);
  else response.writeHead(Number(searchParams.get("status") ?? 302), { location: to }).end();
};

const trap: RequestListener = ({ url = "", rawHeaders }, response) => {
  trapped.push(url);
  headers.push(`trap ${url} ${rawHeaders.join(" ")}`);
  response.writeHead(200, { "content-type": "image/png" }).end(PNG);
};

const servers = [createServer(home), createServer(trap)];

before(async () => {
  process.env["OPENCLAW_STATE_DIR"] = mkdtempSync(join(tmpdir(), "ssrf-"));
  store = await import("openclaw/plugin-sdk/media-runtime");
  const [homeServer, trapServer] = servers;
  assert.ok(homeServer && trapServer);
  Object.assign(ports, { home: await listen(homeServer), trap: await listen(trapServer) });
  for (const [host, addresses] of Object.entries(NAMES)) name(host, addresses);
  isolate([ports.home, ports.trap]);
});

after(() => {
  rejoin();
  for (const server of servers) server.closeAllConnections();
  for (const server of servers) server.close();
  rmSync(process.env["OPENCLAW_STATE_DIR"] ?? "", { recursive: true });
});

/** A file of a message, fetched as for a turn. With a token, the core has said that the server guards it. */
async function inbound(url: string, authorization?: string): Promise<boolean> {
  const file = { url, name: "photo.png", ...(authorization ? { isGuarded: true } : {}) };
  const guard = authorization ? { authorization } : {};
  const downloads = { files: [file], maxBytes: 10_000, timeoutMs: 5_000, origins: [origin()], ...guard };
  const { media } = await fetchFiles(store, downloads, { messageId: "m1", signal: new AbortController().signal });
  return media.length === 1;
}

/** A link that the agent wants sent. */
async function outgoing(source: string): Promise<boolean> {
  const order = { source, maxBytes: 10_000, origin: origin() };
  try {
    const file = await openOutgoing(store, order, { localRoots: [] }, new AbortController().signal);
    await file.close();
    return true;
  } catch {
    return false;
  }
}

function origin(): string {
  return `http://127.0.0.1:${ports.home}`;
}

test("the list of addresses is long enough to be worth its name", () => {
  assert.ok(refused.length >= 60, String(refused.length));
  assert.equal(new Set(refused.map(([title]) => title)).size, refused.length, "each has a name of its own");
});

for (const [title, url] of refused) {
  test(`not asked: ${title}`, async () => {
    takeDialed();
    const results = [await inbound(url(ports)), await inbound(url(ports), TOKEN), await outgoing(url(ports))];
    assert.deepEqual(results, [false, false, false]);
    assert.deepEqual(trapped, []);
    // Nothing but the configured server, which then may point somewhere.
    assert.deepEqual(new Set(takeDialed().filter((to) => to !== `127.0.0.1:${ports.home}`)), new Set());
  });
}

for (const [title, url] of allowed) {
  test(`asked: ${title}`, async () => {
    assert.deepEqual([await inbound(url(ports)), await outgoing(url(ports))], [true, true]);
    assert.equal(asked.at(-1), "/photo");
  });
}

test("a public name is asked at the address that was checked, whatever it is rebound to", async () => {
  takeDialed();
  assert.equal(await inbound(`http://public.example:${ports.trap}/photo`), false);
  assert.deepEqual(new Set(takeDialed()), new Set([`93.184.216.34:${ports.trap}`]), "the guard lets it pass");
  name("rebound.example", ["93.184.216.34"], ["127.0.0.1"]);
  assert.equal(await inbound(`http://rebound.example:${ports.trap}/photo`), false);
  assert.deepEqual(
    takeDialed().filter((to) => to.startsWith("127.")),
    [],
  );
  assert.deepEqual(trapped, []);
});

test("the configured server may have a private address, but none of this machine or of a cloud's metadata", async () => {
  const dials = async (address: string) => {
    name("im.example", [address]);
    const files = [{ url: `http://im.example:${ports.trap}/photo`, name: "photo.png" }];
    const downloads = { files, maxBytes: 10_000, timeoutMs: 5_000, origins: [`http://im.example:${ports.trap}`] };
    takeDialed();
    await fetchFiles(store, downloads, { messageId: "m1", signal: new AbortController().signal });
    return [...new Set(takeDialed())];
  };
  assert.deepEqual(await dials("10.0.0.5"), [`10.0.0.5:${ports.trap}`]);
  for (const address of ["127.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "0.0.0.0"]) {
    assert.deepEqual(await dials(address), [], address);
  }
});

test("no token was sent to anybody but the configured server", () => {
  const bearers = headers.filter((line) => line.includes(TOKEN));
  assert.ok(bearers.length > 0, "the configured server was shown it");
  assert.deepEqual(
    bearers.filter((line) => !line.startsWith("home ")),
    [],
  );
  assert.deepEqual(
    headers.filter((line) => line.startsWith("trap ")),
    [],
  );
});
