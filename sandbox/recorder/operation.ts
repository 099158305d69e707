/** What a request to a vendor asks for, by the vendors' own paths (grades: see the vendors' simulators). */
export type VendorOperation =
  | "list keys"
  | "create key"
  | "get key"
  | "update key"
  | "revoke key"
  | "delete key"
  | "list datasets"
  | "render image"
  | "other";

interface Rule {
  readonly method: string;
  readonly path: RegExp;
  readonly operation: VendorOperation;
}

const RULES: readonly Rule[] = [
  { method: "GET", path: /^\/api\/v1\/developer\/datasets\/$/, operation: "list datasets" },
  { method: "GET", path: /^\/api\/v1\/api-keys\/$/, operation: "list keys" },
  { method: "POST", path: /^\/api\/v1\/api-keys\/$/, operation: "create key" },
  { method: "GET", path: /^\/api\/v1\/api-keys\/[^/]+$/, operation: "get key" },
  { method: "PATCH", path: /^\/api\/v1\/api-keys\/[^/]+$/, operation: "update key" },
  { method: "DELETE", path: /^\/api\/v1\/api-keys\/[^/]+$/, operation: "revoke key" },
  { method: "POST", path: /^\/image$/, operation: "render image" },
  { method: "GET", path: /^\/api-keys$/, operation: "list keys" },
  { method: "POST", path: /^\/api-keys$/, operation: "create key" },
  { method: "PATCH", path: /^\/api-keys\/[^/]+$/, operation: "update key" },
  { method: "POST", path: /^\/api-keys\/[^/]+\/revoke$/, operation: "revoke key" },
  { method: "DELETE", path: /^\/api-keys\/[^/]+$/, operation: "delete key" },
];

export const operationOf = (method: string, path: string): VendorOperation =>
  RULES.find((rule) => rule.method === method && rule.path.test(path))?.operation ?? "other";

/** The id of the key that a revocation or deletion names in its path. */
export const keyIdOf = (path: string): string | undefined => {
  const [, keyId] = /\/api-keys\/([^/]+)(?:\/revoke)?$/.exec(path) ?? [];
  return keyId && decodeURIComponent(keyId);
};
