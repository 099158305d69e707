import { declarationOf } from "../contracts/declaration.ts";
import type { DistributeAction, DistributeRequest } from "../contracts/distribute.ts";
import { CURRENT, isDestroyed, PENDING } from "../contracts/labels.ts";
import { type DeclaredTarget, targetsOf } from "../contracts/target-tags.ts";
import { KeyturnError } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { isReplica, type SecretFacts } from "../secrets.ts";
import type { Owner } from "../targets/kubernetes/ownership.ts";
import type { Versions } from "../targets/target.ts";
import { TargetError } from "../targets/target-error.ts";
import { checkReplaces, type ReadGenerations, versionsOf } from "./versions.ts";

export type RequestedSecret = DistributeRequest["secrets"][number];

/** A secret whose targets are to be worked on. */
export interface PreparedSecret {
  readonly asked: RequestedSecret;
  readonly secret: SecretFacts;
  readonly owner: Owner;
  readonly targets: readonly DeclaredTarget[];
  /** What they are to hold, or why nothing can be put into any of them. */
  readonly versions: Versions | Error;
  /** The same as of now. @throws TargetError SUPERSEDED */
  readonly confirm: (liveVersionId: string | undefined) => Promise<Versions>;
}

const LABEL_LAG_TRIES = 10;
const LABEL_LAG_MS = 1_000;

/** A version that was promoted a moment ago may still be described as pending. */
const isStillPending = ({ stages }: SecretFacts, versionId: string): boolean => {
  const labels = stages[versionId] ?? [];
  return labels.includes(PENDING) && !labels.includes(CURRENT);
};

const describe = async (
  { secrets, clock }: Invocation,
  { arn, versionId }: RequestedSecret,
  action: DistributeAction,
) => {
  for (let tries = 1; ; tries++) {
    const secret = await secrets.describe(arn);
    if (!secret) throw new KeyturnError("NOT_MANAGED", `there is no secret ${arn}`);
    if (action === "observe" || tries > LABEL_LAG_TRIES || !isStillPending(secret, versionId)) return secret;
    await clock.sleep(LABEL_LAG_MS);
  }
};

/** @throws KeyturnError NOT_MANAGED for a secret that is not this service's */
const ownerOf = ({ grants }: Invocation, secret: SecretFacts): Owner => {
  if (isReplica(secret))
    throw new KeyturnError("NOT_MANAGED", `${secret.arn} is a replica; ask in ${secret.primaryRegion}, its own region`);
  const { service, name } = declarationOf(secret.tags, secret.name);
  if (service !== grants.service)
    throw new KeyturnError(
      "NOT_MANAGED",
      `the secret ${secret.name} belongs to the service ${service}, this is ${grants.service}`,
    );
  return { service, key: name, versionIds: Object.keys(secret.stages) };
};

const checkAlive = ({ name, stages, deletedAtMs }: SecretFacts): void => {
  if (deletedAtMs === undefined && !isDestroyed(stages)) return;
  throw new TargetError("SUPERSEDED", `the managed key ${name} was destroyed, so that nothing is distributed for it`);
};

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error("something that is no error was thrown");

/**
 * Finds out what is to be put where for one secret.
 * @throws KeyturnError when not even its targets are known
 */
export const prepare = async (
  invocation: Invocation,
  asked: RequestedSecret,
  action: DistributeAction,
): Promise<PreparedSecret> => {
  const known: ReadGenerations = new Map();
  const { arn, versionId } = asked;
  const secret = await describe(invocation, asked, action);
  const owner = ownerOf(invocation, secret);
  const targets = targetsOf(secret.tags);
  const versionsNow = async (facts: SecretFacts): Promise<Versions> => {
    checkAlive(facts);
    return versionsOf(invocation, facts, versionId, known);
  };
  return {
    asked,
    secret,
    owner,
    targets,
    versions: targets.length === 0 ? new Error("no targets") : await versionsNow(secret).catch(asError),
    async confirm(liveVersionId) {
      const fresh = await invocation.secrets.describe(arn);
      if (!fresh) throw new TargetError("SUPERSEDED", `the secret ${secret.name} is gone`);
      const versions = await versionsNow(fresh);
      checkReplaces(fresh, versionId, liveVersionId);
      return versions;
    },
  };
};
