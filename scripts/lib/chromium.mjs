// The browser that the playground's page is tried in: the system's own Chromium.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { run } from "./run.mjs";

/** What Debian, other distributions and Google call it. */
const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const WITHOUT_QUESTIONS = { DEBIAN_FRONTEND: "noninteractive" };
/** A machine without a network learns so in a minute. */
const SOON = ["-o", "Acquire::http::Timeout=20", "-o", "Acquire::https::Timeout=20", "-o", "Acquire::Retries=1"];

/** @returns {string | undefined} The path of the first that is on PATH. */
export function findChromium() {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/**
 * Finds it, or installs it where that is this user's right: as root, with apt. A machine without it is no failure.
 * @returns {Promise<string | undefined>}
 */
export async function ensureChromium() {
  const found = findChromium();
  const hasApt = ["/usr/bin/apt-get"].some(isExecutable);
  if (found !== undefined || process.getuid?.() !== 0 || !hasApt) return found;
  try {
    await run("Package lists, for Chromium", "apt-get", [...SOON, "update"], { env: WITHOUT_QUESTIONS });
    const install = [...SOON, "install", "-y", "--no-install-recommends", "chromium"];
    await run("Chromium, which the page stories run in", "apt-get", install, { env: WITHOUT_QUESTIONS });
  } catch (error) {
    console.error(`  Chromium was not installed: ${error.message}`);
  }
  return findChromium();
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
