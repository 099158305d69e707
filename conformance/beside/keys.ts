import { CURRENT, PENDING, PREVIOUS, versionWith } from "../../lambdas/contracts/labels.ts";
import type { Life } from "../stage/life.ts";
import { storedIn, viewSecret } from "../stage/secret-view.ts";
import { HOUR_MS } from "../stage/settings.ts";
import { type Act, hasKey, inChapters, isAfter, notIn } from "./act.ts";

/*
 * A person who does something about one key: revokes it in the vendor's dashboard, says that it is no secret any more, or ends it.
 */
const UNSEEN_MS = 3 * HOUR_MS;

const keyWith = async ({ stage }: Life, label: string): Promise<string | undefined> => {
  const view = await viewSecret(stage);
  const versionId = view && versionWith(view.stages, label);
  const keyId = versionId === undefined ? undefined : (await storedIn(stage, versionId))?.keyId;
  return stage.simulator.keys().find(({ id, active }) => active && id === keyId)?.id;
};

const revoke =
  (label: string) =>
  async (life: Life): Promise<void> => {
    const keyId = await keyWith(life, label);
    if (keyId === undefined) return life.stage.trace.tell(`      there is no key that is ${label}`);
    life.witness.exceptions.revokedByHand.set(keyId, life.stage.clock.now());
    life.stage.trace.tell(`a person revokes ${keyId} at the vendor`);
    life.stage.simulator.revokeKey(keyId);
    await life.witness.observe();
  };

/** The vendor's lists do not show it for hours, and call the dead key active. */
const revokeUnseen = async (life: Life): Promise<void> => {
  const { simulator, clock, trace, vendor } = life.stage;
  trace.tell("the vendor's lists stand still");
  // Pictify refuses a verification with 403: then nothing can be known of use but what it lists.
  life.witness.exceptions.hidesUse ||= vendor === "pictify";
  simulator.stopLists();
  const keyId = await keyWith(life, CURRENT);
  if (keyId !== undefined) life.witness.exceptions.revokedUnseen.add(keyId);
  await revoke(CURRENT)(life);
  await clock.sleep(UNSEEN_MS);
  trace.tell("the vendor's lists have caught up");
  simulator.stopLists(Number.POSITIVE_INFINITY);
};

const compromised =
  (first: boolean) =>
  async (life: Life): Promise<void> => {
    const keyId = await keyWith(life, CURRENT);
    if (keyId === undefined) return life.stage.trace.tell("      there is no current key");
    const { exceptions } = life.witness;
    const isFirst = first || exceptions.compromised.get(keyId) === "first";
    exceptions.compromised.set(keyId, isFirst ? "first" : "replaced first");
    const ask = () => life.person.ask("compromised", undefined, { keyId, ...(first ? { first } : {}) });
    await Promise.all([ask(), ask()]);
  };

/** A destroy is for a key that nobody uses any more. */
const destroy = async (life: Life): Promise<void> => {
  life.witness.exceptions.isDestroyed = true;
  await life.readers.stop();
  await life.person.ask("delete", "destroyed");
};

const STORES = "PutSecretValue";

export const KEYS = {
  "revoke-current": {
    what: "a person revokes the current key at the vendor",
    fits: (recorded, effect) => notIn("destroy", "stuck", "repair")(recorded) && hasKey(recorded, effect),
    act: revoke(CURRENT),
  },
  "revoke-current-unseen": {
    places: "few",
    what: "a person revokes the current key at the vendor, whose lists call it active for hours",
    fits: (recorded, effect) => notIn("first-key", "destroy", "stuck", "repair")(recorded) && hasKey(recorded, effect),
    act: revokeUnseen,
  },
  "revoke-pending": {
    what: "a person revokes the pending key at the vendor",
    fits: (recorded, effect) =>
      notIn("first-key", "stuck", "repair")(recorded) && effect.by === "rotate" && isAfter(recorded, effect, STORES),
    act: revoke(PENDING),
  },
  "revoke-previous": {
    what: "a person revokes the old key at the vendor, in the overlap",
    fits: (recorded, effect) =>
      notIn("stuck", "repair")(recorded) &&
      isAfter(recorded, effect, "UpdateSecretVersionStage +AWSCURRENT") &&
      !isAfter(recorded, effect, "revoke key"),
    act: revoke(PREVIOUS),
  },
  compromised: {
    runs: true,
    places: "few",
    what: "two people say that the current key is no secret any more",
    fits: notIn("destroy", "first-key", "stuck", "repair"),
    act: compromised(false),
  },
  "compromised-first": {
    what: "two people have the current key revoked before it is replaced",
    fits: notIn("destroy", "first-key", "stuck", "repair"),
    act: compromised(true),
  },
  destroy: { runs: true, what: "a destroy is asked for", fits: inChapters("rotation", "destroy"), act: destroy },
} as const satisfies Readonly<Record<string, Act>>;
