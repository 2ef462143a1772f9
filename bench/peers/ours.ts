/** This plugin's core in wasm, called as the plugin calls it. */

import type { OpenCore } from "../../js/core/account.ts";
import { openWasmCore } from "../../js/core/load.ts";
import type { Effect } from "../../js/core/protocol.ts";
import { find, WukongPeer, type Keys } from "../../tests/js/wukong-peer.ts";
import type { Contestant, Handshake } from "./contestant.ts";

type Commit = Extract<Effect, { kind: "commit" }>;

/** The core that leaves verification out on demand. It is in no product. */
const faults = async (): Promise<OpenCore> => {
  const core: { openWasmCore: OpenCore } = await import(
    new URL("../../target/faults/dist/core.js", import.meta.url).href
  );
  return core.openWasmCore;
};

export async function ourClients(keys: Keys): Promise<Contestant[]> {
  const trusting = await WukongPeer.connect(await faults(), keys);
  trusting.fault({ kind: "trust" });
  const [name, acknowledging] = ["this plugin", "this plugin, acknowledged"];
  return [
    new Handed(name, true, await WukongPeer.connect(openWasmCore, keys)),
    new Acknowledged(acknowledging, true, await WukongPeer.connect(openWasmCore, keys)),
    new Handed(name, false, trusting),
  ];
}

/** Up to the order to store the message, as an object in JavaScript. */
class Handed implements Contestant {
  readonly version = 5;
  readonly name: string;
  readonly verifies: boolean;
  readonly peer: WukongPeer;
  #orders: Commit[] = [];
  #last: Commit | undefined;

  constructor(name: string, verifies: boolean, peer: WukongPeer) {
    this.name = name;
    this.verifies = verifies;
    this.peer = peer;
  }

  take(frame: Buffer): void {
    const order = find(this.peer.deliver(frame), "commit");
    if (!order) throw new Error("a message was not taken");
    this.#orders.push(order);
    this.#last = order;
  }

  /** The commits, without which the core would hold on to every message. */
  settle(): void {
    for (const order of this.#orders) this.peer.commit(order);
    this.#orders = [];
  }

  outcome(): { text: string; acknowledged: bigint | undefined } {
    return { text: textOf(this.#last), acknowledged: undefined };
  }
}

/** On from there: the store's answer goes back in, and the RECVACK comes out. */
class Acknowledged implements Contestant {
  readonly version = 5;
  readonly name: string;
  readonly verifies: boolean;
  readonly peer: WukongPeer;
  #last: Commit | undefined;
  #answer: Effect | undefined;

  constructor(name: string, verifies: boolean, peer: WukongPeer) {
    this.name = name;
    this.verifies = verifies;
    this.peer = peer;
  }

  take(frame: Buffer): void {
    this.#last = find(this.peer.deliver(frame), "commit");
    if (!this.#last) throw new Error("a message was not taken");
    this.#answer = find(this.peer.commit(this.#last), "sendFrame");
  }

  settle(): void {}

  outcome(): { text: string; acknowledged: bigint | undefined } {
    const [acknowledged] = this.peer.acknowledged({ effects: this.#answer ? [this.#answer] : [] });
    return { text: textOf(this.#last), acknowledged };
  }
}

function textOf(order: Commit | undefined): string {
  const message: { text?: unknown } = JSON.parse(order?.entries[0]?.record ?? "{}");
  return String(message.text);
}

export async function ourHandshake(): Promise<Handshake> {
  const peer = await WukongPeer.connect(await faults());
  return {
    name: "this plugin",
    run(times, { client, server, salt }) {
      const order = { kind: "handshake", entropy: [...client], serverKey: server.publicBase64, salt, times };
      if (Number(peer.fault(order)) !== times) throw new Error("a handshake failed");
    },
  };
}
