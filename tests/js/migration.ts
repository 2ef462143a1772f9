/** A home of one test's own, with a state directory and a configuration of the gateway's. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import type { Channel } from "../../js/core/account.ts";
import type { Plan } from "../../js/cli/migrate/plan.ts";
import { planOf } from "../../js/cli/migrate/survey.ts";
import { withValue } from "../../js/io/json5.ts";

/** The gateway knows the channels by this package's manifest. */
export const PLUGINS = { load: { paths: [fileURLToPath(new URL("../..", import.meta.url))] } };

export class Home {
  readonly folder = mkdtempSync(join(tmpdir(), "migration-"));
  readonly config = join(this.folder, "openclaw.json");

  private constructor() {}

  /** The process lives in it until the test ends. */
  static open(t: TestContext): Home {
    const home = new Home();
    const own = { HOME: home.folder, OPENCLAW_STATE_DIR: home.folder, OPENCLAW_CONFIG_PATH: home.config };
    const before = Object.keys(own).map((name) => [name, process.env[name]] as const);
    Object.assign(process.env, own);
    t.after(() => {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      rmSync(home.folder, { recursive: true });
    });
    return home;
  }

  /** Puts a file somewhere below; anything but text as JSON. */
  put(path: string, content: unknown): string {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content, null, 2), { mode: 0o600 });
    return file;
  }

  read(path = "openclaw.json"): string {
    return readFileSync(join(this.folder, path), "utf8");
  }

  store(channel: Channel, account: string): string {
    return join(this.folder, "plugins-data", "openclaw-mochat-dmwork", channel, `${account}.sqlite`);
  }
}

export type Sections = { channels: Record<string, object>; plugins?: object };

/** What would happen to this configuration, and what it would be. */
export async function planned(
  channel: Channel,
  cfg: Sections,
  nanobot?: { file: string; account: string },
): Promise<Plan & { after: Record<string, unknown> }> {
  const plan = await planOf({ channel, cfg, authored: cfg, ...(nanobot ? { nanobot } : {}) });
  const after = plan.changes.reduce<unknown>(withValue, cfg) as Sections;
  return { ...plan, after: after.channels[channel] as Record<string, unknown> };
}
