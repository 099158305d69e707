import { randomBytes, randomUUID } from "node:crypto";
import { type Asked, type OtherServer, type Reply, serveReplies } from "./other-server.ts";

/*
 * A Pictograph that shares nothing with our simulator: it does what the vendor's page on authentication says, and nothing
 * more. Its answer to create has the value alone, its list no times, and a revoked key is gone from it.
 */
interface Key {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly key: string;
}

export interface OtherPictograph extends OtherServer {
  readonly adminKey: string;
  readonly organizationId: string;
  keys(): readonly Readonly<Key>[];
}

const KEYS = "/api/v1/api-keys/";
const ROLES = ["viewer", "member", "admin", "owner"];

const failure = (status: number, code: string): Reply => ({
  status,
  body: { error: { code, message: `It is ${code}.` } },
});

export const startOtherPictograph = async (): Promise<OtherPictograph> => {
  const adminKey = `pk_live_${randomBytes(16).toString("hex")}`;
  const organizationId = randomUUID();
  let keys: readonly Key[] = [];

  const create = ({ organization_id, name, role }: Record<string, string>): Reply => {
    if (organization_id !== organizationId || !name || !role || !ROLES.includes(role))
      return failure(400, "invalid_request");
    const key = `pk_live_${randomBytes(16).toString("hex")}`;
    keys = [...keys, { id: randomUUID(), name, role, key }];
    return { status: 200, body: { key } };
  };

  const list = (query: URLSearchParams): Reply => {
    if (query.get("organization_id") !== organizationId) return failure(403, "forbidden");
    return { status: 200, body: { api_keys: keys.map(({ id, name, role }) => ({ id, name, role })) } };
  };

  const revoke = (id: string): Reply => {
    if (!keys.some((one) => one.id === id)) return failure(404, "not_found");
    keys = keys.filter((one) => one.id !== id);
    return { status: 200 };
  };

  const manage = ({ line, query, body }: Asked): Reply => {
    if (line === `GET ${KEYS}`) return list(query);
    if (line === `POST ${KEYS}`) return create(body ?? {});
    return line.startsWith(`DELETE ${KEYS}`) ? revoke(line.slice(`DELETE ${KEYS}`.length)) : failure(404, "not_found");
  };

  const server = await serveReplies((asked) => {
    const value = asked.header("x-api-key");
    if (value !== adminKey && !keys.some(({ key }) => key === value)) return failure(401, "invalid_api_key");
    if (asked.line === "GET /api/v1/developer/datasets/") return { status: 200, body: [] };
    return value === adminKey ? manage(asked) : failure(403, "insufficient_permissions");
  });
  return { ...server, adminKey, organizationId, keys: () => keys };
};
