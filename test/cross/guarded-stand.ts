import { AsyncLocalStorage } from "node:async_hooks";
import { FUNCTION_NAMES, type FunctionName } from "../../constructs/functions.ts";
import { Redacted } from "../../lambdas/redacted.ts";
import type { ClusterAnswer, ClusterWorld } from "../../lambdas/targets/kubernetes/transport.ts";
import type { World } from "../../lambdas/world.ts";
import { createStand, type Stand, type StandOptions } from "../lambdas/stand.ts";
import { type AccessRequest, allowingStatement, type PolicyStatement } from "./iam-policy.ts";

/*
 * The stand with IAM before it: every operation that a function sends to AWS is first held against that function's
 * policy, on the secret as it then is, and refused as AWS refuses it.
 * As AWS does, permission is checked before existence: a secret that is gone has no tags. Whether AWS makes an ARN of the
 * name of a secret that does not exist is not documented, and what its errors show says no; so here it has none.
 * Leaves out: KMS, logs and the reports of failed invocations, which are not the functions' own calls.
 */
export type Policies = Readonly<Record<FunctionName, readonly PolicyStatement[]>>;

export interface GuardedStand extends Stand {
  /** What was allowed: `<function> <Sid> <action>`. */
  readonly used: ReadonlySet<string>;
  /** What was refused: `<function> <action> <resource>`. */
  readonly refused: readonly string[];
}

interface Command {
  readonly constructor: { readonly name: string };
  readonly input: { readonly SecretId?: string; readonly FunctionName?: string };
}

type Described = {
  readonly ARN: string;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
  readonly RotationLambdaARN?: string;
};

const accessDenied = (what: string): Error =>
  Object.assign(new Error(`not authorized to perform: ${what} because no identity-based policy allows it`), {
    name: "AccessDeniedException",
    $fault: "client",
  });

const describe = async (stand: Stand, secretId: string): Promise<Described | undefined> => {
  try {
    return await stand.aws<Described>("DescribeSecret", { SecretId: secretId });
  } catch (error) {
    if (error instanceof Error && error.name === "ResourceNotFoundException") return undefined;
    throw error;
  }
};

/** All that AWS would check for one command. RotateSecret asks for the right to invoke the rotation function as well. */
const requestsOf = async (stand: Stand, command: Command): Promise<readonly AccessRequest[]> => {
  const operation = command.constructor.name.replace(/Command$/, "");
  const { SecretId, FunctionName } = command.input;
  if (operation === "Invoke")
    return [{ action: "lambda:InvokeFunction", resource: stand.account.functions.arnOf(FunctionName ?? "") }];
  const action = `secretsmanager:${operation}`;
  if (SecretId === undefined) return [{ action }];
  const secret = await describe(stand, SecretId);
  if (!secret) return [{ action, resource: SecretId.startsWith("arn:") ? SecretId : undefined }];
  const tags = Object.fromEntries((secret.Tags ?? []).map(({ Key, Value }) => [Key, Value]));
  const own: AccessRequest = { action, resource: secret.ARN, tags };
  const invoked: AccessRequest = { action: "lambda:InvokeFunction", resource: secret.RotationLambdaARN };
  return operation === "RotateSecret" ? [own, invoked] : [own];
};

/** A cluster of EKS that answers, and takes nobody's word for who they are. */
const guardedEks =
  (check: (request: AccessRequest) => void) =>
  (region: string): ReturnType<ClusterWorld["eks"]> => {
    const send = async ({ input }: { readonly input: { readonly name?: string } }) => {
      const resource = `arn:aws:eks:${region}:000000000000:cluster/${input.name}`;
      check({ action: "eks:DescribeCluster", resource });
      return { cluster: { endpoint: "https://cluster.test", certificateAuthority: { data: "" } } };
    };
    return { send: send as never };
  };

const UNKNOWN_CALLER: ClusterAnswer = { status: 401, retryAfter: undefined, body: new Redacted("") };

const functionNamed = (name: string): FunctionName => {
  const found = FUNCTION_NAMES.find((one) => name.endsWith(`-${one}`));
  if (found) return found;
  throw new Error(`${name} is not a function of a service`);
};

/** A stand whose functions may do no more than these policies allow. */
export const createGuardedStand = async (policies: Policies, options: StandOptions = {}): Promise<GuardedStand> => {
  const stand = await createStand(options);
  const running = new AsyncLocalStorage<FunctionName>();
  const used = new Set<string>();
  const refused: string[] = [];

  const checkRequest = (request: AccessRequest): void => {
    const name = running.getStore();
    if (!name) throw new Error("an operation was sent outside of any function");
    const statement = allowingStatement(policies[name], request);
    if (statement) used.add(`${name} ${statement.Sid} ${request.action}`);
    else refused.push(`${name} ${request.action} ${request.resource ?? "(no ARN)"}`);
    if (!statement) throw accessDenied(`${request.action} on ${request.resource}`);
  };

  const check = async (command: Command): Promise<void> => {
    for (const request of await requestsOf(stand, command)) checkRequest(request);
  };

  const guarded = <Client extends { send: unknown }>(client: Client): Client => ({
    ...client,
    send: async (command: Command) => {
      await check(command);
      return (client.send as (command: Command) => Promise<unknown>)(command);
    },
  });

  const { functions } = stand.account;
  const create = functions.create.bind(functions);
  functions.create = (made) =>
    create({
      ...made,
      handler: (event, context) => running.run(functionNamed(made.name), made.handler, event, context),
    });
  const open = stand.account.world;
  const world: typeof open = (grants, environment): World => {
    const { lambda, ...rest } = open(grants, environment);
    const { secretsManager } = rest;
    const clusters: ClusterWorld = {
      send: async () => UNKNOWN_CALLER,
      eks: guardedEks(checkRequest),
      credentials: async () => ({ accessKeyId: "AKIATEST", secretAccessKey: "none" }),
    };
    return {
      ...rest,
      secretsManager: guarded(secretsManager),
      clusters,
      ...(lambda ? { lambda: guarded(lambda) } : {}),
    };
  };
  Object.assign(stand.account, { world });
  // The functions once more, in the guarded world.
  stand.anotherService("prod");
  return { ...stand, used, refused };
};
