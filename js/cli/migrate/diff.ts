/** What changes in a text, as people read it. Secrets are not shown. */
import { diff } from "node:util";

/** Lines shown around a change. */
const AROUND = 3;
/** `diff` says by these which text a line is in; 0 is both. */
const MARKS = new Map([
  [1, "-"],
  [-1, "+"],
]);

/** A unified diff without its header; empty if nothing changes. */
export function unified(before: string, after: string): string {
  const lines = diff(masked(before).split("\n"), masked(after).split("\n"));
  const isShown = (at: number) => lines.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(([side]) => side !== 0);
  const shown: string[] = [];
  let [first, second] = [1, 1];
  for (const [at, [side, line]] of lines.entries()) {
    const isHere = isShown(at);
    if (isHere && (at === 0 || !isShown(at - 1))) shown.push(`@@ -${first} +${second} @@`);
    if (isHere) shown.push(`${MARKS.get(side) ?? " "}${line}`);
    if (side !== -1) first += 1;
    if (side !== 1) second += 1;
  }
  return shown.join("\n");
}

/** Values of keys that sound like secrets, and tokens of either platform wherever they stand. */
const SECRET = /((?:token|key|secret|password)\w*["']?\s*:\s*)("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')/gi;
const TOKEN = /\b(?:claw|bf|app|uk|sk)_[\w-]{4,}/g;
/** A name of where a secret is, and none itself. */
const REFERENCE = /^.\$\{\w+\}.$/;

export function masked(text: string): string {
  const named = text.replaceAll(SECRET, (_, name: string, value: string) => {
    return REFERENCE.test(value) ? `${name}${value}` : `${name}"[secret]"`;
  });
  return named.replaceAll(TOKEN, "[secret]");
}
