import { BOUNDED } from "../lambdas/aws-world.ts";
import type { Clock } from "../lambdas/clock.ts";
import type { Handler, World } from "../lambdas/world.ts";
import type { RandomSource } from "../sandbox/vendors/random-source.ts";

/*
 * AWS's quotas, as far as a fleet's rotations meet them.
 * Secrets Manager (user guide, "AWS Secrets Manager quotas", reference_limits.html): DescribeSecret and GetSecretValue together
 * 10,000 a second, PutSecretValue and UpdateSecretVersionStage together 50 a second.
 * Lambda (developer guide, "Lambda scaling behavior", scaling-behavior.html, and "Lambda quotas"): 1,000 runs at once in an account,
 * and a function gets up to 1,000 more every 10 seconds, so that the first quota is the one that binds.
 */
const READS_A_SECOND = 10_000;
const WRITES_A_SECOND = 50;
const RUNS_AT_ONCE = 1_000;

/**
 * The SDK's standard retries of what was throttled: a random part of a wait that doubles from half a second up to 20 seconds (AWS SDKs
 * reference guide, "Retry behavior"; @smithy/util-retry). How many tries there are, our clients say.
 */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 20_000;

/** What one call takes on its way, so that calls do not all happen at one moment. */
const AWS_CALL_MS = 20;

const WRITING = /^(Put|Update)/;

export interface QuotaCounts {
  /** Calls of Secrets Manager that it refused for their rate, before the SDK tried again. */
  throttled: number;
  mostRunsAtOnce: number;
}

const throttling = (): Error =>
  Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException", $fault: "client" as const });

/** Says for each call whether it is within so many in the second that has begun. */
const perSecond = (clock: Clock, limit: number): (() => boolean) => {
  let [second, count] = [0, 0];
  return () => {
    const now = Math.floor(clock.now() / 1_000);
    if (now !== second) [second, count] = [now, 0];
    if (count >= limit) return false;
    count += 1;
    return true;
  };
};

interface Command {
  readonly constructor: { readonly name: string };
}

/** A client of Secrets Manager with its quotas before it, and the SDK's retries before those. */
export const withQuotas = (
  clock: Clock,
  client: World["secretsManager"],
  counts: QuotaCounts,
  random: RandomSource,
): World["secretsManager"] => {
  const [mayRead, mayWrite] = [perSecond(clock, READS_A_SECOND), perSecond(clock, WRITES_A_SECOND)];
  const send = async (command: Command): Promise<unknown> => {
    for (let tries = 1; ; tries++) {
      await clock.sleep(AWS_CALL_MS);
      const isWriting = WRITING.test(command.constructor.name);
      if (isWriting ? mayWrite() : mayRead()) return client.send(command as never);
      counts.throttled += 1;
      if (tries === BOUNDED.maxAttempts) throw throttling();
      await clock.sleep(random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1)));
    }
  };
  return { send } as World["secretsManager"];
};

/** A function that Lambda runs so often at once, and no more. */
export const withConcurrency = (handler: Handler<unknown>, counts: QuotaCounts): Handler<unknown> => {
  let running = 0;
  return async (event, context) => {
    if (running >= RUNS_AT_ONCE) throw Object.assign(new Error("Rate exceeded"), { name: "TooManyRequestsException" });
    running += 1;
    counts.mostRunsAtOnce = Math.max(counts.mostRunsAtOnce, running);
    try {
      return await handler(event, context);
    } finally {
      running -= 1;
    }
  };
};
