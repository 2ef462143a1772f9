/** What the platforms were told by the bots, as the servers took it: the other end of a reply. */

import type { EntryKind, Ledger } from "../../sandbox/ledger.ts";

const POSTS = new Set([
  "POST /v1/bot/sendMessage",
  "POST /api/claw/sessions/send",
  "POST /api/claw/groups/panels/send",
]);

export class Replies {
  readonly #answer: RegExp;
  readonly #taken = new Map<string, number>();

  /** Counts such answers in posts, and keeps of everything else only what is rare. */
  constructor(ledger: Ledger, answer: RegExp) {
    this.#answer = new RegExp(answer, "g");
    ledger.keep = (kind, name, data) => this.#see(kind, name, data);
  }

  /** Answers that the servers took, each once. */
  get delivered(): ReadonlySet<string> {
    return new Set(this.#taken.keys());
  }

  /** They, in the order in which the servers took them first. */
  get inOrder(): string[] {
    return [...this.#taken.keys()];
  }

  /** Those of them that came more than once. */
  get repeated(): string[] {
    return [...this.#taken].flatMap(([answer, count]) => (count > 1 ? [answer] : []));
  }

  #see(kind: EntryKind, name: string, data: object): boolean {
    if (kind === "http" && POSTS.has(name) && "request" in data && "status" in data && data.status === 200) {
      for (const [answer] of JSON.stringify(data.request).matchAll(this.#answer))
        this.#taken.set(answer, (this.#taken.get(answer) ?? 0) + 1);
    }
    return kind === "connect" || kind === "disconnect" || kind === "fault";
  }
}
