/** One WebSocket for a binary packet stream, on `ws`. */
import { WebSocket, type RawData } from "ws";
import type { Epoch } from "../core/protocol.ts";
import { failPoint } from "./fail-points.ts";
import { describe, entropy, HANDSHAKE_TIMEOUT_MS, type Report, type Socket } from "./transport.ts";

/** No packet of the protocol comes near; more is an attack on our memory. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/**
 * How long a peer may take to answer a close frame. Shorter than the core's shortest wait before the next connection, so
 * that there are never two of them, also when the peer is gone without a word.
 */
const CLOSE_GRACE_MS = 200;

export interface FrameSocket extends Socket {
  /** Sends bytes as one unfragmented binary message; drops them if the socket is not open. */
  send(bytes: Uint8Array): void;
}

/** Opens a socket and reports what happens to it. Never throws: a bad URL is a closed socket like any other. */
export function openWebSocket(epoch: Epoch, url: string, report: Report): FrameSocket {
  let over = false;
  let cause: string | undefined;
  const finish = (reason: string) => {
    if (over) return;
    over = true;
    report({ kind: "socketClosed", epoch, reason });
  };

  let ws: WebSocket;
  try {
    ws = new WebSocket(url, {
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      maxPayload: MAX_MESSAGE_BYTES,
      // The payload is encrypted: compression could only cost.
      perMessageDeflate: false,
    });
  } catch (error) {
    queueMicrotask(() => finish(describe(error)));
    return {
      send: () => {},
      close: () => {
        over = true;
      },
    };
  }

  ws.on("open", () => {
    if (!over) report({ kind: "socketOpened", epoch, entropy: entropy() });
  });
  ws.on("message", (data) => {
    if (!over) report({ kind: "frameReceived", epoch, bytes: toBytes(data) });
  });
  // `close` follows and ends the epoch; here only the cause is known.
  ws.on("error", (error) => {
    cause ??= describe(error);
  });
  ws.on("close", (code, reason) => finish(cause ?? `closed by the server (${[code, reason].join(" ").trim()})`));

  return {
    send(bytes) {
      // A failed write is followed by `close`, which is the fact the core acts on.
      if (over || ws.readyState !== WebSocket.OPEN) return;
      failPoint("acknowledge.before");
      ws.send(bytes, { binary: true, compress: false }, () => failPoint("acknowledge.after"));
      failPoint("acknowledge.during");
    },
    close() {
      over = true;
      if (ws.readyState === WebSocket.CONNECTING) return ws.terminate();
      ws.close(1000);
      const grace = setTimeout(() => ws.terminate(), CLOSE_GRACE_MS);
      grace.unref();
      ws.once("close", () => clearTimeout(grace));
    },
  };
}

function toBytes(data: RawData): Uint8Array {
  const buffer = Array.isArray(data) ? Buffer.concat(data) : data;
  return buffer instanceof ArrayBuffer
    ? new Uint8Array(buffer)
    : new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
