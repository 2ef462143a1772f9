/** Who and what there is on a channel, by name: for `openclaw directory`, and for targets that are given by name. */
import type { Channel } from "../core/account.ts";
import type { ChannelPlugin, OpenClawConfig } from "../host/sdk.ts";
import { resolveAccount, type Account } from "./accounts.ts";

type Adapter = NonNullable<ChannelPlugin<Account>["directory"]>;
type Entry = { kind: "user" | "group"; id: string; name: string };
type Wanted = { cfg: OpenClawConfig; accountId?: string | null; query?: string | null; limit?: number | null };

export function directoryAdapter(channel: Channel): Adapter {
  const list = async ({ cfg, accountId, limit }: Wanted, parameters: Record<string, unknown>): Promise<Entry[]> => {
    // The command line asks without a running account.
    const { askDirectory } = await import("./run.ts");
    const entries = readEntries(await askDirectory(channel, resolveAccount(cfg, channel, accountId), parameters));
    return limit ? entries.slice(0, limit) : entries;
  };
  return {
    self: async (wanted) => (await list(wanted, { action: "self" }))[0] ?? null,
    // Only what the server says now: none of it stands in the configuration.
    listPeersLive: (wanted) => list(wanted, { action: "peers", query: wanted.query }),
    listGroupsLive: (wanted) => list(wanted, { action: "groups", query: wanted.query }),
    listGroupMembers: (wanted) => list(wanted, { action: "members", target: wanted.groupId }),
  };
}

/** The core's answer, a line for each: kind, target and name, with tabs between. */
function readEntries(text: string): Entry[] {
  const rows = text.split("\n").map((line) => line.split("\t"));
  return rows.flatMap(([kind, id, name]) =>
    id === undefined || name === undefined ? [] : [{ kind: kind === "user" ? "user" : "group", id, name }],
  );
}
