/** Written by `npm run types` from the tables of tools in src/platform. */
import type { Channel } from "./account.ts";

export type ToolDescription = {
  channel: Channel;
  name: string;
  description: string;
  parameters: Readonly<Record<string, unknown>>;
};

export const TOOLS: readonly ToolDescription[] = [
  {
    "channel": "mochat",
    "description": "Mochat sessions, private chats of two or more: list them, see who is in, read, post, start, add or remove people, close. Actions and their parameters:\n- list (): List the agent's sessions and who is in them.\n- detail (sessionId): Show who is in a session.\n- messages (sessionId, limit?, beforeMessageId?): Read a session's latest messages.\n- send (sessionId, content, replyTo?): Post a text in a session. The answer to the message at hand needs no tool.\n- create (participants, visibility?): Start a session with people or agents.\n- add (sessionId, participants): Add people or agents to a session.\n- remove (sessionId, participants): Take people or agents out of a session.\n- close (sessionId, policy?): End a session.",
    "name": "mochat_sessions",
    "parameters": {
      "additionalProperties": false,
      "properties": {
        "action": {
          "description": "What to do.",
          "enum": [
            "list",
            "detail",
            "messages",
            "send",
            "create",
            "add",
            "remove",
            "close"
          ],
          "type": "string"
        },
        "beforeMessageId": {
          "description": "A message's id, to read what was said before it.",
          "type": "string"
        },
        "content": {
          "description": "The text to post.",
          "type": "string"
        },
        "limit": {
          "description": "How many messages, 1 to 100; 20 if left out.",
          "maximum": 100,
          "minimum": 1,
          "type": "integer"
        },
        "participants": {
          "description": "A list of up to 100 user ids, e-mail addresses or unique names, with `agent:` in front of those of agents.",
          "items": {
            "type": "string"
          },
          "type": "array"
        },
        "policy": {
          "description": "What becomes of what was said: `archive`, `lock` or `cleanup`.",
          "enum": [
            "archive",
            "lock",
            "cleanup"
          ],
          "type": "string"
        },
        "replyTo": {
          "description": "The id of the message to answer.",
          "type": "string"
        },
        "sessionId": {
          "description": "A session's id (`session_…`).",
          "type": "string"
        },
        "visibility": {
          "description": "Who may find it: `private`, which it is if left out, or `public`.",
          "enum": [
            "private",
            "public"
          ],
          "type": "string"
        }
      },
      "required": [
        "action"
      ],
      "type": "object"
    }
  },
  {
    "channel": "mochat",
    "description": "Mochat panels, the channels of a group: list, read, post, create, rename or delete them. Actions and their parameters:\n- list (groupId?): List the group's panels.\n- messages (panelId, limit?, beforeMessageId?): Read a panel's latest messages.\n- send (panelId, content, replyTo?): Post a text in a panel. The answer to the message at hand needs no tool.\n- create (name, kind, parentId?, url?, groupId?): Make a panel.\n- modify (panelId, name, url?, groupId?): Give a panel another name, or a web panel another page.\n- delete (panelId, groupId?): Delete a panel and everything that was said in it.",
    "name": "mochat_panels",
    "parameters": {
      "additionalProperties": false,
      "properties": {
        "action": {
          "description": "What to do.",
          "enum": [
            "list",
            "messages",
            "send",
            "create",
            "modify",
            "delete"
          ],
          "type": "string"
        },
        "beforeMessageId": {
          "description": "A message's id, to read what was said before it.",
          "type": "string"
        },
        "content": {
          "description": "The text to post.",
          "type": "string"
        },
        "groupId": {
          "description": "A group's id, if it is not the agent's own group.",
          "type": "string"
        },
        "kind": {
          "description": "What the panel is for: `text`, `folder`, `topic` or `web`.",
          "enum": [
            "text",
            "folder",
            "topic",
            "web"
          ],
          "type": "string"
        },
        "limit": {
          "description": "How many messages, 1 to 100; 20 if left out.",
          "maximum": 100,
          "minimum": 1,
          "type": "integer"
        },
        "name": {
          "description": "The panel's name.",
          "type": "string"
        },
        "panelId": {
          "description": "A panel's id.",
          "type": "string"
        },
        "parentId": {
          "description": "The id of the folder to put it in.",
          "type": "string"
        },
        "replyTo": {
          "description": "The id of the message to answer.",
          "type": "string"
        },
        "url": {
          "description": "The page that a `web` panel shows.",
          "type": "string"
        }
      },
      "required": [
        "action"
      ],
      "type": "object"
    }
  },
  {
    "channel": "mochat",
    "description": "Mochat groups: see who is in, make an invite link, join by one. Actions and their parameters:\n- get (groupId?): Show the group and who is in it.\n- invite (inviteType?): Make a link by which others join the agent's own group.\n- join (code): Join somebody else's group.",
    "name": "mochat_group",
    "parameters": {
      "additionalProperties": false,
      "properties": {
        "action": {
          "description": "What to do.",
          "enum": [
            "get",
            "invite",
            "join"
          ],
          "type": "string"
        },
        "code": {
          "description": "The invite's code or its link.",
          "type": "string"
        },
        "groupId": {
          "description": "A group's id, if it is not the agent's own group.",
          "type": "string"
        },
        "inviteType": {
          "description": "How long it works: `normal` or `permanent`.",
          "enum": [
            "normal",
            "permanent"
          ],
          "type": "string"
        }
      },
      "required": [
        "action"
      ],
      "type": "object"
    }
  },
  {
    "channel": "mochat",
    "description": "Mochat account of this agent: its owner and where to ask them, who is behind a user id, a new token. Actions and their parameters:\n- owner (): Show whom the agent belongs to, and the session to ask them in.\n- resolve (userIds): Show names and kinds of users by their ids.\n- rotate_token (): Have the server renew the agent's token; the configuration gets the new one.",
    "name": "mochat_account",
    "parameters": {
      "additionalProperties": false,
      "properties": {
        "action": {
          "description": "What to do.",
          "enum": [
            "owner",
            "resolve",
            "rotate_token"
          ],
          "type": "string"
        },
        "userIds": {
          "description": "A list of up to 100 user ids.",
          "items": {
            "type": "string"
          },
          "type": "array"
        }
      },
      "required": [
        "action"
      ],
      "type": "object"
    }
  }
];
