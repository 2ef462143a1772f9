/** What the two transports have in common. */
import { randomBytes } from "node:crypto";
import type { Epoch, Input } from "../core/protocol.ts";

/** What a socket reports; each fact carries the epoch that the socket was opened with. */
export type SocketFact = Extract<Input, { epoch: Epoch }>;

/** Takes a fact. Never called before the socket is returned; must not throw. */
export type Report = (fact: SocketFact) => void;

/** A connection attempt, successful or not. None of its methods throws; after `close` it reports nothing more. */
export interface Socket {
  close(): void;
}

/** Long enough for a slow mobile link, short enough that a dead server costs one reconnect only. */
export const HANDSHAKE_TIMEOUT_MS = 15_000;

/** Bytes for the key pair of a connection, or the ids and jitter of a life. */
export function entropy(): Uint8Array {
  return new Uint8Array(randomBytes(32));
}

/** The innermost cause in words: `ECONNREFUSED` says more than `websocket error`. */
export function describe(error: unknown): string {
  const words: string[] = [];
  for (let at = error; at instanceof Object && words.length < 4; at = inner(at)) {
    if ("code" in at && typeof at.code === "string") return words.length ? `${words[0]} (${at.code})` : at.code;
    if ("message" in at && typeof at.message === "string" && at.message) words.push(at.message);
  }
  return words.at(-1) ?? "unknown error";
}

/** `cause` is the standard's, `error` an ErrorEvent's, `description` and `context` engine.io's. */
function inner(error: object): unknown {
  for (const key of ["cause", "error", "description", "context"] as const) {
    const value: unknown = Reflect.get(error, key);
    if (value instanceof Object) return value;
  }
  return undefined;
}
