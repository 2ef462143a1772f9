/** What the platforms were told by the bots, as the servers took it: the other end of a reply. */

import type { EntryKind, Ledger } from "../../sandbox/ledger.ts";

const POSTS = new Set([
  "POST /v1/bot/sendMessage",
  "POST /api/claw/sessions/send",
  "POST /api/claw/groups/panels/send",
]);
const ANSWER = /(?:dmwork|mochat) answer \d+/;

export class Replies {
  readonly #taken = new Map<string, number>();

  /** Counts posts, and keeps of everything else only what is rare. */
  constructor(ledger: Ledger) {
    ledger.keep = (kind, name, data) => this.#see(kind, name, data);
  }

  /** Answers that the servers took, each once. */
  get delivered(): ReadonlySet<string> {
    return new Set(this.#taken.keys());
  }

  /** How many of them came more than once. */
  get repeated(): number {
    return [...this.#taken.values()].filter((count) => count > 1).length;
  }

  #see(kind: EntryKind, name: string, data: object): boolean {
    if (kind === "http" && POSTS.has(name) && "request" in data && "status" in data && data.status === 200) {
      const [answer] = ANSWER.exec(JSON.stringify(data.request)) ?? [];
      if (answer !== undefined) this.#taken.set(answer, (this.#taken.get(answer) ?? 0) + 1);
    }
    return kind === "connect" || kind === "disconnect" || kind === "fault";
  }
}
