import type { Account } from "./account.ts";
import { declaredChanges } from "./declared-changes.ts";
import { putFunctions, removeFunctions, startSchedules } from "./deployed-functions.ts";
import { createKeys } from "./deployed-keys.ts";
import { cancelRotations, createRotations, createSecrets, removeSecrets, updateSecrets } from "./deployed-secrets.ts";
import type { KeyPlan } from "./keys.ts";
import { resolver } from "./references.ts";
import type { SynthesizedStack } from "./synthesized-stack.ts";

/*
 * Deploys a synthesized stack into an account in this process, in the order that its dependencies ask for, changes what is
 * there as a later one declares it, and destroys it in the opposite order. Stands in for Terraform and the AWS provider where
 * those are not at hand; what they check is left out, and the state is in memory. Resources that come or go with a change are
 * not known: a changed declaration keeps to the same ones.
 */

export interface PlannedDeployment {
  /** What becomes different of everything but the keys: `type.id: arguments (action)`. */
  readonly changes: readonly string[];
  /** Each key, by its id in the stack. */
  readonly keys: ReadonlyMap<string, KeyPlan>;
}

export interface Deployment {
  /** What a deploy of the stack, as it is declared now, would change. */
  plan(stack: SynthesizedStack): Promise<PlannedDeployment>;
  /** Makes all be as the stack declares it now. @throws Error when a resource comes or goes, or a key cannot be changed */
  update(stack: SynthesizedStack): Promise<void>;
  /**
   * May be repeated when a key refuses: what is destroyed stays so.
   * @throws Error with what every key that refuses says, a line each
   */
  destroy(): Promise<void>;
}

const KEY_TYPE = "keyturn_api_key";

/** @throws Error that names what the one declaration has and the other has not */
const requireSameResources = (changes: readonly string[]): void => {
  const other = changes.filter((change) => !change.endsWith("(update)"));
  if (other.length > 0) throw new Error(`a change to other resources is not known here: ${other.join("; ")}`);
};

/** @throws Error when a key could not be made */
export const deploy = async (account: Account, stack: SynthesizedStack): Promise<Deployment> => {
  const { resources } = stack;
  const secretArns = new Map<string, string>();
  const resolve = resolver(account, resources, secretArns);
  let deployed = stack;
  putFunctions(account, stack, resolve);
  await createSecrets(account, resources.aws_secretsmanager_secret, secretArns);
  startSchedules(account, resources, resolve);
  const keys = await createKeys(account, stack, resolve);
  const rotated = await createRotations(account, resources.aws_secretsmanager_secret_rotation, resolve);

  return {
    plan: async (now) => ({
      changes: declaredChanges(deployed.declared, now.declared, KEY_TYPE),
      keys: await keys.plan(now),
    }),
    async update(now) {
      requireSameResources(declaredChanges(deployed.declared, now.declared, KEY_TYPE));
      const before = deployed.resources.aws_secretsmanager_secret;
      deployed = now;
      putFunctions(account, now, resolve);
      await updateSecrets(account, before, now.resources.aws_secretsmanager_secret, secretArns);
      await keys.update(now);
    },
    async destroy() {
      await cancelRotations(account, rotated);
      await keys.remove();
      await removeSecrets(account, secretArns);
      removeFunctions(account, resources);
    },
  };
};
