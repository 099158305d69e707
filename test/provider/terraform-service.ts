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
  /** Loses the answer of the next request with this action, after it was done; the provider is to be killed meanwhile. */
  loseAnswer(action: string): void;
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
  const lost: string[] = [];
  let running = 0;
  let passing = Promise.resolve();
  const pass = async (): Promise<void> => {
    while (running > 0) {
      await wallSleep(SECOND_TAKES_MS);
      await stand.clock.advance(SECOND_MS);
    }
  };
  const timed = <Result>(work: Promise<Result>): Promise<Result> => {
    if (running++ === 0) passing = passing.then(pass);
    return work.finally(() => running--);
  };
  const invoke =
    (role: "inspect" | "manage"): FakeFunction =>
    async (event) => {
      if (role === "manage") asked.push(event as unknown as Asked);
      const { answer, error } = await timed(stand.account.functions.invoke(stand.functions[role], event));
      void timed(stand.account.secretsManager.idle()); // a rotation goes on between the provider's questions
      if (error !== undefined) throw Object.assign(new Error(), failureOf(error));
      const at = lost.indexOf(String(event.action));
      if (at >= 0 && lost.splice(at, 1).length > 0) throw new LostAnswer();
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
    loseAnswer: (action) => void lost.push(action),
    async currentWorks(secretId) {
      const { keyId } = await stand.currentKey(secretId);
      return stand.pictify.keys().some(({ id, active }) => id === keyId && active);
    },
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
