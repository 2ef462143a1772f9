import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { accountIds, defaultAccountId, problemSentence, resolveAccount } from "../../js/channels/accounts.ts";
import { dmwork } from "../../js/channels/dmwork.ts";

type Section = Record<string, unknown>;

function config(section: Section) {
  return { channels: { dmwork: section } };
}

test("an account takes from the section what it does not set itself", () => {
  const cfg = config({
    apiUrl: "https://im.example",
    groups: { g1: { requireMention: false } },
    healthMonitor: { enabled: false },
    defaultAccount: "one",
    accounts: { one: { botToken: "bf_1", groups: { g2: { requireMention: true } } } },
  });
  assert.deepEqual(resolveAccount(cfg, "dmwork", "one").config, {
    apiUrl: "https://im.example",
    botToken: "bf_1",
    groups: { g2: { requireMention: true } },
  });
});

test("account ids are the same in any case", () => {
  const cfg = config({ accounts: { Sales: { botToken: "bf_1" } } });
  assert.deepEqual(accountIds(cfg, "dmwork"), ["sales"]);
  for (const id of ["sales", "SALES", "Sales"]) assert.equal(resolveAccount(cfg, "dmwork", id).configured, true, id);
});

test("a section with a token and no accounts is one account, an empty one is none", () => {
  assert.deepEqual(accountIds(config({ botToken: "bf_1" }), "dmwork"), ["default"]);
  assert.deepEqual(accountIds(config({ botToken: " " }), "dmwork"), []);
  assert.deepEqual(accountIds({}, "dmwork"), []);
});

test("the default account is the one that is named, else `default`, else the first", () => {
  const accounts = { one: { botToken: "bf_1" }, two: { botToken: "bf_2" } };
  assert.equal(defaultAccountId(config({ accounts, defaultAccount: "Two" }), "dmwork"), "two");
  assert.equal(defaultAccountId(config({ accounts, defaultAccount: "gone" }), "dmwork"), "one");
  assert.equal(defaultAccountId(config({ accounts: { ...accounts, default: {} } }), "dmwork"), "default");
});

test("a token that two accounts share stops the later one only", () => {
  const shared = { source: "env", provider: "default", id: "TOKEN" };
  const cfg = config({
    accounts: {
      one: { botToken: "bf_1" },
      two: { botToken: " bf_1 " },
      three: { botToken: shared },
      four: { botToken: { ...shared } },
      five: { botToken: "bf_5" },
      off: { botToken: "bf_6", enabled: false },
      six: { botToken: "bf_6" },
    },
  });
  const problem = (id: string) => {
    const found = resolveAccount(cfg, "dmwork", id).problem;
    return found && problemSentence(found);
  };
  assert.equal(problem("two"), "botToken: accounts one and two have the same one. Give each account its own bot.");
  assert.match(problem("four") ?? "", /accounts three and four/);
  for (const id of ["one", "three", "five", "six"]) assert.equal(problem(id), undefined, id);
});

test("two keys that mean one account are a mistake", () => {
  const cfg = config({ accounts: { bot: { botToken: "bf_1" }, Bot: { botToken: "bf_2" } } });
  assert.deepEqual(accountIds(cfg, "dmwork"), ["bot"]);
  assert.match(resolveAccount(cfg, "dmwork", "bot").problem?.message ?? "", /bot and Bot are the same account/);
});

test("an account is switched off, added to and deleted under the key it was written with", () => {
  const cfg = config({ accounts: { Sales: { botToken: "bf_1" }, two: { botToken: "bf_2" } } });
  const { setAccountEnabled, deleteAccount } = dmwork.config;
  assert.deepEqual(setAccountEnabled?.({ cfg, accountId: "sales", enabled: false }).channels?.["dmwork"], {
    accounts: { Sales: { botToken: "bf_1", enabled: false }, two: { botToken: "bf_2" } },
  });
  assert.deepEqual(deleteAccount?.({ cfg, accountId: "sales" }).channels?.["dmwork"], {
    accounts: { two: { botToken: "bf_2" } },
  });
  const added = dmwork.setupContract?.applyAccountConfig({
    cfg,
    accountId: "sales",
    input: { apiUrl: "https://im.example" },
  });
  assert.deepEqual(added?.channels?.["dmwork"], {
    enabled: true,
    accounts: { Sales: { botToken: "bf_1", apiUrl: "https://im.example" }, two: { botToken: "bf_2" } },
  });
});

test("what is shown of an account never contains its token", () => {
  const cfg = config({ apiUrl: "https://im.example", accounts: { one: { botToken: "bf_canary" } } });
  const account = dmwork.config.resolveAccount(cfg, "one");
  assert.doesNotMatch(JSON.stringify(dmwork.config.describeAccount?.(account, cfg)), /canary/);
  assert.doesNotMatch(JSON.stringify(dmwork.config.inspectAccount?.(cfg, "one")), /canary/);
});

test("an account with a token of its own does not take over who another one is", () => {
  const accounts = { own: { clawToken: "claw_2" }, shared: {}, named: { clawToken: "claw_3", agentUserId: "u3" } };
  const cfg = { channels: { mochat: { clawToken: "claw_1", agentUserId: "u1", accounts } } };
  const who = (id: string) => resolveAccount(cfg, "mochat", id).config["agentUserId"];
  assert.deepEqual(["own", "shared", "named"].map(who), [undefined, "u1", "u3"]);
});

test("the gateway's prompts say of each place what the core does there", () => {
  const table = readFileSync(new URL("../vectors/require-mention.json", import.meta.url), "utf8");
  const { cases }: { cases: { keys: object; place: string; needed: boolean }[] } = JSON.parse(table);
  for (const { keys, place, needed } of cases) {
    const cfg = config({ botToken: "bf_1", ...keys });
    const told = dmwork.groups?.resolveRequireMention?.({ cfg, accountId: "default", groupId: place });
    assert.equal(told, needed, JSON.stringify({ keys, place }));
  }
});
