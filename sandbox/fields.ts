/** Reads a JSON object of unknown shape field by field; a wrong type is refused with the field's name. */

import { isRecord } from "./json.ts";
import { Refusal } from "./refusal.ts";

export class Fields {
  readonly raw: Readonly<Record<string, unknown>>;
  /** What the platform answers with when a field is wrong. */
  readonly #status: number;

  constructor(value: unknown, status: number) {
    this.#status = status;
    if (!isRecord(value)) throw this.#wrong("body", "an object");
    this.raw = value;
  }

  #wrong(key: string, wanted: string): Refusal {
    return new Refusal(this.#status, `${key} must be ${wanted}`, { name: "ValidationError" });
  }

  has(key: string): boolean {
    return this.raw[key] !== undefined && this.raw[key] !== null;
  }

  text(key: string): string {
    const value = this.raw[key];
    if (typeof value !== "string" || value === "") throw this.#wrong(key, "a non-empty string");
    return value;
  }

  textOr(key: string, fallback: string): string {
    const value = this.raw[key] ?? fallback;
    if (typeof value !== "string") throw this.#wrong(key, "a string");
    return value;
  }

  maybeText(key: string): string | undefined {
    return this.has(key) ? this.textOr(key, "") : undefined;
  }

  number(key: string): number {
    const value = this.raw[key];
    if (typeof value !== "number") throw this.#wrong(key, "a number");
    return value;
  }

  numberOr(key: string, fallback: number): number {
    return this.has(key) ? this.number(key) : fallback;
  }

  maybeNumber(key: string): number | undefined {
    return this.has(key) ? this.number(key) : undefined;
  }

  flag(key: string): boolean {
    return this.raw[key] === true;
  }

  /** A missing list is an empty one. */
  texts(key: string): string[] {
    const value = this.raw[key] ?? [];
    if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) {
      throw this.#wrong(key, "a list of strings");
    }
    return value;
  }

  objects(key: string): Fields[] {
    const value = this.raw[key] ?? [];
    if (!Array.isArray(value)) throw this.#wrong(key, "a list of objects");
    return value.map((item) => new Fields(item, this.#status));
  }

  object(key: string): Fields {
    return new Fields(this.raw[key], this.#status);
  }

  maybeObject(key: string): Fields | undefined {
    return this.has(key) ? this.object(key) : undefined;
  }
}
