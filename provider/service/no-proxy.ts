import { BlockList, isIP } from "node:net";

/** Whether a host is reached without a proxy. */
export type Bypass = (host: string, port: number) => boolean;

const familyOf = (address: string): "ipv4" | "ipv6" | undefined =>
  ({ 4: "ipv4" as const, 6: "ipv6" as const })[isIP(address)];

const unbracketed = (host: string): string => host.replace(/^\[(.*)\]$/, "$1");

const holds = (list: BlockList, host: string): boolean => {
  const family = familyOf(host);
  return family !== undefined && list.check(host, family);
};

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

const networkRule = (entry: string): Bypass | undefined => {
  const [, address = "", bits = ""] = /^(.+)\/(\d+)$/.exec(entry) ?? [];
  const family = familyOf(address);
  if (family === undefined || Number(bits) > (family === "ipv4" ? 32 : 128)) return undefined;
  const list = new BlockList();
  list.addSubnet(address, Number(bits), family);
  return (host) => holds(list, host);
};

const hostRule = (host: string): ((asked: string) => boolean) => {
  const family = familyOf(host);
  if (family !== undefined) {
    const list = new BlockList();
    list.addAddress(host, family);
    return (asked) => holds(list, asked);
  }
  const domain = host.replace(/^\*(?=\.)/, "");
  return domain.startsWith(".")
    ? (asked) => asked.endsWith(domain)
    : (asked) => asked === domain || asked.endsWith(`.${domain}`);
};

const ruleOf = (entry: string): Bypass => {
  if (entry === "*") return () => true;
  const network = networkRule(entry);
  if (network) return network;
  const [, named = entry, wanted] = isIP(entry) ? [] : (/^(.*?)(?::(\d+))?$/.exec(entry) ?? []);
  const isHost = hostRule(unbracketed(named));
  return (host, port) => isHost(host) && (wanted === undefined || Number(wanted) === port);
};

/**
 * Reads NO_PROXY as programs in Go do, the AWS provider among them (golang.org/x/net/http/httpproxy): addresses, networks, names with
 * all below them, `.name` for what is below alone, each with a port or without, or `*`. Loopback is never asked through a proxy.
 */
export const bypassOf = (noProxy: string): Bypass => {
  const entries = noProxy.split(",").map((entry) => entry.trim().toLowerCase());
  const rules = entries.filter((entry) => entry !== "").map(ruleOf);
  return (asked, port) => {
    const host = unbracketed(asked.toLowerCase());
    return host === "localhost" || holds(LOOPBACK, host) || rules.some((rule) => rule(host, port));
  };
};
