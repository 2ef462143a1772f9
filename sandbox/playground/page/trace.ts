/** The way of one message through one bot: every step with its time, the reason, and the settings that decided. */

import type { ChatMessage, Setting, Trace } from "../protocol.ts";
import type { App, Part } from "./app.ts";
import { botChoice } from "./botchoice.ts";
import { fill, h, list, setAttribute, setText, type Child } from "./dom.ts";
import { countdown, exactClock, span } from "./format.ts";
import { fateOf, stepsOf, type Step, type StepName } from "./path.ts";
import { prose } from "./prose.ts";
import { showPrompt, showWhy } from "./prompt.ts";
import { settingRow } from "./setting.ts";
import { nameOf, untraced } from "./state.ts";

export function tracePanel(app: App): Part {
  const { store, words } = app;
  const head = h("header", { class: "trace-head" });
  const bots = botChoice(app);
  const outcome = h("p", { class: "outcome" });
  const timeline = h("ol", { class: "timeline" });
  const decided = decidedBy(app);
  const foot = h("div", { class: "trace-foot" });
  const none = h("p", { class: "empty" }, words.trace.none);
  const body = h("div", { class: "trace" }, head, bots.element, outcome, timeline, decided.element, foot);
  const drawSteps = list<Step & { key: string }>(
    timeline,
    ({ key }) => key,
    () => stepRow(app, () => shown),
  );
  let shown: Trace | undefined;

  const draw = () => {
    const message = messageShown(app);
    setAttribute(none, "hidden", message !== undefined);
    setAttribute(body, "hidden", message === undefined);
    if (message === undefined) return;
    drawHead(app, head, message);
    const room = store.rooms.find(({ id }) => id === message.room);
    const listening = store.bots.filter(({ id }) => room?.bots.includes(id) && id !== message.from);
    const bot = bots.draw(listening);
    setAttribute(bots.element, "hidden", listening.length < 2);
    shown = store.traces.get(message.id)?.get(bot?.id ?? "");
    drawShare();
    decided.draw(shown);
    drawFoot(app, foot, shown);
    if (shown !== undefined || bot === undefined) return;
    setText(outcome, words.trace[untraced(store, message, bot.id)](bot.name));
  };
  const drawShare = () => {
    if (shown === undefined) {
      setAttribute(outcome, "data-fate", "received");
      return drawSteps([]);
    }
    const now = app.serverNow();
    drawOutcome(app, outcome, shown);
    const count = new Map<string, number>();
    drawSteps(
      stepsOf(shown, now).map((step) => {
        const nth = (count.get(step.name) ?? 0) + 1;
        count.set(step.name, nth);
        return { ...step, key: `${step.name} ${nth}` };
      }),
    );
  };
  const element = h("div", {}, none, body);
  return { element, draw, tick: drawShare };
}

/** What was chosen; else the latest of the room that a bot can have heard. */
export function messageShown({ store, view }: App): ChatMessage | undefined {
  const messages = store.messages.get(view.room) ?? [];
  const chosen = view.message === undefined ? undefined : messages.find(({ id }) => id === view.message);
  const isPerson = ({ from }: ChatMessage) => store.people.some(({ id }) => id === from);
  return chosen ?? messages.findLast(isPerson);
}

function drawHead(app: App, head: HTMLElement, message: ChatMessage): void {
  const { store, view, words } = app;
  const isPinned = view.message === message.id;
  const follow = () => {
    view.message = undefined;
    app.changed();
  };
  fill(
    head,
    h("p", { class: "trace-quote" }, h("b", {}, nameOf(store, message.from)), ` ${message.text || message.file?.name}`),
    isPinned
      ? h("button", { type: "button", class: "link", onclick: follow }, words.trace.follow)
      : h("span", { class: "tag" }, words.trace.following),
  );
}

function drawOutcome({ words, serverNow }: App, outcome: HTMLElement, trace: Trace): void {
  const fate = fateOf(trace, serverNow());
  setAttribute(outcome, "data-fate", fate);
  const sentence = trace.sentence === null ? undefined : sentenceOf(words, trace);
  const after = stepsOf(trace, serverNow()).at(-1)?.after ?? null;
  const took = trace.isOver && after !== null ? ` · ${span(after)}` : "";
  setText(outcome, `${words.fates[fate]}${took}${sentence === undefined ? "" : ` — ${sentence}`}`);
}

function sentenceOf({ reasons }: App["words"], { path, sentence }: Trace): string {
  return reasons[path.reason ?? ""]?.sentence ?? sentence ?? "";
}

function stepRow(app: App, shown: () => Trace | undefined) {
  const { words } = app;
  const name = h("span", { class: "step-name" });
  const time = h("time", { class: "step-time" });
  const after = h("span", { class: "step-after" });
  const about = h("div", { class: "step-about" });
  const bar = h("span", { class: "step-bar", "aria-hidden": "true" });
  const element = h("li", { class: "step" }, name, after, time, about, bar);
  let drawn = "";
  const update = (step: Step) => {
    const trace = shown();
    if (trace === undefined) return;
    setText(name, words.trace.steps[step.name]);
    setAttribute(element, "data-step", step.name);
    setAttribute(element, "data-standing", step.standing);
    const isAhead = step.standing === "now" && step.name === "delay";
    setText(time, step.at === null || isAhead ? "" : exactClock(step.at));
    const left = isAhead ? (step.until ?? 0) - app.serverNow() : 0;
    setText(after, isAhead ? countdown(left) : step.after === null ? "" : `+${span(step.after)}`);
    setAttribute(bar, "hidden", !isAhead);
    if (isAhead) bar.style.setProperty("--left", String(portion(trace, left)));
    const text = JSON.stringify([step.standing, step.count, step.error, trace.path]);
    if (text === drawn) return;
    drawn = text;
    fill(about, ...aboutStep(app, step, trace));
  };
  return { element, update };
}

/** How much of a wait is left, 0 to 1. */
function portion({ path }: Trace, left: number): number {
  const whole = (path.waitedUntil ?? path.waitUntil ?? 0) - path.receivedAt;
  return whole <= 0 ? 0 : Math.min(1, Math.max(0, left / whole));
}

/** One step in words. */
function aboutStep({ words }: App, step: Step, trace: Trace): Child[] {
  const texts = words.trace;
  const { path } = trace;
  if (step.error !== undefined) return [h("span", { class: "bad" }, step.error)];
  const about: Readonly<Record<StepName, () => Child[]>> = {
    received: () => [h("code", {}, path.place), path.repeats > 0 && ` · ${texts.repeats(path.repeats)}`],
    committed: () => [],
    policy: () => (path.verdict === null ? [texts.notJudged] : policyOf(words, trace)),
    delay: () => [
      step.standing === "skipped" ? texts.noDelay : step.standing === "now" ? texts.waitsFor : texts.delayed,
    ],
    turn: () => turnOf(words, trace),
    part: () => (step.count === undefined ? [] : [texts.parts(step.count)]),
    delivered: () => (step.standing === "done" ? [path.turn?.sends.length === 0 ? texts.noReply : texts.ended] : []),
  };
  return about[step.name]();
}

function policyOf(words: App["words"], trace: Trace): Child[] {
  const { verdict, reason, detail } = trace.path;
  const fix = words.reasons[reason ?? ""]?.fix ?? trace.fix;
  const verdicts: Readonly<Record<string, string>> = words.trace.verdicts;
  return [
    h("span", { class: "verdict", "data-verdict": verdict }, verdicts[verdict ?? ""] ?? verdict ?? ""),
    h("code", { class: "reason" }, reason ?? ""),
    detail !== null && h("code", { class: "muted" }, detail),
    h("p", { class: "reason-sentence" }, ...prose(sentenceOf(words, trace))),
    fix !== null && h("p", { class: "muted" }, ...prose(fix)),
  ];
}

function turnOf({ trace: texts }: App["words"], { path }: Trace): Child[] {
  const turn = path.turn;
  if (turn === null) return [];
  const how = turn.adoptedAt !== null ? texts.adopted : turn.deferredAt !== null ? texts.deferred : texts.offered;
  const more = [
    path.verdict === "remember" ? texts.context : "",
    turn.messages > 1 ? texts.turnOf(turn.messages) : "",
    turn.offers > 1 ? texts.offers(turn.offers) : "",
  ];
  return [[how, ...more].filter((text) => text !== "").join(" · ")];
}

/** The settings behind the verdict, each with its switch. */
function decidedBy(app: App) {
  const { store, words } = app;
  const rows = h("div", { class: "settings-rows" });
  const keys = h("p", { class: "muted" });
  const element = h("section", { class: "decided" }, h("h3", {}, words.trace.config), keys, rows);
  const drawRows = list<Setting>(
    rows,
    ({ bot, key }) => `${bot} ${key}`,
    () => settingRow(app, { isFull: true }),
  );
  const draw = (trace: Trace | undefined) => {
    const mine = store.settings.filter(({ bot }) => bot === trace?.bot);
    const found = trace?.settings.flatMap((name) => mine.filter(({ key }) => key === name)) ?? [];
    drawRows(found);
    // A key that can't be switched here is at least named.
    setText(keys, found.length === 0 ? (trace?.configKey ?? "") : "");
    setAttribute(element, "hidden", found.length === 0 && !trace?.configKey);
  };
  return { element, draw };
}

function drawFoot(app: App, foot: HTMLElement, trace: Trace | undefined): void {
  const { words } = app;
  const key = JSON.stringify([trace?.bot, trace?.path.id, trace?.path.turn?.id]);
  if (foot.dataset["of"] === key) return;
  foot.dataset["of"] = key;
  fill(
    foot,
    ...(trace === undefined
      ? []
      : [
          trace.path.turn !== null &&
            h(
              "button",
              { type: "button", class: "outlined", onclick: () => void showPrompt(app, trace) },
              words.trace.prompt,
            ),
          h("button", { type: "button", class: "outlined", onclick: () => void showWhy(app, trace) }, words.trace.why),
        ]),
  );
}
