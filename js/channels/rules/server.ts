/** The way to the server: whether it is encrypted, whether it answers, whether its clock is ours. */
import { isIP } from "node:net";
import type { Channel } from "../../core/account.ts";
import { TOKEN_KEYS } from "../accounts.ts";
import { keyOf, type Facts, type Finding } from "./finding.ts";

/** Where each platform's configuration keeps its server, and other addresses that see the token. */
const SERVER_KEYS = { mochat: ["baseUrl", "socketUrl"], dmwork: ["apiUrl", "wsUrl"] } as const;
/** Where a token is exchanged for a new one. */
const TOKEN_SOURCES: Record<Channel, string> = { mochat: "the agent's owner", dmwork: "BotFather" };
/** Off by more, a message just written seems old, and signed links are over before they begin. */
const MOST_SKEW_MS = 60_000;

/** Everybody on the way can read the token. */
export function clearText(facts: Facts): Finding[] {
  return SERVER_KEYS[facts.channel].flatMap((name) => {
    const url = parsed(facts.account.config[name]);
    if (!url || !/^(?:http|ws):$/.test(url.protocol) || isPrivate(url.hostname)) return [];
    const better = `${url.protocol.replace(":", "s:")}//${url.host}${url.pathname.replace(/\/$/, "")}`;
    const key = keyOf(facts, name);
    const message = `${url.protocol}//${url.host} is on the public network, and the token goes there unencrypted.`;
    const fix = `Use its encrypted address: openclaw config set ${key} ${better}`;
    return [{ rule: "clear-text", key, message, fix, serious: true }];
  });
}

/** What a failed probe says, and where to look for its cause. */
export function unreachable(facts: Facts, error: string): Finding {
  const { channel, account } = facts;
  const [server] = SERVER_KEYS[channel];
  const tokenKey = TOKEN_KEYS[channel];
  const found = (name: string, fix: string): Finding => {
    return { rule: "unreachable", key: keyOf(facts, name), message: stopped(error), fix, serious: true };
  };
  // The core's own words about a setting: its key, what is wrong with it, and what to do.
  const [, named = "", wrong = "", remedy = ""] = /^([\w.]+): (.+?\.) (.+)$/.exec(error) ?? [];
  const [name = ""] = named.split(".");
  if (name === tokenKey || name === server || Object.hasOwn(account.config, name)) {
    const key = `${keyOf(facts, name)}${named.slice(name.length)}`;
    return { rule: "unreachable", key, message: wrong, fix: remedy, serious: true };
  }
  if (/^HTTP (?:3\d\d|404|5\d\d)\b|something else/i.test(error)) {
    return found(server, "Check that this is the address of the server's API, and that the server is well.");
  }
  if (/^HTTP 4\d\d\b|\btoken\b|unauthorized/i.test(error)) {
    const command = `openclaw ${channel} setup --account ${account.accountId}`;
    return found(tokenKey, `Ask ${TOKEN_SOURCES[channel]} for the present token, and take it with: ${command}`);
  }
  return found(server, "Check the address, the network and the proxy from this machine; the plugin keeps trying.");
}

/** @param skewMs The server's clock minus ours. */
export function clockSkew(facts: Facts, skewMs: number | undefined): Finding[] {
  if (skewMs === undefined || Math.abs(skewMs) <= MOST_SKEW_MS) return [];
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  const message = `this machine's clock is ${seconds} s ${skewMs > 0 ? "behind" : "ahead of"} the server's.`;
  const fix = "Let it be set from the network: timedatectl set-ntp true";
  return [{ rule: "clock", key: keyOf(facts, SERVER_KEYS[facts.channel][0]), message, fix, serious: false }];
}

/** The server of an account, as it is written or by default. */
export function serverOf({ channel, account }: Pick<Facts, "channel" | "account">): string | undefined {
  const url = parsed(account.config[SERVER_KEYS[channel][0]] ?? (channel === "mochat" ? MOCHAT : undefined));
  return url === undefined ? undefined : `${url.origin}${url.pathname.replace(/\/$/, "")}`;
}

/** The public server, which the core takes if none is named. */
const MOCHAT = "https://mochat.io";

function parsed(url: unknown): URL | undefined {
  return typeof url === "string" && URL.canParse(url.trim()) ? new URL(url.trim()) : undefined;
}

/** This machine, and what is not routed on the public network or not known to it by name. */
function isPrivate(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, "");
  if (isIP(name) === 4) {
    return /^(?:127|10|0)\.|^192\.168\.|^169\.254\.|^172\.(?:1[6-9]|2\d|3[01])\.|^100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./.test(
      name,
    );
  }
  if (isIP(name) === 6) return /^(?:::1$|f[cd]|fe[89ab])/.test(name);
  return !name.includes(".") || /\.(?:localhost|local|internal|lan|intranet|home\.arpa|test)$/.test(name);
}

function stopped(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
