import { timeText } from "../../clock.ts";
import { type Claims, standingClaims, toldClaims, UNNAMED } from "../../contracts/claims.ts";
import type { ClaimFacts } from "../../contracts/key-facts.ts";
import { CURRENT, isDestroyed, marks, versionWith } from "../../contracts/labels.ts";
import { METRICS } from "../../contracts/metrics.ts";
import type { SecretFacts } from "../../secrets.ts";
import type { ObservedKey } from "../observe/observation.ts";
import type { Pass } from "../observe/version.ts";
import { doing, type Finding, NOTHING } from "./finding.ts";

/** For so long somebody is called: what is still so after a day is meant so. */
const CALLED_MS = 24 * 3_600_000;

/** A key that was ended, while readers can still get its value: whoever does is refused by the vendor. */
const decideDestroyedAndKept = ({ observation: { nowMs } }: Pass, secret: SecretFacts): Finding => {
  const all = Object.values(secret.stages).flatMap((labels) => marks("destroyed", labels));
  const atMs = Math.max(...all.map((mark) => mark.atMs));
  if (versionWith(secret.stages, CURRENT) === undefined || nowMs >= atMs + CALLED_MS) return NOTHING;
  return doing([
    {
      kind: "report",
      secretId: secret.arn,
      action: "key.ended",
      metric: METRICS.currentKeyDead,
      facts: {
        secretName: secret.name,
        endedAt: timeText(atMs),
        reason:
          "its key was destroyed and its secret was not, so that whoever reads it gets a value that its vendor refuses; delete the secret, or declare the key again",
      },
    },
  ]);
};

/** A key from before claims has the unnamed one without anything being written. */
const claimsToTell = (held: Claims, nowMs: number, timeoutMs: number): readonly ClaimFacts[] => {
  if (held.claims.length === 0 && !held.unclaimed) return [{ id: UNNAMED }];
  return toldClaims(standingClaims(held, nowMs, timeoutMs));
};

/** A secret that somebody deleted, whose key objects of Terraform's still have. Its labels cannot be changed any more. */
const decideDeletedAndClaimed = ({ observation: { nowMs }, grants }: Pass, secret: SecretFacts): Finding => {
  const { held, deletedAtMs = 0 } = secret;
  const claims = claimsToTell(held, nowMs, grants.mintTimeout);
  const isEmpty = versionWith(secret.stages, CURRENT) === undefined;
  if (isEmpty || claims.length === 0 || nowMs >= deletedAtMs + CALLED_MS) return NOTHING;
  return doing([
    {
      kind: "report",
      secretId: secret.arn,
      action: "secret.deleted-while-claimed",
      metric: METRICS.driftFound,
      facts: {
        secretName: secret.name,
        claims,
        reason:
          "its secret is marked for deletion, and objects of Terraform's claim its key; restore it with aws secretsmanager restore-secret, or destroy those objects",
      },
    },
  ]);
};

/** What ended a key outside its rotation, or is about to, is told to somebody in the next pass. */
export const decideEnded = (pass: Pass, { secret }: ObservedKey): Finding => {
  if (secret.deletedAtMs !== undefined)
    return isDestroyed(secret.stages) ? NOTHING : decideDeletedAndClaimed(pass, secret);
  return isDestroyed(secret.stages) ? decideDestroyedAndKept(pass, secret) : NOTHING;
};
