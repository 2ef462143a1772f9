/** A scripted model behind the OpenAI chat completions API, streaming or not. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { parseExact, redact } from "./json.ts";
import type { Ledger } from "./ledger.ts";
import { Loopback, readBody } from "./loopback.ts";
import { choose, readRequest, type ChatRequest, type Reply, type Rule } from "./model-script.ts";

/** Clients check that the sum is there, not what it is. */
const USAGE = { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 };

interface Gate {
  readonly opened: Promise<void>;
  readonly open: () => void;
}

export class ModelServer {
  /** Every request so far, oldest first. */
  readonly requests: ChatRequest[] = [];
  /** Called with every request as it comes. */
  readonly listeners = new Set<(request: ChatRequest) => void>();
  readonly #ledger: Ledger;
  readonly #stop = new AbortController();
  readonly #gates = new Map<string, Gate>();
  #rules: Rule[] = [];
  #loopback: Loopback | undefined;
  #answers = 0;

  private constructor(ledger: Ledger, rules: readonly Rule[]) {
    this.#ledger = ledger;
    this.#rules = [...rules];
  }

  static async open(ledger: Ledger, rules: readonly Rule[] = []): Promise<ModelServer> {
    const model = new ModelServer(ledger, rules);
    model.#loopback = await Loopback.open((request, response) => void model.#serve(request, response));
    return model;
  }

  /** The base URL as a provider's configuration wants it. */
  get url(): string {
    return `${this.#loopback?.url ?? ""}/v1`;
  }

  /** Puts rules in front of those that are there. */
  script(...rules: Rule[]): void {
    this.#rules = [...rules, ...this.#rules];
  }

  /** Lets every answer go on that waits under this name, now and later. */
  release(name: string): void {
    this.#gate(name).open();
  }

  /** Closes a released gate again. */
  hold(name: string): void {
    this.#gates.delete(name);
  }

  #gate(name: string): Gate {
    const known = this.#gates.get(name);
    if (known !== undefined) return known;
    const { promise, resolve } = Promise.withResolvers<void>();
    const gate = { opened: promise, open: resolve };
    this.#gates.set(name, gate);
    return gate;
  }

  /** Never rejects: an answer that the server's end interrupts is simply not given. */
  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", "http://sandbox").pathname;
    const name = `${request.method} ${path}`;
    const credential = redact(request.headers.authorization ?? "none");
    if (name !== "POST /v1/chat/completions") {
      this.#ledger.record("model", "http", "", name, { credential, status: 404 });
      response.writeHead(404, { "content-type": "application/json" }).end('{"error":{"message":"not found"}}');
      return;
    }
    const chat = readRequest(parseExact((await readBody(request)).toString("utf8") || "{}"));
    this.requests.push(chat);
    for (const listener of this.listeners) listener(chat);
    const { reply, rule } = choose(this.#rules, chat);
    const asked = { asked: chat.asked, toolResult: chat.toolResult, tools: chat.tools, stream: chat.stream };
    this.#ledger.record("model", "received", chat.model, name, { credential, ...asked });
    try {
      if (rule?.hold !== undefined) await Promise.race([this.#gate(rule.hold).opened, aborted(this.#stop.signal)]);
      if (rule?.delayMs !== undefined) await delay(rule.delayMs, undefined, { signal: this.#stop.signal });
    } catch (error) {
      this.#ledger.record("model", "disconnect", chat.model, name, { error: String(error) });
      return;
    }
    const status = rule?.status ?? 200;
    this.#ledger.record("model", "http", chat.model, name, { credential, asked: chat.asked, status, reply });
    if (status !== 200) {
      response
        .writeHead(status, { "content-type": "application/json" })
        .end('{"error":{"message":"scripted failure"}}');
    } else if (chat.stream) {
      await this.#stream(response, chat, reply, rule?.holdLast);
    } else {
      this.#whole(response, chat, reply);
    }
  }

  /** Resolves when the name is released, or the model is at its end. */
  async #released(name: string): Promise<void> {
    await Promise.race([this.#gate(name).opened, aborted(this.#stop.signal).catch(() => undefined)]);
  }

  #head(chat: ChatRequest, object: string) {
    this.#answers += 1;
    return { id: `chatcmpl-${this.#answers}`, object, created: Math.floor(Date.now() / 1000), model: chat.model };
  }

  async #stream(response: ServerResponse, chat: ChatRequest, reply: Reply, holdLast?: string): Promise<void> {
    const head = this.#head(chat, "chat.completion.chunk");
    const send = (chunk: object) => response.write(`data: ${JSON.stringify({ ...head, ...chunk })}\n\n`);
    const choice = (delta: object, finish: string | null = null) =>
      send({ choices: [{ index: 0, delta, finish_reason: finish }] });
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    choice({ role: "assistant", content: "" });
    if (isTool(reply)) {
      choice({ tool_calls: [{ index: 0, ...toolCall(head.id, reply) }] });
      choice({}, "tool_calls");
    } else {
      const texts = [reply].flat();
      for (const [at, content] of texts.entries()) {
        if (holdLast !== undefined && at === texts.length - 1) await this.#released(holdLast);
        choice({ content });
      }
      choice({}, "stop");
    }
    send({ choices: [], usage: USAGE });
    response.end("data: [DONE]\n\n");
  }

  #whole(response: ServerResponse, chat: ChatRequest, reply: Reply): void {
    const head = this.#head(chat, "chat.completion");
    const message = isTool(reply)
      ? { role: "assistant", content: null, tool_calls: [toolCall(head.id, reply)] }
      : { role: "assistant", content: [reply].flat().join("") };
    const choices = [{ index: 0, message, finish_reason: isTool(reply) ? "tool_calls" : "stop" }];
    response
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify({ ...head, choices, usage: USAGE }));
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loopback?.close();
  }
}

type ToolReply = Extract<Reply, { tool: unknown }>;

function isTool(reply: Reply): reply is ToolReply {
  return typeof reply === "object" && "tool" in reply;
}

function toolCall(id: string, { tool }: ToolReply) {
  return {
    id: `call_${id}`,
    type: "function",
    function: { name: tool.name, arguments: JSON.stringify(tool.arguments) },
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(new Error("the model is closing")), { once: true });
  });
}
