/** A plain client: one function for the packet, a library for the cipher, `JSON.parse` for the payload. */

import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hash,
} from "node:crypto";
import CryptoJS from "crypto-js";
import { SessionCipher } from "../../sandbox/wukong/cipher.ts";
import type { Keys } from "../../tests/js/wukong-peer.ts";
import type { Contestant, Handshake } from "./contestant.ts";
import { decodeRecv, encodeRecvack, signedFields, type PlainRecv } from "./plain-packet.ts";

/** The two things that a library does for a received message. */
type Library = {
  messageKey(recv: PlainRecv): string;
  decrypt(payload: Buffer): string;
};

export function plainClients(key: string, iv: string): Contestant[] {
  const libraries = { "node:crypto": nodeCrypto(key, iv), "crypto-js": cryptoJs(key, iv) };
  return Object.entries(libraries).flatMap(([name, library]) =>
    [true, false].map((verifies) => new PlainClient(`plain client, ${name}`, verifies, library)),
  );
}

class PlainClient implements Contestant {
  readonly version = 5;
  readonly name: string;
  readonly verifies: boolean;
  readonly #library: Library;
  #content: unknown;
  #ack: Buffer | undefined;

  constructor(name: string, verifies: boolean, library: Library) {
    this.name = name;
    this.verifies = verifies;
    this.#library = library;
  }

  take(frame: Buffer): void {
    const recv = decodeRecv(frame);
    if (this.verifies && this.#library.messageKey(recv) !== recv.msgKey) throw new Error("a wrong message key");
    const payload: { content?: unknown } = JSON.parse(this.#library.decrypt(recv.payload));
    this.#content = payload.content;
    this.#ack = encodeRecvack(recv);
  }

  settle(): void {}

  outcome(): { text: string; acknowledged: bigint | undefined } {
    return { text: String(this.#content), acknowledged: this.#ack?.readBigInt64BE(2) };
  }
}

function nodeCrypto(keyText: string, ivText: string): Library {
  const [key, iv] = [Buffer.from(keyText, "latin1"), Buffer.from(ivText, "latin1")];
  return {
    messageKey(recv) {
      const cipher = createCipheriv("aes-128-cbc", key, iv);
      const signed = Buffer.concat([Buffer.from(signedFields(recv)), recv.payload]);
      return hash("md5", Buffer.concat([cipher.update(signed), cipher.final()]).toString("base64"));
    },
    decrypt(payload) {
      const decipher = createDecipheriv("aes-128-cbc", key, iv);
      return decipher.update(payload.toString("latin1"), "base64", "utf8") + decipher.final("utf8");
    },
  };
}

function cryptoJs(keyText: string, ivText: string): Library {
  const { AES, MD5, enc, mode, pad } = CryptoJS;
  const key = enc.Utf8.parse(keyText);
  const options = { iv: enc.Utf8.parse(ivText), mode: mode.CBC, padding: pad.Pkcs7 };
  return {
    messageKey(recv) {
      const signed = enc.Utf8.parse(signedFields(recv) + recv.payload.toString("latin1"));
      return MD5(AES.encrypt(signed, key, options).toString()).toString();
    },
    decrypt(payload) {
      return AES.decrypt(payload.toString("latin1"), key, options).toString(enc.Utf8);
    },
  };
}

/** node:crypto takes raw X25519 keys only inside of their DER envelope. */
const PUBLIC_PREFIX = Buffer.from("302a300506032b656e032100", "hex");

export const nodeHandshake: Handshake = {
  name: "plain client, node:crypto",
  run(times: number, { server, salt }: Keys) {
    for (let n = 0; n < times; n += 1) {
      const { privateKey, publicKey } = generateKeyPairSync("x25519");
      publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("base64");
      const der = Buffer.concat([PUBLIC_PREFIX, Buffer.from(server.publicBase64, "base64")]);
      const serverKey = createPublicKey({ key: der, format: "der", type: "spki" });
      const cipher = new SessionCipher(diffieHellman({ privateKey, publicKey: serverKey }), salt);
      if (cipher.key.length !== 16) throw new Error("no key");
    }
  },
};
