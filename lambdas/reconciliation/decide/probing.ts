import { CURRENT, versionWith } from "../../contracts/labels.ts";
import type { Observation, ObservedKey } from "../observe/observation.ts";
import { type Pass, versionsOf } from "../observe/version.ts";
import { whereabouts } from "../observe/whereabouts.ts";
import type { Action, Probe } from "./action.ts";

/** A call with the current key of a secret, where that lives at a connection. */
const withCurrentOf = (pass: Pass, key: ObservedKey, connection: string): readonly Probe[] => {
  const currentId = versionWith(key.secret.stages, CURRENT);
  const current = versionsOf(pass, key).find(({ versionId }) => versionId === currentId);
  const where = current && whereabouts(current);
  if (!current || where?.kind !== "live" || where.connection !== connection) return [];
  const { versionId } = current;
  return [{ kind: "probe", secretId: key.secret.arn, versionId, connection, keyId: where.key.id }];
};

/** A call of our own that shows whether a vendor's reporting of uses moves, with any current key of a connection: a stray has no value. */
export const probeWithAny = (pass: Pass, connection: string): readonly Action[] => {
  for (const key of pass.observation.keys) {
    const [probe] = withCurrentOf(pass, key, connection);
    if (probe) return [probe];
  }
  return [];
};

/** One call shows it for a whole connection. */
export const oneProbeEach = (actions: readonly Action[]): readonly Action[] => {
  const asked = new Set<string>();
  return actions.filter((action) => {
    if (action.kind !== "probe") return true;
    const isFirst = !asked.has(action.connection);
    asked.add(action.connection);
    return isFirst;
  });
};

/** The connections whose reporting is not understood, while something waits for it. */
export const notUnderstoodAt = (
  { vendors }: Pick<Observation, "vendors">,
  lives: readonly { readonly connection: string; readonly isUseNotUnderstood?: true }[],
): readonly string[] =>
  [...vendors.keys()].filter((name) => lives.some((life) => life.connection === name && life.isUseNotUnderstood));
