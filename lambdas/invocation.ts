import { hash } from "node:crypto";
import type { Clock } from "./clock.ts";
import { type Grants, grantsOf } from "./contracts/grants.ts";
import { createLog, type Log } from "./log.ts";
import { type Secrets, secretsOf } from "./secrets.ts";
import { type AdminKeys, openVendors, type Reserves, type Vendors } from "./vendor-session.ts";
import type { Handler, LambdaContext, World } from "./world.ts";

/** One invocation of a handler: what it may use, and how long it still may run. */
export interface Invocation {
  readonly clock: Clock;
  readonly log: Log;
  readonly grants: Grants;
  readonly secrets: Secrets;
  readonly vendors: Vendors;
  /** The ARN of this function, without a version or alias. */
  readonly functionArn: string;
  /** The way to the other functions of the deployment. */
  readonly functions?: Pick<World, "lambda" | "environment">;
  readonly remainingMs: () => number;
}

/** `arn:aws:lambda:region:account:function:name` has seven parts; an eighth is a version or alias. */
const withoutQualifier = (functionArn: string): string => functionArn.split(":").slice(0, 7).join(":");

const serviceOf = (grants: unknown): string => {
  const { service } = (grants ?? {}) as { service?: unknown };
  return typeof service === "string" ? service : "unknown";
};

/** Numbers from 0 to 1 that are another invocation's own: enough to keep those apart that wait for the same limit. */
const chanceOf = (requestId: string): (() => number) => {
  let drawn = 0;
  return () => Number.parseInt(hash("sha256", `${requestId} ${drawn++}`, "hex").slice(0, 8), 16) / 0xffffffff;
};

/** What does not change in a container is read at its first invocation; one that cannot be read fails each of them. */
const onceRead = <Value>(read: () => Value): (() => Value) => {
  let known: { readonly value: Value } | undefined;
  return () => {
    known ??= { value: read() };
    return known.value;
  };
};

/**
 * Makes a handler of what one invocation does. A failure is logged, with every secret taken out, and thrown on: Lambda
 * and whoever invoked it must know.
 * @param action names the function in its log: `rotate`
 */
export const createHandler = <Answer>(
  world: World,
  action: string,
  run: (event: unknown, invocation: Invocation, context: LambdaContext) => Promise<Answer>,
): Handler<Answer> => {
  const adminKeys: AdminKeys = new Map();
  const reserves: Reserves = new Map();
  const grants = onceRead(() => grantsOf(world.grants));
  return async (event, context) => {
    const { clock, write } = world;
    const log = createLog({ write, clock, service: serviceOf(world.grants), requestId: context.awsRequestId });
    const remainingMs = () => context.getRemainingTimeInMillis();
    try {
      const secrets = secretsOf(world);
      const vendors = openVendors({
        fetch: world.fetch,
        clock,
        remainingMs,
        secrets,
        adminKeys,
        reserves,
        chance: chanceOf(context.awsRequestId),
      });
      const functionArn = withoutQualifier(context.invokedFunctionArn);
      return await run(
        event,
        { clock, log, grants: grants(), secrets, vendors, functionArn, functions: world, remainingMs },
        context,
      );
    } catch (error) {
      log.failure(`${action}.failed`, error);
      throw error;
    }
  };
};
