/** Addresses by which somebody would have the gateway ask a server that only the gateway can reach. */

/** `trap` is a server of this machine that is nobody's, `home` the configured one, both as ports. */
export type Ports = { trap: number; home: number };
export type Case = readonly [name: string, url: (ports: Ports) => string];

/** The server that is nobody's, by another name of its machine. */
const on = (host: string) => (ports: Ports) => `http://${host}:${ports.trap}/photo`;
const plain = (url: string) => () => url;
/** Redirects from the configured server to there. */
const redirect =
  (to: (ports: Ports) => string, status = 302) =>
  (ports: Ports) =>
    `http://127.0.0.1:${ports.home}/redirect?status=${status}&to=${encodeURIComponent(to(ports))}`;

const loopback: Case[] = [
  ["loopback", on("127.0.0.1")],
  ["loopback, elsewhere in its network", on("127.127.127.127")],
  ["loopback in two parts", on("127.1")],
  ["loopback in three parts", on("127.0.1")],
  ["loopback as a decimal number", on("2130706433")],
  ["loopback as a hexadecimal number", on("0x7f000001")],
  ["loopback with a hexadecimal part", on("0x7f.1")],
  ["loopback with hexadecimal parts", on("0x7F.0x0.0x0.0x1")],
  ["loopback with an octal part", on("0177.0.0.1")],
  ["loopback as an octal number", on("017700000001")],
  ["loopback with leading zeros", on("0177.00.00.01")],
  ["loopback with a dot behind", on("127.0.0.1.")],
  ["loopback in circled digits", on("①②⑦.⓪.⓪.①")],
  ["loopback in full-width digits", on("１２７.０.０.１")],
  ["loopback with ideographic dots", on("127。0。0。1")],
  ["loopback with half-width ideographic dots", on("127｡0｡0｡1")],
  ["loopback with encoded dots", on("127%2e0%2e0%2e1")],
  ["loopback with encoded digits", on("%31%32%37.0.0.1")],
  ["loopback with a soft hyphen", on("127.0.0.\u00ad1")],
  ["loopback with a zero-width space", on("127.0.\u200b0.1")],
  ["any address", on("0.0.0.0")],
  ["any address as a number", on("0")],
  ["IPv6 loopback", on("[::1]")],
  ["IPv6 loopback in full", on("[0:0:0:0:0:0:0:1]")],
  ["IPv6 any address", on("[::]")],
  ["IPv4-mapped loopback", on("[::ffff:127.0.0.1]")],
  ["IPv4-mapped loopback in hexadecimal", on("[::ffff:7f00:1]")],
  ["IPv4-compatible loopback", on("[::127.0.0.1]")],
  ["IPv4-translated loopback", on("[::ffff:0:127.0.0.1]")],
  ["NAT64 of loopback", on("[64:ff9b::7f00:1]")],
  ["NAT64 of loopback with a local prefix", on("[64:ff9b:1::7f00:1]")],
  ["6to4 of loopback", on("[2002:7f00:1::]")],
  ["Teredo of loopback", on("[2001:0:4136:e378:8000:63bf:80ff:fffe]")],
  ["ISATAP of loopback", on("[2001:db8::5efe:7f00:1]")],
];

const networks: Case[] = [
  ["private network 10/8", plain("http://10.0.0.1/photo")],
  ["private network 172.16/12, first", plain("http://172.16.0.1/photo")],
  ["private network 172.16/12, last", plain("http://172.31.255.254/photo")],
  ["private network 192.168/16", plain("http://192.168.1.1/photo")],
  ["private network as a decimal number", plain("http://3232235777/photo")],
  ["carriers' network 100.64/10", plain("http://100.64.0.1/photo")],
  ["benchmarks' network 198.18/15", plain("http://198.18.0.1/photo")],
  ["documentation 192.0.2/24", plain("http://192.0.2.1/photo")],
  ["documentation 198.51.100/24", plain("http://198.51.100.1/photo")],
  ["documentation 203.0.113/24", plain("http://203.0.113.1/photo")],
  ["multicast", plain("http://224.0.0.1/photo")],
  ["reserved 240/4", plain("http://240.0.0.1/photo")],
  ["broadcast", plain("http://255.255.255.255/photo")],
  ["metadata of clouds", plain("http://169.254.169.254/latest/meta-data/")],
  ["metadata of clouds, encrypted", plain("https://169.254.169.254/latest/meta-data/")],
  ["metadata of clouds as a decimal number", plain("http://2852039166/latest/meta-data/")],
  ["metadata of clouds as a hexadecimal number", plain("http://0xa9fea9fe/latest/meta-data/")],
  ["metadata of clouds in octal parts", plain("http://0251.0376.0251.0376/latest/meta-data/")],
  ["metadata of clouds, IPv4-mapped", plain("http://[::ffff:a9fe:a9fe]/latest/meta-data/")],
  ["metadata of containers", plain("http://169.254.170.2/v2/credentials")],
  ["metadata of Alibaba", plain("http://100.100.100.200/latest/meta-data/")],
  ["metadata of Oracle", plain("http://192.0.0.192/opc/v1/")],
  ["metadata of AWS by IPv6", plain("http://[fd00:ec2::254]/latest/meta-data/")],
  ["metadata of Google by name", plain("http://metadata.google.internal/computeMetadata/v1/")],
  ["metadata of Google with a dot behind", plain("http://metadata.google.internal./computeMetadata/v1/")],
  ["metadata of AWS by name", plain("http://instance-data.ec2.internal/latest/")],
  ["link-local IPv6", plain("http://[fe80::1]/photo")],
  ["link-local IPv6 with a zone", plain("http://[fe80::1%25lo]/photo")],
  ["unique local IPv6", plain("http://[fc00::1]/photo")],
  ["site-local IPv6", plain("http://[fec0::1]/photo")],
  ["multicast IPv6", plain("http://[ff02::1]/photo")],
  ["documentation IPv6", plain("http://[2001:db8::1]/photo")],
  ["NAT64 of a private network", plain("http://[64:ff9b::a00:1]/photo")],
  ["6to4 of the metadata of clouds", plain("http://[2002:a9fe:a9fe::1]/photo")],
];

/** The names of the second column resolve as `NAMES` says. */
const byName: Case[] = [
  ["localhost", on("localhost")],
  ["localhost in capitals", on("LOCALHOST")],
  ["localhost with a dot behind", on("localhost.")],
  ["localhost in full-width letters", on("ｌｏｃａｌｈｏｓｔ")],
  ["localhost with an ideographic dot behind", on("localhost。")],
  ["a subdomain of localhost", on("app.localhost")],
  ["a subdomain of localhost with a dot behind", on("app.localhost.")],
  ["localhost.localdomain", on("localhost.localdomain")],
  ["a machine of the local network", on("printer.local")],
  ["a name of the inside", on("vault.internal")],
  ["a name of loopback", on("loop.example")],
  ["a name with a dot behind of loopback", on("loop.example.")],
  ["a name of loopback by IPv6", on("loop6.example")],
  ["a name of an IPv4-mapped loopback", on("mapped.example")],
  ["a name of NAT64 of loopback", on("nat64.example")],
  ["a name of a private network", on("lan.example")],
  ["a name of the metadata of clouds", plain("http://meta.example/latest/meta-data/")],
  ["a name of a public and a private address", on("both.example")],
  ["a name that begins with the configured address", ({ home }) => `http://127.0.0.1.loop.example:${home}/photo`],
];

export const NAMES: Readonly<Record<string, readonly string[]>> = {
  "loop.example": ["127.0.0.1"],
  "loop.example.": ["127.0.0.1"],
  "127.0.0.1.loop.example": ["127.0.0.1"],
  "loop6.example": ["::1"],
  "mapped.example": ["::ffff:127.0.0.1"],
  "nat64.example": ["64:ff9b::7f00:1"],
  "lan.example": ["192.168.1.20"],
  "meta.example": ["169.254.169.254"],
  "both.example": ["93.184.216.34", "127.0.0.1"],
  "public.example": ["93.184.216.34"],
};

const written: Case[] = [
  ["another port of the configured machine", on("127.0.0.1")],
  ["the port of a shell", plain("http://127.0.0.1:22/")],
  ["the port of a database", plain("http://127.0.0.1:6379/")],
  ["the configured server by another scheme", ({ home }) => `https://127.0.0.1:${home}/photo`],
  ["the configured server by another name", ({ home }) => `http://localhost:${home}/photo`],
  ["the configured server as a user's name", ({ trap }) => `http://im.example@127.0.0.1:${trap}/photo`],
  ["the configured address as a user's name", ({ trap, home }) => `http://127.0.0.1:${home}@127.0.0.1:${trap}/photo`],
  ["two signs of a user", ({ trap }) => `http://a@b@127.0.0.1:${trap}/photo`],
  ["a fragment in front of the user", ({ trap, home }) => `http://127.0.0.1:${trap}#@127.0.0.1:${home}/photo`],
  ["a backslash in front of the user", ({ trap, home }) => `http://127.0.0.1:${trap}\\@127.0.0.1:${home}/photo`],
  ["credentials for the configured server", ({ home }) => `http://user:pass@127.0.0.1:${home}/photo`],
  ["backslashes for slashes", ({ trap }) => `http:\\\\127.0.0.1:${trap}\\photo`],
  ["one slash", ({ trap }) => `http:/127.0.0.1:${trap}/photo`],
  ["no slash", ({ trap }) => `http:127.0.0.1:${trap}/photo`],
  ["three slashes", ({ trap }) => `http:///127.0.0.1:${trap}/photo`],
  ["no scheme", ({ trap }) => `//127.0.0.1:${trap}/photo`],
  ["a tab in the address", ({ trap }) => `http://127.0.\t0.1:${trap}/photo`],
  ["a line break in the scheme", ({ trap }) => `ht\ntp://127.0.0.1:${trap}/photo`],
  ["white space in front", ({ trap }) => ` http://127.0.0.1:${trap}/photo`],
  ["capitals in the scheme", ({ trap }) => `HTTP://127.0.0.1:${trap}/photo`],
  ["NUL behind the address", ({ trap }) => `http://127.0.0.1:${trap}\0.example/photo`],
  ["a port beyond all ports", plain("http://127.0.0.1:65616/photo")],
  ["a scheme for files", plain("file:///etc/passwd")],
  ["a scheme for files of this machine by name", plain("file://localhost/etc/passwd")],
  ["a scheme for data", plain("data:image/png;base64,AAAA")],
  ["a scheme for scripts", plain("javascript:fetch('http://127.0.0.1')")],
  ["a scheme for objects in memory", plain("blob:http://127.0.0.1/1")],
  ["FTP", plain("ftp://127.0.0.1/photo")],
  ["Gopher", ({ trap }) => `gopher://127.0.0.1:${trap}/_GET%20/photo`],
  ["dict", plain("dict://127.0.0.1:11211/stats")],
  ["LDAP", plain("ldap://127.0.0.1/x")],
  ["WebSocket", ({ trap }) => `ws://127.0.0.1:${trap}/photo`],
  ["a socket of this machine", plain("http+unix://%2Fvar%2Frun%2Fdocker.sock/info")],
  ["a socket of this machine as a host", plain("http://unix:/var/run/docker.sock:/info")],
  ["an archive", ({ trap }) => `jar:http://127.0.0.1:${trap}/a!/b`],
];

const redirects: Case[] = [
  ...[301, 302, 303, 307, 308].map((status): Case => [
    `a redirect with ${status} to loopback`,
    redirect(on("127.0.0.1"), status),
  ]),
  ["a redirect to localhost", redirect(on("localhost"))],
  ["a redirect to a decimal number", redirect(on("2130706433"))],
  ["a redirect to IPv6", redirect(on("[::1]"))],
  ["a redirect to a name of loopback", redirect(on("loop.example"))],
  ["a redirect to the metadata of clouds", redirect(plain("http://169.254.169.254/latest/meta-data/"))],
  ["a redirect without a scheme", redirect(({ trap }) => `//127.0.0.1:${trap}/photo`)],
  ["a redirect by backslashes", redirect(({ trap }) => `\\\\127.0.0.1:${trap}\\photo`)],
  ["a redirect to credentials", redirect(({ trap }) => `http://a:b@127.0.0.1:${trap}/photo`)],
  ["a redirect to a file", redirect(plain("file:///etc/passwd"))],
  ["a redirect to data", redirect(plain("data:image/png;base64,AAAA"))],
  ["a redirect to FTP", redirect(plain("ftp://127.0.0.1/photo"))],
  ["a redirect of a redirect", redirect(redirect(on("127.0.0.1")))],
  ["a redirect to itself", redirect(({ home }) => `http://127.0.0.1:${home}/loop`)],
];

export const refused: readonly Case[] = [...loopback, ...networks, ...byName, ...written, ...redirects];

/** Legitimate: a DMWork server of one's own is mostly private, and what it is called by is one origin. */
export const allowed: readonly Case[] = [
  ["the configured server", ({ home }) => `http://127.0.0.1:${home}/photo`],
  ["the configured server as a number", ({ home }) => `http://2130706433:${home}/photo`],
  ["the configured server with hexadecimal parts", ({ home }) => `http://0x7f.1:${home}/photo`],
  ["the configured server with a dot behind", ({ home }) => `http://127.0.0.1.:${home}/photo`],
  ["a redirect inside the configured server", redirect(({ home }) => `http://127.0.0.1:${home}/photo`)],
  ["a redirect to a path", redirect(plain("/photo"))],
];
