import type { Mutant } from "../mutants/mutant.ts";
import { rotateWith } from "./rotate-with.ts";
import { dropOlderAndMint, mintAndCompensate, mintBlindly, promoteAndRevoke, promoteOnly } from "./steps.ts";
import { noSweep, retireByTimer, retireOnEvidence } from "./sweeps.ts";

/**
 * Orderings in common use. Each is Keyturn's own code but for what its text says, so that nothing else is counted against it;
 * none of them looks for keys that belong to no secret.
 */
export const ORDERINGS: readonly Mutant[] = [
  {
    name: "mint-blindly",
    what: "createSecret mints without listing first",
    shownAt: "rotation/pictograph/5/after/cold/at-once",
    handlers: { rotate: rotateWith({ createSecret: mintBlindly }), reconcile: retireOnEvidence },
  },
  {
    name: "compensate-in-memory",
    what: "as above, and a key that cannot be stored is revoked in the catch",
    shownAt: "rotation/pictograph/5/after/cold/at-once",
    handlers: { rotate: rotateWith({ createSecret: mintAndCompensate }), reconcile: retireOnEvidence },
  },
  {
    name: "revoke-at-finish",
    what: "finishSecret revokes the old key",
    handlers: { rotate: rotateWith({ finishSecret: promoteAndRevoke }), reconcile: noSweep },
  },
  {
    name: "revoke-on-timer",
    what: "the old key is revoked when its overlap is over",
    handlers: { reconcile: retireByTimer },
  },
  {
    name: "keep-two",
    what: "the old key stays until the next rotation drops it",
    handlers: { rotate: rotateWith({ createSecret: dropOlderAndMint, finishSecret: promoteOnly }), reconcile: noSweep },
  },
];
