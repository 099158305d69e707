import { read } from "../../lambdas/contracts/read.ts";
import { type RotationStep, rotateEvent } from "../../lambdas/contracts/rotate.ts";
import { createHandler } from "../../lambdas/invocation.ts";
import { isDone, STEPS } from "../../lambdas/rotation/rotate.ts";
import { openManagedKey, type Rotation, rotationOf } from "../../lambdas/rotation/rotation.ts";
import type { HandlerOf } from "../../sandbox/in-process/handlers.ts";

export type Steps = Partial<Readonly<Record<RotationStep, (rotation: Rotation) => Promise<void>>>>;

/** A rotation function of which some steps are another ordering's, and the others Keyturn's. */
export const rotateWith =
  (steps: Steps): HandlerOf =>
  (world) =>
    createHandler(world, "rotate", async (event, invocation) => {
      const { Step, SecretId, ClientRequestToken } = read(rotateEvent, event, "the rotation event");
      const key = await openManagedKey(invocation, SecretId);
      if (isDone(key, ClientRequestToken)) return;
      await (steps[Step] ?? STEPS[Step])(rotationOf(key, ClientRequestToken));
    });
