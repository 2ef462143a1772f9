/** Everybody can use it: by keyboard alone, on a phone, in the dark, in Chinese, with a screen reader, among thousands of messages. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Locator, Page } from "playwright-core";
import { openBrowser, PHONE, visit } from "../browser.ts";
import { answered, message, notMentioned, stateOf, trace } from "../cast.ts";
import { faint } from "./contrast.ts";
import { isGone, shows } from "../expect.ts";
import { fakeServer } from "../fake.ts";

const browser = await openBrowser();
after(() => browser.close());

/** Something of everything that the page shows. */
function busyState() {
  const long = "a-word-that-is-longer-than-any-phone-is-wide-".repeat(4);
  const quoted = message("crew", "ann", `The migration is done. ${long}`);
  const file = { name: `${long}.pdf`, type: "application/pdf", size: 81_230, url: "api/files/1" };
  const asked = message("crew", "bob", "@Reviewer what did I miss?", { mentions: ["reviewer"], file });
  const quote = { id: quoted.id, from: "ann", text: quoted.text };
  const reply = message("crew", "reviewer", "The migration.", { quote });
  const recalled = message("crew", "bob", "", { isRecalled: true });
  const said = message("panel", "ann", "The nightly build is red.");
  const until = said.at + 600_000;
  const judged = { verdict: "answer", reason: "no-mention-needed", judgedAt: said.at + 9 };
  return stateOf({
    messages: [quoted, asked, reply, recalled, said],
    traces: [
      notMentioned(quoted, "reviewer"),
      notMentioned(quoted, "helper"),
      answered(asked, "reviewer", reply.id),
      trace(said, "claw", { ...judged, waitUntil: until, waitedUntil: until }, { settings: ["replyDelayMs"] }),
    ],
    wire: [{ n: 1, at: said.at, server: "dmwork", kind: "sent", who: "reviewer_bot", name: "RECV", data: { long } }],
  });
}

const answers = () => ({ entries: [], limit: 20, limitKey: null, rules: null, text: "Be brief.", version: 1 });

test("a conversation by keyboard alone", async () => {
  await using fake = await fakeServer(busyState(), ({ what }) =>
    what === "POST api/say" ? { messageId: "1" } : answers(),
  );
  await using visited = await visit(browser, fake.url);
  const { page } = visited;
  await page.getByRole("radio", { name: "Ann Lee" }).waitFor();
  const { keyboard } = page;
  // By Tab from the top to the people, by arrows to Bob.
  const ann = page.getByRole("radio", { name: "Ann Lee" });
  for (let tabs = 0; tabs < 30 && !(await hasFocus(ann)); tabs += 1) await keyboard.press("Tab");
  await keyboard.press("ArrowDown");
  await keyboard.press("Enter");
  await page.getByRole("radio", { name: "Bob", checked: true }).waitFor();
  await keyboard.press("r");
  await keyboard.press("End");
  await keyboard.press("Enter");
  await page.getByRole("heading", { name: "release crew" }).waitFor();
  await keyboard.press("c");
  await keyboard.type("Thanks, @he");
  await keyboard.press("Enter");
  await keyboard.press("Shift+Enter");
  await keyboard.type("bye");
  await keyboard.press("Enter");
  const { body } = await fake.heard("POST api/say");
  assert.deepEqual([body["from"], body["text"], body["mentions"]], ["bob", "Thanks, @Helper \nbye", ["helper"]]);
  // Out of the box, to the messages, to the first one, and into its trace.
  await keyboard.press("Tab");
  await keyboard.press("m");
  await keyboard.press("Home");
  await keyboard.press("Enter");
  await shows(page.locator(".trace-quote"), "The migration is done.");
  await keyboard.press("q");
  await page.getByText(/^Quoting Ann Lee/).waitFor();
  await keyboard.press("Escape");
  await isGone(page.getByText(/^Quoting Ann Lee/));
  await keyboard.press("Alt+ArrowUp");
  await page.getByRole("heading", { name: "#build" }).waitFor();
  await keyboard.press("Tab");
  await keyboard.press("4");
  await page.getByRole("tab", { name: "Settings", selected: true }).waitFor();
  await keyboard.press("ArrowLeft");
  await page.getByRole("tab", { name: "Wire", selected: true }).waitFor();
  await keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
  await keyboard.press("Escape");
  await isGone(page.getByRole("dialog"));
  assert(await hasFocus(page.getByRole("tab", { name: "Wire" })), "the focus is where it was before the dialog");
});

test("single keys can be switched off for those who dictate", async () => {
  await using fake = await fakeServer(busyState(), answers);
  await using visited = await visit(browser, fake.url);
  const { page } = visited;
  await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
  await page.getByRole("checkbox", { name: "Single keys are shortcuts" }).uncheck();
  await page.keyboard.press("Escape");
  await page.keyboard.press("2");
  await page.keyboard.press("Alt+ArrowDown");
  await page.getByRole("tab", { name: "Trace", selected: true }).waitFor();
});

/** Whether the page is wider than the screen. */
async function overflows(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
}

async function hasFocus(locator: Locator): Promise<boolean> {
  return locator.evaluate((element) => element === document.activeElement);
}

test("on a phone nothing is wider than the screen, and every area is one touch away", async () => {
  await using fake = await fakeServer(busyState(), answers);
  await using visited = await visit(browser, fake.url, { viewport: PHONE, hasTouch: true, isMobile: true });
  const { page } = visited;
  const areas = page.getByRole("navigation", { name: "Areas" });
  await areas.getByRole("button", { name: "Rooms" }).tap();
  assert.equal(await overflows(page), false);
  await page.getByRole("button", { name: /release crew/ }).tap();
  await page.getByRole("textbox", { name: "Write as Ann Lee in release crew" }).waitFor();
  assert.equal(await overflows(page), false);
  await page.getByText("what did I miss?").tap();
  await page.locator(".trace-quote", { hasText: "what did I miss" }).waitFor();
  for (const tab of ["Trace", "History", "Wire", "Settings"]) {
    await page.getByRole("tab", { name: tab }).tap();
    await page.getByRole("tabpanel", { name: tab }).waitFor();
    assert.equal(await overflows(page), false, tab);
  }
  await areas.getByRole("button", { name: "Trouble" }).tap();
  await page.getByRole("button", { name: /kill -9/ }).waitFor();
  assert.equal(await overflows(page), false);
  await shows(page.getByRole("group", { name: "Counters" }), /0lost0twice/);
});

test("no width from a small phone to a wide screen needs scrolling to the side", async () => {
  await using fake = await fakeServer(busyState(), answers);
  await using visited = await visit(browser, fake.url);
  const { page } = visited;
  await page.getByRole("button", { name: /release crew/ }).click();
  for (const width of [320, 360, 480, 699, 700, 900, 1_099, 1_100, 1_280, 1_920]) {
    await page.setViewportSize({ width, height: 800 });
    assert.equal(await overflows(page), false, `${width} px`);
  }
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`every text stands out from what is behind it, ${colorScheme}`, async () => {
    await using fake = await fakeServer(busyState(), answers);
    await using visited = await visit(browser, fake.url, { colorScheme, reducedMotion: "reduce" });
    const { page } = visited;
    await page.getByRole("button", { name: /release crew/ }).click();
    await page.getByText("what did I miss?").click();
    for (const tab of ["Trace", "History", "Wire", "Settings"]) {
      await page.getByRole("tab", { name: tab }).click();
      assert.deepEqual(await page.evaluate(faint), [], tab);
    }
    await page.getByRole("button", { name: /#build/ }).click();
    await page.getByRole("tab", { name: "Trace" }).click();
    assert.deepEqual(await page.evaluate(faint), []);
  });
}

test("the theme follows the system, or is what somebody chose, also after a reload", async () => {
  await using fake = await fakeServer(busyState(), answers);
  await using visited = await visit(browser, fake.url, { colorScheme: "dark" });
  const { page } = visited;
  const brightness = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await brightness();
  await page.getByRole("button", { name: "Theme: As the system" }).click();
  await page.getByRole("button", { name: "Theme: Light" }).waitFor();
  const light = await brightness();
  assert.notEqual(light, dark);
  await page.reload();
  await page.getByRole("button", { name: "Theme: Light" }).click();
  assert.equal(await brightness(), dark);
});

test("in Chinese every text is Chinese, and it stays so", async () => {
  await using fake = await fakeServer(busyState(), answers);
  await using visited = await visit(browser, fake.url);
  const { page } = visited;
  await page.getByRole("button", { name: /release crew/ }).click();
  await page.getByRole("button", { name: "中文" }).click();
  await page.getByRole("heading", { name: "演练场" }).waitFor();
  await page.getByRole("textbox", { name: "以 Ann Lee 的身份在 release crew 发言" }).waitFor();
  await page.locator(".message-text", { hasText: "The migration is done" }).click();
  await shows(page.locator(".reason-sentence"), "此处需要提及");
  assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-CN");
  await page.reload();
  await page.getByRole("heading", { name: "演练场" }).waitFor();
  assert.equal(await page.evaluate(() => document.title), "演练场");
});

test("a browser that speaks Chinese is spoken to in Chinese", async () => {
  await using fake = await fakeServer(busyState(), answers);
  await using visited = await visit(browser, fake.url, { locale: "zh-CN" });
  await visited.page.getByRole("heading", { name: "演练场" }).waitFor();
});

test("every control has a name", async () => {
  await using fake = await fakeServer(busyState(), answers);
  await using visited = await visit(browser, fake.url);
  const { page } = visited;
  await page.getByRole("button", { name: /release crew/ }).click();
  const nameless: string[] = [];
  const look = async () => {
    const lines = (await page.locator("body").ariaSnapshot()).split("\n");
    const controls =
      /^\s*- (button|textbox|combobox|searchbox|spinbutton|checkbox|radio|tab|link|option|switch|dialog)\b/;
    nameless.push(...lines.filter((line) => controls.test(line) && !/"/.test(line)));
  };
  for (const tab of ["Trace", "History", "Wire", "Settings"]) {
    await page.getByRole("tab", { name: tab }).click();
    await look();
  }
  await page.getByRole("button", { name: "GROUP.md" }).click();
  await page.getByRole("dialog").waitFor();
  await look();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
  await look();
  assert.deepEqual(nameless, []);
});

test("nothing moves for those who asked for that", async () => {
  await using fake = await fakeServer(busyState(), answers);
  await using visited = await visit(browser, fake.url, { reducedMotion: "reduce" });
  await visited.page.locator(".step").first().waitFor();
  assert.equal(await visited.page.evaluate(() => document.getAnimations().length), 0);
});

/** Runs in the page. */
function isNearEnd(): boolean {
  const log = document.querySelector(".log");
  return log !== null && log.scrollHeight - log.scrollTop - log.clientHeight < 80;
}

test("five thousand messages are a hundred rows, at their end", async () => {
  await using fake = await fakeServer(stateOf());
  await using visited = await visit(browser, fake.url);
  const { page } = visited;
  await page.getByRole("button", { name: /release crew/ }).click();
  const said = Array.from({ length: 5_000 }, (_, index) => message("crew", "bob", `message ${index}`));
  for (const one of said)
    fake.tell({ type: "message", message: one }, { type: "trace", trace: notMentioned(one, "helper") });
  await page.getByText("message 4999", { exact: true }).waitFor();
  assert((await page.locator(".message").count()) <= 120);
  await page.waitForFunction(isNearEnd);
  await page.locator(".log").evaluate((log) => log.scrollTo(0, 0));
  await page.getByRole("button", { name: "Show earlier messages" }).click();
  await page.getByText("message 4800", { exact: true }).waitFor();
  assert((await page.locator(".message").count()) <= 240);
  // Who reads what was said before is not taken away from it.
  fake.tell({ type: "message", message: message("crew", "bob", "one more") });
  await page.getByText("one more", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Newest messages" }).click();
  await page.waitForFunction(isNearEnd);
});
