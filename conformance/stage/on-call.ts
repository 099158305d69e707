import type { Life } from "./life.ts";
import { storedIn, viewSecret } from "./secret-view.ts";
import { HOUR_MS, MINUTE_MS } from "./settings.ts";
import type { Stage } from "./stage.ts";

/** How long somebody on call takes to look at what an alarm says. */
const ANSWER_MS = 30 * MINUTE_MS;
/** How long they make sure that nobody uses a key of which the vendor does not say so: longer than any reader keeps one. */
const SURE_MS = 2 * HOUR_MS;

interface Told {
  readonly action?: string;
  readonly keyId?: string;
  readonly keyIds?: readonly string[];
  readonly state?: string;
  readonly reason?: string;
  readonly errorType?: string;
  readonly errorMessage?: string;
}

const toldIn = (line: string): Told => {
  const told: unknown = line.startsWith("{") ? JSON.parse(line) : {};
  return told as Told;
};

/** The key that a person is told to revoke in the vendor's dashboard. */
const toRevoke = ({ action, keyId, reason = "", errorType, errorMessage = "" }: Told): string | undefined => {
  const isCutOff = action === "key.lives" && reason.includes("cut its name off");
  if (action === "key.revoke-by-hand" || isCutOff) return keyId;
  return errorType === "VALUE_LOST" ? /\(([^()\s]+)\) was minted/.exec(errorMessage)?.[1] : undefined;
};

/** A stray of which the vendor does not tell enough, or of which there are many. */
const isHeld = ({ action, state, reason = "" }: Told): boolean =>
  action === "key.lives" &&
  state === "held" &&
  /the vendor (gives no last use|does not tell its age)|is not understood|were to be revoked at once/.test(reason);

const isStored = async (stage: Stage, keyId: string): Promise<boolean> => {
  const view = await viewSecret(stage);
  const labelled = Object.entries(view?.stages ?? {}).filter(([, labels]) => labels.length > 0);
  for (const [versionId] of view?.isDeleted ? [] : labelled)
    if ((await storedIn(stage, versionId))?.keyId === keyId) return true;
  return false;
};

const revokeByHand = async ({ stage }: Life, told: Told): Promise<void> => {
  const keyId = toRevoke(told);
  const key = stage.simulator.keys().find(({ id, active }) => id === keyId && active);
  if (!key) return;
  if (told.action !== "key.revoke-by-hand" && (await isStored(stage, key.id))) return;
  stage.trace.tell(`a person revokes ${key.id} in the vendor's dashboard`);
  stage.simulator.revokeKey(key.id);
};

/** Ends the overlap of keys whose use their vendor does not tell in a way that is understood, once nobody holds them for sure. */
const endNotUnderstood = ({ stage, witness }: Life, told: ReadonlyMap<string, number>): void => {
  for (const [keyId, sinceMs] of told) {
    const key = stage.simulator.keys().find(({ id, active }) => id === keyId && active);
    if (!key || stage.clock.now() < sinceMs + SURE_MS || keyId === witness.currentKeyId) continue;
    stage.trace.tell(`a person revokes ${keyId} in the vendor's dashboard, sure that nobody uses it`);
    witness.exceptions.revokedByHand.set(keyId, stage.clock.now());
    stage.simulator.revokeKey(keyId);
  }
};

const nameStrays = async ({ stage }: Life, lines: readonly Told[]): Promise<void> => {
  const revokeStrays = [...new Set(lines.filter(isHeld).flatMap(({ keyId }) => keyId ?? []))];
  if (revokeStrays.length === 0) return;
  stage.trace.tell(`a person has reconcile revoke the strays ${revokeStrays.join(", ")}`);
  await stage.invoke("reconcile", { revokeStrays });
};

/** Has somebody do what the run-book says, half an hour after an alarm: revoke by hand, and name strays that shall go. */
export const answerAlarms = (life: Life): void => {
  const { clock, seen } = life.stage;
  const notUnderstood = new Map<string, number>();
  const run = async () => {
    for (let read = seen.length; ; ) {
      await clock.sleep(ANSWER_MS);
      const lines = seen.slice(read).map(toldIn);
      read = seen.length;
      for (const line of lines) await revokeByHand(life, line);
      for (const keyId of lines.flatMap(({ action, keyIds }) =>
        action === "use.not-understood" ? (keyIds ?? []) : [],
      ))
        notUnderstood.set(keyId, notUnderstood.get(keyId) ?? clock.now());
      endNotUnderstood(life, notUnderstood);
      await nameStrays(life, lines);
    }
  };
  void run();
};
