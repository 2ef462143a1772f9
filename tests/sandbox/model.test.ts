import assert from "node:assert/strict";
import { test } from "node:test";
import { startSandbox, type Sandbox } from "../../sandbox/index.ts";
import { call } from "./call.ts";

const system = { role: "system", content: "you are a stub" };
const user = (content: unknown) => ({ role: "user", content });

function ask(sandbox: Sandbox, messages: unknown[], stream = true) {
  const body = { model: "stub-1", messages, stream, stream_options: { include_usage: true } };
  return call(`${sandbox.urls.model}/chat/completions`, { authorization: "Bearer sk-stub" }, body);
}

/** The text of a stream's content chunks. */
function said(text: string): string {
  return [...text.matchAll(/"content":"([^"]*)"/g)].map(([, content]) => content).join("");
}

test("a stream has a role chunk, content chunks, a finish chunk, a usage chunk and its end", async () => {
  await using sandbox = await startSandbox({ rules: [{ when: /hello/, reply: ["Hi ", "there"] }] });
  const { text } = await ask(sandbox, [system, user("hello")]);
  const lines = text.trim().split("\n\n");
  const expected = [
    /"role":"assistant"/,
    /"content":"Hi "/,
    /"there"/,
    /"finish_reason":"stop"/,
    /"choices":\[\],"usage"/,
  ];
  assert.equal(lines.length, expected.length + 1);
  for (const [index, pattern] of expected.entries()) assert.match(lines[index] ?? "", pattern);
  assert.equal(lines.at(-1), "data: [DONE]");
});

test("rules see all trailing user messages and nothing older", async () => {
  const rules = [
    { when: /old/, reply: "saw the past" },
    { when: /marker-(\d+)/, reply: (_request: unknown, match: RegExpExecArray) => `saw ${match[1]}` },
  ];
  await using sandbox = await startSandbox({ rules });
  const messages = [
    user("old"),
    { role: "assistant", content: "ok" },
    user("marker-7"),
    user([{ type: "text", text: "context" }]),
  ];
  assert.equal(said((await ask(sandbox, messages)).text), "saw 7");
  assert.match((await ask(sandbox, [user("unknown")], false)).text, /I have no script for this/);
  assert.equal(sandbox.model.requests[0]?.asked, "marker-7\ncontext");
});

test("a tool is called and its result is answered", async () => {
  await using sandbox = await startSandbox({
    rules: [
      { when: /weather/, reply: { tool: { name: "get_weather", arguments: { city: "Bern" } } } },
      { when: /sunny/, on: "tool", reply: "It is sunny." },
    ],
  });
  const first = await ask(sandbox, [user("weather?")]);
  assert.match(first.text, /"function":\{"name":"get_weather","arguments":"\{\\"city\\":\\"Bern\\"\}"\}/);
  assert.match(first.text, /"finish_reason":"tool_calls"/);
  const second = await ask(sandbox, [
    user("weather?"),
    { role: "assistant", content: null },
    { role: "tool", content: "sunny" },
  ]);
  assert.equal(said(second.text), "It is sunny.");
  const messages = [user("weather?"), { role: "assistant", content: null }, { role: "tool", content: "sunny" }];
  const third = await ask(sandbox, [...messages, user("context that is the same each time")]);
  assert.equal(said(third.text), "It is sunny.", "context behind the result does not hide it");
});

test("a held answer waits for its release and a failure has its status", async () => {
  await using sandbox = await startSandbox({
    rules: [
      { when: /slow/, reply: "finally", hold: "gate" },
      { when: /break/, reply: "", status: 503 },
    ],
  });
  const { ledger, control } = sandbox;
  const pending = ask(sandbox, [user("slow")], false);
  await ledger.waitFor({ server: "model", kind: "received" });
  assert.deepEqual(ledger.find({ server: "model", kind: "http" }), []);
  control.release("gate");
  assert.match((await pending).text, /"content":"finally"/);
  assert.equal((await ask(sandbox, [user("break")])).status, 503);
});

test("the last chunk of a stream waits until it is released", async () => {
  await using sandbox = await startSandbox({ rules: [{ when: /hello/, reply: ["Hi ", "there"], holdLast: "rest" }] });
  const response = await fetch(`${sandbox.urls.model}/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "stub-1", messages: [user("hello")], stream: true }),
  });
  let text = "";
  for await (const piece of response.body ?? []) {
    text += Buffer.from(piece).toString();
    if (text.includes("Hi ") && !text.includes("there")) sandbox.control.release("rest");
  }
  assert.equal(said(text), "Hi there");
});
