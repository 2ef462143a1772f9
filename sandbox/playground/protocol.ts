/**
 * The local API of the playground: what its page and its server say to each other. Everything is below
 * `http://127.0.0.1:<port>/<key>/`, the page itself at that address; paths here are relative to it. The key is new at every
 * start. Another key, path or `Host` gets 404, a POST from another `Origin` 403; nothing is offered to other origins.
 *
 * | call                              | takes               | gives                                                     |
 * | --------------------------------- | ------------------- | --------------------------------------------------------- |
 * | `GET api/events`                  |                     | Server-Sent Events: in each `data:` a `PlaygroundEvent`   |
 * | `POST api/say`                    | `Say`               | `Said`                                                    |
 * | `POST api/recall`                 | `Recall`            | `Done`                                                    |
 * | `GET api/group-md?room=`          |                     | `RulesText`                                               |
 * | `POST api/group-md`               | `WriteRules`        | `RulesText`                                               |
 * | `POST api/trouble`                | `Trouble`           | `Done`                                                    |
 * | `POST api/setting`                | `ChangeSetting`     | `Setting` as it is now                                    |
 * | `GET api/history?room=&bot=`      |                     | `HistoryWindow`                                           |
 * | `GET api/prompt?bot=&turn=`       |                     | `Prompt`                                                  |
 * | `GET api/why?bot=&message=`       |                     | `Why`                                                     |
 * | `GET api/files/<message id>`      |                     | the bytes of the file of a message                        |
 *
 * A POST has `content-type: application/json`. Whatever is refused is answered with a status from 400 and a `Failure`.
 * Moments are milliseconds since the Unix epoch by the server's clock.
 */

import type { MessagePath } from "../../js/io/lookup.ts";
import type { LedgerEntry } from "../ledger.ts";

export type Platform = "mochat" | "dmwork";

/** Somebody that a person in front of the page can be. Their ids are the same on both platforms. */
export interface Person {
  readonly id: string;
  readonly name: string;
  /** The owner of all four bots: may do more with them. */
  readonly isOwner: boolean;
}

export interface Bot {
  /** `claw`, `scout`, `reviewer`, `helper`: also the account's id in the configuration. */
  readonly id: string;
  readonly name: string;
  readonly platform: Platform;
  /** The id by which its platform knows it, as `who` of wire entries. */
  readonly userId: string;
  /** Whether its realtime connection stands. */
  readonly isConnected: boolean;
  /** When it was connected for the first time: what was said before is context for it at most. */
  readonly firstConnectedAt: number | null;
}

export type RoomKind = "direct" | "session" | "panel" | "group" | "thread";

/**
 * A conversation. A direct chat belongs to one person: show the rooms that the chosen person is in.
 */
export interface Room {
  readonly id: string;
  readonly platform: Platform;
  readonly kind: RoomKind;
  /** The bot's name, the name of the group, `#build`… */
  readonly title: string;
  /** Ids of the people who may write there. */
  readonly people: readonly string[];
  /** Ids of the bots that hear what is said there. */
  readonly bots: readonly string[];
  /** Whether it has a GROUP.md (or THREAD.md) to edit. */
  readonly hasRules: boolean;
  /** Whether `mentions: ["all"]` calls everybody there. */
  readonly canCallAll: boolean;
}

export interface Quote {
  readonly id: string;
  /** A person's or bot's id. */
  readonly from: string;
  readonly text: string;
}

export interface ChatFile {
  readonly name: string;
  /** A media type. */
  readonly type: string;
  /** Bytes; `null` where the platform does not tell. */
  readonly size: number | null;
  /** Relative to the page: `api/files/<message id>`. */
  readonly url: string;
}

/** One message as a client shows it. Comes again with the same id when it has changed. */
export interface ChatMessage {
  /** The platform's id, unique in the playground. */
  readonly id: string;
  readonly room: string;
  /** A person's or bot's id. */
  readonly from: string;
  /** As people read it: without a platform's markup, with `@name` where somebody is mentioned. */
  readonly text: string;
  readonly at: number;
  /** Ids of people and bots; `all` is everybody. */
  readonly mentions: readonly string[];
  readonly quote: Quote | null;
  readonly file: ChatFile | null;
  readonly isRecalled: boolean;
  readonly isEdited: boolean;
}

/**
 * What one bot decided about one message, read from its store by the plugin's own code. A message has one for each bot in its
 * room, keyed by `bot` and `path.id`; it comes again whenever something has happened.
 */
export interface Trace {
  readonly bot: string;
  readonly room: string;
  /** `received → committed → judged (verdict, reason) → waits → turn → sends → closed`. */
  readonly path: MessagePath;
  /** What the reason means, as `why` says it. */
  readonly sentence: string | null;
  readonly fix: string | null;
  /** The key as the reference of reasons names it, such as `groups.<id>.requireMention`. */
  readonly configKey: string | null;
  /** The settings that decide it here, exactly: keys of `Setting` of this bot. Empty if none does. */
  readonly settings: readonly string[];
  /** Nothing more happens to it but for what a next question or an operator does. Count down while this is false. */
  readonly isOver: boolean;
}

/** A key of the gateway's configuration that can be switched here. */
export interface Setting {
  readonly bot: string;
  /** Below `channels.<platform>.accounts.<bot>`, with dots: `replyDelayMs`, `groups.<id>.requireMention`. */
  readonly key: string;
  /** The room of a key below `groups`, or `null` if it holds for the whole account. */
  readonly room: string | null;
  /** What holds now, wherever it stands; `null` if it stands nowhere, and the plugin's default holds. */
  readonly value: SettingValue | null;
  /** Where `value` stands: at the account, at the channel for all accounts, or nowhere. */
  readonly from: "account" | "channel" | "default";
  readonly kind: "switch" | "choice" | "number" | "list";
  /** Of a choice. */
  readonly choices: readonly string[];
  /** Of a number. */
  readonly least: number | null;
  readonly most: number | null;
  /** What it does, in the words of the plugin's manifest. */
  readonly about: string;
}

export type SettingValue = boolean | number | string | readonly string[];

export interface Gateway {
  readonly state: "installing" | "starting" | "ready" | "stopping" | "stopped" | "failed";
  readonly pid: number | null;
  readonly since: number;
  /** What a person should know about it, such as why it failed. */
  readonly note: string | null;
}

/** Of everything that people said since the start. A bot's share in a message counts for itself. */
export interface Counters {
  /** Messages of people. */
  readonly said: number;
  /** Shares that are in the store of their bot. */
  readonly heard: number;
  /** Shares whose verdict is to answer. */
  readonly owed: number;
  /** Those of them whose answer stands in the room. */
  readonly answered: number;
  /** Said and not yet in the store of its bot, or owed and not yet answered. */
  readonly waiting: number;
  /** Should be there and is not, although everything is connected and quiet. Stays 0. */
  readonly lost: number;
  /** Answers that stand in a room a second time. Stays 0. */
  readonly twice: number;
  /** A sentence about each of the latest that are lost or twice. */
  readonly blemishes: readonly string[];
}

/** The run of the button "1,000 messages". */
export interface Thousand {
  readonly isRunning: boolean;
  readonly said: number;
  readonly of: number;
}

export interface ModelInfo {
  readonly isScripted: boolean;
  /** Where a real one is; `null` for the scripted one. */
  readonly url: string | null;
  readonly name: string;
}

/** Everything that the page needs; comes first on every connection, then again after a reconnect. */
export interface State {
  readonly people: readonly Person[];
  readonly bots: readonly Bot[];
  readonly rooms: readonly Room[];
  readonly settings: readonly Setting[];
  readonly gateway: Gateway;
  readonly counters: Counters;
  readonly thousand: Thousand;
  readonly model: ModelInfo;
  /** Platforms that are cut off at the moment. */
  readonly cut: readonly Platform[];
  /** The latest, oldest first. */
  readonly messages: readonly ChatMessage[];
  readonly traces: readonly Trace[];
  readonly wire: readonly LedgerEntry[];
}

/** `now` is the server's clock when the event left: the difference to the page's own goes into countdowns. */
export type PlaygroundEvent = { readonly now: number } & (
  | { readonly type: "state"; readonly state: State }
  | { readonly type: "message"; readonly message: ChatMessage }
  /** A bot shows that it writes; good for some seconds, or until its message comes. */
  | { readonly type: "typing"; readonly room: string; readonly from: string }
  | { readonly type: "trace"; readonly trace: Trace }
  /** Long texts in `data` are cut. */
  | { readonly type: "wire"; readonly entry: LedgerEntry }
  | { readonly type: "gateway"; readonly gateway: Gateway }
  | { readonly type: "bots"; readonly bots: readonly Bot[] }
  | { readonly type: "settings"; readonly settings: readonly Setting[] }
  | { readonly type: "counters"; readonly counters: Counters }
  | { readonly type: "thousand"; readonly thousand: Thousand }
  | { readonly type: "cut"; readonly cut: readonly Platform[] }
);

/** Somebody writes. */
export interface Say {
  readonly room: string;
  /** A person's id. */
  readonly from: string;
  /** As typed, with `@name` where somebody is mentioned. Empty only with a file. */
  readonly text: string;
  /** Ids of people and bots that the client marks as mentioned; `all` is everybody, where the room can do that. */
  readonly mentions?: readonly string[];
  /** The id of a message of the room. */
  readonly quote?: string;
  /** At most 5 MB. */
  readonly file?: { readonly name: string; readonly type: string; readonly base64: string };
}

export interface Said {
  readonly messageId: string;
}

/** The author takes a message back. DMWork tells bots nothing of it. */
export interface Recall {
  readonly room: string;
  readonly messageId: string;
  /** A person's id. */
  readonly by: string;
}

export interface WriteRules {
  readonly room: string;
  readonly text: string;
}

export interface RulesText {
  readonly room: string;
  readonly text: string;
  /** 0 if it was never written. */
  readonly version: number;
}

/**
 * - `cut`, `restore`: the platform is unreachable, and reachable again;
 * - `half-open`: its connections stay, and nothing passes any more;
 * - `kick`: it throws the bots out;
 * - `429`: it refuses the next five calls;
 * - `kill`: the gateway dies as by `kill -9`, and is started again;
 * - `restart`: it is stopped politely, and started again;
 * - `thousand`: people say 1,000 messages in all rooms. Once more while it runs: they stop.
 */
export interface Trouble {
  readonly what: "cut" | "restore" | "half-open" | "kick" | "429" | "kill" | "restart" | "thousand";
  /** The platform, for the first five; both when left out. */
  readonly on?: Platform;
}

export interface ChangeSetting {
  readonly bot: string;
  readonly key: string;
  /** `null` takes the account's own value away. */
  readonly value: SettingValue | null;
}

/** What would be sent as context with the next question to this bot in this room. */
export interface HistoryWindow {
  readonly room: string;
  readonly bot: string;
  /** Oldest first. */
  readonly entries: readonly HistoryLine[];
  /** The most that is kept, and the setting that says so. */
  readonly limit: number | null;
  readonly limitKey: string | null;
  /** GROUP.md as it goes along, and as what: `prompt`, `context` or `off`. `null` where there is none. */
  readonly rules: (RulesText & { readonly as: string }) | null;
}

export interface HistoryLine {
  readonly id: string;
  /** A person's or bot's id, or a name. */
  readonly from: string;
  readonly text: string;
  readonly at: number;
}

/** What the model was sent for a turn, first request first. */
export interface Prompt {
  readonly bot: string;
  readonly turn: string;
  readonly requests: readonly {
    readonly at: number;
    readonly messages: readonly { readonly role: string; readonly content: string }[];
    /** Names of the tools that it was offered. */
    readonly tools: readonly string[];
  }[];
}

/** What `openclaw <platform> why <id>` prints. */
export interface Why {
  readonly text: string;
}

/** `{}`. */
export type Done = Readonly<Record<string, never>>;

/** One sentence that names the field and what to do. */
export interface Failure {
  readonly error: string;
}
