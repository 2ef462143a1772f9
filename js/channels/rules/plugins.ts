/** The older plugins of the two platforms have the same channel ids: beside them, one token would have two connections. */
import type { Channel } from "../../core/account.ts";
import type { Facts, Finding } from "./finding.ts";

/** Ids in the manifests of the plugins that came before. */
export const OLD_PLUGINS: Record<Channel, readonly string[]> = {
  mochat: ["mochat"],
  // The second is what it was called before 0.5.
  dmwork: ["openclaw-channel-dmwork", "dmwork"],
};

export function oldPlugins({ channel, cfg }: Omit<Facts, "account">): Finding[] {
  const { entries = {}, allow, deny = [] } = cfg.plugins ?? {};
  const isOn = (id: string) => {
    const named = allow?.includes(id) ?? entries[id] !== undefined;
    return named && entries[id]?.enabled !== false && !deny.includes(id);
  };
  return OLD_PLUGINS[channel].filter(isOn).map((id) => {
    const key = `plugins.entries.${id}.enabled`;
    const message = `the older plugin ${id} is enabled too, and both want the channel ${channel}.`;
    return { rule: "old-plugin", key, message, fix: `Switch it off: openclaw plugins disable ${id}`, serious: true };
  });
}
