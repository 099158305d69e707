import { randomBytes } from "node:crypto";
import { type Asked, type OtherServer, type Reply, serveReplies } from "./other-server.ts";

/*
 * A Pictify that shares nothing with our simulator, written from the vendor's pages alone. What they leave open (the
 * list's envelope, the fields' names, how a key ends, what is told of its use) is a choice of each server.
 */
interface Key {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly secret: string;
  readonly createdAtMs: number;
  used: boolean;
  revoked: boolean;
}

export interface OtherPictifyStyle {
  readonly list: (items: readonly object[]) => unknown;
  readonly item: (key: Key) => object;
  readonly created: (key: Key) => object;
  /** The request that ends a key; any other is not there. Absent: only the dashboard can. */
  readonly ending?: "POST revoke" | "DELETE";
}

export interface OtherPictify extends OtherServer {
  readonly adminKey: string;
  keys(): readonly Readonly<Key>[];
}

const PROPAGATION_MS = 1_000;

const problem = (status: number, name: string): Reply => ({
  status,
  body: { type: `https://docs.pictify.io/errors/${name}`, title: name, status },
  headers: { "Content-Type": "application/problem+json" },
});

const RATE = { "X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "299", "X-RateLimit-Reset": "1706515260" };

export const startOtherPictify = async (style: OtherPictifyStyle): Promise<OtherPictify> => {
  const adminKey = `pk_live_${randomBytes(12).toString("hex")}`;
  const keys: Key[] = [];

  const create = ({ name, type }: { name?: string; type?: string }): Reply => {
    if (!name || (type !== "live" && type !== "test")) return problem(400, "validation");
    const id = `key_${randomBytes(5).toString("hex")}`;
    const secret = `pk_${type}_${randomBytes(12).toString("hex")}`;
    const key = { id, name, type, secret, createdAtMs: Date.now(), used: false, revoked: false };
    keys.push(key);
    return { status: 201, body: style.created(key) };
  };

  const end = (line: string): Reply => {
    const [, id] =
      (style.ending === "DELETE" ? /^DELETE \/api-keys\/(\w+)$/ : /^POST \/api-keys\/(\w+)\/revoke$/).exec(line) ?? [];
    const key = style.ending && keys.find((one) => one.id === id);
    if (!key) return problem(404, "not-found");
    key.revoked = true;
    return { status: 204 };
  };

  const manage = ({ line, body }: Asked): Reply => {
    if (line === "GET /api-keys") return { status: 200, body: style.list(keys.map(style.item)) };
    return line === "POST /api-keys" ? create(body ?? {}) : end(line);
  };

  const render = (key: Key): Reply => {
    key.used = true;
    return { status: 200, body: { url: "https://cdn.pictify.test/image.png" } };
  };

  const answer = (asked: Asked): Reply => {
    const value = /^Bearer (.+)$/.exec(asked.header("authorization"))?.[1];
    if (!value) return problem(401, "missing-auth");
    if (value === adminKey) return manage(asked);
    const key = keys.find(({ secret }) => secret === value);
    if (!key || key.revoked || Date.now() < key.createdAtMs + PROPAGATION_MS) return problem(401, "invalid-api-key");
    return asked.line === "POST /image" ? render(key) : problem(403, "forbidden");
  };

  const server = await serveReplies((asked) => {
    const reply = answer(asked);
    return { ...reply, headers: { ...RATE, ...reply.headers } };
  });
  return { ...server, adminKey, keys: () => keys };
};
