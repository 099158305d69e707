import { AsyncLocalStorage } from "node:async_hooks";
import type { FunctionName } from "../../../constructs/functions.ts";
import type { Clock } from "../../../lambdas/clock.ts";
import type { Handler, World } from "../../../lambdas/world.ts";
import type { FunctionProcess } from "../../../sandbox/soak/stage.ts";

/*
 * Functions of this process that die as processes do: an invocation that is under way ends at once, and what it still does
 * has no effect. Leaves out: the memory of a process that died. One that is invoked next finds it.
 */
interface Life {
  readonly role: FunctionName;
  readonly log: (line: string) => void;
  hasDied: boolean;
}

const never = (): Promise<never> => new Promise(() => {});

/** How long every effect is on its way there, and back. */
const WAY_MS = 15;

export const createMortalFunctions = (clock: Clock) => {
  const lives = new AsyncLocalStorage<Life>();
  /** The invocations that are under way, by the id of the process that they are in, and how each is ended. */
  const processes = new Map<number, { readonly role: FunctionName; readonly die: () => void }>();
  const logs = new Map<FunctionName, string[]>();
  let nextId = 1;

  const unlessDead = <Parameters extends readonly unknown[], Result>(
    effect: (...parameters: Parameters) => Promise<Result>,
  ) => {
    return async (...parameters: Parameters): Promise<Result> => {
      const life = lives.getStore();
      await clock.sleep(WAY_MS);
      if (life?.hasDied) return never();
      const result = await effect(...parameters);
      await clock.sleep(WAY_MS);
      return life?.hasDied ? never() : result;
    };
  };

  return {
    /** A world whose effects end with the process of whoever asks for them. */
    world(world: World): World {
      const { fetch, secretsManager, lambda } = world;
      const sending = <Client extends Pick<World["secretsManager"], "send">>(client: Client) =>
        ({
          send: unlessDead(((command: never) => client.send(command)) as (command: never) => Promise<unknown>),
        }) as Client;
      return {
        ...world,
        fetch: unlessDead(fetch) as typeof globalThis.fetch,
        secretsManager: sending(secretsManager),
        ...(lambda ? { lambda: sending(lambda as never) as NonNullable<World["lambda"]> } : {}),
        write: (line) => {
          if (!lives.getStore()?.hasDied) lives.getStore()?.log(line);
        },
      };
    },
    /** A handler whose invocations each run in a process that can be killed. */
    handler(role: FunctionName, handler: Handler<unknown>): Handler<unknown> {
      return async (event, context) => {
        const lines = logs.get(role) ?? [];
        logs.set(role, lines);
        lines.push(`START RequestId: ${context.awsRequestId}`);
        const life: Life = { role, log: (line) => void lines.push(line), hasDied: false };
        const id = nextId++;
        const death = new Promise<never>((_, reject) => {
          const die = (): void => {
            life.hasDied = true;
            processes.delete(id);
            lines.push("Worker process died");
            reject(new Error("Worker process died"));
          };
          processes.set(id, { role, die });
        });
        try {
          return await Promise.race([lives.run(life, () => handler(event, context)), death]);
        } finally {
          processes.delete(id);
        }
      };
    },
    processes: (): readonly FunctionProcess[] => [...processes].map(([processId, { role }]) => ({ processId, role })),
    kill({ processId }: FunctionProcess): boolean {
      const found = processes.get(processId);
      found?.die();
      return found !== undefined;
    },
    invocations: (role: FunctionName): number =>
      (logs.get(role) ?? []).filter((line) => line.startsWith("START ")).length,
    logs: (): ReadonlyMap<FunctionName, string> => new Map([...logs].map(([role, lines]) => [role, lines.join("\n")])),
  };
};
