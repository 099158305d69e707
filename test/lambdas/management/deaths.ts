import type { Stand } from "../stand.ts";

/*
 * Kills `manage` between any two of its effects. A dead run does nothing more: every later call of the same invocation fails
 * too, whatever the code would still do about the first failure.
 */
export interface Death {
  /** The call (from 1) to AWS or a vendor at which it dies. */
  readonly at: number;
  /** Before the call reaches anybody, or after it was done. */
  readonly when: "before" | "after";
}

export interface Mortal {
  /** Runs `work` and has it die. Returns whether it got as far as that. */
  dying(death: Death, work: () => Promise<unknown>): Promise<boolean>;
}

interface Doom extends Death {
  calls: number;
  dead: boolean;
}

/** Makes the functions of a stand mortal. */
export const mortal = (stand: Stand): Mortal => {
  let doom: Doom | undefined;

  const through = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
    if (!doom) return call();
    if (doom.dead) throw new Error("killed");
    const dies = ++doom.calls === doom.at;
    if (dies) doom.dead = true;
    if (dies && doom.when === "before") throw new Error("killed");
    const answer = await call();
    if (dies) throw new Error("killed");
    return answer;
  };

  const open = stand.account.world;
  const world: typeof open = (grants, environment) => {
    const opened = open(grants, environment);
    const client = opened.secretsManager as { send(command: unknown): Promise<unknown> };
    const send = (command: unknown) => through(() => client.send(command));
    const fetch = (url: string, init: RequestInit) => through(() => opened.fetch(url, init));
    return { ...opened, secretsManager: { send } as never, fetch: fetch as typeof globalThis.fetch };
  };
  Object.assign(stand.account, { world });
  stand.anotherService("prod");

  return {
    async dying(death, work) {
      doom = { ...death, calls: 0, dead: false };
      const its = doom;
      await work();
      doom = undefined;
      return its.dead;
    },
  };
};

/** All deaths of a work: calls `once` with one after the other, until it outlives them. */
export const everyDeath = async (once: (death: Death) => Promise<boolean>): Promise<number> => {
  for (let at = 1; ; at++)
    for (const when of ["before", "after"] as const) if (!(await once({ at, when }))) return at - 1;
};
