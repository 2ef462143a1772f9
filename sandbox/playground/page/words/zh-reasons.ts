/** What each reason and each setting means, in Simplified Chinese. The English sentences come from the plugin itself. */

import type { Reason } from "../../../../js/core/protocol.ts";
import type { About } from "../about.ts";

const said = (sentence: string, fix: string | null = null): About => ({ sentence, fix });

const LOG = "网关日志说明了当时哪里失败。之后可用 `openclaw <channel> dead-letters --replay <id>` 重试。";

export const reasons: Readonly<Record<Reason, About>> = {
  direct: said("私聊消息总会得到回答。"),
  mentioned: said("机器人被提及。"),
  "no-mention-needed": said("此处不需要提及。", "如果只想在被叫到时回答，请为此处设置 `requireMention: true`。"),
  "not-mentioned": said("此处需要提及；消息留作背景。", "提及机器人，或为此处设置 `requireMention: false`。"),
  "said-before": said("机器人在此处开始监听之前说的；留作背景。"),
  "own-message": said("机器人自己写的。"),
  "system-message": said("平台写的。"),
  "not-listed-here": said("发送者不在此群的名单上。", "把发送者的 uid 加入该群的 `allowFrom`，或移除名单。"),
  "other-bot": said("另一个机器人写的，此处不听机器人。", "若要听其他机器人，请设置 `allowBots`。"),
  "too-fast": said("发送者一分钟内写的消息超过了回答上限。", "提高 `maxMessagesPerMinute`；0 表示不限。"),
  "bot-loop": said(
    "其他机器人已用完它们的轮次，之后没有人说过话。",
    "有人发言或安静十分钟后机器人可以继续。需要更长的交流请提高 `maxBotTurns`。",
  ),
  omitted: said("其后说得太多，它放不进回答的提示里。", "缩短 `replyDelayMs` 或 `replyDelayMaxMs`，减少积累。"),
  cleared: said("有人提问之前开始了新的对话。"),
  recalled: said("在回答之前被撤回或删除。"),
  empty: said("没有文字。"),
  "access-denied": said(
    "发送者不可以在此处与机器人说话。",
    "把发送者加入 `allowFrom`（私聊）或 `groupAllowFrom`（共享之处），或放开策略。",
  ),
  "pairing-asked": said(
    "发送者未知，已得到配对码。",
    "运行 `openclaw pairing approve <channel> <code> --account <id>`，或把发送者加入 `allowFrom`。",
  ),
  "access-unknown": said("主机没有说明发送者是否可以说话。", LOG),
  forgotten: said("更新的消息把它挤出了此处的背景。", "若要往前读得更多，请提高 `historyLimit`。"),
  "handled-by-host": said("主机处理了它，没有运行代理。"),
  "turn-failed": said("主机无法为它运行代理。", `先检查模型及其凭据。${LOG}`),
  "answer-unsent": said("网关恢复后找到了它的回答，但未能发送。", `回答保存在代理的会话里。${LOG}`),
  "core-fault": said(
    "读取它使插件核心停止了两次，因此放弃。",
    "这是插件的错误：请连同网关日志中的 `core trapped` 报告。",
  ),
  unreadable: said("此版本读不懂存储的记录。", "请更新插件：较新的版本写入了它。"),
};

/** By the last part of a setting's key. */
export const abouts: Readonly<Record<string, string>> = {
  allowBots: "是否听其他机器人：`off`、`mentions` 或 `on`。",
  allowFrom: "可以直接写信的用户 id；`*` 表示所有人。",
  dmPolicy: "谁可以直接给机器人写消息。",
  groupPolicy: "机器人在哪些群和频道里听。",
  groupAllowFrom: '`groupPolicy: "allowlist"` 时在群里被听到的用户 id。',
  groupMd: "GROUP.md 如何对待：作为指令、作为背景，或忽略。",
  historyLimit: "每处留作背景的未提及消息数。",
  maxBotTurns: "有人发言之前，其他机器人在一处可有的轮次。",
  maxMessagesPerMinute: "同一发送者一分钟内得到回答的消息数；0 表示不限。",
  mentionByQuote: "引用机器人的消息是否算作提及它。",
  requireInGroups: "频道和多人会话是否需要提及。",
  requireMention: "此处的消息是否需要提及。",
  replyDelayMode: "频道里的消息何时回答。",
  replyDelayMs: "最后一条消息之后安静多少毫秒再回答。",
  replyDelayMaxMs: "频道里第一条消息的最长等待，毫秒。",
};
