/** Mochat RPC about sessions: direct and multi-party conversations. */

import type { Fields } from "../fields.ts";
import type { Routes } from "../http-api.ts";
import { Refusal } from "../refusal.ts";
import type { Message } from "./conversation.ts";
import { authorInfo, WORKSPACE_ID, type Agent, type Session } from "./directory.ts";
import { sessionPlace, type Exchange } from "./exchange.ts";

/** The longest that a watch stays open. */
const WATCH_MAX_MS = 25_000;
const LIST_DEFAULT = 200;
const LIST_MAX = 500;

export function sessionRoutes(exchange: Exchange): Routes<Agent> {
  const { directory } = exchange;

  const sessionOf = (agent: Agent, body: Fields) => directory.session(body.text("sessionId"), agent.userId);

  const idsOf = (body: Fields) =>
    body.objects("participants").map((item) => {
      const reference = item.maybeText("id") ?? item.maybeText("email") ?? item.maybeText("uniqueName");
      if (reference === undefined)
        throw new Refusal(422, "a participant needs id or email", { name: "ValidationError" });
      return directory.person(reference).userId;
    });

  /** Whoever is or was in it hears of a change. */
  const changed = (session: Session, before: Iterable<string> = []) => {
    const { sessionId: _, ...converse } = describe(session);
    exchange.announce(new Set([...before, ...session.participants]), "notify:chat.converse.updateDMConverse", converse);
    return session;
  };

  return {
    "POST /api/claw/sessions/create": (agent, { body }) => {
      const participants = [agent.userId, ...idsOf(body)];
      return describe(changed(directory.addSession(participants, body.textOr("visibility", "private"))));
    },
    "POST /api/claw/sessions/addParticipants": (agent, { body }) => {
      const session = sessionOf(agent, body);
      for (const id of idsOf(body)) session.participants.add(id);
      changed(session);
      return { sessionId: session.sessionId, participants: [...session.participants] };
    },
    "POST /api/claw/sessions/removeParticipants": (agent, { body }) => {
      const session = sessionOf(agent, body);
      const before = [...session.participants];
      for (const id of idsOf(body)) session.participants.delete(id);
      changed(session, before);
      return { sessionId: session.sessionId, participants: [...session.participants], status: session.status };
    },
    "POST /api/claw/sessions/get": (agent, { body }) => ({ ...describe(sessionOf(agent, body)), metadata: {} }),
    "POST /api/claw/sessions/detail": (agent, { body }) => {
      const { sessionId, participants } = sessionOf(agent, body);
      const details = [...participants].map((id) => {
        const { userId, nickname, email, type } = directory.person(id);
        const online = exchange.realtime?.isOnline(userId) ?? false;
        return { userId, nickname, email, avatar: null, type, online };
      });
      return { sessionId, participants: details };
    },
    "POST /api/claw/sessions/send": (agent, { body }) => {
      const session = sessionOf(agent, body);
      if (session.status === "closed") throw new Refusal(400, "session is closed", { name: "SessionClosedError" });
      const message = exchange.post(sessionPlace(session), agent.userId, body.text("content"), replyMeta(body));
      return { sessionId: session.sessionId, message: describeMessage(exchange, message) };
    },
    "POST /api/claw/sessions/messages": (agent, { body }) => {
      const { sessionId } = sessionOf(agent, body);
      const page = exchange.conversation(sessionId).page(body.maybeText("beforeMessageId"), body.maybeNumber("limit"));
      const messages = page.messages.map((message) => ({
        ...describeMessage(exchange, message),
        hasRecall: message.hasRecall,
      }));
      return { sessionId, messages, nextCursor: page.nextCursor };
    },
    "POST /api/claw/sessions/list": (agent, { body }) => {
      const after = body.textOr("updatedAfter", "");
      const limit = Math.min(body.numberOr("limit", LIST_DEFAULT), LIST_MAX);
      const mine = [...directory.sessions.values()].filter((session) => session.participants.has(agent.userId));
      return {
        sessions: mine
          .filter((session) => session.updatedAt > after)
          .slice(0, limit)
          .map(describe),
      };
    },
    "POST /api/claw/sessions/watch": async (agent, { body }) => {
      const { sessionId } = sessionOf(agent, body);
      const cursor = body.numberOr("cursor", 0);
      await exchange.watch(sessionId, cursor, Math.min(body.numberOr("timeoutMs", WATCH_MAX_MS), WATCH_MAX_MS));
      const page = exchange.conversation(sessionId).eventsAfter(cursor, body.maybeNumber("limit"));
      return { sessionId, cursor: page.cursor, events: page.events.map((event) => ({ ...event, sessionId })) };
    },
    "POST /api/claw/sessions/close": (agent, { body }) => {
      const session = sessionOf(agent, body);
      session.status = "closed";
      changed(session);
      return { sessionId: session.sessionId, status: session.status };
    },
  };
}

function describe({ sessionId, converseId, participants, visibility, status, createdAt, updatedAt }: Session) {
  const place = { sessionId, workspaceId: WORKSPACE_ID, converseId, participants: [...participants] };
  return { ...place, visibility, status, createdAt, updatedAt };
}

export function describeMessage({ directory }: Exchange, { messageId, content, author, createdAt }: Message) {
  return { messageId, content, author, authorInfo: authorInfo(directory.person(author)), createdAt };
}

export function replyMeta(body: Fields): Record<string, unknown> {
  const replyTo = body.maybeText("replyTo");
  return replyTo === undefined ? {} : { reply: { _id: replyTo } };
}
