/**
 * Changes values in JSON5 text and leaves everything else as it stands: comments, order and white space. The gateway
 * reads JSON5 and writes JSON, and what somebody has written beside their settings would be lost.
 */

/** A value that is not defined is taken away. */
export type Change = { path: readonly string[]; value: unknown };

const SPACE = /(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)*/y;
const TEXT = /"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'/y;
/** A number, a word, or a name without quotes. */
const WORD = /[^\s,:{}[\]"'/]+/y;
const INDENT = "  ";

type Member = { name: string; start: number; valueStart: number; valueEnd: number };

/** What leads from one configuration to another; a value that is no object counts as a whole. */
export function changesBetween(before: unknown, after: unknown, path: readonly string[] = []): Change[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (!isObject(before) || !isObject(after)) return [{ path, value: after }];
  const gone = Object.keys(before).filter((key) => after[key] === undefined);
  return [
    ...gone.map((key) => ({ path: [...path, key], value: undefined })),
    ...Object.entries(after).flatMap(([key, value]) => changesBetween(before[key], value, [...path, key])),
  ];
}

/** The same configuration with one value changed, added or taken away. */
export function withValue(config: unknown, { path: [key, ...inner], value }: Change): unknown {
  if (key === undefined) return value;
  const members = isObject(config) ? config : {};
  if (inner.length > 0) return { ...members, [key]: withValue(members[key], { path: inner, value }) };
  const { [key]: _former, ...others } = members;
  return value === undefined ? others : { ...members, [key]: value };
}

/** The text with one value changed, added or taken away. Throws a SyntaxError where it is no JSON5 that it understands. */
export function withChange(text: string, { path, value }: Change): string {
  let at = end(SPACE, text, 0);
  for (const [depth, key] of path.entries()) {
    if (text[at] !== "{") throw new SyntaxError(`no object at ${at}`);
    const members = [...membersOf(text, at)];
    // Of two with one name the last counts.
    const found = members.findLast(({ name }) => name === key);
    if (!found) {
      return value === undefined ? text : insert(text, at, members[0], key, nested(path.slice(depth + 1), value));
    }
    if (depth === path.length - 1) {
      if (value === undefined) return remove(text, found);
      const indent = indentOf(text, found.start);
      return text.slice(0, found.valueStart) + written(value, indent) + text.slice(found.valueEnd);
    }
    at = found.valueStart;
  }
  throw new SyntaxError("a change needs a path");
}

function nested(path: readonly string[], value: unknown): unknown {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
}

/** In front of all others: there, no comma is missing and no comment is torn from what it is about. */
function insert(text: string, open: number, first: Member | undefined, key: string, value: unknown): string {
  const close = end(SPACE, text, open + 1);
  const rest = text.slice(open + 1);
  const outer = indentOf(text, open);
  if (first && !text.slice(open, first.start).includes("\n")) {
    return `${text.slice(0, open + 1)} ${JSON.stringify(key)}: ${JSON.stringify(value)},${rest}`;
  }
  const indent = first ? indentOf(text, first.start) : outer + INDENT;
  const line = `\n${indent}${JSON.stringify(key)}: ${written(value, indent)}`;
  // A comment behind the bracket is about the whole object.
  const remark = /^[ \t]*\/\/[^\n]*/.exec(rest)?.[0] ?? "";
  if (first) return `${text.slice(0, open + 1)}${remark}${line},${rest.slice(remark.length)}`;
  const inside = text.slice(open + 1, close).trimEnd();
  return `${text.slice(0, open + 1)}${inside}${line}\n${outer}${text.slice(close)}`;
}

/** With its comma, and with its line if nothing else stands there. A comment stays: nobody knows what it is about. */
function remove(text: string, { start, valueEnd }: Member): string {
  const comma = end(SPACE, text, valueEnd);
  const rest = text[comma] === "," ? text.slice(valueEnd, comma) + text.slice(comma + 1) : text.slice(valueEnd);
  const before = text.slice(0, start);
  const indent = /\n[ \t]*$/.exec(before);
  const blank = /^[ \t\r]*(?=\n)/.exec(rest);
  if (indent && blank) return before.slice(0, indent.index) + rest.slice(blank[0].length);
  return before + rest.replace(/^[ \t]+/, "");
}

function* membersOf(text: string, open: number): Generator<Member> {
  let at = end(SPACE, text, open + 1);
  while (text[at] !== "}") {
    const start = at;
    const nameEnd = end(TEXT, text, at) > at ? end(TEXT, text, at) : end(WORD, text, at);
    const colon = end(SPACE, text, nameEnd);
    if (nameEnd === start || text[colon] !== ":") throw new SyntaxError(`no member at ${start}`);
    const valueStart = end(SPACE, text, colon + 1);
    const valueEnd = endOfValue(text, valueStart);
    yield { name: nameOf(text.slice(start, nameEnd)), start, valueStart, valueEnd };
    at = end(SPACE, text, valueEnd);
    if (text[at] === ",") at = end(SPACE, text, at + 1);
    else if (text[at] !== "}") throw new SyntaxError(`no end of a member at ${at}`);
  }
}

function nameOf(quoted: string): string {
  return quoted.replace(/^(["'])([^]*)\1$/, "$2").replaceAll(/\\([^])/g, "$1");
}

function endOfValue(text: string, start: number): number {
  let depth = 0;
  let at = start;
  do {
    const character = text[at] ?? "";
    if ("{[".includes(character) && character) [depth, at] = [depth + 1, at + 1];
    else if ("}]".includes(character) && character) [depth, at] = [depth - 1, at + 1];
    else {
      const next = Math.max(end(TEXT, text, at), end(WORD, text, at), /[,:]/.test(character) ? at + 1 : at);
      if (next === at) throw new SyntaxError(`nothing that can be read at ${at}`);
      at = next;
    }
    if (depth > 0) at = end(SPACE, text, at);
  } while (depth > 0);
  return at;
}

/** Where a match that starts here ends. */
function end(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** The white space at the beginning of the line. */
function indentOf(text: string, at: number): string {
  const line = text.slice(text.lastIndexOf("\n", at - 1) + 1, at);
  return /^[ \t]*/.exec(line)?.[0] ?? "";
}

function written(value: unknown, indent: string): string {
  return JSON.stringify(value, null, INDENT).replaceAll("\n", `\n${indent}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value instanceof Object && !Array.isArray(value);
}
