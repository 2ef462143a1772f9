/** The turns that the gateway holds, and what it said about them: outlives the core and the drive that started them. */
import type { EntryId, HeldTurn, Input, TurnRequest } from "../core/protocol.ts";

/** What the gateway reports about a turn. Keyed by entry, so it means the same to every life of the core. */
export type TurnFact = Extract<Input, { turn: EntryId }>;

type Held = { entries: EntryId[]; facts: TurnFact[]; taken: Set<TurnFact> };

export class HeldTurns {
  readonly #held = new Map<EntryId, Held>();
  #listener: ((fact: TurnFact) => void) | undefined;
  #inherited: Set<EntryId> | undefined;

  /**
   * A life of the core begins, and by the store a gateway had taken these turns over. Answers with those of a gateway before
   * this process, which this one may resume.
   */
  begin(entrusted: readonly EntryId[]): EntryId[] {
    const inherited = (this.#inherited ??= new Set(entrusted));
    return [...new Set(entrusted)].filter((turn) => inherited.has(turn));
  }

  /** Whoever keeps the account from now on hears what is said; it reads what was said before. */
  attend(listener: (fact: TurnFact) => void): void {
    this.#listener = listener;
  }

  /** This listener is gone. Its successor may be there already. */
  leave(listener: (fact: TurnFact) => void): void {
    if (this.#listener === listener) this.#listener = undefined;
  }

  /** The gateway was given a turn. */
  hold({ turn, entries }: TurnRequest): void {
    this.#inherited?.delete(turn);
    this.#held.set(turn, { entries, facts: [], taken: new Set() });
  }

  /** The gateway said something about a turn. */
  say(fact: TurnFact): void {
    this.#held.get(fact.turn)?.facts.push(fact);
    this.#listener?.(fact);
  }

  /** The core has dealt with it. The last word on a turn lets go of it, and no earlier: the core may trap before. */
  took(fact: TurnFact): void {
    const held = this.#held.get(fact.turn);
    held?.taken.add(fact);
    if (held && isOver(held)) this.#held.delete(fact.turn);
  }

  list(): HeldTurn[] {
    return [...this.#held].map(([turn, { entries }]) => ({ turn, entries }));
  }

  /** Everything said about the turns in `list`, for a core that heard none of it. */
  facts(): TurnFact[] {
    return [...this.#held.values()].flatMap(({ facts }) => facts);
  }
}

/** A dispatch that came back ends its turn, unless the turn was queued: then its run begins and ends later. */
function isOver({ facts, taken }: Held): boolean {
  const said = (kind: TurnFact["kind"]) => facts.some((fact) => fact.kind === kind);
  const waits = said("turnDeferred") && !said("turnSettled") && !said("turnAbandoned");
  return said("turnEnded") && !waits && facts.every((fact) => taken.has(fact));
}
