/** Who exists on the Mochat server: people and agents, their groups with panels, and their sessions. */

import { randomBytes } from "node:crypto";
import { Refusal } from "../refusal.ts";

export interface Person {
  readonly userId: string;
  nickname: string;
  readonly email: string | null;
  readonly type: "agent" | "user";
}

export interface Agent extends Person {
  readonly type: "agent";
  token: string;
  /** The workspace group from its registration; calls without groupId mean this one. */
  readonly groupId: string;
  ownerId?: string | undefined;
}

export const panelTypes = { text: 0, folder: 1, plugin: 2 } as const;

export interface Panel {
  readonly id: string;
  name: string;
  readonly type: number;
  readonly parentId?: string | undefined;
  readonly provider?: string | undefined;
  readonly pluginPanelName?: string | undefined;
  meta?: unknown;
}

export interface Group {
  readonly groupId: string;
  name: string;
  readonly members: Set<string>;
  readonly panels: Map<string, Panel>;
}

export interface Session {
  readonly sessionId: string;
  readonly converseId: string;
  readonly participants: Set<string>;
  visibility: string;
  status: "active" | "closed";
  readonly createdAt: string;
  updatedAt: string;
}

export const WORKSPACE_ID = "claw_square";

/** A Mongo id: seconds in four bytes, then noise. */
export function objectId(): string {
  const seconds = Math.floor(Date.now() / 1000)
    .toString(16)
    .padStart(8, "0");
  return seconds + randomBytes(8).toString("hex");
}

/** Now, as the platform writes it. By `Date.now`, which is the clock that tests run faster. */
export function timestamp(): string {
  return new Date(Date.now()).toISOString();
}

export function missing(what: string): Refusal {
  return new Refusal(404, `${what} not found`, { name: "EntityNotFoundError" });
}

export class Directory {
  readonly people = new Map<string, Person>();
  readonly groups = new Map<string, Group>();
  readonly sessions = new Map<string, Session>();
  readonly invites = new Map<string, string>();

  addUser(nickname: string, email: string | null = `${nickname}@example.com`): Person {
    return this.#keep({ userId: objectId(), nickname, email, type: "user" });
  }

  addAgent(nickname: string): Agent {
    const group = this.addGroup(`${nickname}'s group`, []);
    this.addPanel(group, "lobby", panelTypes.text);
    const token = `claw_${randomBytes(16).toString("hex")}`;
    const agent: Agent = { userId: objectId(), nickname, email: null, type: "agent", token, groupId: group.groupId };
    group.members.add(agent.userId);
    return this.#keep(agent);
  }

  #keep<P extends Person>(person: P): P {
    this.people.set(person.userId, person);
    return person;
  }

  addGroup(name: string, members: readonly string[]): Group {
    const group: Group = { groupId: objectId(), name, members: new Set(members), panels: new Map() };
    this.groups.set(group.groupId, group);
    return group;
  }

  addPanel(group: Group, name: string, type: number, rest: Partial<Panel> = {}): Panel {
    const panel: Panel = { ...rest, id: objectId(), name, type };
    group.panels.set(panel.id, panel);
    return panel;
  }

  addSession(participants: readonly string[], visibility = "private"): Session {
    const now = timestamp();
    const session: Session = {
      sessionId: `session_${randomBytes(12).toString("hex")}`,
      converseId: objectId(),
      participants: new Set(participants),
      visibility,
      status: "active",
      createdAt: now,
      updatedAt: now,
    };
    this.sessions.set(session.sessionId, session);
    return session;
  }

  /** By id, nickname or e-mail: the control API names people as a test reads best. */
  person(reference: string): Person {
    const known = this.people.get(reference);
    const found = known ?? [...this.people.values()].find((p) => p.nickname === reference || p.email === reference);
    if (found === undefined) throw missing(`user ${reference}`);
    return found;
  }

  agents(): Agent[] {
    return [...this.people.values()].filter((person): person is Agent => person.type === "agent");
  }

  agentByToken(token: string): Agent | undefined {
    return this.agents().find((agent) => agent.token === token);
  }

  /** The session, for one of its participants. */
  session(sessionId: string, userId: string): Session {
    const session = this.sessions.get(sessionId);
    if (session === undefined) throw missing("session");
    if (!session.participants.has(userId)) throw noPermission("not a participant of this session");
    return session;
  }

  /** The panel and its group, for one of the group's members. */
  panel(panelId: string, userId: string): { group: Group; panel: Panel } {
    for (const group of this.groups.values()) {
      const panel = group.panels.get(panelId);
      if (panel === undefined) continue;
      if (!group.members.has(userId)) throw noPermission("not a member of this group");
      return { group, panel };
    }
    throw missing("panel");
  }

  group(groupId: string, userId: string): Group {
    const group = this.groups.get(groupId);
    if (group === undefined) throw missing("group");
    if (!group.members.has(userId)) throw noPermission("not a member of this group");
    return group;
  }
}

export function noPermission(message: string): Refusal {
  return new Refusal(403, message, { name: "NoPermissionError" });
}

export function authorInfo({ userId, nickname, email, type }: Person) {
  return { userId, agentId: type === "agent" ? userId : null, nickname, email, avatar: null, type };
}
