import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { changesBetween, withChange, withValue } from "../../js/io/json5.ts";

/** JSON5 as JavaScript: what a reader of the text would find. */
function read(text: string): unknown {
  return JSON.parse(JSON.stringify(runInNewContext(`(${text}\n)`)));
}

const TEXT = String.raw`// the home of the bots
{
  // who talks
  channels: { // both platforms
    /* not in use: { "mochat": 1 } */
    'dmwork': { apiUrl: "https://im.example/}", accounts: { a: { botToken: 'it\'s' } }, }, // keep
    mochat: {
      replyDelayMs: 60000, // a minute
    },
  },
  empty: {},
  "list": [1, [2, { x: "]" }],],
}
// the end
`;

test("a value is changed, and everything around it stays", () => {
  const changed = withChange(TEXT, { path: ["channels", "mochat", "replyDelayMs"], value: 5 });
  assert.equal(changed, TEXT.replace("60000,", "5,"));
});

test("a key goes in front of the others with the indent of its neighbors", () => {
  const changed = withChange(TEXT, { path: ["channels", "mochat", "accounts", "claw"], value: { clawToken: "c" } });
  const added = ['      "accounts": {', '        "claw": {', '          "clawToken": "c"', "        }", "      },"];
  assert.equal(changed, TEXT.replace("mochat: {\n", `mochat: {\n${added.join("\n")}\n`));
});

test("a comment behind a bracket stays behind it", () => {
  const changed = withChange(TEXT, { path: ["channels", "x"], value: 1 });
  assert.ok(changed.includes('channels: { // both platforms\n    "x": 1,\n    /* not in use'), changed);
});

test("an object on one line stays on one line, and an empty one opens", () => {
  const inline = withChange(TEXT, { path: ["channels", "dmwork", "name"], value: "n" });
  assert.ok(inline.includes(`'dmwork': { "name": "n", apiUrl:`), inline);
  const opened = withChange(TEXT, { path: ["empty", "a"], value: [1] });
  assert.ok(opened.includes('empty: {\n    "a": [\n      1\n    ]\n  },'), opened);
  assert.deepEqual(read(withChange("{ /* nothing */ }", { path: ["a"], value: 1 })), { a: 1 });
  assert.deepEqual(read(withChange("{ // nothing\n}", { path: ["a"], value: 1 })), { a: 1 });
});

test("whatever is changed reads as the change and nothing else", () => {
  const before = read(TEXT) as { channels: { mochat: object } };
  const after = structuredClone(before) as Record<string, unknown> & typeof before;
  Object.assign(after.channels.mochat, { replyDelayMs: 1, sessions: ["*"], accounts: { "a b": { enabled: true } } });
  after["list"] = [];
  after["meta"] = { at: "now" };
  const changes = changesBetween(before, after);
  assert.deepEqual(
    changes.map(({ path }) => path.join(".")),
    ["channels.mochat.replyDelayMs", "channels.mochat.sessions", "channels.mochat.accounts", "list", "meta"],
  );
  const text = changes.reduce(withChange, TEXT);
  assert.deepEqual(read(text), after);
  for (const comment of TEXT.match(/\/\/ .*|\/\*.*\*\//g) ?? []) assert.ok(text.includes(comment), comment);
});

test("a key goes with its line, and what is said beside it stays", () => {
  const alone = withChange(TEXT, { path: ["channels", "mochat"], value: undefined });
  assert.deepEqual(read(alone), read(TEXT.replace(/    mochat: [^]*?\n    },\n/, "")));
  assert.ok(alone.includes("}, }, // keep\n  },\n  empty: {},"), alone);
  const beside = withChange(TEXT, { path: ["channels", "mochat", "replyDelayMs"], value: undefined });
  assert.ok(beside.includes("mochat: {\n      // a minute\n    },"), beside);
  const first = withChange(TEXT, { path: ["channels", "dmwork", "apiUrl"], value: undefined });
  assert.ok(first.includes("'dmwork': { accounts: {"), first);
  const last = withChange("{ a: 1, b: 2 }", { path: ["b"], value: undefined });
  assert.deepEqual(read(last), { a: 1 });
  assert.equal(withChange(TEXT, { path: ["channels", "x", "y"], value: undefined }), TEXT);
});

test("what is taken away reads as gone, in the text as in the values", () => {
  const before = read(TEXT) as { channels: { mochat: object } };
  const changes = [
    { path: ["channels", "dmwork", "accounts", "a"], value: undefined },
    { path: ["channels", "mochat", "sessions"], value: [] },
    { path: ["list"], value: undefined },
  ];
  const after = changes.reduce<unknown>(withValue, before);
  assert.deepEqual(read(changes.reduce(withChange, TEXT)), after);
  assert.deepEqual(read(changesBetween(before, after).reduce(withChange, TEXT)), after);
});

test("nothing changes where nothing is different", () => {
  assert.deepEqual(changesBetween(read(TEXT), read(TEXT)), []);
});

test("text that is no JSON5 object is refused", () => {
  for (const text of ["", "[1]", "{ a }", "{ a: }", "{ a: 1", '{ a: "x }', "{ a: [1 }"]) {
    assert.throws(() => withChange(text, { path: ["b"], value: 1 }), SyntaxError, text);
  }
});
