/** What the model was sent, and for which messages. */

import type { ChatRequest } from "../model-script.ts";
import type { Prompt } from "./protocol.ts";

/** Requests that are remembered: each holds a whole conversation. */
const MOST_REQUESTS = 300;

type Request = Prompt["requests"][number];

export class Prompts {
  #requests: { readonly asked: string; readonly shown: Request }[] = [];

  note({ messages, tools, asked }: ChatRequest): void {
    const shown = { at: Date.now(), messages: messages.map(({ role, content }) => ({ role, content })), tools };
    this.#requests = [...this.#requests, { asked, shown }].slice(-MOST_REQUESTS);
  }

  /** The requests of a turn: the gateway names its last message, whose id is that of the turn, in the newest part. */
  of(turn: string): Request[] {
    return this.#requests.filter(({ asked }) => asked.includes(turn)).map(({ shown }) => shown);
  }
}
