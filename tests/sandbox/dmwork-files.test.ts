import assert from "node:assert/strict";
import { test } from "node:test";
import { startSandbox, type Sandbox } from "../../sandbox/index.ts";
import { call } from "./call.ts";

function get(sandbox: Sandbox, path: string) {
  const headers = { authorization: `Bearer ${sandbox.world.dmwork.tokens.reviewer_bot}` };
  return call(`${sandbox.urls.dmwork}/v1/bot/${path}`, headers, undefined, "GET");
}

test("a presigned upload is accepted only as it was signed", async () => {
  await using sandbox = await startSandbox();
  const { json } = await get(sandbox, `upload/presigned?filename=${encodeURIComponent("报告.md")}&fileSize=5`);
  const put = (bytes: string, headers: Record<string, string>) =>
    fetch(String(json["uploadUrl"]), { method: "PUT", body: bytes, headers });
  const signed = {
    "content-type": String(json["contentType"]),
    "content-disposition": String(json["contentDisposition"]),
  };
  assert.equal((await put("hello", { "content-type": signed["content-type"] })).status, 403);
  assert.equal((await put("hello!", signed)).status, 403);
  assert.equal((await put("hello", signed)).status, 200);
  assert.equal(await (await fetch(String(json["downloadUrl"]))).text(), "hello");
});

test("a name without an allowed extension, a missing size and the unconfigured store are refused", async () => {
  await using sandbox = await startSandbox();
  const refused = ["x.py&fileSize=5", "Makefile&fileSize=5", "a.txt", "a.txt&fileSize=999999999"];
  for (const query of refused)
    assert.equal((await get(sandbox, `upload/presigned?filename=${query}`)).status, 400, query);
  assert.equal((await get(sandbox, "upload/credentials?filename=a.txt")).status, 400);
});

test("a multipart upload comes back as a relative URL that downloads by redirect to another origin", async () => {
  await using sandbox = await startSandbox();
  const headers = { authorization: `Bearer ${sandbox.world.dmwork.tokens.reviewer_bot}` };
  const form = new FormData();
  form.set("file", new File(["hello"], "a.txt", { type: "text/plain" }));
  const uploaded = await fetch(`${sandbox.urls.dmwork}/v1/bot/file/upload`, { method: "POST", body: form, headers });
  const text = await uploaded.text();
  const url = /"url":"(file\/preview\/[^"]+)"/.exec(text)?.[1] ?? "";
  assert.match(text, /"name":"a.txt","size":5/);
  const download = `${sandbox.urls.dmwork}/v1/bot/file/download/${url}`;
  const redirect = await fetch(download, { headers, redirect: "manual" });
  assert.equal(redirect.status, 302);
  assert.ok(redirect.headers.get("location")?.startsWith(sandbox.urls.storage));
  assert.equal(await (await fetch(download, { headers })).text(), "hello");
});

test("the store's ledger shows a token that was sent to it", async () => {
  await using sandbox = await startSandbox();
  const url = sandbox.storage.put("a.txt", Buffer.from("x"), "text/plain");
  await fetch(url);
  await fetch(url, { headers: { authorization: "Bearer bf_secret" } });
  const credentials = sandbox.ledger.find({ server: "storage" }).map(({ data }) => data["credential"]);
  assert.deepEqual(credentials, ["none", "…cret"]);
});

test("a voice is written down once the server is set up for it", async () => {
  await using sandbox = await startSandbox();
  const headers = { authorization: `Bearer ${sandbox.world.dmwork.tokens.reviewer_bot}` };
  const ask = async (field: string) => {
    const form = new FormData();
    form.set(field, new File(["hello"], "a.amr"));
    const answer = await fetch(`${sandbox.urls.dmwork}/v1/bot/voice/transcribe`, {
      method: "POST",
      body: form,
      headers,
    });
    return { status: answer.status, text: Object(await answer.json()).text as unknown };
  };
  assert.deepEqual(await ask("audio"), { status: 503, text: undefined });
  sandbox.dmwork.ear.hear = (audio) => `you said ${audio.toString()}`;
  assert.deepEqual(await ask("audio"), { status: 200, text: "you said hello" });
  assert.equal((await ask("file")).status, 400);
});

test("a file of some size goes through, signed or as a form", async () => {
  await using sandbox = await startSandbox();
  const bytes = Buffer.alloc(9 << 20, "x");
  const { json } = await get(sandbox, `upload/presigned?filename=a.txt&fileSize=${bytes.length}`);
  const headers = {
    "content-type": String(json["contentType"]),
    "content-disposition": String(json["contentDisposition"]),
  };
  assert.equal((await fetch(String(json["uploadUrl"]), { method: "PUT", body: bytes, headers })).status, 200);
  const form = new FormData();
  form.set("file", new File([bytes], "a.txt"));
  const authorization = `Bearer ${sandbox.world.dmwork.tokens.reviewer_bot}`;
  const url = `${sandbox.urls.dmwork}/v1/bot/file/upload`;
  const uploaded = await fetch(url, { method: "POST", body: form, headers: { authorization } });
  assert.match(await uploaded.text(), /"size":9437184/);
});
