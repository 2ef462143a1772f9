/** A DMWork account in wasm and the server that it is connected to, with nothing between them but function calls. */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { CoreAccount, OpenCore } from "../../js/core/account.ts";
import { openWasmCore } from "../../js/core/load.ts";
import type { Effect, Epoch, Step } from "../../js/core/protocol.ts";
import { newSalt, ServerKey, SessionCipher } from "../../sandbox/wukong/cipher.ts";
import { encodePacket } from "../../sandbox/wukong/encode.ts";
import { noFlags, reasons, type Packet, type Recv } from "../../sandbox/wukong/packet.ts";
import { PacketStream } from "../../sandbox/wukong/stream.ts";
import { listen } from "./loopback.ts";

type Kind = Effect["kind"];
type Order<K extends Kind> = Extract<Effect, { kind: K }>;

/** The protocol that the server settles on: the newest one. */
const VERSION = 5;
const GROUP = "9f0c2b7e41d84a6f93b5d7c8e1a20f64";
const SENT_AT = 1_790_000_000;

/** What both sides of a handshake bring along. */
export type Keys = { client: Uint8Array; server: ServerKey; salt: string };

export const newKeys = (): Keys => ({ client: entropy(), server: ServerKey.generate(), salt: newSalt() });

export class WukongPeer implements Disposable {
  readonly #core: CoreAccount;
  readonly #epoch: Epoch;
  readonly #cipher: SessionCipher;
  readonly #fromClient: PacketStream;
  #lastId = 1_900_000_000_000_000_000n;
  #lastSeq = 0;

  private constructor(core: CoreAccount, epoch: Epoch, cipher: SessionCipher, fromClient: PacketStream) {
    this.#core = core;
    this.#epoch = epoch;
    this.#cipher = cipher;
    this.#fromClient = fromClient;
  }

  /** Opens an account, lets it register over HTTP and shakes hands with it. */
  static async connect(open: OpenCore = openWasmCore, keys: Keys = newKeys()): Promise<WukongPeer> {
    const api = createServer((request, response) => {
      const bot = { robot_id: "peer_bot", name: "Peer", im_token: "bf_peer", ws_url: "ws://127.0.0.1:1" };
      const answers: Record<string, unknown> = {
        "/v1/bot/register": bot,
        "/v1/bot/groups": [],
        "/v1/bot/events": { results: [] },
        "/v1/bot/messages/sync": { messages: [] },
      };
      response.end(JSON.stringify(answers[request.url ?? ""] ?? {}));
    });
    const config = { apiUrl: `http://127.0.0.1:${await listen(api)}`, botToken: "bf_peer" };
    let woken = Promise.withResolvers<void>();
    const wake = () => woken.resolve();
    const core = await open({ channel: "dmwork", accountId: "peer", config, wake });
    const started = core.handle({
      kind: "started",
      entries: [],
      // Of a group that is new to it, it would first ask what was said there before.
      notes: [{ key: `read/group:${GROUP}`, value: "0" }],
      turns: [],
      inherited: [],
      suspects: [],
      entropy: entropy(),
    });
    core.handle({ kind: "committed", commit: order(started, "commit").commit, fresh: [] });
    await woken.promise;
    const { epoch } = order(core.pump(), "openWebSocket");
    const hello = order(core.handle({ kind: "socketOpened", epoch, entropy: keys.client }), "sendFrame");

    const fromClient = new PacketStream(VERSION);
    const [connect] = fromClient.push(Buffer.from(hello.bytes));
    assert(connect?.kind === "CONNECT");
    const agreed = { serverVersion: VERSION, serverKey: keys.server.publicBase64, salt: keys.salt, nodeId: 1n };
    const connack: Packet = { kind: "CONNACK", timeDiff: 0n, reasonCode: reasons.success, ...agreed };
    const welcomed = core.handle({ kind: "frameReceived", epoch, bytes: encodePacket(connack, VERSION) });
    assert.equal(order(welcomed, "status").status.lifecycle, "ready");
    // Until it knows that nothing was said while it was away: what comes live would wait for that.
    let read: Order<"commit"> | undefined;
    while (read === undefined) {
      await woken.promise;
      woken = Promise.withResolvers<void>();
      read = find(core.pump(), "commit");
    }
    core.handle({ kind: "committed", commit: read.commit, fresh: [] });
    // The heartbeat may be left; whether it is answered changes nothing.
    api.close();
    const cipher = new SessionCipher(keys.server.sharedSecret(connect.clientKey), keys.salt);
    return new WukongPeer(core, epoch, cipher, fromClient);
  }

  /** A signed and encrypted group message. */
  recv(payload: Buffer): Recv {
    this.#lastId += 1n;
    this.#lastSeq += 1;
    const packet = {
      fromUid: "0f3c61a8b2d94e5f8a7b6c5d4e3f2a1b",
      channelId: GROUP,
      channelType: 2,
      expire: 0,
      clientMsgNo: "5c1d7f0e9b3a4d2c8e6f1a0b9c8d7e6f3",
      messageId: this.#lastId,
      messageSeq: this.#lastSeq,
      timestamp: SENT_AT,
      payload: this.#cipher.encrypt(payload),
    };
    return { kind: "RECV", flags: noFlags, setting: 0, msgKey: this.#cipher.recvKey(packet), ...packet };
  }

  /** Signs what was changed. */
  sign(packet: Recv): Recv {
    return { ...packet, msgKey: this.#cipher.recvKey(packet) };
  }

  encode(packet: Recv): Buffer {
    return encodePacket(packet, VERSION);
  }

  /** Delivers bytes as one WebSocket message. */
  deliver(bytes: Uint8Array): Step {
    return this.#core.handle({ kind: "frameReceived", epoch: this.#epoch, bytes });
  }

  /** Has the build with faults read the same bytes so many times, and returns how many messages that were. */
  route(frame: Uint8Array, times: number): number {
    return Number(this.fault({ kind: "route", epoch: this.#epoch, frame: [...frame], times }));
  }

  /** Gives an order that only the build with faults knows, and returns what it logs. */
  fault(fault: { kind: string; [detail: string]: unknown }): string | undefined {
    return find(this.#core.handle({ kind: "typingAsked", to: `fault:${JSON.stringify(fault)}` }), "log")?.text;
  }

  /** Says that a commit is on disk and brought nothing new. */
  commit({ commit }: Order<"commit">): Step {
    return this.#core.handle({ kind: "committed", commit, fresh: [] });
  }

  /** The messages that a step acknowledges. */
  acknowledged(step: Step): bigint[] {
    const packets = step.effects.flatMap((effect) =>
      effect.kind === "sendFrame" ? [...this.#fromClient.push(Buffer.from(effect.bytes))] : [],
    );
    return packets.flatMap((packet) => (packet.kind === "RECVACK" ? [packet.messageId] : []));
  }

  [Symbol.dispose](): void {
    this.#core[Symbol.dispose]();
  }
}

function entropy(): Uint8Array {
  return new Uint8Array(randomBytes(32));
}

/** The first effect of this kind, or nothing. */
export function find<K extends Kind>(step: Step, kind: K): Order<K> | undefined {
  return step.effects.find((effect): effect is Order<K> => effect.kind === kind);
}

function order<K extends Kind>(step: Step, kind: K): Order<K> {
  const effect = find(step, kind);
  assert(effect, `no ${kind} among ${step.effects.map((other) => other.kind).join(", ")}`);
  return effect;
}
