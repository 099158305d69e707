import type { Live } from "./finding.ts";
import { listedById, match } from "./matching.ts";
import type { Pass, Version } from "./version.ts";

/**
 * Where the key of a version is. live: active at a connection. gone: its vendor does not list it as active, at none of the
 * connections that may have it. empty: the version holds no key. lost: no connection leads to its vendor any more.
 * unknown: not all of them were listed in this pass, or the value was not read.
 */
export type Whereabouts =
  | ({ readonly kind: "live" } & Live)
  | { readonly kind: "gone" }
  | { readonly kind: "empty"; readonly why: "no value" | "not ours" }
  | { readonly kind: "lost"; readonly vendor: string }
  | { readonly kind: "unknown" };

/** The connections at which a vendor's key may be. */
export const connectionsOf = ({ grants }: Pick<Pass, "grants">, vendor: string | undefined): readonly string[] =>
  Object.entries(grants.connections)
    .filter(([, connection]) => vendor === undefined || connection.vendor === vendor)
    .map(([name]) => name);

/** Finds the key of a version. A declaration may name another connection than the one at which a generation was minted. */
export const whereabouts = ({ pass, key, versionId }: Version): Whereabouts => {
  const { observation } = pass;
  const { generation, connection } = match(observation, key, versionId);
  if (generation && connection !== undefined) return { kind: "live", connection, key: generation };
  const stored = key.stored.get(versionId) ?? "not read";
  if (stored === "not read") return { kind: "unknown" };
  if (typeof stored === "string") return { kind: "empty", why: stored };
  if (listedById(observation, stored)) return { kind: "gone" };
  const candidates = connectionsOf(pass, stored.vendor);
  if (candidates.length === 0) return { kind: "lost", vendor: stored.vendor ?? "" };
  return { kind: candidates.every((name) => observation.vendors.has(name)) ? "gone" : "unknown" };
};
