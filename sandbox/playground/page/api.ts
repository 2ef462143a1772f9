/** The page's calls to its server, and the stream of what happens there. Paths are relative, so the key goes along. */

import type {
  ChangeSetting,
  Done,
  Failure,
  HistoryWindow,
  PlaygroundEvent,
  Prompt,
  Recall,
  RulesText,
  Said,
  Say,
  Setting,
  Trouble,
  Why,
  WriteRules,
} from "../protocol.ts";

/** A stream that ended for good, as when the server was started anew, is tried again this often. */
const RETRY_MS = 2_000;

export const api = {
  say: (body: Say) => post<Said>("api/say", body),
  recall: (body: Recall) => post<Done>("api/recall", body),
  trouble: (body: Trouble) => post<Done>("api/trouble", body),
  change: (body: ChangeSetting) => post<Setting>("api/setting", body),
  rules: (room: string) => get<RulesText>("api/group-md", { room }),
  writeRules: (body: WriteRules) => post<RulesText>("api/group-md", body),
  history: (room: string, bot: string) => get<HistoryWindow>("api/history", { room, bot }),
  prompt: (bot: string, turn: string) => get<Prompt>("api/prompt", { bot, turn }),
  why: (bot: string, message: string) => get<Why>("api/why", { bot, message }),
};

async function post<T>(path: string, body: object): Promise<T> {
  return answer<T>(
    await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  );
}

async function get<T>(path: string, query: Record<string, string>): Promise<T> {
  return answer<T>(await fetch(`${path}?${new URLSearchParams(query).toString()}`));
}

/** Rejects with the server's sentence. */
async function answer<T>(response: Response): Promise<T> {
  const body: unknown = await response.json().catch(() => ({}));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the protocol names what each call gives
  if (response.ok) return body as T;
  throw new Error(isFailure(body) ? body.error : `${response.status} ${response.statusText}`);
}

function isFailure(body: unknown): body is Failure {
  return body instanceof Object && "error" in body && typeof body.error === "string";
}

/** Listens for as long as the page is open. `onLost` is called when the stream has ended; it comes back by itself. */
export function listen(onEvent: (event: PlaygroundEvent) => void, onLost: () => void): void {
  const source = new EventSource("api/events");
  source.addEventListener("message", ({ data }) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the server speaks the protocol
    onEvent(JSON.parse(String(data)) as PlaygroundEvent);
  });
  source.addEventListener("error", () => {
    onLost();
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(() => listen(onEvent, onLost), RETRY_MS);
  });
}
