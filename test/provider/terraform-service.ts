import { setTimeout as wallSleep } from "node:timers/promises";
import { afterEach, expect } from "vitest";
import { createStand, SECOND_MS, type Stand, type StandOptions } from "../lambdas/stand.ts";
import { type FakeFunction, LostAnswer, startFakeLambda } from "./fake-lambda.ts";
import { type Built, describeBuilt, joined, openWorkspace } from "./terraform-stand.ts";
import type { Run, Workspace } from "./workspace.ts";

/** A service's real functions, and folders with stacks that the real Terraform applies. */
export interface TerraformService {
  readonly stand: Stand;
  /** The first folder: one state. */
  readonly workspace: Workspace;
  /** Another state. */
  anotherState(): Promise<Workspace>;
  /** What `manage` was asked, in order. */
  readonly asked: readonly Asked[];
  /** Where the functions answer. */
  readonly endpointUrl: string;
  /** The next request with this action does not get through before or after it is done, as the work kills who asks. */
  interrupt(action: string, when: "before" | "after", work: () => Promise<unknown>): void;
  /** The next request with this action waits for the work before it reaches the function. */
  holdBack(action: string, work: () => Promise<unknown>): void;
  /** From now on the value that readers of the secret get is tried in every second of the functions' time. */
  watch(secretId: string): void;
  /** How often it did not work. */
  readonly failures: number;
  /** Whether the key that readers of the secret get works; to find that out is no use of it. */
  currentWorks(secretId: string): Promise<boolean>;
  /** A workload calls with the key that readers of the secret get. */
  use(secretId: string): Promise<void>;
  /** The ids of the claims that are written, those of creates that nobody answered with a question mark. */
  claims(secretId: string): Promise<readonly string[]>;
}

export interface Asked {
  readonly action: string;
  readonly claim?: unknown;
}

/** While functions run, a second of theirs passes in so much of the wall's time, so that requests meet in their waits. */
const SECOND_TAKES_MS = 4;

interface Interruption {
  readonly action: string;
  readonly when: "before" | "after" | "held";
  readonly work: () => Promise<unknown>;
}

interface Failure {
  readonly name: string;
  readonly message: string;
}

const failureOf = (text: string): Failure => {
  const [name = "", ...rest] = text.split(": ");
  return { name, message: rest.join(": ") };
};

const open = async (built: Built, options: StandOptions) => {
  const stand = await createStand(options);
  const asked: Asked[] = [];
  const interruptions: Interruption[] = [];
  const watched = new Set<string>();
  let failures = 0;
  let running = 0;
  let passing = Promise.resolve();
  const pass = async (): Promise<void> => {
    while (running > 0) {
      await wallSleep(SECOND_TAKES_MS);
      await stand.clock.advance(SECOND_MS);
      for (const secretId of watched) if (!(await works(secretId))) failures++;
    }
  };
  const works = async (secretId: string): Promise<boolean> => {
    const { keyId } = await stand.currentKey(secretId);
    return stand.pictify.keys().some(({ id, active }) => id === keyId && active);
  };
  const due = (action: unknown, when: Interruption["when"]): Interruption | undefined => {
    const at = interruptions.findIndex((one) => one.action === action && one.when === when);
    return at < 0 ? undefined : interruptions.splice(at, 1)[0];
  };
  const interrupted = async (action: unknown, when: "before" | "after"): Promise<void> => {
    const one = due(action, when);
    if (!one) return;
    await one.work();
    throw new LostAnswer();
  };
  const timed = <Result>(work: Promise<Result>): Promise<Result> => {
    if (running++ === 0) passing = passing.then(pass);
    return work.finally(() => running--);
  };
  const invoke =
    (role: "inspect" | "manage"): FakeFunction =>
    async (event) => {
      if (role === "manage") asked.push(event as unknown as Asked);
      await due(event.action, "held")?.work();
      await interrupted(event.action, "before");
      const { answer, error } = await timed(stand.account.functions.invoke(stand.functions[role], event));
      void timed(stand.account.secretsManager.idle()); // a rotation goes on between the provider's questions
      if (error !== undefined) throw Object.assign(new Error(), failureOf(error));
      await interrupted(event.action, "after");
      return answer;
    };
  const lambda = await startFakeLambda(
    new Map([
      ["inspect", invoke("inspect")],
      ["manage", invoke("manage")],
    ]),
  );
  const workspaces: Workspace[] = [];
  const anotherState = async (): Promise<Workspace> => {
    const workspace = await openWorkspace(built, lambda.url);
    workspaces.push(workspace);
    return workspace;
  };
  const close = async (): Promise<void> => {
    await lambda.close();
    for (const workspace of workspaces) await workspace.remove();
    stand.account.close();
  };
  const service: TerraformService = {
    stand,
    workspace: await anotherState(),
    anotherState,
    asked,
    endpointUrl: lambda.url,
    interrupt: (action, when, work) => void interruptions.push({ action, when, work }),
    holdBack: (action, work) => void interruptions.push({ action, when: "held", work }),
    watch: (secretId) => void watched.add(secretId),
    get failures() {
      return failures;
    },
    currentWorks: works,
    async use(secretId) {
      const headers = { Authorization: `Bearer ${(await stand.currentKey(secretId)).apiKey}` };
      const { status } = await stand.pictify.fetch(new Request("https://pictify.test/api-keys", { headers }));
      expect(status).toBe(403); // taken, and not allowed to list
    },
    async claims(secretId) {
      const { held } = await stand.facts(secretId);
      return held.claims.map(({ id, isOpen }) => (isOpen ? `${id}?` : id));
    },
  };
  return { service, close };
};

/** Describes what becomes of keys under Terraform and the service's own functions. */
export const describeTerraformService = (
  title: string,
  body: (start: (options?: StandOptions) => Promise<TerraformService>) => void,
): void =>
  describeBuilt(title, (built) => {
    const closing: (() => Promise<void>)[] = [];
    afterEach(async () => {
      for (const close of closing.splice(0)) await close();
    });
    body(async (options = {}) => {
      const { service, close } = await open(built(), options);
      closing.push(close);
      return service;
    });
  });

/** The arguments of a key, as constructs, module and examples declare it. */
export const keyFor = (secretId: string, more: object = {}): object => ({
  secret_id: secretId,
  name: "web",
  vendor: "pictify",
  type: "live",
  lifecycle: { create_before_destroy: true },
  ...more,
});

/** Expects that a run ended well. @returns what it printed, on one line */
export const worked = async (run: Promise<Run>): Promise<string> => {
  const { code, output } = await run;
  expect(code, output).toBe(0);
  return joined(output);
};

/** Expects that a run failed. @returns what it printed, on one line */
export const failed = async (run: Promise<Run>): Promise<string> => {
  const { code, output } = await run;
  expect(code, output).toBe(1);
  return joined(output);
};
