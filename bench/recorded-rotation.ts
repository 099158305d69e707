import { systemClock } from "../lambdas/clock.ts";
import { ROTATION_STEPS } from "../lambdas/contracts/rotate.ts";
import { rotateHandler } from "../lambdas/rotation/rotate.ts";
import type { World } from "../lambdas/world.ts";
import { cannedWorld, FUNCTION_ARN, rotationEvent } from "./canned-rotation.ts";
import { grantsFor, type VendorName } from "./declared.ts";

const context = {
  invokedFunctionArn: FUNCTION_ARN,
  awsRequestId: "bench",
  getRemainingTimeInMillis: () => 100_000,
};

/** One effect of a rotation, to be made again as it was made. */
export type Effect = () => Promise<unknown>;

/** Calls one rotation makes, as functions that make just them. */
interface Recorded {
  readonly rotate: () => Promise<void>;
  readonly bare: () => Promise<void>;
  readonly calls: number;
}

interface Command {
  readonly input: object;
}

/** The same command, made anew as whoever sends one does. */
const again = (command: Command): never => {
  const Kind = command.constructor as new (input: object) => unknown;
  return new Kind({ ...command.input }) as never;
};

const refused = (): undefined => undefined;

/** A rotation by the handler, and the same calls bare: the SDK's command sent again, the same request fetched and read. */
export const recordRotation = async (vendor: VendorName): Promise<Recorded> => {
  const { client, fetch, reset } = cannedWorld(vendor);
  const effects: Effect[] = [];
  let isRecording = false;
  const note = (effect: Effect): void => void (isRecording && effects.push(effect));
  const world: World = {
    clock: systemClock,
    fetch: ((url: string, init: RequestInit) => {
      const { method, headers, body } = init;
      const bare = { method, headers, ...(body ? { body } : {}) } as RequestInit;
      note(async () => JSON.parse(await (await fetch(url, bare)).text()));
      return fetch(url, init);
    }) as typeof globalThis.fetch,
    secretsManager: {
      send: (command: Command) => {
        // A version without a value is answered by an error: that is part of the bare call, too.
        note(() => client.send(again(command)).catch(refused));
        return client.send(command as never);
      },
    } as World["secretsManager"],
    write: () => {},
    grants: grantsFor(vendor, "00000000-0000-4000-8000-000000000000"),
    environment: {},
  };
  const handler = rotateHandler(world);
  const rotate = async (): Promise<void> => {
    reset();
    for (const step of ROTATION_STEPS) await handler(rotationEvent(step), context);
  };
  await rotate();
  isRecording = true;
  await rotate();
  isRecording = false;
  const bare = async (): Promise<void> => {
    reset();
    for (const effect of effects) await effect();
  };
  return { rotate, bare, calls: effects.length };
};
