import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { declarationTags } from "../lambdas/contracts/declaration.ts";
import { generationOf, keyName, serviceId } from "../lambdas/contracts/key-name.ts";
import { markLabel } from "../lambdas/contracts/labels.ts";
import { ACCESSES, ADMIN_SECRET, DAY_MS, declarationFor, HOUR_MS, SERVICE, tagList } from "./declared.ts";

/*
 * Secrets Manager and Pictify with a fleet in them, on loopback, for one pass of reconcile: every page is written beforehand, so
 * that the stand-in takes as little time as may be. Each key has two generations, the current one and one that was revoked.
 * Left out: filters, all operations that a pass does not ask for, and changes: what is asked for is counted, not done.
 */
const ACCOUNT = "us-east-1:000000000000";
const FUNCTION_NAME = `keyturn-${SERVICE}-reconcile`;
export const FLEET_FUNCTION_ARN = `arn:aws:lambda:${ACCOUNT}:function:${FUNCTION_NAME}`;
const SECRETS_A_PAGE = 100;
const KEYS_A_PAGE = 20;
const MOST_KEYS_A_PAGE = 100;

export interface FleetOptions {
  readonly size: number;
  /** So many of the keys have an old generation that is due for its retirement. */
  readonly retiring: number;
  /** Whether the vendor's list still shows keys that were revoked. */
  readonly showsRevoked: boolean;
  readonly nowMs: number;
}

export interface FleetCalls {
  readonly [name: string]: number;
}

export interface FleetStandIn {
  readonly url: string;
  /** The pages that one listing of the vendor's keys has. */
  readonly keys: number;
  /** How often each operation was asked for since the last time. */
  takeCalls(): FleetCalls;
  close(): Promise<void>;
}

const version = (kind: "current" | "previous", index: number): string =>
  `${kind === "current" ? "c" : "d"}0000000-0000-4000-8000-${String(index).padStart(12, "0")}`;

const seconds = (ms: number): number => Math.floor(ms / 1_000);

const entryOf = (index: number, { retiring, nowMs }: FleetOptions): object => {
  const name = `key-${index}`;
  const isRetiring = index < retiring;
  const changedMs = nowMs - 20 * DAY_MS;
  return {
    ARN: `arn:aws:secretsmanager:${ACCOUNT}:secret:keyturn/${SERVICE}/${name}-AbCdEf`,
    Name: `keyturn/${SERVICE}/${name}`,
    Description: `Keyturn: API key ${name} of pictify, type live`,
    RotationEnabled: true,
    RotationLambdaARN: `arn:aws:lambda:${ACCOUNT}:function:keyturn-${SERVICE}-rotate`,
    RotationRules: { AutomaticallyAfterDays: 90 },
    CreatedDate: seconds(nowMs - 300 * DAY_MS),
    LastChangedDate: seconds(changedMs),
    LastRotatedDate: seconds(changedMs),
    NextRotationDate: seconds(nowMs + 70 * DAY_MS),
    Tags: tagList(declarationTags(declarationFor("pictify", name))),
    SecretVersionsToStages: {
      [version("current", index)]: ["AWSCURRENT", "AWSPENDING"],
      [version("previous", index)]: ["AWSPREVIOUS", ...(isRetiring ? [markLabel("retiring", nowMs - 2 * DAY_MS)] : [])],
    },
  };
};

const keyIdOf = (kind: "current" | "previous", index: number): string => `key_${kind[0]}${index}`;

const keysOf = (index: number, { retiring, showsRevoked, nowMs }: FleetOptions): readonly object[] => {
  const id = serviceId(SERVICE, FLEET_FUNCTION_ARN);
  const shown = (kind: "current" | "previous", isActive: boolean) => ({
    id: keyIdOf(kind, index),
    name: keyName(`key-${index}`, id, generationOf(version(kind, index))),
    type: ACCESSES.pictify.value,
    createdAt: new Date(nowMs - 110 * DAY_MS).toISOString(),
    lastUsedAt: new Date(nowMs - (kind === "current" ? HOUR_MS : 2 * DAY_MS)).toISOString(),
    status: isActive ? "Active" : "Revoked",
  });
  const isRetiring = index < retiring;
  return [shown("current", true), ...(isRetiring || showsRevoked ? [shown("previous", isRetiring)] : [])];
};

const textOfKey = (keyId: string): string => `pk_live_${keyId.padEnd(32, "x")}`;

const secretTextOf = (secretId: string, versionId: string): string => {
  const [, index = ""] = /key-(\d+)/.exec(secretId) ?? [];
  const kind = versionId.startsWith("c") ? "current" : "previous";
  return JSON.stringify({
    apiKey: textOfKey(keyIdOf(kind, Number(index))),
    keyId: keyIdOf(kind, Number(index)),
    vendor: "pictify",
    name: `key-${index}`,
    type: ACCESSES.pictify.value,
    issuedAt: "2026-01-01T00:00:00.000Z",
  });
};

interface Answer {
  readonly name: string;
  readonly text: string;
  /** @default 200 */
  readonly status?: number;
}

const chunked = <Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, page) => items.slice(page * size, (page + 1) * size));

const secretsManager = (options: FleetOptions) => {
  const entries = Array.from({ length: options.size }, (_, index) => entryOf(index, options));
  const pages = chunked(entries, SECRETS_A_PAGE).map((page, index, all) =>
    JSON.stringify({ SecretList: page, ...(index + 1 < all.length ? { NextToken: String(index + 1) } : {}) }),
  );
  const described = (secretId: string): string => {
    const [, index = "0"] = /key-(\d+)/.exec(secretId) ?? [];
    const { SecretVersionsToStages, ...facts } = entries[Number(index)] as { SecretVersionsToStages: object };
    return JSON.stringify({ ...facts, VersionIdsToStages: SecretVersionsToStages });
  };
  return (operation: string, body: string): Answer => {
    const { NextToken = "0", SecretId = "", VersionId = "" } = JSON.parse(body) as Readonly<Record<string, string>>;
    const isAdmin = SecretId === ADMIN_SECRET;
    if (operation === "ListSecrets") return { name: operation, text: pages[Number(NextToken)] ?? "{}" };
    if (operation === "DescribeSecret") return { name: operation, text: described(SecretId) };
    if (operation !== "GetSecretValue") return { name: operation, text: "{}" };
    const SecretString = isAdmin ? JSON.stringify({ apiKey: "pk_live_admin" }) : secretTextOf(SecretId, VersionId);
    return { name: isAdmin ? "GetSecretValue of the admin secret" : operation, text: JSON.stringify({ SecretString }) };
  };
};

const REFUSAL = JSON.stringify({
  type: "https://docs.pictify.io/errors/invalid-api-key",
  title: "Invalid API Key",
  status: 401,
  detail: "The provided API key is invalid or has been revoked.",
});

const pictify = (options: FleetOptions) => {
  const keys = Array.from({ length: options.size }, (_, index) => keysOf(index, options)).flat();
  const refused = new Set<string>();
  const answer = (method: string, url: URL, authorization: string): Answer => {
    if (method !== "GET") {
      refused.add(`Bearer ${textOfKey(url.pathname.split("/")[2] ?? "")}`);
      return { name: "revoke key", text: "{}" };
    }
    if (refused.has(authorization)) return { name: "list keys", status: 401, text: REFUSAL };
    const page = Number(url.searchParams.get("page") ?? 1);
    const limit = Math.min(Number(url.searchParams.get("limit") ?? KEYS_A_PAGE), MOST_KEYS_A_PAGE);
    const pagination = { page, limit, total: keys.length, hasNext: page * limit < keys.length };
    return {
      name: "list keys",
      text: JSON.stringify({ apiKeys: keys.slice((page - 1) * limit, page * limit), pagination }),
    };
  };
  return { answer, count: keys.length, forget: () => refused.clear() };
};

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
};

export const startFleet = async (options: FleetOptions): Promise<FleetStandIn> => {
  const [aws, vendor] = [secretsManager(options), pictify(options)];
  let calls: Record<string, number> = {};
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const target = String(request.headers["x-amz-target"] ?? "").split(".")[1];
    const {
      name,
      text,
      status = 200,
    } = target
      ? aws(target, body)
      : vendor.answer(
          request.method ?? "GET",
          new URL(request.url ?? "/", "http://127.0.0.1"),
          request.headers.authorization ?? "",
        );
    calls[name] = (calls[name] ?? 0) + 1;
    const type = target ? "application/x-amz-json-1.1" : "application/json";
    response.writeHead(status, { "content-type": type }).end(text);
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keys: vendor.count,
    takeCalls: () => {
      const taken = calls;
      calls = {};
      vendor.forget();
      return taken;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
