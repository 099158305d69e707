import { FUNCTIONS, type FunctionName, functionName } from "../../constructs/functions.ts";
import type { World } from "../../lambdas/world.ts";
import type { InProcessFunctions } from "../../sandbox/in-process/functions.ts";
import { createFunction, type Handlers, type WorldChange } from "../effects/container.ts";
import type { Gate } from "../effects/gate.ts";
import type { Module } from "../kills/crash-point.ts";
import type { Deaths } from "../kills/deaths.ts";
import { SERVICE } from "./settings.ts";

/** The functions that a service without targets has. */
export const ROLES = ["rotate", "manage", "inspect", "reconcile"] as const satisfies readonly FunctionName[];
export type Role = (typeof ROLES)[number];

/** AWS: Lambda's answer when it has no room for one more run. */
const throttled = (): Error => Object.assign(new Error("Rate exceeded"), { name: "TooManyRequestsException" });

export interface ServiceOptions {
  readonly gate: Gate;
  readonly world: World;
  readonly deaths: Deaths;
  readonly change: WorldChange;
  readonly handlers: Handlers;
  readonly module: Module;
  /** The way to where its targets lie; none: the service has no target, and so no `distribute`. */
  readonly clusters: World["clusters"] | undefined;
  /** Which deployment the functions are of. */
  readonly deployment: () => number;
}

/** The production handlers as functions of the account, each call of theirs through the gate. */
export const createService = (
  functions: InProcessFunctions,
  { deaths, clusters, ...options }: ServiceOptions,
): void => {
  let runs = 0;
  const nextRun = () => ++runs;
  const create = (by: FunctionName, world: World): void => {
    const handler = createFunction({ ...options, by, world, nextRun });
    functions.create({
      name: functionName(SERVICE, by),
      timeoutMs: FUNCTIONS[by].timeoutSeconds * 1_000,
      secretsManagerMayInvoke: by === "rotate",
      handler: async (event, context) => {
        if (deaths.isAway(by)) throw throttled();
        return handler(event, context);
      },
    });
  };
  for (const by of ROLES) create(by, options.world);
  if (clusters) create("distribute", { ...options.world, clusters });
};
