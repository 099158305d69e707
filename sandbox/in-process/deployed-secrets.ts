import type { Account } from "./account.ts";
import type { Resolve } from "./references.ts";
import type { StackResources } from "./synthesized-stack.ts";

type Secrets = StackResources["aws_secretsmanager_secret"];

const asTagList = (tags: Readonly<Record<string, string>>) =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** Creates the secrets of a stack, without values. @param arns gets their ARNs, by their ids in the stack */
export const createSecrets = async (
  { secretsManager }: Account,
  secrets: Secrets,
  arns: Map<string, string>,
): Promise<void> => {
  for (const [id, { name, tags, description }] of Object.entries(secrets)) {
    const request = { Name: name, Tags: asTagList(tags), Description: description };
    arns.set(id, ((await secretsManager.call("CreateSecret", request)) as { ARN: string }).ARN);
  }
};

/** AWS's TagResource leaves other tags as they are: what is no longer declared is taken off first. */
export const updateSecrets = async (
  { secretsManager }: Account,
  before: Secrets,
  after: Secrets,
  arns: ReadonlyMap<string, string>,
): Promise<void> => {
  for (const [id, { tags, description }] of Object.entries(after)) {
    const SecretId = arns.get(id);
    const TagKeys = Object.keys(before[id]?.tags ?? {}).filter((key) => !(key in tags));
    if (TagKeys.length > 0) await secretsManager.call("UntagResource", { SecretId, TagKeys });
    await secretsManager.call("TagResource", { SecretId, Tags: asTagList(tags) });
    if (description !== before[id]?.description)
      await secretsManager.call("UpdateSecret", { SecretId, Description: description });
  }
};

/** @param arns loses each secret that is gone, so that it may be repeated */
export const removeSecrets = async ({ secretsManager }: Account, arns: Map<string, string>): Promise<void> => {
  for (const [id, SecretId] of arns) {
    await secretsManager.call("DeleteSecret", { SecretId, ForceDeleteWithoutRecovery: true });
    arns.delete(id);
  }
};

/** Configures the rotations of a stack. @returns the ARNs of their secrets */
export const createRotations = async (
  { secretsManager }: Account,
  rotations: StackResources["aws_secretsmanager_secret_rotation"],
  resolve: Resolve,
): Promise<Set<string>> => {
  const rotated = new Set<string>();
  for (const { secret_id, rotation_lambda_arn, rotation_rules } of Object.values(rotations)) {
    const SecretId = resolve(secret_id);
    await secretsManager.call("RotateSecret", {
      SecretId,
      RotationLambdaARN: resolve(rotation_lambda_arn),
      RotationRules: { AutomaticallyAfterDays: rotation_rules.automatically_after_days },
      RotateImmediately: false,
    });
    rotated.add(SecretId);
  }
  return rotated;
};

/** @param rotated loses each rotation that is cancelled, so that it may be repeated */
export const cancelRotations = async ({ secretsManager }: Account, rotated: Set<string>): Promise<void> => {
  for (const SecretId of rotated) {
    await secretsManager.call("CancelRotateSecret", { SecretId });
    rotated.delete(SecretId);
  }
};
