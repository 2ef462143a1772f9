/** The control API over loopback HTTP: `POST /control/<verb>` with a JSON body, `GET /control/ledger?since=`. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Control, MochatMessage, Platform, Target } from "./control.ts";
import { Fields } from "./fields.ts";
import { parseExact, toJson } from "./json.ts";
import { entryKinds, serverNames, type Ledger } from "./ledger.ts";
import { Loopback, readBody } from "./loopback.ts";
import { Refusal } from "./refusal.ts";
import type { World } from "./world.ts";
import type { Framing } from "./wukong/link.ts";

type Verb = (body: Fields) => unknown;

export class ControlServer {
  readonly #loopback: Loopback;

  private constructor(loopback: Loopback) {
    this.#loopback = loopback;
  }

  static async open(control: Control, ledger: Ledger, world: World): Promise<ControlServer> {
    const verbs = controlVerbs(control);
    const read = (url: URL): unknown => {
      if (url.pathname === "/control/ledger")
        return { entries: ledger.entries(Number(url.searchParams.get("since") ?? 0)) };
      // The tokens are what a demo is for; they are good on this sandbox only.
      if (url.pathname === "/control/world") return world;
      throw new Refusal(404, `no ${url.pathname}`);
    };
    const answer = async (request: IncomingMessage): Promise<unknown> => {
      const url = new URL(request.url ?? "/", "http://sandbox");
      if (request.method === "GET") return read(url);
      const verb = verbs[url.pathname.replace("/control/", "")];
      if (verb === undefined)
        throw new Refusal(404, `no verb ${url.pathname}; there are ${Object.keys(verbs).join(", ")}`);
      const text = (await readBody(request)).toString("utf8");
      return (await verb(new Fields(parseExact(text || "{}"), 400))) ?? {};
    };
    return new ControlServer(await Loopback.open((request, response) => void serve(answer, request, response)));
  }

  get url(): string {
    return `${this.#loopback.url}/control`;
  }

  close(): Promise<void> {
    return this.#loopback.close();
  }
}

/** Never rejects: every failure is an answer with its sentence. */
async function serve(
  answer: (request: IncomingMessage) => Promise<unknown>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const send = (status: number, body: unknown) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  try {
    send(200, await answer(request));
  } catch (error) {
    send(error instanceof Refusal ? error.status : 500, {
      error: error instanceof Error ? error.message : String(error),
    });
  }
}

function controlVerbs(control: Control): Readonly<Record<string, Verb>> {
  return {
    // The servers check places and people themselves; a field of a wrong type ends as their error.
    say: (body) => control.say({ ...body.raw, on: platform(body), from: body.text("from") }),
    recall: (body) => control.recall({ ...place(body), messageId: body.text("messageId") }),
    remove: (body) => control.remove({ ...place(body), messageId: body.text("messageId") }),
    kick: (body) => ({ count: control.kick(target(body)) }),
    drop: (body) => ({ count: control.drop(target(body)) }),
    "half-open": (body) => ({ count: control.halfOpen(target(body)) }),
    reset: (body) => ({ count: control.end("reset", body.maybeText("who")) }),
    close: (body) => ({ count: control.end("close", body.maybeText("who")) }),
    sever: (body) => ({ count: control.end("sever", body.maybeText("who")) }),
    cut: (body) => control.cut(platform(body)),
    restore: (body) => control.restore(platform(body)),
    fail: (body) =>
      control.fail(platform(body), {
        times: body.maybeNumber("times"),
        match: body.maybeText("match"),
        status: body.maybeNumber("status"),
        accepted: body.raw["accepted"] === true,
        retryAfterSeconds: body.maybeNumber("retryAfterSeconds"),
        body: body.raw["body"],
        drop: oneOf(body, "drop", ["before", "after", "never"] as const),
      }),
    block: (body) => control.block(body.raw["blocked"] !== false),
    forget: (body) => control.forgetEvents(place(body)),
    mute: (body) => control.mutePongs(body.text("who"), body.raw["muted"] !== false),
    silence: (body) => control.silence(body.text("who"), body.raw["silenced"] !== false),
    distrust: (body) => control.distrust(body.text("who"), body.raw["distrusted"] !== false),
    advertise: (body) => control.advertise(body.maybeText("wsUrl")),
    deafen: (body) => control.deafen(body.text("who"), body.raw["deaf"] !== false),
    damage: (body) => {
      const what = oneOf(body, "what", ["key", "payload"] as const) ?? "key";
      control.damage(body.text("who"), what, body.numberOr("count", 1));
    },
    frame: (body) => control.frame(body.text("who"), framing(body)),
    raw: (body) => ({ count: control.sendRaw(body.text("who"), Buffer.from(body.text("hex"), "hex")) }),
    resend: (body) => ({ count: control.resend(body.text("who")) }),
    event: (body) => ({ count: control.event(body.text("who"), body.text("type"), body.object("data").raw) }),
    revoke: (body) => control.revoke(body.text("who"), body.text("token")),
    release: (body) => control.release(body.text("name")),
    wait: async (body) => {
      const filter = {
        server: oneOf(body, "server", serverNames),
        kind: oneOf(body, "kind", entryKinds),
        who: body.maybeText("who"),
        name: body.maybeText("name"),
        contains: body.maybeText("contains"),
      };
      const [since, count, deadlineMs] = ["since", "count", "deadlineMs"].map((key) => body.maybeNumber(key));
      return toJson(await control.wait(filter, { since, count, deadlineMs }));
    },
  };
}

function target(body: Fields): Target {
  return { on: platform(body), who: body.maybeText("who") };
}

function place(body: Fields): Pick<MochatMessage, "session" | "panel"> {
  return { session: body.maybeText("session"), panel: body.maybeText("panel") };
}

function platform(body: Fields): Platform {
  const on = oneOf(body, "on", ["dmwork", "mochat"] as const);
  if (on === undefined) throw new Refusal(400, "on must be dmwork or mochat");
  return on;
}

function oneOf<T extends string>(body: Fields, key: string, allowed: readonly T[]): T | undefined {
  const value = body.maybeText(key);
  const found = allowed.find((item) => item === value);
  if (value !== undefined && found === undefined) throw new Refusal(400, `${key} must be one of ${allowed.join(", ")}`);
  return found;
}

function framing(body: Fields): Framing {
  const kind = oneOf(body, "kind", ["packet", "coalesce", "split"] as const) ?? "packet";
  if (kind === "coalesce") return { kind, count: body.number("count") };
  if (kind === "split") return { kind, bytes: body.number("bytes") };
  return { kind };
}
