/** One Socket.IO connection without a will of its own: no polling, no reconnection, no buffering. */
import { io } from "socket.io-client";
import msgpackParser from "socket.io-msgpack-parser";
import type { EmitId, Epoch, SocketIoParser } from "../core/protocol.ts";
import { describe, entropy, HANDSHAKE_TIMEOUT_MS, type Report, type Socket } from "./transport.ts";

/** Where to connect, and how. */
export type SocketIoTarget = { url: string; path: string; token: string; parser: SocketIoParser };

export interface EventSocket extends Socket {
  /** Emits an event with its argument as JSON text, and reports the acknowledgement or its absence. */
  emit(emit: EmitId, name: string, body: string, timeoutMs: number): void;
}

/** Opens a connection and reports what happens to it. Never throws: a bad URL is a closed socket like any other. */
export function openSocketIo(epoch: Epoch, target: SocketIoTarget, report: Report): EventSocket {
  let over = false;
  const socket = io(target.url, {
    path: target.path,
    // The token travels in the CONNECT packet: a URL ends up in the logs of every proxy.
    auth: { token: target.token },
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
    autoConnect: false,
    // Covers the transport only; the timer below covers the answer to CONNECT too.
    timeout: HANDSHAKE_TIMEOUT_MS,
    ...(target.parser === "msgpack" ? { parser: msgpackParser } : {}),
  });
  const finish = (reason: string) => {
    if (over) return;
    close();
    report({ kind: "socketClosed", epoch, reason });
  };
  const handshake = setTimeout(() => finish("no answer to the handshake"), HANDSHAKE_TIMEOUT_MS);
  handshake.unref();
  function close(): void {
    over = true;
    clearTimeout(handshake);
    socket.disconnect();
  }

  socket.on("connect", () => {
    clearTimeout(handshake);
    if (!over) report({ kind: "socketOpened", epoch, entropy: entropy() });
  });
  socket.on("connect_error", (error) => finish(describe(error)));
  socket.on("disconnect", (reason, details) => finish(details ? `${reason}: ${describe(details)}` : reason));
  socket.onAny((name: string, ...args: unknown[]) => {
    if (!over) report({ kind: "eventReceived", epoch, name, body: toJson(args[0]) });
  });
  socket.io.on("ping", () => {
    if (!over) report({ kind: "socketHeard", epoch });
  });
  // `connect_error` carries the same fault.
  socket.io.on("error", () => {});
  // The client swallows a URL that it can't use, and then waits.
  if (URL.canParse(target.url)) socket.connect();
  else queueMicrotask(() => finish("not a URL"));

  return {
    emit(emit, name, body, timeoutMs) {
      const settle = (answer: { body?: string }) => {
        if (!over) report({ kind: "emitAcknowledged", epoch, emit, ...answer });
      };
      // Offline the client would keep the packet for a connection that never comes.
      if (!socket.connected) return settle({});
      socket.timeout(timeoutMs).emit(name, JSON.parse(body), (error: Error | null, answer: unknown) => {
        settle(error ? {} : { body: toJson(answer) });
      });
    },
    close,
  };
}

/**
 * MessagePack knows what JSON does not: 64-bit integers become text, nothing becomes null. What is nested deeper than the
 * stack is no JSON at all, which the core passes over; thrown in here it would end the gateway.
 */
function toJson(value: unknown): string {
  try {
    const text = JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner));
    return text ?? "null";
  } catch {
    return "";
  }
}
