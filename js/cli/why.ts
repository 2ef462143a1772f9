/** Finds the message that somebody asks about, in the stores of a channel. */
import { readPath, type MessagePath } from "../io/lookup.ts";
import { NothingFound, storesOf, type Scope } from "./stores.ts";

export type Question = Scope & { message: string };

export type Found = { account: string; path: MessagePath };

/** Every account that knows the message; of `last`, the account that heard something last. */
export async function find(question: Question): Promise<Found[]> {
  const { message } = question;
  const stores = await storesOf(question);
  const wanted = message === "last" ? message : { id: message };
  const unreadable: unknown[] = [];
  const found = stores.flatMap(({ account, file }): Found[] => {
    try {
      const path = readPath(file, wanted);
      return path ? [{ account, path }] : [];
    } catch (error) {
      // Another account may know the message: one that is not used any more is no reason to hide it.
      unreadable.push(error);
      return [];
    }
  });
  if (found.length === 0) {
    throw (
      unreadable[0] ??
      new NothingFound(
        nothing(
          question,
          stores.map(({ account }) => account),
        ),
      )
    );
  }
  if (message !== "last") return found;
  return [found.reduce((last, other) => (other.path.receivedAt > last.path.receivedAt ? other : last))];
}

function nothing({ channel, message }: Question, accounts: string[]): string {
  const [one, ...more] = accounts;
  const who = more.length === 0 ? `The ${channel} account ${one}` : `No ${channel} account (${accounts.join(", ")})`;
  const not = more.length === 0 ? " not" : "";
  if (message === "last") return `${who} has${not} received a message yet.`;
  const knows = more.length === 0 ? "does not know" : "knows";
  return `${who} ${knows} message ${message}: it never arrived, or is older than 30 days or 20,000 messages.`;
}
