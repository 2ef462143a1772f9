import type { Report, SocketFact } from "../../js/io/transport.ts";

type Kind = SocketFact["kind"];
type Fact<K extends Kind> = Extract<SocketFact, { kind: K }>;

/** Collects what a socket reports and hands it out in order. */
export class Facts {
  readonly #all: SocketFact[] = [];
  readonly #unread: SocketFact[] = [];
  #arrived = Promise.withResolvers<void>();

  readonly report: Report = (fact) => {
    this.#all.push(fact);
    this.#unread.push(fact);
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
  };

  /** The next fact of this kind; others before it are skipped. */
  async next<K extends Kind>(kind: K): Promise<Fact<K>> {
    for (;;) {
      for (let fact = this.#unread.shift(); fact; fact = this.#unread.shift()) {
        if (is(fact, kind)) return fact;
      }
      await this.#arrived.promise;
    }
  }

  kinds(): Kind[] {
    return this.#all.map((fact) => fact.kind);
  }

  count(kind: Kind): number {
    return this.kinds().filter((other) => other === kind).length;
  }
}

function is<K extends Kind>(fact: SocketFact, kind: K): fact is Fact<K> {
  return fact.kind === kind;
}
