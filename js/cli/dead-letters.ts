/** `openclaw dmwork dead-letters`: messages that failed for good, and what the operator wants done with them. */
import { askForReplay, deadLetters, drop, type DeadLetter, type Which } from "../io/dead-letters.ts";
import { clock, day } from "./steps.ts";
import { NothingFound, storesOf, type Scope } from "./stores.ts";

/** At most one of the two; each is an id, or `all`. */
export type Wish = { replay?: string | undefined; drop?: string | undefined };

export type Answer = {
  channel: string;
  /** Those that are left. */
  deadLetters: ({ account: string } & DeadLetter)[];
  /** How many were asked for again, or forgotten, where that was the wish. */
  replayed?: number;
  dropped?: number;
};

/** Does what is wished and shows what is left. Throws one sentence if there is no such dead letter. */
export async function attend(scope: Scope, wish: Wish, now: () => number = Date.now): Promise<Answer> {
  const { channel } = scope;
  if (wish.replay !== undefined && wish.drop !== undefined)
    throw new NothingFound("Choose one of --replay and --drop.");
  const stores = await storesOf(scope);
  const each = (id: string, change: (file: string, which: Which) => number) => {
    const done = stores.reduce((sum, { file }) => sum + change(file, id === "all" ? id : { id }), 0);
    if (done > 0 || id === "all") return done;
    throw new NothingFound(
      `There is no dead letter ${id} of ${channel} (${stores.map((one) => one.account).join(", ")}).`,
    );
  };
  const { replay, drop: dropping } = wish;
  const done = {
    ...(replay === undefined ? {} : { replayed: each(replay, (file, which) => askForReplay(file, which, now())) }),
    ...(dropping === undefined ? {} : { dropped: each(dropping, drop) }),
  };
  const left = stores.flatMap(({ account, file }) => deadLetters(file).map((letter) => ({ account, ...letter })));
  return { channel, deadLetters: left, ...done };
}

/** For people. */
export function inWords({ channel, deadLetters: letters, replayed, dropped }: Answer): string {
  const command = `openclaw ${channel} dead-letters`;
  const lines: string[] = [];
  if (replayed !== undefined) {
    const when = "a running account begins within a minute, any other when it starts";
    lines.push(`${counted(replayed)} will be tried again: ${when}.`);
  }
  if (dropped !== undefined) lines.push(`${counted(dropped)} forgotten.`);
  if (letters.length === 0) return [...lines, `There are no dead letters of ${channel}.`].join("\n");
  lines.push(...letters.map(lineOf));
  if (replayed === undefined && dropped === undefined) {
    lines.push("", `Try again: ${command} --replay <id|all>`, `Forget:    ${command} --drop <id|all>`);
  }
  return lines.join("\n");
}

function lineOf(letter: Answer["deadLetters"][number]): string {
  const { account, id, place, sender, senderName, receivedAt, reason, tries, error, replayAskedAt } = letter;
  const who = plain(senderName ?? sender ?? "unknown");
  const asked = replayAskedAt === null ? "" : "; will be tried again";
  const why = error === null ? reason : `${reason}: ${plain(error)}`;
  return `${day(receivedAt)} ${clock(receivedAt)}  ${account}  ${id}  ${who} in ${place}, ${times(tries)}, ${why}${asked}`;
}

/** Names and errors come from outside, and nothing in them may steer a terminal. */
function plain(text: string): string {
  return text.replaceAll(/\p{C}/gu, "�");
}

function times(tries: number): string {
  return tries === 1 ? "1 try" : `${tries} tries`;
}

function counted(count: number): string {
  return count === 1 ? "1 dead letter" : `${count} dead letters`;
}
