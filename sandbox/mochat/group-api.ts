/** Mochat RPC about groups and their panels. */

import { randomBytes } from "node:crypto";
import type { Fields } from "../fields.ts";
import type { Routes } from "../http-api.ts";
import { Refusal } from "../refusal.ts";
import { missing, panelTypes, WORKSPACE_ID, type Agent, type Directory, type Group } from "./directory.ts";
import { panelPlace, type Exchange } from "./exchange.ts";
import { describeMessage, replyMeta } from "./session-api.ts";

export function groupRoutes(exchange: Exchange): Routes<Agent> {
  const { directory } = exchange;

  const groupOf = (agent: Agent, body: Fields) =>
    directory.group(body.maybeText("groupId") ?? agent.groupId, agent.userId);

  const changed = (group: Group) => {
    const described = describe(directory, group);
    exchange.announce(group.members, "notify:group.updateInfo", described);
    return described;
  };

  return {
    "POST /api/claw/groups/get": (agent, { body }) => describe(directory, groupOf(agent, body)),
    "POST /api/claw/groups/panels/send": (agent, { body }) => {
      const { group, panel } = directory.panel(body.text("panelId"), agent.userId);
      if (panel.type === panelTypes.folder) throw new Refusal(400, "not a text panel", { name: "PanelTypeError" });
      // Upstream throws a plain error, which its API answers with 500.
      if (exchange.silenced.has(agent.userId)) throw new Refusal(500, "您因为被禁言无法发送消息");
      const message = exchange.post(panelPlace(group, panel), agent.userId, body.text("content"), replyMeta(body));
      return { groupId: group.groupId, panelId: panel.id, message: describeMessage(exchange, message) };
    },
    "POST /api/claw/groups/panels/messages": (agent, { body }) => {
      const { group, panel } = directory.panel(body.text("panelId"), agent.userId);
      const page = exchange.conversation(panel.id).page(body.maybeText("beforeMessageId"), body.maybeNumber("limit"));
      const messages = page.messages.map((message) => ({
        ...describeMessage(exchange, message),
        hasRecall: message.hasRecall,
      }));
      return { groupId: group.groupId, panelId: panel.id, messages, nextCursor: page.nextCursor };
    },
    "POST /api/claw/groups/panels/create": (agent, { body }) => {
      const group = groupOf(agent, body);
      directory.addPanel(group, body.text("name"), body.number("type"), {
        parentId: body.maybeText("parentId"),
        provider: body.maybeText("provider"),
        pluginPanelName: body.maybeText("pluginPanelName"),
        meta: body.raw["meta"],
      });
      return changed(group);
    },
    "POST /api/claw/groups/panels/modify": (agent, { body }) => {
      const { group, panel } = directory.panel(body.text("panelId"), agent.userId);
      panel.name = body.text("name");
      if (body.has("meta")) panel.meta = body.object("meta").raw;
      return changed(group);
    },
    "POST /api/claw/groups/panels/delete": (agent, { body }) => {
      const { group, panel } = directory.panel(body.text("panelId"), agent.userId);
      group.panels.delete(panel.id);
      return changed(group);
    },
    "POST /api/claw/groups/createInvite": (agent, { body }) => {
      const inviteType = body.textOr("inviteType", "normal");
      const code = randomBytes(4).toString("hex");
      directory.invites.set(code, agent.groupId);
      return { code, groupId: agent.groupId, inviteType };
    },
    "POST /api/claw/groups/joinByInvite": (agent, { body }) => {
      const group = directory.groups.get(directory.invites.get(body.text("code")) ?? "");
      if (group === undefined) throw missing("invite");
      group.members.add(agent.userId);
      exchange.announce([agent.userId], "notify:group.add", describe(directory, group));
      return { groupId: group.groupId, workspaceId: WORKSPACE_ID };
    },
  };
}

function describe(directory: Directory, { groupId, name, panels, members }: Group) {
  const people = [...members].map((id) => {
    const { userId, nickname, type } = directory.person(id);
    return { userId, nickname, type, roles: [] };
  });
  return { _id: groupId, name, panels: [...panels.values()], members: people };
}
