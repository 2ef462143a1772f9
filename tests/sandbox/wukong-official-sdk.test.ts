import assert from "node:assert/strict";
import { test } from "node:test";
import { startSandbox } from "../../sandbox/index.ts";
import { channelTypes } from "../../sandbox/wukong/packet.ts";
import { closeOfficialSdk, loadOfficialSdk, type OfficialSdk, type SdkMessage } from "./official-sdk.ts";

/** Web clients, which the SDK is made for. */
const WEB = 1;

/** The SDK's own connection states. */
const CONNECTED = 1;
const KICKED = 4;

function next<T>(subscribe: (listener: (value: T) => void) => void): Promise<T> {
  return new Promise((resolve) => subscribe(resolve));
}

async function connected(sdk: OfficialSdk, uid: string, token: string, addr: string): Promise<number> {
  Object.assign(sdk.config, { uid, token, addr, deviceFlag: WEB });
  const status = next<number>((listener) => sdk.connectManager.addConnectStatusListener(listener));
  sdk.connect();
  return status;
}

test("the official SDK connects, sends, receives, acknowledges and is kicked", async (t) => {
  await using sandbox = await startSandbox();
  const { dmwork, ledger, control } = sandbox;
  const sdk = await loadOfficialSdk();
  t.after(() => closeOfficialSdk(sdk));
  const token = dmwork.directory.users.get("ann")?.token ?? "";
  assert.equal(await connected(sdk, "ann", token, dmwork.wsUrl), CONNECTED);

  const ack = next<{ reasonCode: number; messageSeq: number }>((listener) =>
    sdk.chatManager.addMessageStatusListener(listener),
  );
  await sdk.chatManager.send(sdk.newMessageText("hello bot 🌏"), sdk.newChannel("reviewer_bot", channelTypes.person));
  const { reasonCode, messageSeq } = await ack;
  assert.deepEqual({ reasonCode, messageSeq }, { reasonCode: 1, messageSeq: 1 });
  await ledger.waitFor({ kind: "received", who: "ann", name: "SEND", contains: "hello bot 🌏" });

  const received = next<SdkMessage>((listener) => sdk.chatManager.addMessageListener(listener));
  const { messageId } = control.say({ on: "dmwork", from: "reviewer_bot", dm: "ann", text: "hello Ann" });
  const message = await received;
  assert.equal(message.messageID, messageId);
  assert.equal(message.messageSeq, 2);
  assert.equal(message.fromUID, "reviewer_bot");
  assert.equal(message.channel.channelID, "reviewer_bot");
  assert.equal(message.content.text, "hello Ann");
  await ledger.waitFor({ kind: "received", who: "ann", name: "RECVACK", contains: messageId });
  assert.deepEqual(dmwork.hub.live("ann")[0]?.resends.unacked, []);

  sdk.connectManager.sendPing();
  await ledger.waitFor({ kind: "sent", who: "ann", name: "PONG" });

  const kicked = next<number>((listener) => sdk.connectManager.addConnectStatusListener(listener));
  control.kick({ on: "dmwork", who: "ann" });
  assert.equal(await kicked, KICKED);
});

test("the official SDK reads a group message that another SDK sent, and is told of a channel it may not use", async (t) => {
  await using sandbox = await startSandbox();
  const { dmwork, world } = sandbox;
  const [ann, bob] = [await loadOfficialSdk(), await loadOfficialSdk()];
  t.after(() => [ann, bob].forEach(closeOfficialSdk));
  const users = dmwork.directory.users;
  await connected(ann, "ann", users.get("ann")?.token ?? "", dmwork.wsUrl);
  await connected(bob, "bob", users.get("bob")?.token ?? "", dmwork.wsUrl);

  const received = next<SdkMessage>((listener) => bob.chatManager.addMessageListener(listener));
  await ann.chatManager.send(ann.newMessageText("to all"), ann.newChannel(world.dmwork.groupNo, channelTypes.group));
  const message = await received;
  assert.equal(message.content.text, "to all");
  assert.equal(message.channel.channelID, world.dmwork.groupNo);

  const refused = next<{ reasonCode: number }>((listener) => bob.chatManager.addMessageStatusListener(listener));
  await bob.chatManager.send(bob.newMessageText("nobody"), bob.newChannel("0".repeat(32), channelTypes.group));
  assert.equal((await refused).reasonCode, 3);
});
