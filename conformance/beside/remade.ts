import { ownedName } from "../../lambdas/contracts/key-name.ts";
import { SECRET_NAME } from "../stage/declared.ts";
import type { Life } from "../stage/life.ts";
import { HOUR_MS } from "../stage/settings.ts";
import { type Act, hasKey, notIn } from "./act.ts";

/** After so long every workload has read the new secret, and reconcile has mostly said what it thinks of what the old one left. */
const UNTIL_TOLD_MS = 3 * HOUR_MS;
/** A vendor may be away for hours. */
const LONGEST_UNTIL_TOLD_MS = 8 * HOUR_MS;

/** The keys that only the old secret accounted for, and that were used. */
const leftBy = ({ stage, witness }: Life): readonly string[] =>
  stage.simulator
    .keys()
    .filter(({ id, active }) => active && id !== witness.currentKeyId && !stage.plantedIds.has(id))
    .filter(({ name }) => !witness.exceptions.furtherKeys.has(ownedName(name)?.name ?? ""))
    .map(({ id }) => id);

const isHeldTold = ({ stage }: Life, keyId: string): boolean =>
  stage.seen.some((line) => line.includes(keyId) && /"state":"held"/.test(line));

/** What is in use is somebody's, for all that Keyturn can know: it is held, and told of. */
const untilAllTold = async (life: Life): Promise<void> => {
  const { clock } = life.stage;
  await clock.sleep(UNTIL_TOLD_MS);
  for (let waitedMs = UNTIL_TOLD_MS; waitedMs < LONGEST_UNTIL_TOLD_MS; waitedMs += HOUR_MS) {
    if (leftBy(life).every((keyId) => isHeldTold(life, keyId))) return;
    await clock.sleep(HOUR_MS);
  }
  throw new Error(`nobody was told that ${leftBy(life)} are held, which no version holds any more`);
};

const remake = async (life: Life): Promise<void> => {
  const { stage, witness, person } = life;
  witness.exceptions.isSecretAway = true;
  await person.aws("DeleteSecret", { SecretId: SECRET_NAME, ForceDeleteWithoutRecovery: true });
  await life.deployKey();
  await life.untilReadable();
  witness.exceptions.isSecretAway = false;
  await untilAllTold(life);
  for (const keyId of leftBy(life)) {
    stage.trace.tell(`a person revokes ${keyId}, which was held`);
    witness.exceptions.revokedByHand.set(keyId, stage.clock.now());
    stage.simulator.revokeKey(keyId);
  }
  await witness.observe();
};

export const REMADE = {
  remade: {
    what: "the secret is deleted, and made again under its name",
    moreSlots: 2,
    // A target that was written under another name is handed over by a person, who is told the command: no version says whose it was.
    fits: (recorded, effect) =>
      notIn("destroy", "compromise", "compromise-first", "stuck", "repair")(recorded) &&
      recorded.chapter !== "distributed-rename" &&
      hasKey(recorded, effect),
    act: remake,
  },
} as const satisfies Readonly<Record<string, Act>>;
