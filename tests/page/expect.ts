/** What stories wait for: the page shows it, or they fail after a while. */

import type { Locator } from "playwright-core";

/** An element with this text is there; `locator` may be drawn anew meanwhile. */
export async function shows(locator: Locator, text: string | RegExp): Promise<void> {
  await locator.filter({ hasText: text }).first().waitFor();
}

/** Nothing like it is there any more. */
export async function isGone(locator: Locator): Promise<void> {
  await locator.first().waitFor({ state: "hidden" });
}
