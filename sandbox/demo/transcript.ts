/** Prints a conversation as it happens: who says what where, and when. */

import type { Sandbox } from "../index.ts";
import { isRecord, parseExact, type JsonObject } from "../json.ts";
import type { LedgerEntry } from "../ledger.ts";

/** A conversation with a name that a person recognizes. */
export interface Room {
  readonly title: string;
  readonly on: "mochat" | "dmwork";
  /** What `say` needs to reach it. */
  readonly at: Readonly<Record<string, string>>;
}

export class Transcript {
  readonly rooms: readonly Room[];
  readonly #names: ReadonlyMap<string, string>;
  #start = Date.now();

  constructor({ ledger, world }: Sandbox) {
    const { mochat, dmwork } = world;
    this.rooms = [
      { title: "Mochat · direct with claw", on: "mochat", at: { session: mochat.ownerSession } },
      { title: "Mochat · session of three", on: "mochat", at: { session: mochat.teamSession } },
      { title: "Mochat · panel #build", on: "mochat", at: { panel: mochat.panels.build } },
      { title: "Mochat · panel #random", on: "mochat", at: { panel: mochat.panels.random } },
      { title: "DMWork · direct with Reviewer", on: "dmwork", at: { dm: "reviewer_bot" } },
      { title: "DMWork · group release crew", on: "dmwork", at: { group: dmwork.groupNo } },
      { title: "DMWork · thread flaky tests", on: "dmwork", at: { thread: dmwork.threadChannel } },
    ];
    this.#names = new Map([
      [mochat.agents.claw.userId, "claw"],
      [mochat.agents.scout.userId, "scout"],
      ["reviewer_bot", "Reviewer"],
      ["helper_bot", "Helper"],
    ]);
    ledger.watch((entry) => this.#heard(entry));
  }

  /** Times count from here. */
  restart(): void {
    this.#start = Date.now();
  }

  heading(text: string): void {
    process.stdout.write(`\n\u001b[1m${text}\u001b[0m\n`);
  }

  note(text: string): void {
    process.stdout.write(`${this.#clock()}  · ${text}\n`);
  }

  said(who: string, text: string): void {
    process.stdout.write(`${this.#clock()}  ${who.padEnd(9)}  ${text.replaceAll("\n", `\n${" ".repeat(21)}`)}\n`);
  }

  #heard({ kind, name, who, data }: LedgerEntry): void {
    if (kind !== "http" || !isOk(data)) return;
    if (name === "POST /v1/bot/typing") this.said(this.#name(who), "…");
    if (name === "POST /v1/bot/sendMessage") this.said(this.#name(who), textAt(data, "request", "payload", "content"));
    // An answer that grows.
    if (name === "POST /v1/bot/message/edit") {
      const edited = parseExact(textAt(data, "request", "content_edit"));
      this.said(this.#name(who), `(edited) ${textAt(edited, "content")}`);
    }
    if (name.endsWith("/sessions/send") || name.endsWith("/panels/send")) {
      this.said(this.#name(who), textAt(data, "request", "content"));
    }
  }

  #name(who: string): string {
    return this.#names.get(who) ?? who;
  }

  #clock(): string {
    return `${((Date.now() - this.#start) / 1000).toFixed(2).padStart(7)} s`;
  }
}

/** The text at the end of a path of keys. */
function textAt(data: unknown, ...path: string[]): string {
  const found = path.reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), data);
  return typeof found === "string" ? found : "";
}

function isOk(data: JsonObject): boolean {
  const status = data["status"];
  return typeof status === "number" && status < 300;
}
