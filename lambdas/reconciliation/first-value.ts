import { type Connection, type Grants, worksByMs } from "../contracts/grants.ts";
import { CURRENT, PREVIOUS, versionWith } from "../contracts/labels.ts";
import type { Invocation } from "../invocation.ts";
import { inParallel } from "../pool.ts";
import type { Adoption } from "../rotation/retirement.ts";
import { readStored, type Stored } from "../stored.ts";
import type { ObservedKey } from "./observation.ts";

/*
 * A secret's first value is current as soon as it is stored, while its vendor may still be spreading the key: whoever stored it
 * tells the targets when it works. Later values are known to work before they are current.
 */

interface FirstValue {
  readonly versionId: string;
  readonly connection: Connection;
}

/** A current value before which there was none, if the secret was changed so recently that it may just have been stored. */
const youngFirstValue = (
  { secret, declaration }: ObservedKey,
  nowMs: number,
  { connections }: Pick<Grants, "connections">,
): FirstValue | undefined => {
  const connection = connections[declaration.connection];
  const versionId = versionWith(secret.stages, CURRENT);
  if (!connection || versionId === undefined || versionWith(secret.stages, PREVIOUS) !== undefined) return undefined;
  return nowMs <= worksByMs(connection, secret.lastChangedAtMs ?? 0) ? { versionId, connection } : undefined;
};

/** Whether the key of a first value may not work yet. One that cannot be read counts as such; one that is not ours has no such time. */
const mayNotWorkYet = (stored: Stored, connection: Connection, nowMs: number): boolean => {
  if (typeof stored !== "object") return stored === "not read";
  return stored.issuedAtMs !== undefined && nowMs <= worksByMs(connection, stored.issuedAtMs);
};

/** How many values are read at once. */
const AT_ONCE = 10;

interface KeyWithAdoption {
  readonly key: ObservedKey;
  readonly adoption: Adoption;
}

type Reading = Pick<Invocation, "secrets" | "log">;

const storedIn = async (reading: Reading, { secret, stored }: ObservedKey, versionId: string): Promise<Stored> => {
  try {
    return stored.get(versionId) ?? (await readStored(reading, secret, versionId));
  } catch (error) {
    reading.log.failure("value.not-read", error, { secretName: secret.name, versionId });
    return "not read";
  }
};

/** The adoptions, without what an `apply` would change where a first value waits for its proof. */
export const withoutUnproven = (
  { secrets, grants, log }: Reading & Pick<Invocation, "grants">,
  seen: readonly KeyWithAdoption[],
  nowMs: number,
): Promise<readonly KeyWithAdoption[]> =>
  inParallel(seen, AT_ONCE, async ({ key, adoption }) => {
    const first = adoption.behind === undefined ? undefined : youngFirstValue(key, nowMs, grants);
    if (!first) return { key, adoption };
    const stored = await storedIn({ secrets, log }, key, first.versionId);
    if (!mayNotWorkYet(stored, first.connection, nowMs)) return { key, adoption };
    const { behind, ...rest } = adoption;
    log.event("targets.first-value", { secretName: key.secret.name, versionId: first.versionId, behind });
    return { key, adoption: rest };
  });
