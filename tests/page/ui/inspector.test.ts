/** What a person looks into: traces with their settings, the history window, the wire; and the trouble that one can make. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { LedgerEntry } from "../../../sandbox/ledger.ts";
import { openBrowser, visit } from "../browser.ts";
import { answered, message, notMentioned, requireMention, stateOf, trace } from "../cast.ts";
import { isGone, shows } from "../expect.ts";
import { fakeServer } from "../fake.ts";

const browser = await openBrowser();
after(() => browser.close());

const HOUR = 3_600_000;

test("a message that nobody was called in tells its reason and the exact key, which is switched there", async () => {
  const said = message("crew", "ann", "The migration is done.");
  await using fake = await fakeServer(
    stateOf({ messages: [said], traces: [notMentioned(said, "reviewer"), notMentioned(said, "helper")] }),
    () => requireMention("reviewer", false),
  );
  await using visited = await visit(browser, fake.url);
  const { page } = visited;
  await page.getByRole("button", { name: /release crew/ }).click();
  const panel = page.getByRole("tabpanel", { name: "Trace" });
  await shows(panel.locator(".step"), /Policy.*remember.*not-mentioned/);
  const key = "channels.dmwork.accounts.reviewer.groups.crew.requireMention";
  const setting = panel.getByRole("group", { name: `Setting ${key}` });
  await shows(setting, key);
  assert.equal(await setting.getByRole("button", { name: "On" }).getAttribute("aria-pressed"), "true");
  await setting.getByRole("button", { name: "Off" }).click();
  const { body } = await fake.heard("POST api/setting");
  assert.deepEqual(body, { bot: "reviewer", key: "groups.crew.requireMention", value: false });
  fake.tell({ type: "settings", settings: [requireMention("reviewer", false)] });
  await setting.locator("[aria-pressed=true]", { hasText: "Off" }).waitFor();
});

test("a setting goes back to its default, and shows where it comes from", async () => {
  await using fake = await fakeServer(stateOf(), () => requireMention("reviewer", null));
  await using visited = await visit(browser, fake.url);
  const { page } = visited;
  await page.getByRole("tab", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Reviewer", exact: true }).click();
  await page.getByRole("button", { name: "Use the default" }).click();
  assert.equal((await fake.heard("POST api/setting")).body["value"], null);
  fake.tell({ type: "settings", settings: [requireMention("reviewer", null)] });
  await shows(page.locator(".setting .tag"), "default");
  await isGone(page.getByRole("button", { name: "Use the default" }));
});

test("a number is set by Enter, and is not typed over meanwhile", async () => {
  await using fake = await fakeServer(stateOf());
  await using visited = await visit(browser, fake.url);
  const { page } = visited;
  await page.getByRole("tab", { name: "Settings" }).click();
  const box = page.getByRole("spinbutton", { name: "replyDelayMs" });
  await box.fill("2500");
  fake.tell({ type: "settings", settings: stateOf().settings });
  await page.getByText("2.5 s").waitFor();
  await box.press("Enter");
  assert.equal((await fake.heard("POST api/setting")).body["value"], 2_500);
});

test("a delay is counted down by the server's clock, which may be another one", async () => {
  const said = message("panel", "ann", "The nightly build is red.", { at: Date.now() + HOUR });
  const until = said.at + 60_000;
  const judged = { verdict: "answer", reason: "no-mention-needed", judgedAt: said.at + 9 };
  const waiting = trace(said, "claw", { ...judged, waitUntil: until, waitedUntil: until });
  await using fake = await fakeServer(stateOf({ messages: [said], traces: [waiting] }), () => ({}), HOUR);
  await using visited = await visit(browser, fake.url);
  const { page } = visited;
  await shows(page.locator(".step[data-step=delay] .step-after"), /^0:5\d$/);
  const first = await page.locator(".step[data-step=delay] .step-after").textContent();
  await page.waitForFunction(
    (before) => document.querySelector(".step[data-step=delay] .step-after")?.textContent !== before,
    first,
  );
  await shows(page.locator(".fate"), /claw\s*waits 0:5\d/);
  await page
    .getByRole("button", { name: /#build/ })
    .getByTitle("An answer waits for a quiet moment")
    .waitFor();
});

test("every step of an answered message is shown, and its answer leads there", async () => {
  const [asked, reply] = [message("dm", "ann", "Are you there?"), message("dm", "reviewer", "Yes.")];
  const later = message("dm", "ann", "Something else.");
  const traces = [answered(asked, "reviewer", reply.id)];
  await using fake = await fakeServer(stateOf({ messages: [asked, reply, later], traces }), ({ what }) =>
    what === "GET api/prompt"
      ? {
          requests: [{ at: asked.at, messages: [{ role: "user", content: "<b>Are you there?</b>" }], tools: ["read"] }],
        }
      : { text: "dmwork account reviewer\n  received" },
  );
  await using visited = await visit(browser, fake.url);
  const { page } = visited;
  await page.getByRole("button", { name: /^Reviewer/ }).click();
  await page.getByText("On its way to Reviewer …").waitFor();
  await page.getByText("Yes.", { exact: true }).click();
  const steps = page.locator(".step[data-standing=done] .step-name");
  await shows(steps, "Delivered");
  const all = ["Received", "Committed to disk", "Policy", "Turn", "Part", "Delivered"];
  assert.deepEqual(await steps.allTextContents(), all);
  await page.getByRole("button", { name: "What the model was sent" }).click();
  await shows(page.getByRole("dialog").locator("pre"), "<b>Are you there?</b>");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "As the command prints it" }).click();
  await shows(page.getByRole("dialog", { name: `openclaw dmwork why ${asked.id}` }), "received");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Follow the latest" }).click();
  await page.getByText("On its way to Reviewer …").waitFor();
});

const botsFrom = (firstConnectedAt: number | null) =>
  stateOf().bots.map((bot) => ({ ...bot, isConnected: firstConnectedAt !== null, firstConnectedAt }));

test("what was said before a bot was there is not silently left without an answer", async () => {
  const early = message("dm", "ann", "Are you there?");
  await using fake = await fakeServer(stateOf({ messages: [early], bots: botsFrom(null) }));
  await using visited = await visit(browser, fake.url);
  const { page } = visited;
  await page.getByRole("button", { name: /^Reviewer/ }).click();
  const fates = page.locator(".fate-text");
  await shows(fates, "was not there yet");
  await page.getByText("Said before Reviewer was online for the first time.").waitFor();
  const later = message("dm", "ann", "And now?", { at: early.at + 2 });
  fake.tell({ type: "bots", bots: botsFrom(early.at + 1) }, { type: "message", message: later });
  await page.getByText("On its way to Reviewer …").waitFor();
  assert.deepEqual(await fates.allTextContents(), ["was not there yet", "on its way"]);
  fake.tell({ type: "trace", trace: answered(later, "reviewer", "1") });
  await page.locator(".fate-text", { hasText: "answered" }).waitFor();
  assert.deepEqual(await fates.allTextContents(), ["was not there yet", "answered"]);
});

test("the history window is that of the room and the bot, and follows what happens", async () => {
  const entries = [{ id: "1", from: "ann", text: "The migration is done.", at: Date.now() }];
  await using fake = await fakeServer(stateOf(), () => ({
    room: "crew",
    bot: "reviewer",
    entries,
    limit: 20,
    limitKey: "historyLimit",
    rules: { room: "crew", text: "Be brief.", version: 1, as: "context" },
  }));
  await using visited = await visit(browser, fake.url);
  const { page } = visited;
  await page.getByRole("button", { name: /release crew/ }).click();
  await page.getByRole("tab", { name: "History" }).click();
  await shows(page.locator(".history-line"), "The migration is done.");
  await shows(page.getByRole("tabpanel"), "1 of at most 20");
  await shows(page.locator(".history-rules"), /as context.*Be brief\./s);
  entries.push({ id: "2", from: "bob", text: "The old table can go.", at: Date.now() });
  fake.tell({ type: "message", message: message("crew", "bob", "The old table can go.") });
  await shows(page.locator(".history-line"), "The old table can go.");
});

const entry = (n: number, kind: LedgerEntry["kind"], who: string, name: string): LedgerEntry => {
  return { n, at: Date.now(), server: "dmwork", kind, who, name, data: { messageId: String(n), status: 200 } };
};

test("the wire is filtered, opened and paused", async () => {
  const wire = [entry(1, "sent", "reviewer_bot", "RECV"), entry(2, "http", "helper_bot", "POST /v1/bot/typing")];
  await using fake = await fakeServer(stateOf({ wire }));
  await using visited = await visit(browser, fake.url);
  const { page } = visited;
  await page.getByRole("tab", { name: "Wire" }).click();
  const rows = page.locator(".wire-row");
  await shows(rows, "RECV");
  await page.getByRole("combobox", { name: "Bot" }).selectOption({ label: "Helper" });
  await isGone(rows.filter({ hasText: "RECV" }));
  await page.getByRole("combobox", { name: "Bot" }).selectOption({ label: "All bots" });
  await page.getByRole("combobox", { name: "Kind" }).selectOption({ label: "HTTP call" });
  await isGone(rows.filter({ hasText: "RECV" }));
  await shows(rows, "POST /v1/bot/typing");
  assert.equal(await rows.count(), 1);
  await rows.first().locator("summary").click();
  await shows(rows.locator("pre"), `"messageId": "2"`);
  await page.getByRole("combobox", { name: "Kind" }).selectOption({ label: "All kinds" });
  await page.getByRole("searchbox", { name: "Find" }).fill("recv");
  await isGone(rows.filter({ hasText: "typing" }));
  await page.getByRole("searchbox", { name: "Find" }).fill("");
  await page.getByRole("button", { name: "Pause" }).click();
  fake.tell({ type: "wire", entry: entry(3, "received", "reviewer_bot", "RECVACK") });
  await page.getByText("1 more since the pause").waitFor();
  assert.equal(await rows.filter({ hasText: "RECVACK" }).count(), 0);
  await page.getByRole("button", { name: "Go on" }).click();
  await shows(rows, "RECVACK");
});

test("trouble is made where it was asked for, and a cut platform can be restored", async () => {
  await using fake = await fakeServer(stateOf());
  await using visited = await visit(browser, fake.url);
  const { page } = visited;
  const trouble = page.getByRole("region", { name: "Trouble" });
  await trouble.getByRole("button", { name: "Kick" }).click();
  await trouble.getByRole("combobox", { name: "Where" }).selectOption({ label: "DMWork" });
  for (const name of ["Half-open", "429", "kill -9", "Restart", "1,000 messages", "Cut"]) {
    await trouble.getByRole("button", { name, exact: true }).click();
  }
  fake.tell({ type: "cut", cut: ["dmwork"] }, { type: "thousand", thousand: { isRunning: true, said: 12, of: 1_000 } });
  await trouble.getByRole("button", { name: "Restore" }).click();
  await trouble.getByRole("button", { name: "Stop (12 of 1000)" }).waitFor();
  await page.waitForFunction(() => document.querySelector("[aria-busy]") === null);
  assert.deepEqual(
    fake.asked.map(({ body }) => body),
    [
      { what: "kick" },
      { what: "half-open", on: "dmwork" },
      { what: "429", on: "dmwork" },
      { what: "kill" },
      { what: "restart" },
      { what: "thousand" },
      { what: "cut", on: "dmwork" },
      { what: "restore", on: "dmwork" },
    ],
  );
});

test("the gateway's state and what was lost are always in sight", async () => {
  await using fake = await fakeServer(stateOf());
  await using visited = await visit(browser, fake.url);
  const { page } = visited;
  await shows(page.getByRole("status", { name: "Gateway" }), /ready.*3 of 3 bots online/);
  fake.tell({ type: "gateway", gateway: { state: "starting", pid: null, since: Date.now(), note: null } });
  await shows(page.getByRole("status", { name: "Gateway" }), "starting");
  const counters = page.getByRole("group", { name: "Counters" });
  await shows(counters, /0lost0twice/);
  const blemishes = ["Message 42 never reached Helper."];
  fake.tell({ type: "counters", counters: { ...stateOf().counters, lost: 1, blemishes } });
  await shows(counters, /1lost0twice/);
  await shows(counters.getByRole("listitem"), "Message 42 never reached Helper.");
});

test("a server that went away is said to have, and comes back with what it knows", async () => {
  await using fake = await fakeServer(stateOf());
  await using visited = await visit(browser, fake.url, { expectErrors: /ERR_|400|Failed/ });
  const { page } = visited;
  await page.getByRole("button", { name: /release crew/ }).click();
  fake.hangUp(stateOf({ messages: [message("crew", "bob", "said meanwhile")] }));
  await page.getByText("does not answer").waitFor();
  await shows(page.locator(".message"), "said meanwhile");
  await isGone(page.getByText("does not answer"));
});
