import { KEY_PROTOCOL } from "../../lambdas/contracts/key-facts.ts";
import type { Outcome } from "../../sandbox/in-process/functions.ts";
import { SECRET_NAME } from "./declared.ts";
import { LONGEST_LIFE_MS, MINUTE_MS } from "./settings.ts";
import type { Stage } from "./stage.ts";

/** How often a person repeats what did not succeed before they call it broken; as a minute lies between, past AWS's longest wait. */
const MAX_TRIES = 480;

/** How often a person reads that a destroy may be forced, until they are sure that nobody uses the key: more than two hours. */
const UNTIL_SURE = 150;

const statusOf = ({ answer }: Outcome): unknown => (answer as { status?: unknown } | undefined)?.status;

/** What a person with the Terraform provider does: asks `manage`, and repeats the deploy until it has what it wants. */
export class Person {
  readonly #stage: Stage;
  /** In a life that may need longer to be at rest, as much longer. */
  readonly #mostTries: number;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#mostTries = Math.ceil((MAX_TRIES * stage.longestLifeMs) / LONGEST_LIFE_MS);
  }

  /** Asks until the answer's status is the one that is wanted; `undefined`: until there is an answer. */
  async ask(
    action: string,
    wanted: string | undefined,
    more: { readonly keyId?: string; readonly first?: boolean } = {},
  ): Promise<void> {
    const { trace, clock } = this.#stage;
    let last: string | undefined;
    for (let tries = 0; tries < this.#mostTries; tries++) {
      trace.tell(`a person asks for ${action}`);
      const force = tries >= UNTIL_SURE && (last?.includes("say force") ?? false);
      if (force) trace.tell("      and is sure, so that they say force");
      const request = { action, secretId: SECRET_NAME, ...more, ...(force ? { force } : {}) };
      const outcome = await this.#stage.invoke("manage", request);
      last = outcome.error ?? String(statusOf(outcome));
      if (outcome.error === undefined && (wanted === undefined || statusOf(outcome) === wanted)) return;
      if (tries > 0 && this.#isGone(last, more)) return;
      await clock.sleep(last.startsWith("Sandbox.Timedout") ? 1_000 : MINUTE_MS);
    }
    trace.violation("a repeated deploy comes to its end", `${action} ended ${this.#mostTries} times with ${last}`);
  }

  /** Whoever asks again for the end of a key, after it came, reads that there is no such key. */
  #isGone(said: string, { keyId }: { readonly keyId?: string }): boolean {
    const { simulator } = this.#stage;
    return said.startsWith("KEY_NOT_FOUND") && simulator.keys().some(({ id, active }) => id === keyId && !active);
  }

  /** What Terraform does first: looks at all keys of the service, and at this one. */
  async plan(): Promise<void> {
    await this.#look({ action: "list" });
    await this.#look({ action: "describe", secretId: SECRET_NAME });
  }

  async #look(question: object): Promise<void> {
    const { trace, clock, invoke } = this.#stage;
    let last: string | undefined;
    for (let tries = 0; tries < this.#mostTries; tries++) {
      trace.tell(`a person plans: ${JSON.stringify(question)}`);
      last = (await invoke("inspect", { protocol: KEY_PROTOCOL.newest, ...question })).error;
      if (last === undefined) return;
      await clock.sleep(MINUTE_MS);
    }
    trace.violation("a repeated deploy comes to its end", `a plan failed ${this.#mostTries} times: ${last}`);
  }

  /** Calls AWS until it does as asked: right after a failed test it may refuse. */
  async aws(operation: string, input: object): Promise<void> {
    const { trace, clock, aws } = this.#stage;
    let last: unknown;
    for (let tries = 0; tries < this.#mostTries; tries++) {
      try {
        trace.tell(`a person calls ${operation}`);
        await aws(operation, input);
        return;
      } catch (error) {
        last = error;
        await clock.sleep(MINUTE_MS);
      }
    }
    trace.violation("a repeated deploy comes to its end", `${operation} failed ${this.#mostTries} times: ${last}`);
  }

  async retag(tags: Readonly<Record<string, string>>): Promise<void> {
    const Tags = Object.entries(tags).map(([name, Value]) => ({ Key: `keyturn:${name}`, Value }));
    await this.aws("TagResource", { SecretId: SECRET_NAME, Tags });
  }
}
