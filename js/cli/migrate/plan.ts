/** What a migration would do and say. */
import type { Channel } from "../../core/account.ts";
import type { OpenClawConfig } from "../../host/sdk.ts";
import type { Change } from "../../io/json5.ts";
import type { Cursors } from "./cursors.ts";
import type { OldPlugin } from "./table.ts";

/** What goes into the store of an account that has not run yet. */
export type Import = { account: string; store: string; from: string; cursors: Cursors };

export type Plan = {
  old: OldPlugin;
  /** Of openclaw.json. */
  changes: Change[];
  imports: Import[];
  /** What the operator has to hear. */
  told: string[];
  /** Why it is not done. */
  refusals: string[];
};

/** What is there. */
export type Scene = {
  channel: Channel;
  /** As the gateway reads it, and word for word as it is written. */
  cfg: OpenClawConfig;
  authored: OpenClawConfig;
  stateDir: string;
  /** Where it comes from, if it is nanobot: its file, and the account that the agent becomes. */
  nanobot?: { file: string; account: string };
};

/** Who may write directly, to be heard by whoever left that open. */
export function nowPaired(channel: Channel): string {
  return (
    "DIRECT MESSAGES ARE NOT OPEN TO EVERYBODY ANY MORE. The owner, whom the server names, is let in as before; anybody else " +
    `gets a code first, and you let them in: openclaw pairing approve ${channel} <code>. To leave it open as it was, set ` +
    '`dmPolicy` to "open" and `allowFrom` to ["*"].'
  );
}

/** Up to when the older plugin had heard everything. */
export function caughtUp({ account, from, cursors }: Import): string {
  const count = Object.keys(cursors.places).length;
  const at = new Date(cursors.at).toISOString();
  return `${account}: how far ${count} conversations were read is taken over from ${from}. WHAT WAS SAID SINCE ${at} IS ANSWERED when the gateway starts.`;
}
