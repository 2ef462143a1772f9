// What accounts cost before they do anything: time to open, and memory.

import { openCore } from "../js/core/account.ts";
import type { CoreAccount } from "../js/core/account.ts";

/** Enough to make one account's share stand out from noise. */
const ACCOUNTS = 100;

const config = { apiUrl: "https://im.example.com", botToken: "bf_bench" };
const open = (number: number): Promise<CoreAccount> =>
  openCore({ channel: "dmwork", accountId: `bot-${number}`, config, wake: () => {} });

const start = performance.now();
const accounts = [await open(0)];
const first = performance.now() - start;

const before = memory();
const loop = performance.now();
for (let number = 1; number <= ACCOUNTS; number += 1) accounts.push(await open(number));
const each = (performance.now() - loop) / ACCOUNTS;
const grown = (memory() - before) / ACCOUNTS;

console.log(`${first} ms, first account: read, compile, instantiate`);
console.log(`${each} ms, each further account`);
console.log(`${grown / 1024} KB of resident memory, idle account`);
for (const account of accounts) account[Symbol.dispose]();

function memory(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss();
}
