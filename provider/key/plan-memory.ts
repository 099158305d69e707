import { type ObjectValue, textOf } from "../wire/value.ts";
import { isImported } from "./claim.ts";

/**
 * What one process of the provider has met of keys: Terraform plans a whole configuration with one, and applies it with another. Plans and
 * states come without their addresses, so that an object is known by its claim and its secret.
 */
export interface PlanMemory {
  /** An object of the state, as it is read from there. */
  saw(state: ObjectValue): void;
  /** This process applies: Terraform asks for plans then, too, of what it has begun to replace. */
  applies(): void;
  /** An object that this process makes claims a key. */
  claimed(id: string): void;
  /** Whether an object with this claim is in this very state. */
  isOfThisState(claim: string): boolean;
  /** An object is planned to end. */
  ends(prior: ObjectValue): void;
  /** An object is planned to stay, changed or not. */
  keeps(prior: ObjectValue): void;
  /** The object that this plan ends while another one of the state, with no claim of its own either, keeps the same secret's key. */
  sharesUnnamed(): ObjectValue | undefined;
  /** The object that this plan ends while another one of the same secret was imported, and has no claim before the plan is applied. */
  endsBeforeImported(): ObjectValue | undefined;
  /** An object is planned to be made anew, and takes no other's place. */
  makes(proposed: ObjectValue): void;
  /**
   * The object that this plan ends while it makes another one of the same secret. Only where the state has no further object of the secret:
   * with one more it could be a replacement.
   * @param sameSecret whether a planned id means the secret with this ARN, where the texts leave that open
   */
  renamed(sameSecret: (secretId: string, arn: string) => Promise<boolean>): Promise<ObjectValue | undefined>;
}

const arnOf = (state: ObjectValue): string => textOf(state.secret_arn) ?? textOf(state.secret_id) ?? "";

/** Whether an id may mean the secret with this ARN: it is its beginning, or the name in it. */
const mayMean = (secretId: string, arn: string): boolean =>
  arn === secretId || arn.startsWith(`${secretId}-`) || arn.includes(`:secret:${secretId}-`);

export const createPlanMemory = (): PlanMemory => {
  const objects = new Map<string, Set<string>>();
  const claims = new Set<string>();
  const ended = new Map<string, ObjectValue>();
  const keptUnnamed = new Set<string>();
  const keptImported = new Set<string>();
  const made = new Set<string>();
  let isApplying = false;
  const isOnlyObject = (arn: string): boolean => objects.get(arn)?.size === 1;
  return {
    saw(state) {
      const arn = arnOf(state);
      objects.set(arn, (objects.get(arn) ?? new Set()).add(JSON.stringify(state)));
      const claim = textOf(state.claim);
      if (claim) claims.add(claim);
    },
    applies() {
      isApplying = true;
    },
    claimed: (id) => void claims.add(id),
    isOfThisState: (claim) => claims.has(claim),
    ends: (prior) => void ended.set(arnOf(prior), prior),
    keeps(prior) {
      if (prior.claim === null) keptUnnamed.add(arnOf(prior));
      if (isImported(prior)) keptImported.add(arnOf(prior));
    },
    sharesUnnamed() {
      if (isApplying) return undefined;
      return [...ended].find(([arn, prior]) => prior.claim === null && keptUnnamed.has(arn))?.[1];
    },
    endsBeforeImported: () => (isApplying ? undefined : [...ended].find(([arn]) => keptImported.has(arn))?.[1]),
    makes(proposed) {
      const secretId = textOf(proposed.secret_id);
      if (secretId !== undefined) made.add(secretId);
    },
    async renamed(sameSecret) {
      if (isApplying) return undefined;
      for (const [arn, prior] of [...ended].filter(([one]) => isOnlyObject(one)))
        for (const secretId of [...made].filter((one) => mayMean(one, arn)))
          if (secretId === arn || (await sameSecret(secretId, arn))) return prior;
      return undefined;
    },
  };
};
