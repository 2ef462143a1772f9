/** What the scripted model answers: the first rule that fits the newest part of the conversation. */

import { isRecord } from "./json.ts";

export interface ChatMessage {
  readonly role: string;
  readonly content: string;
  /** URLs of the images in it. */
  readonly images: readonly string[];
}

export interface ChatRequest {
  readonly model: string;
  readonly stream: boolean;
  readonly messages: readonly ChatMessage[];
  /** Names of the offered tools. */
  readonly tools: readonly string[];
  /** All trailing user messages as one text: hosts put context into a second user message behind the question. */
  readonly asked: string;
  /** The tool results since the model spoke last, if there are any: hosts put context behind them as well. */
  readonly toolResult: string | undefined;
}

export interface ToolCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** A text, or texts that are streamed as separate chunks, or a call of one of the offered tools. */
export type Reply = string | readonly string[] | { readonly tool: ToolCall };

export interface Rule {
  /** Tried on the trailing user messages, or on the tool results when `on` says so. */
  readonly when: RegExp;
  readonly on?: "user" | "tool" | undefined;
  readonly reply: Reply | ((request: ChatRequest, match: RegExpExecArray) => Reply);
  /** Waits before the first byte. */
  readonly delayMs?: number | undefined;
  /** Waits until this name is released. */
  readonly hold?: string | undefined;
  /** Of texts that are streamed, the last one waits until this name is released. */
  readonly holdLast?: string | undefined;
  /** Answers with this HTTP status instead. */
  readonly status?: number | undefined;
}

/** Said when no rule fits, so that a missing rule shows in the chat. */
const UNSCRIPTED: Reply = "I have no script for this.";

export interface Choice {
  readonly reply: Reply;
  readonly rule: Rule | undefined;
}

export function choose(rules: readonly Rule[], request: ChatRequest): Choice {
  for (const rule of rules) {
    const text = rule.on === "tool" ? request.toolResult : request.toolResult === undefined ? request.asked : undefined;
    const match = text === undefined ? null : new RegExp(rule.when).exec(text);
    if (match === null) continue;
    return { reply: typeof rule.reply === "function" ? rule.reply(request, match) : rule.reply, rule };
  }
  return { reply: UNSCRIPTED, rule: undefined };
}

/** Reads a chat completion request; whatever is missing is empty. */
export function readRequest(body: unknown): ChatRequest {
  const { model, stream, messages, tools } = isRecord(body) ? body : {};
  const list = (Array.isArray(messages) ? messages : []).filter(isRecord).map(readMessage);
  const asked = list.slice(list.findLastIndex((message) => message.role !== "user") + 1);
  const since = list.slice(list.findLastIndex((message) => message.role === "assistant") + 1);
  const results = since.filter((message) => message.role === "tool").map((message) => message.content);
  return {
    model: textOr(model, "stub"),
    stream: stream === true,
    messages: list,
    tools: Array.isArray(tools) ? tools.filter(isRecord).map(toolName) : [],
    asked: asked.map((message) => message.content).join("\n"),
    toolResult: results.length === 0 ? undefined : results.join("\n"),
  };
}

function readMessage({ role, content }: Record<string, unknown>): ChatMessage {
  // Content is a text or a list of parts, of which only the texts can be matched.
  const parts = Array.isArray(content) ? content.filter(isRecord) : [];
  const texts = parts.map((part) => textOr(part["text"], ""));
  return { role: textOr(role, ""), content: textOr(content, texts.join("\n")), images: parts.flatMap(image) };
}

/** The URL of an image part, of which `data:` ones hold the image itself. */
function image({ image_url: described }: Record<string, unknown>): string[] {
  const url = isRecord(described) ? described["url"] : undefined;
  return typeof url === "string" ? [url] : [];
}

function toolName({ function: described }: Record<string, unknown>): string {
  return textOr(isRecord(described) ? described["name"] : undefined, "");
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === "string" ? value : fallback;
}
