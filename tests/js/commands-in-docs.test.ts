/** Commands of the plugin that a page tells people to run are there, with all their flags. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { addCommands } from "../../js/cli/commands.ts";
import type { Channel } from "../../js/core/account.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const pages = ["README.md", "README.zh-CN.md", ...readdirSync(join(root, "docs")).map((name) => join("docs", name))];

/** What the gateway's command line is told: each command with its flags. */
function registered(channel: Channel): Map<string, Set<string>> {
  const commands = new Map<string, Set<string>>();
  const program = {
    command: (usage: string) => {
      const flags = new Set<string>();
      commands.set(usage.split(" ")[0] ?? "", flags);
      const command = {
        description: () => command,
        action: () => command,
        option: (flag: string) => {
          flags.add(flag.split(" ")[0] ?? "");
          return command;
        },
      };
      return command;
    },
  };
  addCommands(program as unknown as Parameters<typeof addCommands>[0], channel, {});
  return commands;
}

/** `openclaw dmwork why last --json`, in a block of commands or within a sentence. */
function told(): { page: string; channel: Channel; command: string; flags: string[] }[] {
  return pages
    .filter((page) => page.endsWith(".md"))
    .flatMap((page) => {
      const text = readFileSync(join(root, page), "utf8");
      const found = text.matchAll(/\bopenclaw (mochat|dmwork) ([a-z-]+)([^`#\n]*)/g);
      return [...found].map(([, channel, command = "", rest = ""]) => {
        return { page, channel: channel as Channel, command, flags: rest.match(/--[a-z-]+/g) ?? [] };
      });
    });
}

test("every command of the plugin that a page names is there, with its flags", () => {
  const known = { mochat: registered("mochat"), dmwork: registered("dmwork") };
  const commands = told();
  assert.ok(commands.length > 30, `${commands.length} commands were found`);
  const unknown = commands.flatMap(({ page, channel, command, flags }) => {
    const has = known[channel].get(command);
    const missing = has === undefined ? ["is no command"] : flags.filter((flag) => !has.has(flag));
    return missing.map((what) => `${page}: openclaw ${channel} ${command} ${what}`);
  });
  assert.deepEqual(unknown, []);
});
