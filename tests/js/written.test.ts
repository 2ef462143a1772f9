/** What the agent has written so far, as it is told to the core. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Written } from "../../js/host/written.ts";

test("only the last state is told, and its text is made only then", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const told: string[] = [];
  let made = 0;
  const written = new Written((text) => told.push(text));
  for (const text of ["a", "a b", "a b c"]) {
    written.take({
      get text() {
        made += 1;
        return text;
      },
    });
  }
  t.mock.timers.tick(300);
  assert.deepEqual([told, made], [["a b c"], 1]);
  written.take({ text: "" });
  t.mock.timers.tick(300);
  written.take({ text: "a b c d" });
  written.drop();
  t.mock.timers.tick(1_000);
  assert.deepEqual(told, ["a b c"], "the whole text follows by itself");
});

test("the gateway is never told that people see it: whether they do is not decided here", () => {
  const written = new Written(() => {});
  assert.equal(written.take({ text: "a" }), false);
  written.end();
  assert.equal(written.take({ text: "a b" }), false);
});

test("what is told after the end of a turn reaches nobody and leaves no timer behind", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const told: string[] = [];
  const written = new Written((text) => told.push(text));
  written.take({ text: "a" });
  written.end();
  written.take({ text: "a b" });
  t.mock.timers.tick(1_000);
  assert.deepEqual(told, []);
});
