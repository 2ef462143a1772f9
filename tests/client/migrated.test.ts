/** An account that goes on where an older plugin stopped, with real sockets, the real store and the real core. */

import "./clock.ts";
import assert from "node:assert/strict";
import { notesOf, type Cursors } from "../../js/cli/migrate/cursors.ts";
import { Store } from "../../js/io/store.ts";
import type { Sandbox } from "../../sandbox/index.ts";
import { story } from "./mochat.ts";

const OWNER = { on: "mochat", from: "ann" } as const;
const BOB = { on: "mochat", from: "bob" } as const;

/** What the older plugin answered, then what nobody heard. */
function leftBehind({ control, world, mochat }: Sandbox): Cursors {
  const { ownerSession: session, panels } = world.mochat;
  control.say({ ...OWNER, session, text: "s-before" });
  control.say({ ...BOB, panel: panels.build, text: "p-before" });
  const at = Date.now() + 1;
  const places = { [session]: mochat.exchange.conversation(session).cursor, [panels.build]: 1 };
  while (Date.now() <= at);
  control.say({ ...OWNER, session, text: "s-after" });
  control.say({ ...BOB, panel: panels.build, text: "p-after" });
  return { at, places };
}

/** Gives a store what the older plugin noted. */
function give(path: string, cursors: Cursors): void {
  const store = Store.open(path);
  store.commit({ entries: [], notes: notesOf(cursors) });
  store.close();
}

story(
  "what the older plugin answered is not answered again, and what it missed is, in sessions and panels",
  async (client) => {
    await client.until(() => client.told("session").length > 0 && client.told("panel").length > 0);
    client.dm("s-live");
    client.panel("p-live");
    await client.until(() => client.told("session").length > 1 && client.told("panel").length > 1);
    assert.deepEqual(client.told("session"), ["s-after", "s-live"]);
    assert.deepEqual(client.told("panel"), ["p-after", "p-live"]);
  },
  (sandbox, store) => give(store, leftBehind(sandbox)),
);

story(
  "a queue of events that the server lost meanwhile makes no difference",
  async (client) => {
    await client.until(() => client.told("session").length > 0);
    client.dm("s-live");
    await client.until(() => client.told("session").length > 1);
    assert.deepEqual(client.told("session"), ["s-after", "s-live"]);
  },
  (sandbox, store) => {
    give(store, leftBehind(sandbox));
    sandbox.control.forgetEvents({ session: sandbox.world.mochat.ownerSession });
  },
);
