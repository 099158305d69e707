import { InProcessFunctions } from "../../sandbox/in-process/functions.ts";
import {
  createSecretsManager,
  type ModelParameters,
  type SecretsManager,
} from "../../sandbox/secrets-manager/index.ts";
import { seededRandom } from "../../sandbox/vendors/random-source.ts";
import type { VirtualClock } from "../../sandbox/virtual-clock.ts";
import type { Trace } from "./trace.ts";

const REGION = "us-east-1";
const ACCOUNT_ID = "000000000000";

/** Where what happens is written down: for people, and all that somebody outside could read. */
export interface Told {
  readonly trace: Trace;
  readonly seen: string[];
}

/** Lambda of the kit's account. */
export const createLambda = (clock: VirtualClock, { trace, seen }: Told): InProcessFunctions =>
  new InProcessFunctions(clock, REGION, ACCOUNT_ID, (event, error) => {
    if (error === undefined) return;
    trace.tell(`      ${JSON.stringify(event).slice(0, 160)} failed: ${error.slice(0, 160)}`);
    seen.push(error);
  });

export interface ModelOptions {
  readonly seed: number;
  readonly parameters?: Partial<ModelParameters>;
}

/** A call of Secrets Manager past every gate, by its operation's name. */
export type CallAws = <Answer = Record<string, unknown>>(operation: string, input: object) => Promise<Answer>;

/** Secrets Manager of the kit's account. */
export const createModel = (
  clock: VirtualClock,
  lambda: InProcessFunctions,
  { seed, parameters }: ModelOptions,
  { trace, seen }: Told,
): SecretsManager =>
  createSecretsManager({
    clock,
    lambda,
    region: REGION,
    accountId: ACCOUNT_ID,
    random: seededRandom(seed + 1),
    onEvent: (event) => {
      seen.push(JSON.stringify(event));
      trace.tell(`      Secrets Manager: ${event.detail.eventName}`);
    },
    ...(parameters ? { parameters } : {}),
  });
