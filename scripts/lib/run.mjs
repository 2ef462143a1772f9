// Runs a command as a visible step: its title, its output with the seconds that have passed, and a sign of life
// whenever it is silent for long.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { environment, root } from "./toolchain.mjs";

/** Silence after which a reader starts to wonder whether anything happens. */
const HEARTBEAT_MS = 10_000;

/** @returns {(since?: number) => string} Seconds since the call, as text. */
export function stopwatch() {
  const start = Date.now();
  return () => `${((Date.now() - start) / 1000).toFixed(1)} s`;
}

/**
 * @param {string} title
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, onLine?: (line: string) => void }} [options]
 * @returns {Promise<void>} Rejects when the command fails or is missing.
 */
export async function run(title, command, args, { env = {}, onLine = () => {} } = {}) {
  const elapsed = stopwatch();
  console.log(`\n▶ ${title}\n  $ ${[command, ...args].join(" ")}`);
  const child = spawn(command, args, {
    cwd: root,
    env: { ...environment(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let heard = Date.now();
  const print = (line) => {
    heard = Date.now();
    onLine(line);
    console.log(`  ${elapsed().padStart(8)} │ ${line}`);
  };
  const heartbeat = setInterval(() => {
    if (Date.now() - heard >= HEARTBEAT_MS) print("… still running");
  }, 1_000);
  const outputs = [child.stdout, child.stderr].map(async (stream) => {
    for await (const line of createInterface({ input: stream })) print(line);
  });
  try {
    const ending = await new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => resolve(code ?? signal));
    });
    await Promise.all(outputs);
    if (ending !== 0) throw new Error(`${title}: \`${command}\` ended with ${ending}`);
    console.log(`✔ ${title} (${elapsed()})`);
  } catch (error) {
    if (error.code === "ENOENT") throw new Error(`${title}: \`${command}\` is not installed`, { cause: error });
    throw error;
  } finally {
    clearInterval(heartbeat);
  }
}
