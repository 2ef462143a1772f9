/** Stories as a person would click them, with the real gateway behind the page: one for the whole file, in this order. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import { PATIENCE, tarball } from "../../e2e/support.ts";
import { openBrowser, visit } from "../browser.ts";
import { isGone, shows } from "../expect.ts";
import { stage } from "../stage.ts";

/** Long enough to be seen, short enough to wait for. */
const DELAY_MS = 3_000;

const parts = new AsyncDisposableStack();
after(() => parts.disposeAsync());
const { url } = parts.use(await stage(tarball(), DELAY_MS));
const browser = await openBrowser();
parts.defer(() => browser.close());

/** The page as one of the people, in a room, when all bots are there. */
async function enter(person: string, room: RegExp) {
  const visited = await visit(browser, url, { patienceMs: PATIENCE.deadlineMs });
  const { page } = visited;
  await shows(page.getByRole("status", { name: "Gateway" }), /ready.*4 of 4 bots online/);
  await page.getByRole("radio", { name: person }).click();
  await page.getByRole("button", { name: room }).click();
  return visited;
}

async function write(page: Page, text: string): Promise<void> {
  const box = page.getByRole("textbox", { name: /^Write as/ });
  await box.fill(text);
  await box.press("Enter");
}

/** What a bot made of a message. */
function fate(page: Page, text: string, bot: string) {
  return page.locator(".message", { hasText: text }).first().locator(`.fate[data-bot=${bot}]`);
}

test("a direct message is answered, and every step of it is shown", async () => {
  await using visited = await enter("Ann Lee", /^Reviewer/);
  const { page } = visited;
  await write(page, "Can I merge 42?");
  await page.getByText("Pull request 42 is fine. Merge it.", { exact: true }).waitFor();
  await shows(fate(page, "Can I merge 42?", "reviewer"), /answered.*direct/);
  const done = page.locator(".step[data-standing=done] .step-name");
  await shows(done, "Delivered");
  const all = ["Received", "Committed to disk", "Policy", "Turn", "Part", "Delivered"];
  assert.deepEqual(await done.allTextContents(), all);
  await page.getByRole("button", { name: "What the model was sent" }).click();
  await shows(page.getByRole("dialog").locator("[data-role=user] pre"), "Can I merge 42?");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "As the command prints it" }).click();
  await shows(page.getByRole("dialog").locator("pre"), "Ended as answer (direct)");
});

test("in a group the reason names the key, and switching it there changes what happens next", async () => {
  await using visited = await enter("Bob", /^release crew/);
  const { page } = visited;
  await write(page, "The migration is done, the old table can go.");
  await shows(fate(page, "The migration", "helper"), /kept as context.*not-mentioned/);
  await page.getByRole("tabpanel").getByRole("button", { name: "Helper" }).click();
  await page.getByRole("tab", { name: "History" }).click();
  await shows(page.locator(".history-line"), "The migration is done");
  await page.getByRole("tab", { name: "Trace" }).click();
  const setting = page.getByRole("group", { name: /^Setting .*\.helper\.groups\.\w+\.requireMention$/ });
  await setting.getByRole("button", { name: "Off" }).click();
  await shows(setting, "set here");
  await setting.locator("[aria-pressed=true]", { hasText: "Off" }).waitFor();
  // The gateway takes a moment to notice its file.
  await assertSoon(page, async (nth) => {
    await write(page, `Is it gone now, ${nth}?`);
    await shows(fate(page, `Is it gone now, ${nth}?`, "helper"), /not-mentioned|no-mention-needed/);
    return (
      (await fate(page, `Is it gone now, ${nth}?`, "helper").textContent())?.includes("no-mention-needed") ?? false
    );
  });
  await write(page, "@Reviewer what did I miss?");
  await shows(fate(page, "@Reviewer what did I miss?", "reviewer"), /answered.*mentioned/);
  await shows(page.locator(".message[data-from=bot]"), "While nobody asked me: the migration is done");
});

/** Tries until it is so; each try is a story's step of its own. */
async function assertSoon(page: Page, isSo: (nth: number) => Promise<boolean>): Promise<void> {
  for (let nth = 1; nth <= 20; nth += 1) {
    if (await isSo(nth)) return;
    await page.waitForTimeout(1_000);
  }
  assert.fail("the change never took effect");
}

test("a message is quoted, one is taken back, and a file is there for everybody", async () => {
  await using visited = await enter("Ann Lee", /^#random/);
  const { page } = visited;
  await write(page, "Lunch at noon?");
  const row = page.locator(".message", { hasText: "Lunch at noon?" });
  await row.first().hover();
  await row.first().getByRole("button", { name: "Quote" }).click();
  await page.locator("input[type=file]").setInputFiles({
    name: "menu.txt",
    mimeType: "text/plain",
    buffer: Buffer.from("soup"),
  });
  await write(page, "Here is the menu.");
  const answer = page.locator(".message", { hasText: "Here is the menu." });
  await shows(answer.locator(".quote"), "Lunch at noon?");
  const download = page.waitForEvent("download");
  await answer.getByRole("link", { name: /menu\.txt/ }).click();
  assert.equal((await download).suggestedFilename(), "menu.txt");
  await row.first().hover();
  await row.first().getByRole("button", { name: "Take back" }).click();
  await shows(page.locator(".message-recalled"), "This message was taken back.");
});

test("GROUP.md is edited, and goes along with the next question", async () => {
  await using visited = await enter("Ann Lee", /^release crew/);
  const { page } = visited;
  await page.getByRole("button", { name: "GROUP.md" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Text" }).fill("Answer in one sentence.");
  await dialog.getByRole("button", { name: "Save" }).click();
  await isGone(dialog);
  await page.getByRole("tab", { name: "History" }).click();
  await shows(page.locator(".history-rules"), "Answer in one sentence.");
});

test("small talk in a panel waits in sight, and is answered when the panel is quiet", async () => {
  await using visited = await enter("陈晨", /^#build/);
  const { page } = visited;
  await write(page, "The nightly build is red.");
  await shows(fate(page, "The nightly build is red.", "claw"), /waits \d\.\d s/);
  await shows(page.locator(".step[data-step=delay][data-standing=now] .step-after"), /^\d\.\d s$/);
  await write(page, "Same here.");
  await shows(page.locator(".message[data-from=bot]"), "I read all of it together");
  await shows(page.locator(".step[data-step=delay][data-standing=done]"), "the place had become quiet");
});

test("the gateway is killed in front of everybody, comes back, and nothing is lost or twice", async () => {
  await using visited = await enter("Ann Lee", /^Helper/);
  const { page } = visited;
  const gateway = page.getByRole("status", { name: "Gateway" });
  await page.getByRole("button", { name: "kill -9" }).click();
  await shows(gateway, /stopped|starting/);
  await write(page, "Are you there?");
  await shows(fate(page, "Are you there?", "helper"), "on its way");
  await shows(gateway, /ready.*4 of 4 bots online/);
  await shows(page.locator(".message[data-from=bot]"), "Yes, and this gateway runs four bots");
  await shows(fate(page, "Are you there?", "helper"), "answered");
  const counters = page.getByRole("group", { name: "Counters" });
  await shows(counters, /0lost0twice.*0under way/);
  assert.equal(await counters.getByRole("listitem").count(), 0);
});

test("a platform that is cut off is restored, and what was said meanwhile arrives", async () => {
  await using visited = await enter("Bob", /^Helper/);
  const { page } = visited;
  await page.getByRole("combobox", { name: "Where" }).selectOption({ label: "DMWork" });
  await page.getByRole("button", { name: "Cut", exact: true }).click();
  await shows(page.getByRole("status", { name: "Gateway" }), "2 of 4 bots online");
  await write(page, "Can I merge 42?");
  await shows(fate(page, "Can I merge 42?", "helper"), "on its way");
  await page.getByRole("button", { name: "Restore" }).click();
  await page.getByText("Pull request 42 is fine. Merge it.", { exact: true }).waitFor();
  await shows(page.getByRole("group", { name: "Counters" }), /0lost0twice/);
});
