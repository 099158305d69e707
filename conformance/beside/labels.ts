import { CURRENT, PENDING, PREVIOUS, versionWith } from "../../lambdas/contracts/labels.ts";
import type { Effect } from "../effects/effect.ts";
import type { Recorded } from "../effects/recorded.ts";
import { SECRET_NAME } from "../stage/declared.ts";
import type { Life } from "../stage/life.ts";
import { currentIn, storedIn, viewSecret } from "../stage/secret-view.ts";
import { HOUR_MS, MINUTE_MS } from "../stage/settings.ts";
import { type Act, isAfter, notIn, tryOnce } from "./act.ts";

/*
 * A person moves AWS's labels: back to the old key, or AWSPENDING off a rotation that hangs. The run-book has both.
 */
const PROMOTES = "UpdateSecretVersionStage +AWSCURRENT";

/** A revocation that is on its way to the vendor: no call looks at the secret and asks the vendor at once. */
const isRevoking = ({ stage }: Life): boolean => stage.gate.begun.some(({ name }) => name === "revoke key");

/**
 * Moves AWSCURRENT back to the version before, as long as its key works. Where that key is being revoked in this very moment, they
 * cut themselves off.
 */
const moveBack = async (life: Life): Promise<void> => {
  const { stage } = life;
  const view = await viewSecret(stage);
  const [to, from] = [view && versionWith(view.stages, PREVIOUS), currentIn(view)];
  const stored = to === undefined ? undefined : await storedIn(stage, to);
  const isAlive = stage.simulator.keys().some(({ id, active }) => active && id === stored?.keyId);
  if (!isAlive || !stored) return stage.trace.tell("      there is no key to go back to");
  if (isRevoking(life)) life.witness.exceptions.revokedByHand.set(stored.keyId, stage.clock.now());
  await tryOnce(life, "UpdateSecretVersionStage", {
    SecretId: SECRET_NAME,
    VersionStage: CURRENT,
    MoveToVersionId: to,
    RemoveFromVersionId: from,
  });
};

const thereAndBack = async (life: Life): Promise<void> => {
  await moveBack(life);
  await life.stage.clock.sleep(10 * MINUTE_MS);
  await moveBack(life);
};

const takePendingOff = async (life: Life): Promise<void> => {
  const view = await viewSecret(life.stage);
  const pending = view && versionWith(view.stages, PENDING);
  if (pending === undefined) return;
  const label = { SecretId: SECRET_NAME, VersionStage: PENDING, RemoveFromVersionId: pending };
  await tryOnce(life, "UpdateSecretVersionStage", label);
  await life.stage.clock.sleep(HOUR_MS);
  await life.person.aws("RotateSecret", { SecretId: SECRET_NAME });
};

const inOverlap = (recorded: Recorded, effect: Effect): boolean =>
  isAfter(recorded, effect, PROMOTES) && !isAfter(recorded, effect, "revoke key");

/** Nobody goes back to a key that is no secret any more, or destroyed. */
const calm = notIn("destroy", "compromise", "compromise-first", "stuck", "repair");

export const LABELS = {
  "move-back": {
    what: "a person moves AWSCURRENT back",
    fits: (recorded, effect) => calm(recorded) && inOverlap(recorded, effect),
    act: moveBack,
  },
  "move-back-and-forward": {
    what: "a person moves AWSCURRENT back, and 10 minutes later forward again",
    fits: (recorded, effect) => calm(recorded) && inOverlap(recorded, effect),
    act: thereAndBack,
  },
  "pending-off": {
    what: "a person takes AWSPENDING off, and rotates later",
    fits: (recorded, effect) => notIn("first-key")(recorded) && effect.by === "rotate",
    act: takePendingOff,
  },
} as const satisfies Readonly<Record<string, Act>>;
