/** Takes the pictures of the playground that the documentation shows, from the real plugin in a real gateway. */

import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { openBrowser, visit, type VisitOptions } from "./browser.ts";
import { shows } from "./expect.ts";
import { stage } from "./stage.ts";

const FOLDER = fileURLToPath(new URL("../../docs/images", import.meta.url));
/** So that a picture shows the wait, and nobody waits long for it. */
const DELAY_MS = 15_000;
/** A reader of the documentation should not wait for its pictures. */
const MAX_BYTES = 250_000;
/** As wide as a page of documentation can show, as high as its columns need. */
const WIDE = { width: 1280, height: 800 };
const PHONE = { viewport: { width: 390, height: 780 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const PATIENCE_MS = 120_000;

const { values } = parseArgs({ options: { tarball: { type: "string" } } });
if (values.tarball === undefined) throw new Error("give the packed plugin: --tarball <file>");
await mkdir(FOLDER, { recursive: true });
await using set = await stage(values.tarball, DELAY_MS);
const browser = await openBrowser();
try {
  await talk();
  await picture("playground-light.png", { viewport: WIDE, colorScheme: "light" }, group);
  await picture("playground-dark.png", { viewport: WIDE, colorScheme: "dark" }, panel);
  await picture("playground-phone.png", PHONE, phone);
} finally {
  await browser.close();
}

async function picture(name: string, options: VisitOptions, look: (page: Page) => Promise<void>): Promise<void> {
  await using visited = await visit(browser, set.url, { ...options, patienceMs: PATIENCE_MS });
  const { page } = visited;
  await look(page);
  // The pointer is in nobody's way.
  await page.mouse.move(0, 0);
  const path = join(FOLDER, name);
  await page.screenshot({ path });
  const { size } = await stat(path);
  if (size > MAX_BYTES) throw new Error(`${name} has ${size} bytes; at most ${MAX_BYTES}`);
  process.stdout.write(`${name}: ${size} bytes\n`);
}

/** What people have said before the first picture. */
async function talk(): Promise<void> {
  await using visited = await visit(browser, set.url, { viewport: WIDE, patienceMs: PATIENCE_MS });
  const { page } = visited;
  await shows(page.getByRole("status", { name: "Gateway" }), "4 of 4 bots online");
  await go(page, "Ann Lee", /^claw/);
  await say(page, "Are you there?");
  await answer(page, "this gateway runs four bots");
  await go(page, "Ann Lee", /^Reviewer/);
  await say(page, "Can I merge 42?");
  await answer(page, "Merge it.");
  await go(page, "Ann Lee", /^flaky tests/);
  await say(page, "@Helper which one is flaky?");
  await answer(page, "clock_test");
  await go(page, "Bob", /^#random/);
  await say(page, "@scout a second opinion, please");
  await answer(page, "the test assumes UTC");
  await go(page, "Ann Lee", /^release crew/);
  await say(page, "The migration is done, the old table can go.");
  await go(page, "Bob", /^release crew/);
  await say(page, "@Reviewer what did I miss?");
  await answer(page, "While nobody asked me");
  await go(page, "陈晨", /^release crew/);
  const row = page.locator(".message", { hasText: "the old table can go." }).first();
  await row.hover();
  await row.getByRole("button", { name: "Quote" }).click();
  const plan = { name: "rollout.md", mimeType: "text/markdown", buffer: Buffer.alloc(4_213, "x") };
  await page.locator("input[type=file]").setInputFiles(plan);
  await say(page, "Tonight, then. 计划在这里。");
  await shows(page.locator(".message").last().locator(".fate"), "not-mentioned");
}

/** A message that was not answered, and the setting that decided. */
async function group(page: Page): Promise<void> {
  await go(page, "Ann Lee", /^release crew/);
  await shows(page.getByRole("tabpanel"), "Decided by");
  await page.locator(".file").waitFor();
}

/** A wait in its middle. */
async function panel(page: Page): Promise<void> {
  await go(page, "Ann Lee", /^#build/);
  await say(page, "The nightly build is red.");
  await go(page, "Bob", /^#build/);
  await say(page, "Same here.");
  await shows(page.locator(".step[data-step=delay] .step-after"), /^[89]\.\d s$/);
}

/** The way of an answered message, on a small screen. */
async function phone(page: Page): Promise<void> {
  const areas = page.getByRole("navigation", { name: "Areas" });
  await areas.getByRole("button", { name: "Rooms" }).click();
  await go(page, "Bob", /^release crew/);
  await page.locator(".message-text", { hasText: "what did I miss?" }).first().click();
  await shows(page.locator(".step"), "Delivered");
}

async function go(page: Page, person: string, room: RegExp): Promise<void> {
  await page.getByRole("radio", { name: person }).click();
  await page.getByRole("button", { name: room }).click();
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox", { name: /^Write as/ }).fill(text);
  await page.keyboard.press("Enter");
  await page.locator(".message-text", { hasText: text }).last().waitFor();
}

async function answer(page: Page, text: string): Promise<void> {
  await shows(page.locator(".message[data-from=bot]"), text);
  await page.locator(".fate[data-fate=answered]").first().waitFor();
}
