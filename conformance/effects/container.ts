import type { FunctionName } from "../../constructs/functions.ts";
import type { ClusterWorld } from "../../lambdas/targets/kubernetes/transport.ts";
import type { Handler, LambdaContext, World } from "../../lambdas/world.ts";
import { HANDLERS, type HandlerOf } from "../../sandbox/in-process/handlers.ts";
import type { Module } from "../kills/crash-point.ts";
import type { RequestOfRun } from "../promises/unsure-creates.ts";
import { awsCall, clusterCall, vendorCall } from "./effect.ts";
import type { Gate, Run } from "./gate.ts";

/** Changes what a function sees of its world: how a mutant of the code is made without touching the code. */
export type WorldChange = (by: FunctionName, world: World) => World;

/** Functions that run in place of the production ones. */
export type Handlers = Partial<Readonly<Record<FunctionName, HandlerOf>>>;

type Client = { send(command: unknown): Promise<unknown> };

const guardedClient = <Of extends object>(gate: Gate, run: Run, client: Of): Of => {
  const send = (command: unknown) => gate.pass(run, awsCall(command), () => (client as Client).send(command));
  return { ...client, send };
};

const guardedClusters = (gate: Gate, run: Run, { send, eks, ...clusters }: ClusterWorld): ClusterWorld => ({
  ...clusters,
  send: (endpoint, request) => gate.pass(run, clusterCall(request, endpoint.server), () => send(endpoint, request)),
  eks: (region) => guardedClient(gate, run, eks(region)),
});

/** The world as one run sees it: every call goes through the gate. */
const guardedWorld = (gate: Gate, run: Run, world: World): World => ({
  ...world,
  clock: { now: () => world.clock.now(), sleep: (durationMs, signal) => gate.sleep(run, durationMs, signal) },
  fetch: ((url: string, init: RequestInit) =>
    gate.pass(run, vendorCall(url, init.method), () =>
      world.fetch(url, { ...init, run: run.number } as RequestOfRun),
    )) as typeof fetch,
  secretsManager: guardedClient(gate, run, world.secretsManager),
  ...(world.lambda ? { lambda: guardedClient(gate, run, world.lambda) } : {}),
  ...(world.clusters ? { clusters: guardedClusters(gate, run, world.clusters) } : {}),
});

/** A handler in a process of its own, which serves one run after the other. */
interface Container {
  readonly handler: Handler<unknown>;
  world: World;
}

const taskOf = (event: unknown): string => {
  const { Step, action } = (event ?? {}) as { Step?: string; action?: string };
  return Step ?? action ?? "pass";
};

export interface FunctionOptions {
  readonly by: FunctionName;
  readonly gate: Gate;
  readonly world: World;
  readonly change: WorldChange;
  readonly handlers: Handlers;
  /** What a killed process leaves to the next run. */
  readonly module: Module;
  readonly nextRun: () => number;
  /** Which deployment the functions are of: containers of an earlier one serve no further run. */
  readonly deployment: () => number;
}

/** Reads each part when it is used, so that one handler serves one run after the other, each with a world of its own. */
const worldOfContainer = (container: { world: World }, parts: readonly (keyof World)[]): World =>
  Object.defineProperties(
    {},
    Object.fromEntries(parts.map((part) => [part, { get: () => container.world[part], enumerable: true }])),
  ) as World;

/**
 * A function as Lambda keeps it: runs that overlap have a container each, later ones take an idle one. A killed container is gone when its module
 * is to be cold; else its handler, with all that it cached, serves the next run.
 */
export const createFunction = (options: FunctionOptions) => {
  const { by, gate, world, change, handlers, module, nextRun, deployment } = options;
  let idle: Container[] = [];
  let deployed = deployment();

  const forgetEarlier = (): void => {
    if (deployed !== deployment()) idle = [];
    deployed = deployment();
  };

  const open = (): Container => {
    const container = { world } as { world: World; handler: Handler<unknown> };
    const handlerOf = handlers[by] ?? HANDLERS[by];
    container.handler = handlerOf(worldOfContainer(container, Object.keys(world) as (keyof World)[]));
    return container;
  };

  return async (event: unknown, context: LambdaContext): Promise<unknown> => {
    forgetEarlier();
    const container = idle.pop() ?? open();
    const onDeath = () => {
      if (module === "warm") idle.push(container);
    };
    const remainingMs = () => context.getRemainingTimeInMillis();
    const run: Run = {
      by,
      task: taskOf(event),
      number: nextRun(),
      remainingMs,
      onDeath,
      isDead: false,
      isBuried: false,
    };
    container.world = change(by, guardedWorld(gate, run, world));
    try {
      return await container.handler(event, context);
    } finally {
      if (!run.isDead) idle.push(container);
    }
  };
};
