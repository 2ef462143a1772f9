/** The user API: a person's bots, made and changed with that person's own key. */

import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Call, Dialect, Routes } from "../http-api.ts";
import { Refusal } from "../refusal.ts";
import type { Hub } from "../wukong/hub.ts";
import { BOT_DEVICE } from "./bot-api.ts";
import { businessError, dmworkDialect } from "./dialect.ts";
import { timestamp, type Bot, type Directory, type User } from "./directory.ts";

/** Bytes. */
const NAME_MAX = 64;
const DESCRIPTION_MAX = 500;
const USERNAME = /^[a-z0-9_]{1,20}$/;

export function userDialect(directory: Directory): Dialect<User> {
  const authenticate = (request: IncomingMessage): User => {
    const key = request.headers.authorization?.replace(/^Bearer /, "") ?? "";
    const user = [...directory.users.values()].find(({ apiKey }) => apiKey === key);
    if (user === undefined) throw new Refusal(401, "invalid api key");
    return user;
  };
  const bots = dmworkDialect(directory);
  return {
    server: bots.server,
    credentialHeader: bots.credentialHeader,
    badRequest: bots.badRequest,
    authenticate,
    nameOf: (user) => user.uid,
    accept: (result) => bots.accept(result),
    refuse: (refusal) => bots.refuse(refusal),
  };
}

export function userRoutes(directory: Directory, hub: Hub): Routes<User> {
  const mine = (user: User, { params }: Call): Bot => {
    const bot = directory.bots.get(params["id"] ?? "");
    if (bot?.ownerUid !== user.uid) throw new Refusal(404, "bot not found");
    return bot;
  };

  const create = (user: User, { body }: Call) => {
    const [name, description] = [short("name", body.text("name"), NAME_MAX), body.textOr("description", "")];
    const bot = directory.addBot(freshId(body.maybeText("username")), user.uid, name);
    bot.description = short("description", description, DESCRIPTION_MAX);
    hub.setToken(bot.uid, BOT_DEVICE, bot.token, "master");
    return describe(bot);
  };

  const freshId = (username: string | undefined) => {
    if (username === undefined) return `${randomBytes(5).toString("base64url").replace(/[-_]/g, "Z")}_bot`;
    const wanted = username.toLowerCase();
    if (!USERNAME.test(wanted) || wanted.startsWith("app_")) throw businessError("invalid username");
    if (directory.nameOf(`${wanted}_bot`) !== undefined) throw new Refusal(409, "username is taken");
    return `${wanted}_bot`;
  };

  return {
    "POST /v1/user/bots": create,
    "GET /v1/user/bots": (user) =>
      [...directory.bots.values()].filter((bot) => bot.ownerUid === user.uid).map(describe),
    "PUT /v1/user/bots/:id": (user, call) => {
      const bot = mine(user, call);
      bot.name = short("name", call.body.textOr("name", bot.name), NAME_MAX);
      bot.description = short("description", call.body.textOr("description", bot.description), DESCRIPTION_MAX);
    },
    "DELETE /v1/user/bots/:id": (user, call) => {
      const bot = mine(user, call);
      directory.bots.delete(bot.uid);
      for (const group of directory.groups.values()) group.members.delete(bot.uid);
      // Nobody has this token, so the connection made with the old one is thrown out.
      hub.setToken(bot.uid, BOT_DEVICE, randomBytes(16).toString("hex"), "master");
    },
    "GET /v1/user/bots/:id/token": (user, call) => {
      const { uid, token } = mine(user, call);
      return { robot_id: uid, bot_token: token };
    },
  };
}

function describe({ uid, name, description, token }: Bot) {
  return { robot_id: uid, username: uid, name, description, bot_token: token, created_at: timestamp() };
}

function short(key: string, text: string, most: number): string {
  if (Buffer.byteLength(text) > most) throw businessError(`${key} is too long`);
  return text;
}
