/** The browser that stories are told in: the system's own Chromium. An error in its console fails the story. */

import assert from "node:assert/strict";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";

const { findChromium } = (await import(new URL("../../scripts/lib/chromium.mjs", import.meta.url).href)) as {
  findChromium: () => string | undefined;
};

export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1440, height: 900 };

export async function openBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  assert(executablePath, "no Chromium on PATH: the check leaves the page stories out where there is none");
  // Its sandbox needs rights that root's containers rarely have.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}

/** Far longer than a page without a gateway needs on a busy machine. */
const PATIENCE_MS = 60_000;

export interface Visit extends AsyncDisposable {
  readonly page: Page;
}

export interface VisitOptions extends BrowserContextOptions {
  /** Lines of the console that belong to the story: the browser writes one for each call that is refused. */
  readonly expectErrors?: RegExp;
  /** How long a wait may take. */
  readonly patienceMs?: number;
}

/** Opens the page as somebody new, and fails at its end if the console has heard of an error. */
export async function visit(browser: Browser, url: string, options: VisitOptions = {}): Promise<Visit> {
  const { expectErrors, patienceMs = PATIENCE_MS, ...rest } = options;
  const context = await browser.newContext({ viewport: DESKTOP, locale: "en-US", ...rest });
  context.setDefaultTimeout(patienceMs);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(error.stack ?? error.message));
  await page.goto(url);
  return {
    page,
    async [Symbol.asyncDispose]() {
      await context.close();
      assert.deepEqual(
        errors.filter((error) => !expectErrors?.test(error)),
        [],
      );
    },
  };
}
