import type { DescribeSecretResponse } from "@aws-sdk/client-secrets-manager";
import { claimsOf, unclaimedLabel } from "../../lambdas/contracts/claims.ts";
import { manageHandler } from "../../lambdas/management/manage.ts";
import type { World } from "../../lambdas/world.ts";
import type { Mutant } from "./mutant.ts";
import { withAnswer } from "./worlds.ts";

/* Faults of what knows whose a key is. */
const CLAIMS_COME_MS = 30_000;

const actionOf = (event: unknown): unknown => (event as { action?: unknown }).action;

/** As if no object had a claim. */
const withoutClaims = (world: World): World =>
  withAnswer<DescribeSecretResponse>(world, (answer) => {
    const stages = answer.VersionIdsToStages;
    if (!stages || claimsOf(stages).claims.length === 0) return answer;
    const claims = new Set(claimsOf(stages).claims.map(({ label }) => label));
    const without = Object.entries(stages).map(
      ([id, labels]) => [id, labels.filter((one) => !claims.has(one))] as const,
    );
    const [[first, labels] = ["", []], ...rest] = without;
    return { ...answer, VersionIdsToStages: Object.fromEntries([[first, [...labels, unclaimedLabel(0)]], ...rest]) };
  });

/** As if it waited for nobody. */
const withoutWait = ({ clock, ...world }: World): World => ({
  ...world,
  clock: {
    now: () => clock.now(),
    sleep: async (durationMs, signal) => (durationMs === CLAIMS_COME_MS ? undefined : clock.sleep(durationMs, signal)),
  },
});

/** The function that does so when an object ends, and is ours else. */
const whenItDeletes =
  (change: (world: World) => World) =>
  (world: World): ReturnType<typeof manageHandler> => {
    const [ours, changed] = [manageHandler(world), manageHandler(change(world))];
    return (event, context) => (actionOf(event) === "delete" ? changed : ours)(event, context);
  };

export const CLAIM_MUTANTS: readonly Mutant[] = [
  {
    name: "end-with-any-object",
    what: "whichever object ends, the key ends with it",
    shownAt: "rotation/pictify+object=second-state@5",
    handlers: { manage: whenItDeletes(withoutClaims) },
  },
  {
    name: "end-at-once",
    what: "a destroy does not wait for the claim of an object that is made at the same time",
    shownAt: "rename/pictograph+object=rename@5",
    handlers: { manage: whenItDeletes(withoutWait) },
  },
];
