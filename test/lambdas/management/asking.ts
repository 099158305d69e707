import { accessFields } from "../../../lambdas/contracts/access.ts";
import type { Declaration } from "../../../lambdas/contracts/declaration.ts";
import type { ExpectedKey, KeyAnswer } from "../../../lambdas/contracts/manage.ts";
import { keyAnswer } from "../../../lambdas/contracts/manage.ts";
import type { VendorSimulator } from "../../../sandbox/vendors/simulator.ts";
import { declarationOfTest, type Stand } from "../stand.ts";

/** What a caller expects who declared this. */
export const expecting = (changes: Partial<Declaration> = {}): ExpectedKey => {
  const { name, connection, access } = { ...declarationOfTest, ...changes };
  return { name, connection, ...accessFields(access) };
};

export interface Told {
  readonly answer: KeyAnswer | undefined;
  readonly error: string | undefined;
}

/** Asks `manage`, and reads its answer as the provider does. */
export const ask = async (stand: Stand, action: string, secretId: string, more: object = {}): Promise<Told> => {
  const { answer, error } = await stand.invoke("manage", { action, secretId, ...more });
  return { answer: answer === undefined ? undefined : keyAnswer.parse(answer), error };
};

/** Asks again and again, as the provider does, until the answer is `current`; gives up after an hour. */
export const askUntilCurrent = async (
  stand: Stand,
  action: string,
  secretId: string,
  more: object = {},
): Promise<KeyAnswer> => {
  const errors: (string | undefined)[] = [];
  for (let tries = 0; tries < 60; tries++) {
    const { answer, error } = await ask(stand, action, secretId, more);
    if (answer?.status === "current") return answer;
    errors.push(error ?? answer?.status);
    await stand.clock.advance(60_000);
  }
  throw new Error(`it never became current: ${[...new Set(errors)].join(" | ")}`);
};

/** Changes tags of a secret, as a deployment does. */
export const retag = (stand: Stand, secretId: string, tags: Readonly<Record<string, string>>) =>
  stand.aws("TagResource", {
    SecretId: secretId,
    Tags: Object.entries(tags).map(([name, Value]) => ({ Key: `keyturn:${name}`, Value })),
  });

export const rotationsEnd = (stand: Stand): Promise<void> => stand.clock.run(stand.account.secretsManager.idle());

export const keyNow = (vendor: VendorSimulator, keyId: string) => vendor.keys().find(({ id }) => id === keyId);

export const operations = (vendor: VendorSimulator): Readonly<Record<string, number>> =>
  Object.fromEntries(vendor.calls().map(({ operation, count }) => [operation, count]));

/** A value that a person put into the secret, as its current version. Returns the version's id. */
export const storeByHand = async (stand: Stand, secretId: string, value: string | object): Promise<string> => {
  const SecretString = typeof value === "string" ? value : JSON.stringify(value);
  const { VersionId } = await stand.aws<{ VersionId: string }>("PutSecretValue", { SecretId: secretId, SecretString });
  return VersionId;
};
