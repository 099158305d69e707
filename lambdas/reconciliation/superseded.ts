import { CURRENT, ownMarks, versionWith } from "../contracts/labels.ts";
import { doing, type Finding, keeps, NOTHING } from "./finding.ts";
import { unlabelled, type Version } from "./version.ts";
import { whereabouts } from "./whereabouts.ts";

/**
 * A version that is not current and that nobody marked, such as after somebody moved AWSCURRENT or put a value by hand. If
 * its key lives, it was replaced, so its overlap begins now. One that no listing shows as active was revoked before, or is seen when it is
 * listed again.
 */
export const decideSuperseded = (version: Version): Finding => {
  const { key, versionId, labels } = version;
  const where = whereabouts(version);
  if (where.kind === "empty") return doing(unlabelled(version, ownMarks(labels)));
  if (where.kind !== "live") return NOTHING;
  if (versionWith(key.secret.stages, CURRENT) === undefined)
    return keeps(version, where, { state: "held", reason: "no version of its secret is current" });
  const reason = "it was replaced by hand, and its overlap begins in this pass";
  return {
    ...keeps(version, where, { state: "overlap", reason }),
    actions: [{ kind: "retire", secretId: key.secret.arn, versionId }],
  };
};
