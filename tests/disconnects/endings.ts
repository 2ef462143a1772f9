/** The ways in which the server ends connections, in rotation. */

import { BOT, type Client } from "../client/client.ts";

export const endings = ["reset", "half-open", "kick", "close", "sever"] as const;
export type Ending = (typeof endings)[number];

/** The longest wait after a kick, however many there were. */
const HOUR = 3_600;
/** The longest wait after a fault that follows a stable connection. */
const SECOND = 1;

export function end({ control }: Client, how: Ending): void {
  if (how === "kick") control.kick({ on: "dmwork", who: BOT });
  else if (how === "half-open") control.halfOpen({ on: "dmwork", who: BOT });
  else control.end(how, BOT);
}

/** The client finds out. */
export async function noticed(client: Client, how: Ending): Promise<void> {
  await (how === "half-open" ? client.givenUp() : client.lost());
}

/** The client comes back. */
export async function back(client: Client, how: Ending): Promise<void> {
  await client.back(how === "kick" ? HOUR : SECOND);
}
