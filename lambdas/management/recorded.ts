import { accessFields } from "../contracts/access.ts";
import { toldClaims } from "../contracts/claims.ts";
import type { KeyFacts } from "../contracts/key-facts.ts";
import { CURRENT, versionWith } from "../contracts/labels.ts";
import type { KeyCommandOf } from "../contracts/manage.ts";
import type { Invocation } from "../invocation.ts";
import { checkWanted, type ManagedKey, openManagedKey } from "../rotation/rotation.ts";
import { claimFor, dropClaimOfLiving } from "./claims.ts";
import { openAsExpected } from "./expected.ts";

/** What is told of a key where nothing but its claims was looked at. */
const unasked = ({ secret, declaration, connection }: ManagedKey): KeyFacts => {
  const versionId = versionWith(secret.stages, CURRENT);
  return {
    secretArn: secret.arn,
    secretName: secret.name,
    name: declaration.name,
    connection: declaration.connection,
    vendor: connection.vendor,
    ...accessFields(declaration.access),
    status: versionId === undefined ? "missing" : "current",
    ...(versionId === undefined ? {} : { versionId }),
    notTold: "its vendor was not asked",
    liveGenerations: 0,
    debt: [],
    claims: [...toldClaims(secret.held.claims)],
  };
};

/**
 * Writes an object's claim, and nothing else.
 * @throws KeyturnError DESTROYED, LABEL_LIMIT
 */
export const claim = async (invocation: Invocation, command: KeyCommandOf<"claim">): Promise<KeyFacts> => {
  const key = await openAsExpected(invocation, command);
  checkWanted(key.secret);
  return unasked(await claimFor(key, command.claim));
};

/** Takes away the claim of an object that is no more. The key lives on, if need be without a claim: who destroys or deletes it then ends it. */
export const release = async (invocation: Invocation, command: KeyCommandOf<"release">): Promise<KeyFacts> => {
  const key = await openAsExpected(invocation, command);
  await dropClaimOfLiving(invocation, key.secret, command.claim);
  return unasked(await openManagedKey(invocation, key.secret.arn));
};
