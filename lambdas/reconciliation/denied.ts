import { timeText } from "../clock.ts";
import { CURRENT, deniedSinceMs, marks, versionWith } from "../contracts/labels.ts";
import { METRICS } from "../contracts/metrics.ts";
import { doing, type Finding } from "./finding.ts";
import { unlabelled, type Version, versionsOf } from "./version.ts";
import { whereabouts } from "./whereabouts.ts";

/** Whether a generation has become current since, so that values are stored again. */
const isOver = (version: Version, sinceMs: number): boolean => {
  const { pass, key } = version;
  const currentId = versionWith(key.secret.stages, CURRENT);
  const current = versionsOf(pass, key).find(({ versionId }) => versionId === currentId);
  const where = current && whereabouts(current);
  const bornMs = where && "key" in where ? where.key.createdAtMs : undefined;
  return bornMs !== undefined && bornMs > sinceMs;
};

/** A rotation whose value Secrets Manager refused to store: a person is told until the next one is done, and none is started for it. */
export const decideDenied = (version: Version): Finding => {
  const { key, versionId, labels } = version;
  const sinceMs = deniedSinceMs({ [versionId]: labels }) ?? 0;
  const isLatest = sinceMs === deniedSinceMs(key.secret.stages);
  if (!isLatest || isOver(version, sinceMs))
    return doing(
      unlabelled(
        version,
        marks("denied", labels).map(({ label }) => label),
      ),
    );
  const reason = `since ${timeText(sinceMs)} Secrets Manager refuses to store its values; give the function the right, the one to its KMS key included, and rotate`;
  const facts = { secretName: key.secret.name, versionId, reason };
  return doing([
    { kind: "report", secretId: key.secret.arn, action: "store.denied", facts, metric: METRICS.driftFound },
  ]);
};
