/** How the DMWork bot API recognizes bots and words its errors, of which it has several shapes. */

import type { IncomingMessage } from "node:http";
import type { Dialect } from "../http-api.ts";
import { Refusal } from "../refusal.ts";
import type { Bot, Directory } from "./directory.ts";

/** Nearly everything that is refused is a 400 with the same body. */
export function businessError(message: string): Refusal {
  return new Refusal(400, message);
}

export function dmworkDialect(directory: Directory): Dialect<Bot> {
  return {
    server: "dmwork",
    credentialHeader: "authorization",
    badRequest: 400,
    authenticate: (request) => authenticate(directory, request),
    nameOf: (bot) => bot.uid,
    accept: (result) => (result === undefined ? { status: 200 } : result),
    refuse,
  };
}

function authenticate(directory: Directory, request: IncomingMessage): Bot {
  const token = request.headers.authorization?.replace(/^Bearer /, "") ?? "";
  const bot = directory.botByToken(token);
  if (bot !== undefined) return bot;
  // Register checks the token itself and answers like a business error; every other call stops at the middleware.
  throw new Refusal(request.url?.startsWith("/v1/bot/register") ? 400 : 401, "invalid bot token");
}

function refuse({ status, message, extra }: Refusal): unknown {
  if (extra.name === "NotFoundError") return message;
  // The rate limiter speaks the newer envelope already.
  if (status === 429) {
    const error = { code: "err.shared.rate.limited", message, http_status: status, details: { retry_after: 1 } };
    return { error, status };
  }
  return status === 401 || status === 404 ? { msg: message } : { msg: message, status };
}
