import { join } from "node:path";
import { App } from "cdktf";
import { UNKNOWN } from "../../provider/wire/value.ts";
import { apiKeysStack } from "../../stacks/api-keys.ts";
import { sandboxConfiguration } from "../../stacks/sandbox-configuration.ts";
import type { Account } from "../in-process/account.ts";
import { type Deployment, deploy } from "../in-process/deployment.ts";
import type { KeyPlan } from "../in-process/keys.ts";
import { readSynthesizedStack, type SynthesizedStack } from "../in-process/synthesized-stack.ts";
import { SERVICE } from "./key-watch.ts";
import { changesOfKey, KEY_TYPE } from "./planned-keys.ts";
import { readRbacManifest } from "./rbac-file.ts";
import { refusalsIn } from "./refusals.ts";
import type { DeployableStack, Plan, PlannedKey } from "./stage.ts";

export interface InProcessStackOptions {
  readonly account: Account;
  /** Where it is synthesized to. */
  readonly output: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** A stack that can be closed: nothing is written from then on. */
export type ClosableStack = DeployableStack & { readonly close: () => void };

const synthesize = (outdir: string, environment: Readonly<Record<string, string>>): SynthesizedStack => {
  const app = new App({ outdir });
  apiKeysStack(app, sandboxConfiguration(environment));
  app.synth();
  return readSynthesizedStack(outdir, SERVICE);
};

const plannedKey = (id: string, { prior, planned }: KeyPlan): PlannedKey => {
  const known = Object.fromEntries(Object.entries(planned).filter(([, value]) => value !== UNKNOWN));
  return { address: `${KEY_TYPE}.${id}`, actions: "update", ...changesOfKey(prior, known) };
};

const planOf = (keys: ReadonlyMap<string, KeyPlan>, changes: readonly string[]): Plan => ({
  notGivenBack: [],
  changedKeys: [...keys].filter(([, { isChanged }]) => isChanged).map(([id, key]) => plannedKey(id, key)),
  unchangedKeys: [...keys].filter(([, { isChanged }]) => !isChanged).map(([id]) => `${KEY_TYPE}.${id}`),
  changes,
});

/** The sandbox's stack without Terraform: synthesized, and deployed into an account of this process. */
export const inProcessStack = ({ account, output, variables }: InProcessStackOptions): ClosableStack => {
  let declared = variables;
  let deployment: Deployment | undefined;
  let isClosed = false;

  /** Whoever closed it is about to remove the folder. */
  const synthesized = (): SynthesizedStack => {
    if (isClosed) throw new Error("it was stopped");
    return synthesize(output, declared);
  };
  const deployed = (): Deployment => {
    if (deployment) return deployment;
    throw new Error("nothing was deployed");
  };

  return {
    declare(changed) {
      declared = { ...declared, ...changed };
    },
    async rbacManifest() {
      synthesized();
      return readRbacManifest(join(output, "stacks", SERVICE));
    },
    async plan() {
      const { keys, changes } = await deployed().plan(synthesized());
      return planOf(keys, changes);
    },
    async deploy() {
      const stack = synthesized();
      if (deployment) await deployment.update(stack);
      else deployment = await deploy(account, stack);
    },
    async destroy() {
      try {
        await deployed().destroy();
        return { refusals: [], gone: {} };
      } catch (error) {
        const refusals = refusalsIn(error instanceof Error ? error.message : "");
        if (refusals.length === 0) throw error;
        return { refusals, gone: {} };
      }
    },
    close() {
      isClosed = true;
    },
  };
};
