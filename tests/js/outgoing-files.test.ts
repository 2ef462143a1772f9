/** Files of this machine that leave: which may be read, and that what was checked is what is sent. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Effect, Input } from "../../js/core/protocol.ts";
import { openOutgoing } from "../../js/host/outgoing-files.ts";
import { OutgoingFiles, type OpenFile } from "../../js/io/outgoing-files.ts";
import { listen } from "./loopback.ts";

let home: string;
let root: string;

before(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "outgoing-")));
  root = join(home, "workspace");
  mkdirSync(join(root, "out"), { recursive: true });
  writeFileSync(join(root, "out", "图 😀.txt"), "hello");
  writeFileSync(join(home, "secret.json"), "token");
  symlinkSync(join(home, "secret.json"), join(root, "link.json"));
  symlinkSync(home, join(root, "up"));
});

after(() => rmSync(home, { recursive: true }));

const fetched: string[] = [];
const store = {
  saveRemoteMedia: ({ url, maxBytes }: { url: string; maxBytes?: number | undefined }) => {
    fetched.push(`${url} ${maxBytes}`);
    if (url.includes("large")) return Promise.reject(Object.assign(new Error(url), { code: "max_bytes" }));
    if (url.includes("private")) return Promise.reject(new Error(`blocked: ${url}`));
    return Promise.resolve({ id: "1", path: join(home, "secret.json"), size: 5 });
  },
};

function open(source: string): Promise<OpenFile> {
  const order = { source, maxBytes: 100, origin: "https://im.example" };
  return openOutgoing(store, order, { localRoots: [root] }, new AbortController().signal);
}

async function text(source: string): Promise<string> {
  const file = await open(source);
  const bytes = Buffer.alloc(file.size);
  await file.read(bytes, 0);
  await file.close();
  return bytes.toString();
}

test("a file below the agent's folders is read, however it is named", async () => {
  const path = join(root, "out", "图 😀.txt");
  for (const source of [path, pathToFileURL(path).href, "./out/图 😀.txt", "out/图 😀.txt"]) {
    assert.equal(await text(source), "hello", source);
  }
});

test("nothing outside of them is read, not even by a link, and nobody learns what there is", async () => {
  const outside = "it is outside of the folders that the agent may send from";
  const sources = ["/etc/passwd", join(home, "secret.json"), join(home, "nothing.json"), "../secret.json"];
  for (const source of [...sources, join(root, "up", "secret.json"), join(root, "..", "secret.json")]) {
    await assert.rejects(open(source), { message: outside }, source);
  }
  for (const source of [join(root, "link.json"), join(root, "out"), join(root, "nothing.txt")]) {
    await assert.rejects(open(source), { message: "it is not there, or no ordinary file" }, source);
  }
  for (const source of ["data:text/plain,x", "ftp://x.example/a", "file://host/a"]) {
    await assert.rejects(open(source), /it is no file and no link|outside/, source);
  }
});

test("a file of another server comes through the gateway's guard, and a failure names no address", async () => {
  assert.equal(await text("https://x.example/a.txt"), "token");
  assert.deepEqual(fetched, ["https://x.example/a.txt 100"]);
  await assert.rejects(open("https://x.example/large"), { message: "it is too large" });
  await assert.rejects(open("http://private.example/a"), { message: "it could not be fetched" });
});

type Fact = Extract<Input, { file: number }>;
type Got = { headers: Record<string, unknown>; length: number; start: string; hash: string };

/** Opens a file of these bytes and sends it to a server that says what it got. */
async function transfer(
  bytes: Buffer,
  more: Partial<Extract<Effect, { kind: "upload" }>["transfer"]>,
  status = 200,
): Promise<{
  facts: Fact[];
  got: Got[];
  closed: boolean;
}> {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const body = Buffer.concat(pieces);
      const hash = createHash("sha256").update(body).digest("hex");
      got.push({ headers: request.headers, length: body.length, start: body.toString("utf8", 0, 20), hash });
      response.writeHead(status, {
        location: "http://127.0.0.1:9/",
        ...(status === 429 ? { "retry-after": "9" } : {}),
      });
      response.end("done");
    });
  });
  const url = `http://127.0.0.1:${await listen(server)}/k?sig=1`;
  const facts: Fact[] = [];
  let closed = false;
  const over = Promise.withResolvers<void>();
  const files = new OutgoingFiles((fact) => {
    facts.push(fact);
    if (fact.kind === "fileOpened") {
      const sent = { method: "PUT", url, headers: [], before: "", after: "", ...more };
      files.upload({ kind: "upload", file: 1, transfer: sent });
    }
    if (fact.kind === "fileUploaded") over.resolve();
  });
  const order = { kind: "openFile", file: 1, request: 1, source: "a", maxBytes: 1, origin: "" } as const;
  files.open(order, () =>
    Promise.resolve({
      size: bytes.length,
      read: (into, position) => Promise.resolve(bytes.copy(into, 0, position)),
      close: () => {
        closed = true;
        return Promise.resolve();
      },
    }),
  );
  await over.promise;
  files.close(1);
  await new Promise((resolve) => setImmediate(resolve));
  server.close();
  server.closeAllConnections();
  return { facts, got, closed };
}

test("a file is sent with its exact length and the headers that were asked for, and its progress is told", async () => {
  const headers: [string, string][] = [
    ["content-type", "text/plain"],
    ["content-disposition", "inline"],
  ];
  // Each piece differs, so that one in the place of another shows.
  const numbers = Uint32Array.from({ length: 1_310_721 }, (_, at) => at);
  const bytes = Buffer.from(numbers.buffer).subarray(0, 5 * 1024 * 1024 + 3);
  const { facts, got, closed } = await transfer(bytes, { headers });
  assert.equal(got[0]?.hash, createHash("sha256").update(bytes).digest("hex"));
  assert.equal(got[0]?.length, 5 * 1024 * 1024 + 3);
  assert.equal(got[0]?.headers["content-length"], String(5 * 1024 * 1024 + 3));
  assert.equal(got[0]?.headers["transfer-encoding"], undefined);
  assert.deepEqual([got[0]?.headers["content-type"], got[0]?.headers["content-disposition"]], ["text/plain", "inline"]);
  assert.equal(facts.filter(({ kind }) => kind === "fileMoved").length, 5);
  assert.deepEqual(facts.at(-1), { kind: "fileUploaded", file: 1, status: 200, body: "done" });
  assert.ok(closed);
});

test("a form surrounds the file, and a redirect is an answer", async () => {
  const { facts, got } = await transfer(Buffer.from("hello"), { method: "POST", before: "<<", after: ">>" }, 302);
  assert.deepEqual([got.length, got[0]?.start], [1, "<<hello>>"]);
  assert.deepEqual(facts.at(-1), { kind: "fileUploaded", file: 1, status: 302, body: "done" });
});

test("how long a store wants to be left alone is passed on", async () => {
  const { facts } = await transfer(Buffer.from("hello"), {}, 429);
  assert.deepEqual(facts.at(-1), { kind: "fileUploaded", file: 1, status: 429, body: "done", retryAfter: "9" });
});

test("a file that cannot be opened, and one that is closed while it is sent, end as such", async () => {
  const told: Fact[] = [];
  const files = new OutgoingFiles((fact) => told.push(fact));
  const order = { kind: "openFile", file: 7, request: 1, source: "a", maxBytes: 1, origin: "" } as const;
  files.open(order, () => Promise.reject(new Error("it is not there")));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(told, [{ kind: "fileOpened", file: 7, error: "it is not there" }]);
  files.closeAll();
  // Twice, and of one that never was.
  files.close(7);
});
