import { join } from "node:path";
import { durationText } from "../lambdas/contracts/duration.ts";

interface FunctionSettings {
  /** How long one run may take. AWS's own limit is 900. */
  readonly timeoutSeconds: number;
  /** Whether a run may mint a key. The longest of these decides when a twin is dead (`mintTimeout` in grants.json). */
  readonly mints: boolean;
  readonly description: string;
  /** How often Lambda repeats an asynchronous run that failed. @default 2 */
  readonly asyncRetries?: number;
}

/**
 * The Lambda functions of a service. `lambdas/<name>.ts` exports each one's `handler`; the build, the stacks and
 * their permissions all go by this list. A service has `distribute` where one of its keys has a target.
 */
export const FUNCTIONS = {
  rotate: { timeoutSeconds: 300, mints: true, description: "The four steps of a rotation" },
  manage: { timeoutSeconds: 300, mints: true, description: "First generations, changes, and the end of a managed key" },
  inspect: {
    timeoutSeconds: 120,
    mints: false,
    description: "Tells a plan how the managed keys are, and changes nothing",
  },
  // The next pass does what one could not: a repetition would cost a vendor's requests and find the same.
  reconcile: {
    timeoutSeconds: 300,
    mints: false,
    description: "Retires old generations, finds strays, repairs",
    asyncRetries: 0,
  },
  // Shorter than reconcile, which waits for it.
  distribute: {
    timeoutSeconds: 120,
    mints: false,
    description: "Brings values to their targets, and tells who runs them",
  },
} as const satisfies Record<string, FunctionSettings>;

export type FunctionName = keyof typeof FUNCTIONS;

export const FUNCTION_NAMES = Object.keys(FUNCTIONS) as readonly FunctionName[];

/** The functions that every service has. */
export type CoreFunctionName = Exclude<FunctionName, "distribute">;

export const CORE_FUNCTION_NAMES = FUNCTION_NAMES.filter((name): name is CoreFunctionName => name !== "distribute");

/** How often Lambda repeats an asynchronous run that failed. */
export const asyncRetriesOf = (name: FunctionName): number => {
  const { asyncRetries = 2 }: FunctionSettings = FUNCTIONS[name];
  return asyncRetries;
};

/** A function's name in AWS: `keyturn-<service>-<function>`. */
export const functionName = (service: string, name: FunctionName): string => `keyturn-${service}-${name}`;

/** The longest that a function which mints may run, as ISO 8601. */
export const mintTimeout = (): string => {
  const timeouts = Object.values(FUNCTIONS).map(({ mints, timeoutSeconds }) => (mints ? timeoutSeconds : 0));
  return durationText(Math.max(...timeouts) * 1_000);
};

/** Where the build puts a function's bundle, and where synth takes it from. */
export const bundlePath = (bundles: string, name: FunctionName): string => join(bundles, "lambdas", name, "index.js");

/** Where the build lays the Terraform provider, and from where synth lays it beside a stack. */
export const providerFolder = (bundles: string): string => join(bundles, "provider");

/** The folder with everything that this package was built into. */
export const BUNDLES = join(import.meta.dirname, "..", "dist");
