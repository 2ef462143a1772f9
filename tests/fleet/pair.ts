/** The world's two bots, one of each platform, in a process of their own. */

import { join } from "node:path";
import type { Sandbox } from "../../sandbox/index.ts";
import type { AccountPlan } from "./messages.ts";
import { settingsOf } from "./settings.ts";

export const PLATFORMS = ["dmwork", "mochat"] as const;

/** Without a network between them and their servers; every turn is answered. */
export function pair(sandbox: Sandbox, folder: string): AccountPlan[] {
  return PLATFORMS.map((platform) => {
    const direct = { url: sandbox.urls[platform] };
    const config = settingsOf(platform, sandbox, { wire: direct, http: direct });
    const store = join(folder, `${platform}.sqlite`);
    return { channel: platform, accountId: platform, config, store, answerOneIn: 1 };
  });
}
