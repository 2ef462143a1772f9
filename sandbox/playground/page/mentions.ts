/** Names that are called with `@`: finding them in a text, and completing one that is being typed. Pure. */

/** Somebody who can be called in a room. `all` is everybody. */
export interface Callable {
  readonly id: string;
  readonly name: string;
}

/** A text in pieces: plain ones, and those that call somebody. */
export interface Piece {
  readonly text: string;
  readonly calls: string | undefined;
}

/** A longer name goes before a shorter one that it begins with. */
export function pieces(text: string, callables: readonly Callable[]): Piece[] {
  const names = [...callables].sort((a, b) => b.name.length - a.name.length);
  const found: Piece[] = [];
  let plain = "";
  for (let at = 0; at < text.length;) {
    const called = text[at] === "@" ? names.find(({ name }) => isNameAt(text, at + 1, name)) : undefined;
    if (called === undefined) {
      plain += text[at];
      at += 1;
      continue;
    }
    if (plain !== "") found.push({ text: plain, calls: undefined });
    plain = "";
    found.push({ text: text.slice(at, at + 1 + called.name.length), calls: called.id });
    at += 1 + called.name.length;
  }
  if (plain !== "") found.push({ text: plain, calls: undefined });
  return found;
}

/** A name ends where no letter or digit of the same word follows. */
function isNameAt(text: string, at: number, name: string): boolean {
  if (text.slice(at, at + name.length).toLowerCase() !== name.toLowerCase()) return false;
  return !/^[A-Za-z0-9_]/.test(text.slice(at + name.length));
}

/** Whom a text calls, each once. */
export function calledIn(text: string, callables: readonly Callable[]): string[] {
  return [...new Set(pieces(text, callables).flatMap(({ calls }) => (calls === undefined ? [] : [calls])))];
}

/** The beginning of a name that ends at the caret: where its `@` is, and who may be meant. */
export interface Completion {
  readonly start: number;
  readonly options: readonly Callable[];
}

export function completionAt(text: string, caret: number, callables: readonly Callable[]): Completion | undefined {
  const typed = /(?:^|[\s(（,，])@([^\s@]{0,30})$/.exec(text.slice(0, caret))?.[1];
  if (typed === undefined) return undefined;
  const wanted = typed.toLowerCase();
  const options = callables.filter(({ name, id }) => [name, id].some((word) => word.toLowerCase().startsWith(wanted)));
  return options.length === 0 ? undefined : { start: caret - typed.length - 1, options };
}
