/** The older plugins of the two platforms have the same channel ids: beside them, one token would have two connections. */
import { stateDirectory } from "../../host/sdk.ts";
import { OLD_PLUGINS, stillEnabled } from "../old-plugins.ts";
import type { Facts, Finding } from "./finding.ts";

export async function oldPlugins({ channel, cfg }: Omit<Facts, "account">): Promise<Finding[]> {
  return stillEnabled(OLD_PLUGINS[channel], cfg, await stateDirectory()).map((id) => {
    const key = `plugins.entries.${id}.enabled`;
    const message = `the older plugin ${id} is enabled too, and both want the channel ${channel}.`;
    return { rule: "old-plugin", key, message, fix: `Switch it off: openclaw plugins disable ${id}`, serious: true };
  });
}
