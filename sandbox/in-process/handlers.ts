import type { FunctionName } from "../../constructs/functions.ts";
import { distributeHandler } from "../../lambdas/distribution/distribute.ts";
import { inspectHandler } from "../../lambdas/inspection/inspect.ts";
import { manageHandler } from "../../lambdas/management/manage.ts";
import { reconcileHandler } from "../../lambdas/reconciliation/reconcile.ts";
import { rotateHandler } from "../../lambdas/rotation/rotate.ts";
import type { Handler, World } from "../../lambdas/world.ts";

export type HandlerOf = (world: World) => Handler<unknown>;

/** The production handlers, to be run in any world. */
export const HANDLERS: Readonly<Record<FunctionName, HandlerOf>> = {
  rotate: rotateHandler,
  manage: manageHandler,
  inspect: inspectHandler,
  reconcile: reconcileHandler,
  distribute: distributeHandler,
};
