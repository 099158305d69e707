import type { CountedCall } from "./counted-account.ts";

const DESCRIBE =
  "Tags, labels and rotation function as they are now: each step is an invocation of its own, may be repeated or run twice, and must do nothing for a version that is done, destroyed or not its own.";

/** Why each step makes each of its calls: by step and name, the first, second … call of that name. */
const REASONS: Readonly<Record<string, readonly string[]>> = {
  "createSecret DescribeSecret": [
    DESCRIBE,
    "Looks once more after the mint: whoever destroyed the key meanwhile may have looked before the new key was there, so that it is taken back.",
  ],
  "createSecret GetSecretValue": ["Whether an earlier try has stored a value already: then nothing is minted."],
  "createSecret list keys": [
    "A key of this generation's name is a value that was lost, or one that a twin is just storing; and whether a slot is free.",
    "The list is read until a page brings nothing new: what it says of further pages may be wrong, and a key that it lacks would be minted twice.",
  ],
  "createSecret create key": ["The mint."],
  "createSecret PutSecretValue": ["Stores the value under the version's own id, as AWSPENDING."],
  "setSecret DescribeSecret": [DESCRIBE],
  "testSecret DescribeSecret": [DESCRIBE],
  "testSecret GetSecretValue": ["The key to be verified, and what it may do."],
  "testSecret verify key": ["Whether the key works, before anybody is given it."],
  "finishSecret DescribeSecret": [DESCRIBE],
  "finishSecret GetSecretValue": ["A version without a value must never become current."],
  "finishSecret UpdateSecretVersionStage +keyturn/retiring": [
    "Marks the outgoing version before it is replaced: that starts its overlap, and keeps AWS from pruning it.",
  ],
  "finishSecret UpdateSecretVersionStage +AWSCURRENT": ["The promotion, naming the version that is current."],
  "finishSecret Invoke distribute Event": [
    "Has the value brought to the targets at once. Only for a key that has targets.",
  ],
};

const VERIFYING: ReadonlySet<string> = new Set(["list datasets", "list keys"]);

const nameOf = ({ task, name }: Pick<CountedCall, "task" | "name">): string =>
  task === "testSecret" && VERIFYING.has(name) ? "verify key" : name;

/**
 * Why a rotation makes a call.
 * @param earlier how many calls of the same name the same step made before
 * @throws Error for a call that nobody has given a reason for
 */
export const reasonFor = (call: Pick<CountedCall, "task" | "name">, earlier: number): string => {
  const reason = REASONS[`${call.task} ${nameOf(call)}`]?.[earlier];
  if (reason !== undefined) return reason;
  throw new Error(
    `nobody says why ${call.task} calls ${call.name} for time ${earlier + 1}: give it a reason, or spare it`,
  );
};
