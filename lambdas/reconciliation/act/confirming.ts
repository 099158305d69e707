import { generationOf, isGenerationOf, serviceId } from "../../contracts/key-name.ts";
import { CURRENT, deniedSinceMs, isNote, marks, ownMarks, versionWith } from "../../contracts/labels.ts";
import { confirmAll, type Ended, type Ending } from "../../evidence/ending.ts";
import type { Invocation } from "../../invocation.ts";
import { tellByHand } from "../../revocation.ts";
import { mintsInVain } from "../../rotation/in-vain.ts";
import type { SecretFacts } from "../../secrets.ts";
import { readGeneration } from "../../stored.ts";
import type { VendorKey } from "../../vendors/vendor.ts";
import type { Confirm, Revoke, Rotate } from "../decide/action.ts";
import { BY_HAND_MS } from "../decide/asking.ts";
import { COMPROMISED_ALIVE_MS } from "../decide/compromised.ts";
import type { Asked } from "./revoking.ts";
import { rotate } from "./starting.ts";

/** Since when a revocation is decided, as the labels tell it. */
const decidedSinceMs = (labels: readonly string[], isCompromised: boolean): number | undefined => {
  const kinds = isCompromised
    ? (["compromised", "compromised-first"] as const)
    : (["revoking", "abandoned", "destroyed"] as const);
  const times = kinds.flatMap((mark) => marks(mark, labels)).map(({ atMs }) => atMs);
  return times.length > 0 ? Math.min(...times) : undefined;
};

const isCompromise = ({ ground }: Revoke): boolean => ground === "compromised" || ground === "compromised-first";

/** How long it may not be told what became of a key: a vendor is seldom away for longer, and one that answers in a form of its own stays so. */
const IN_DOUBT_MS = 24 * 3_600_000;

/** A person is told once what was asked for long ago still lives, or may. */
const tellLong = async (invocation: Invocation, { action }: Asked, { reason, lives }: Unconfirmed): Promise<void> => {
  const { keyId, keyName, secretId = "", versionId = "", connection } = action;
  const stages = (await invocation.secrets.describe(secretId))?.stages ?? {};
  const labels = action.ground === "destroyed" ? Object.values(stages).flat() : (stages[versionId] ?? []);
  const sinceMs = decidedSinceMs(labels, isCompromise(action));
  const knownMs = isCompromise(action) ? COMPROMISED_ALIVE_MS : BY_HAND_MS;
  const patienceMs = lives ? knownMs : IN_DOUBT_MS;
  if (sinceMs === undefined || invocation.clock.now() < sinceMs + patienceMs) return;
  tellByHand(invocation, { keyId, keyName, facts: { connection, secretId, versionId } }, reason);
};

type Unconfirmed = Extract<Ended, { kind: "unconfirmed" }>;

/**
 * What a confirmed revocation leaves of a version: nothing of ours; `destroyed` stays, it is about the whole secret, and so are notes of mints
 * on the one that is current.
 */
const marksThatGo = (labels: readonly string[]): readonly string[] => {
  const isKept = (label: string): boolean =>
    [...marks("destroyed", [label]), ...marks("denied", [label])].length > 0 ||
    (labels.includes(CURRENT) && isNote(label));
  return ownMarks(labels).filter((label) => !isKept(label));
};

const takeOff = async (invocation: Invocation, secret: SecretFacts, versionId: string, labels: readonly string[]) => {
  for (const label of labels) {
    await invocation.secrets.removeLabel(secret.arn, versionId, label);
    invocation.log.event("label.removed", { secretId: secret.arn, secretName: secret.name, versionId, label });
  }
};

/** The rotation that a given-up one left to be made takes its mark off when it has started. */
const finish = async (
  invocation: Invocation,
  { secretId, versionId, followUp }: { secretId: string; versionId: string; followUp: Rotate | undefined },
  goes: (labels: readonly string[]) => readonly string[],
): Promise<void> => {
  if (followUp) await rotate(invocation, followUp);
  const secret = await invocation.secrets.describe(secretId);
  if (!secret || secret.deletedAtMs !== undefined) return;
  const isBraked =
    deniedSinceMs(secret.stages) !== undefined || mintsInVain(secret.stages, invocation.grants) !== undefined;
  const isFollowed = followUp === undefined || isBraked;
  if (isFollowed) await takeOff(invocation, secret, versionId, goes(secret.stages[versionId] ?? []));
};

const confirmed = async (invocation: Invocation, { action, ending }: Asked): Promise<void> => {
  const { secretId = "", versionId = "", ground, connection, followUp } = action;
  const { keyId, keyName } = ending;
  invocation.log.event("revocation.confirmed", { keyId, keyName, connection, secretId, versionId, reason: ground });
  await finish(invocation, { secretId, versionId, followUp }, marksThatGo);
};

const unconfirmed = async (invocation: Invocation, asked: Asked, ended: Unconfirmed): Promise<void> => {
  const { keyId, keyName } = asked.ending;
  const { connection, secretId, versionId } = asked.action;
  const { reason } = ended;
  invocation.log.event("revocation.unconfirmed", { keyId, keyName, connection, secretId, versionId, reason });
  await tellLong(invocation, asked, ended);
};

/** Sees what became of the revocations of a pass, all together, since each look waits for a propagation. */
export const confirmRevocations = async (invocation: Invocation, asked: readonly Asked[]): Promise<void> => {
  const ended = await confirmAll(
    invocation,
    asked.map(({ ending }) => ending),
  );
  for (const [index, one] of asked.entries()) {
    const result = ended[index];
    if (result?.kind === "confirmed") await confirmed(invocation, one);
    else if (result) await unconfirmed(invocation, one, result);
  }
};

/** A key of ours that is known to work at a connection: the current one of the secret. */
const witnessOf = async (invocation: Invocation, secret: SecretFacts, currentId: string | undefined) => {
  const found = currentId === undefined ? undefined : await readGeneration(invocation, secret, currentId);
  return typeof found === "object" ? { keyId: found.keyId, value: found.apiKey } : undefined;
};

/** Takes the mark of a version off that holds nothing, once two whole listings show nothing of it either. */
export const confirmNothing = async (invocation: Invocation, action: Confirm): Promise<void> => {
  const { secretId, versionId, labels, followUp } = action;
  const secret = await invocation.secrets.describe(secretId);
  const connection = invocation.grants.connections[action.connection];
  if (!secret || !connection) return;
  const known = await witnessOf(invocation, secret, versionWith(secret.stages, CURRENT));
  const generation = new Set([generationOf(versionId)]);
  const id = serviceId(invocation.grants.service, invocation.functionArn);
  const isIt = ({ name }: VendorKey): boolean => isGenerationOf(name, id, generation);
  const ending: Ending = { keyId: versionId, keyName: versionId, isIt, connection, known };
  const [ended] = await confirmAll(invocation, [ending]);
  if (ended?.kind !== "confirmed") return;
  await finish(invocation, { secretId, versionId, followUp }, (now) => now.filter((label) => labels.includes(label)));
};
