// Renders assets/icon.svg into assets/icon.png, which the gateway's catalog shows. Needs a Chromium: the system's, or the
// one that CHROMIUM names. Only for whoever changes the drawing: both files are in the repository.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { root } from "./lib/toolchain.mjs";

/** What the gateway's documentation recommends. */
const SIZE = 512;

const drawing = readFileSync(join(root, "assets/icon.svg"), "utf8");
const browser = await chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium" });
try {
  const page = await browser.newPage({ viewport: { width: SIZE, height: SIZE } });
  await page.setContent(`<style>body { margin: 0 }</style>${drawing}`);
  await page.screenshot({ path: join(root, "assets/icon.png"), omitBackground: true });
  console.log("✔ assets/icon.png");
} finally {
  await browser.close();
}
