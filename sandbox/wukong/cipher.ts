/** The WuKongIM session cipher: X25519, a key made of md5 hex, AES-128-CBC with one IV for the whole connection. */

import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  randomInt,
  type KeyObject,
} from "node:crypto";
import type { Recv, Send } from "./packet.ts";

// node:crypto imports raw X25519 keys only inside their DER envelope; these are its constant prefixes.
const PRIVATE_PREFIX = Buffer.from("302e020100300506032b656e04220420", "hex");
const PUBLIC_PREFIX = Buffer.from("302a300506032b656e032100", "hex");
const KEY_SIZE = 32;

/** Both the AES key and the IV are this many ASCII characters. */
const BLOCK = 16;

const SALT_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

export class ServerKey {
  readonly #private: KeyObject;
  /** The public half as CONNACK carries it. */
  readonly publicBase64: string;

  constructor(privateKey: KeyObject) {
    this.#private = privateKey;
    const der = createPublicKey(privateKey).export({ format: "der", type: "spki" });
    this.publicBase64 = der.subarray(-KEY_SIZE).toString("base64");
  }

  static generate(): ServerKey {
    return new ServerKey(generateKeyPairSync("x25519").privateKey);
  }

  static fromRaw(privateBytes: Buffer): ServerKey {
    const key = Buffer.concat([PRIVATE_PREFIX, privateBytes]);
    return new ServerKey(createPrivateKey({ key, format: "der", type: "pkcs8" }));
  }

  /** Throws when the peer's key is not 32 bytes or gives the all-zero secret. */
  sharedSecret(peerBase64: string): Buffer {
    const peer = Buffer.from(peerBase64, "base64");
    if (peer.length !== KEY_SIZE) throw new RangeError(`client key of ${peer.length} bytes`);
    const publicKey = createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, peer]), format: "der", type: "spki" });
    return diffieHellman({ privateKey: this.#private, publicKey });
  }
}

export function newSalt(): string {
  return Array.from({ length: BLOCK }, () => SALT_ALPHABET.charAt(randomInt(SALT_ALPHABET.length))).join("");
}

function md5(text: string): string {
  return createHash("md5").update(text, "latin1").digest("hex");
}

export class SessionCipher {
  readonly key: string;
  readonly #iv: string;

  constructor(sharedSecret: Buffer, salt: string) {
    this.key = md5(sharedSecret.toString("base64")).slice(0, BLOCK);
    this.#iv = salt.slice(0, BLOCK);
  }

  /** Ciphertext travels as base64 text. */
  encrypt(plain: Buffer): Buffer {
    const cipher = createCipheriv("aes-128-cbc", this.key, this.#iv);
    return Buffer.from(Buffer.concat([cipher.update(plain), cipher.final()]).toString("base64"), "latin1");
  }

  /** Throws when the text is not the ciphertext of anything under this key. */
  decrypt(text: Buffer): Buffer {
    const decipher = createDecipheriv("aes-128-cbc", this.key, this.#iv);
    return Buffer.concat([decipher.update(text.toString("latin1"), "base64"), decipher.final()]);
  }

  sendKey(packet: Pick<Send, "clientSeq" | "clientMsgNo" | "channelId" | "channelType" | "payload">): string {
    const { clientSeq, clientMsgNo, channelId, channelType, payload } = packet;
    return this.#sign(`${clientSeq}${clientMsgNo}${channelId}${channelType}`, payload);
  }

  recvKey(packet: Omit<Recv, "kind" | "flags" | "setting" | "msgKey">): string {
    const { messageId, messageSeq, clientMsgNo, timestamp, fromUid, channelId, channelType, payload } = packet;
    const head = `${messageId}${messageSeq}${clientMsgNo}${timestamp}${fromUid}${channelId}${channelType}`;
    return this.#sign(head, payload);
  }

  /** The numbers and names of a packet without separators, then its payload as it stands on the wire. */
  #sign(head: string, payload: Buffer): string {
    return md5(this.encrypt(Buffer.concat([Buffer.from(head, "utf8"), payload])).toString("latin1"));
  }
}
