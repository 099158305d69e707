import { timeText } from "../../clock.ts";
import { CURRENT, versionWith } from "../../contracts/labels.ts";
import { METRICS, type Metric } from "../../contracts/metrics.ts";
import type { VendorKey } from "../../vendors/vendor.ts";
import type { Version } from "../observe/version.ts";
import type { Live } from "../observe/whereabouts.ts";
import type { Action, Ground, Revoke } from "./action.ts";

export type { Live };

/**
 * How a live key stands.
 * current: its version is AWSCURRENT. pending: its rotation is under way. overlap: replaced, and still to be valid. waiting:
 * replaced, and without evidence that nobody uses it. blocked: the same past its deadline. revoking: its revocation was decided, and is
 * not confirmed yet. given-up: never to be current, and
 * a run may still be at it. due: nothing keeps it, it is revoked in this pass. young: too young to be judged. held: only a
 * person can say. deletion: its secret is marked for deletion.
 */
export type LifeState =
  | "current"
  | "pending"
  | "overlap"
  | "waiting"
  | "blocked"
  | "revoking"
  | "given-up"
  | "due"
  | "young"
  | "held"
  | "deletion";

/** Why one key of ours is still alive: each live key has exactly one. */
export interface Life {
  readonly connection: string;
  readonly keyId: string;
  readonly keyName: string;
  readonly state: LifeState;
  readonly reason: string;
  /** The first moment at which this may change, if nothing new is seen until then. */
  readonly untilMs?: number;
  readonly secretId?: string;
  readonly secretName?: string;
  readonly versionId?: string;
  readonly lastUse?: VendorKey["lastUse"];
  readonly createdAtMs?: number | undefined;
  /** What tells a person, where one is needed. */
  readonly metric?: Metric;
  /** What its vendor says of its use is not understood, and something waits for it. */
  readonly isUseNotUnderstood?: true;
}

/** What a duty found about one version: what is to be done, why its key lives, and what asks for a rotation. */
export interface Finding {
  readonly actions: readonly Action[];
  readonly lives: readonly Life[];
  readonly rotate?: Wish;
}

/** What asks for a rotation. */
export interface Wish {
  readonly reason: string;
  /** Comes before the others when a pass has to choose. */
  readonly urgent?: boolean;
  /** The mark that asks, to be taken off when the rotation has started. */
  readonly clear?: { readonly versionId: string; readonly label: string };
}

export const NOTHING: Finding = { actions: [], lives: [] };

export const doing = (actions: readonly Action[]): Finding => ({ actions, lives: [] });

export type Because = Pick<Life, "state" | "reason" | "untilMs" | "metric" | "isUseNotUnderstood">;

/** The life of a key that no version holds. */
export const lifeOf = ({ connection, key }: Live, because: Because): Life => ({
  connection,
  keyId: key.id,
  keyName: key.name,
  lastUse: key.lastUse,
  createdAtMs: key.createdAtMs,
  ...because,
});

/** The life of a key that a version holds. */
export const living = ({ key: { secret }, versionId }: Version, live: Live, because: Because): Life => ({
  ...lifeOf(live, because),
  secretId: secret.arn,
  secretName: secret.name,
  versionId,
});

export const keeps = (version: Version, live: Live, because: Because): Finding => ({
  actions: [],
  lives: [living(version, live, because)],
});

type More = Pick<Revoke, "isGone" | "followUp" | "endsOverlap">;

/** The revocation of what a version holds. */
export const revocationOf = (version: Version, live: Live, ground: Ground, more: More = {}): Revoke => ({
  kind: "revoke",
  connection: live.connection,
  keyId: live.key.id,
  keyName: live.key.name,
  prefix: live.key.prefix,
  ground,
  secretId: version.key.secret.arn,
  versionId: version.versionId,
  currentVersionId: versionWith(version.key.secret.stages, CURRENT),
  ...more,
});

/**
 * Revokes what a version holds, or sees to it that the revocation is confirmed.
 * @param more whether its listing shows it as revoked already, and what is to follow once it is confirmed
 */
export const revokes = (version: Version, live: Live, ground: Ground, reason: string, more: More = {}): Finding => ({
  actions: [revocationOf(version, live, ground, more)],
  lives: [living(version, live, { state: "due", reason })],
});

/** "until 2026-…" for a reason. */
export const until = (ms: number): string => `until ${timeText(ms)}`;

/** No connection of the service leads to the vendor of a generation any more, so that nobody can look or revoke. */
export const reportLostVendor = ({ key: { secret }, versionId }: Version, vendor: string): Finding =>
  doing([
    {
      kind: "report",
      secretId: secret.arn,
      action: "generation.out-of-reach",
      metric: METRICS.driftFound,
      facts: {
        secretName: secret.name,
        versionId,
        vendor,
        reason: `no connection of the service is to ${vendor}; connect it again, or revoke the key by hand and take the version's keyturn/ labels off`,
      },
    },
  ]);

/** Labels of a secret that is marked for deletion cannot be changed any more. */
export const unlabelled = ({ key, versionId }: Version, labels: readonly string[]): readonly Action[] =>
  key.secret.deletedAtMs !== undefined
    ? []
    : labels.map((label) => ({ kind: "unlabel", secretId: key.secret.arn, versionId, label }));
