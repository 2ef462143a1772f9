/** Written by `npm run types` from the tables of tools in src/platform. */
import type { Channel } from "./account.ts";

export type ToolDescription = {
  channel: Channel;
  name: string;
  description: string;
  parameters: Readonly<Record<string, unknown>>;
  /** A key of the account without which it is of no use. */
  needs: string | null;
};

export const TOOLS: readonly ToolDescription[] = [
  {
    "channel": "mochat",
    "description": "Mochat sessions, private chats of two or more: list them, see who is in, read, post, start, add or remove people, close. Actions and their parameters:\n- list (): List the agent's sessions and who is in them.\n- detail (sessionId): Show who is in a session.\n- messages (sessionId, limit?, beforeMessageId?): Read a session's latest messages.\n- send (sessionId, content, replyTo?): Post a text in a session. The answer to the message at hand needs no tool.\n- create (participants, visibility?): Start a session with people or agents.\n- add (sessionId, participants): Add people or agents to a session.\n- remove (sessionId, participants): Take people or agents out of a session.\n- close (sessionId, policy?): End a session.",
    "name": "mochat_sessions",
    "needs": null,
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
    "needs": null,
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
    "needs": null,
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
    "needs": null,
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
  },
  {
    "channel": "dmwork",
    "description": "DMWork groups: list them, see who is in, make and change them, read and write their rules (GROUP.md). Actions and their parameters:\n- list (space?): List the groups that the bot is in.\n- shared (): List the groups that whoever asks is in as well.\n- info (groupId): Show a group's name, notice and creator.\n- members (groupId): Show who is in a group.\n- create (members, name?, creator?, space?): Make a group with these people.\n- update (groupId, name?, notice?): Change a group's name or notice.\n- add (groupId, members): Add people to a group.\n- remove (groupId, members): Take people out of a group.\n- rules (groupId): Read a group's rules.\n- set_rules (groupId, content): Replace a group's rules.",
    "name": "dmwork_groups",
    "needs": null,
    "parameters": {
      "additionalProperties": false,
      "properties": {
        "action": {
          "description": "What to do.",
          "enum": [
            "list",
            "shared",
            "info",
            "members",
            "create",
            "update",
            "add",
            "remove",
            "rules",
            "set_rules"
          ],
          "type": "string"
        },
        "content": {
          "description": "The whole new text in Markdown, up to 10,240 bytes.",
          "type": "string"
        },
        "creator": {
          "description": "The uid of the person that the group belongs to, else the first member.",
          "type": "string"
        },
        "groupId": {
          "description": "A group's number (`group_no`).",
          "type": "string"
        },
        "members": {
          "description": "A list of up to 200 uids of people.",
          "items": {
            "type": "string"
          },
          "type": "array"
        },
        "name": {
          "description": "A name; of a group's, 20 characters are kept.",
          "type": "string"
        },
        "notice": {
          "description": "The notice that the group's members see.",
          "type": "string"
        },
        "space": {
          "description": "The id of a Space, if the bot is in several; else the first one is meant.",
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
    "channel": "dmwork",
    "description": "DMWork threads, the side conversations of a group: list, start, join, leave or delete them, read and write their rules (THREAD.md). Actions and their parameters:\n- list (groupId, page?): List a group's threads.\n- get (threadId): Show a thread.\n- members (threadId): Show who is in a thread.\n- create (groupId, name, sourceMessageId?): Start a thread in a group.\n- join (threadId): Join a thread.\n- leave (threadId): Leave a thread.\n- delete (threadId): Delete a thread and everything that was said in it.\n- rules (threadId): Read a thread's rules.\n- set_rules (threadId, content): Replace a thread's rules.",
    "name": "dmwork_threads",
    "needs": null,
    "parameters": {
      "additionalProperties": false,
      "properties": {
        "action": {
          "description": "What to do.",
          "enum": [
            "list",
            "get",
            "members",
            "create",
            "join",
            "leave",
            "delete",
            "rules",
            "set_rules"
          ],
          "type": "string"
        },
        "content": {
          "description": "The whole new text in Markdown, up to 10,240 bytes.",
          "type": "string"
        },
        "groupId": {
          "description": "A group's number (`group_no`).",
          "type": "string"
        },
        "name": {
          "description": "A name; of a group's, 20 characters are kept.",
          "type": "string"
        },
        "page": {
          "description": "Which page of 100, from 1.",
          "maximum": 4294967295,
          "minimum": 1,
          "type": "integer"
        },
        "sourceMessageId": {
          "description": "The id of the message that the thread is about.",
          "type": "string"
        },
        "threadId": {
          "description": "A thread's id (`<group_no>____<short_id>`).",
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
    "channel": "dmwork",
    "description": "DMWork messages: read or search those of a place, post one elsewhere, correct one of the agent's own. Actions and their parameters:\n- read (target, limit?, before?, after?): Read a place's latest messages.\n- search (target, query, before?): Look for a text in a place's latest 1,000 messages.\n- send (target, content, replyTo?): Post a text in a place. The answer to the message at hand needs no tool.\n- edit (target, messageId, content): Replace the text of a message of the agent's own.",
    "name": "dmwork_messages",
    "needs": null,
    "parameters": {
      "additionalProperties": false,
      "properties": {
        "action": {
          "description": "What to do.",
          "enum": [
            "read",
            "search",
            "send",
            "edit"
          ],
          "type": "string"
        },
        "after": {
          "description": "A message's number (`no.`), to read what was said after it.",
          "maximum": 4294967295,
          "minimum": 1,
          "type": "integer"
        },
        "before": {
          "description": "A message's number (`no.`), to read what was said before it.",
          "maximum": 4294967295,
          "minimum": 1,
          "type": "integer"
        },
        "content": {
          "description": "The text.",
          "type": "string"
        },
        "limit": {
          "description": "How many, 1 to 100; 20 if left out.",
          "maximum": 100,
          "minimum": 1,
          "type": "integer"
        },
        "messageId": {
          "description": "The id of a message of the agent's own.",
          "type": "string"
        },
        "query": {
          "description": "A part of the text, name or id to look for.",
          "type": "string"
        },
        "replyTo": {
          "description": "The id of the message to answer.",
          "type": "string"
        },
        "target": {
          "description": "A place: `user:<uid>`, `group:<group_no>` or `thread:<group_no>____<short_id>`.",
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
    "channel": "dmwork",
    "description": "DMWork account of this bot: its owner, people by name or id, its menu of commands, words for transcription. Actions and their parameters:\n- owner (): Show whom the bot belongs to.\n- user (uid): Show who is behind a uid.\n- people (query?, limit?, space?): Look for people and bots of the bot's Space.\n- set_commands (commands): Replace the menu of commands that people see.\n- voice_context (): Read the owner's words for transcription.\n- set_voice_context (content): Replace the owner's words for transcription.\n- delete_voice_context (): Delete the owner's words for transcription.",
    "name": "dmwork_account",
    "needs": null,
    "parameters": {
      "additionalProperties": false,
      "properties": {
        "action": {
          "description": "What to do.",
          "enum": [
            "owner",
            "user",
            "people",
            "set_commands",
            "voice_context",
            "set_voice_context",
            "delete_voice_context"
          ],
          "type": "string"
        },
        "commands": {
          "description": "A list such as `/help: shows what I can do`.",
          "items": {
            "type": "string"
          },
          "type": "array"
        },
        "content": {
          "description": "Words and names that transcription should know, up to 10,000 characters.",
          "type": "string"
        },
        "limit": {
          "description": "How many, 1 to 200; 50 if left out.",
          "maximum": 200,
          "minimum": 1,
          "type": "integer"
        },
        "query": {
          "description": "A part of the text, name or id to look for.",
          "type": "string"
        },
        "space": {
          "description": "The id of a Space, if the bot is in several; else the first one is meant.",
          "type": "string"
        },
        "uid": {
          "description": "A user's id.",
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
    "channel": "dmwork",
    "description": "The owner's bots on DMWork, where `userApiKey` is configured: list, make, change or delete them. Actions and their parameters:\n- list (): List the owner's bots.\n- create (name, username?, description?, space?): Make a bot. `openclaw dmwork setup --bot <id>` gives it an account here.\n- update (botId, name?, description?): Change a bot's name or description.\n- delete (botId): Delete a bot for good.\n- token (): Fetch this bot's token anew, after it was revoked; the configuration gets it.",
    "name": "dmwork_bots",
    "needs": "userApiKey",
    "parameters": {
      "additionalProperties": false,
      "properties": {
        "action": {
          "description": "What to do.",
          "enum": [
            "list",
            "create",
            "update",
            "delete",
            "token"
          ],
          "type": "string"
        },
        "botId": {
          "description": "A bot's id (`robot_id`).",
          "type": "string"
        },
        "description": {
          "description": "What the bot is for, up to 500 bytes.",
          "type": "string"
        },
        "name": {
          "description": "The bot's name, up to 64 bytes.",
          "type": "string"
        },
        "space": {
          "description": "The id of a Space, if the bot is in several; else the first one is meant.",
          "type": "string"
        },
        "username": {
          "description": "A name of its own for the bot's id: letters, digits and `_`, up to 20.",
          "type": "string"
        }
      },
      "required": [
        "action"
      ],
      "type": "object"
    }
  }
];
