/** A network of this process alone: names that resolve as a story says, and no packet that leaves the machine. */

import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";

type Answers = readonly string[];
type Lookup = (
  host: string,
  options: { all: true },
  done: (error: Error | null, found: dns.LookupAddress[]) => void,
) => void;

/** Some clients write the port as text. */
type Target = Omit<net.TcpNetConnectOpts, "port"> & { port: number | string };

const real = { connect: net.connect, lookup: dns.lookup, promised: dns.promises.lookup };
const names = new Map<string, Answers[]>();
const dialed: string[] = [];
let open = new Set<number>();

/** Where this process tried to connect since the last call, as `address:port`, in order. */
export function takeDialed(): string[] {
  return dialed.splice(0);
}

/** Lets a name resolve to these addresses; with several lists to one after the other, as one that is rebound does. */
export function name(host: string, ...answers: Answers[]): void {
  names.set(host, answers);
}

/** From here on names are those of the stories, and only these ports of this machine can be reached. */
export function isolate(ports: readonly number[]): void {
  open = new Set(ports);
  Object.assign(dns, { lookup });
  Object.assign(dns.promises, { lookup: async (host: string) => resolve(host) });
  Object.assign(net, { connect });
  syncBuiltinESMExports();
}

export function rejoin(): void {
  Object.assign(dns, { lookup: real.lookup });
  Object.assign(dns.promises, { lookup: real.promised });
  Object.assign(net, { connect: real.connect });
  syncBuiltinESMExports();
}

function resolve(host: string): dns.LookupAddress[] {
  const literal = host.replace(/^\[|\]$/g, "");
  const answers = names.get(host);
  const found = net.isIP(literal) ? [literal] : (answers?.length ?? 0) > 1 ? answers?.shift() : answers?.[0];
  if (!found) throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: "ENOTFOUND" });
  return found.map((address) => ({ address, family: net.isIP(address) }));
}

function lookup(host: string, options: unknown, done: (...answer: unknown[]) => void): void {
  try {
    const all = resolve(host);
    if (Object(options).all) done(null, all);
    else done(null, all[0]?.address, all[0]?.family);
  } catch (error) {
    done(error);
  }
}

/** Looks the target up as a socket does, and connects only to what is open. */
function connect(options: Target): net.Socket {
  const { host = "localhost" } = options;
  const port = Number(options.port);
  const socket = new net.Socket();
  const ask = (options.lookup ?? lookup) as Lookup;
  const dial = (error: Error | null, found: dns.LookupAddress[]) => {
    const address = found?.[0]?.address;
    if (error || !address) {
      socket.destroy(error ?? new Error("no address"));
      return;
    }
    dialed.push(`${address}:${port}`);
    if (address === "127.0.0.1" && open.has(port)) socket.connect(port, address);
    else socket.destroy(Object.assign(new Error(`connect ECONNREFUSED ${address}`), { code: "ECONNREFUSED" }));
  };
  if (net.isIP(host)) queueMicrotask(() => dial(null, [{ address: host, family: net.isIP(host) }]));
  else ask(host, { all: true }, dial);
  return socket;
}
