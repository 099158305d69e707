import { InvokeCommand } from "@aws-sdk/client-lambda";
import type { FunctionName } from "../../constructs/functions.ts";
import type { ClusterRequest } from "../../lambdas/targets/kubernetes/transport.ts";
import { keyIdOf, operationOf } from "../../sandbox/recorder/operation.ts";

/** Where the other connection of a life is, if it has one. */
export const OTHER_URL = "https://other.test";
const OTHER_CALL = "other: ";
/** Where its other cluster is, and what the managed key is called that has its target there. */
export const OTHER_SERVER = "https://other-cluster.test";
export const BESIDE = "beside";

/** What a handler asks of the world outside it: one call, whatever comes of it. */
export interface Call {
  /** Such as `create key` or `PutSecretValue AWSPENDING`; without ids, so that it is the same in every life. */
  readonly name: string;
  /** Whether it may change something at the other side. */
  readonly changes: boolean;
  /** Of a request to a vendor: at which of the service's connections. */
  readonly connection?: "own" | "other";
  /** Of a request to a vendor about one key: its id. */
  readonly keyId?: string;
}

/** One such call in a life. */
export interface Effect extends Call {
  /** Counted from 1, over all functions, since the counting began. */
  readonly number: number;
  readonly atMs: number;
  readonly by: FunctionName;
  /** What the function was invoked for: a rotation's step, manage's action. */
  readonly task: string;
  /** Counts the invocations of the life. */
  readonly invocation: number;
  /** The place in the handlers' source that asks for it, where it was looked for. */
  readonly site?: string;
}

const READING = /^(Describe|Get|List)/;

interface Command {
  readonly input: object;
  readonly constructor: { readonly name: string };
}

/** A label of ours ends with the time at which it was put, to the millisecond. */
const withoutTime = (label: string): string => label.replace(/\/[^/]*Z$/, "");

const labelling = (input: { VersionStage?: string; MoveToVersionId?: string }): string =>
  `${input.MoveToVersionId === undefined ? "-" : "+"}${withoutTime(input.VersionStage ?? "")}`;

interface AskedOfDistribute {
  readonly action?: string;
  readonly secrets?: readonly { readonly arn: string }[];
}

/** What a function is asked. */
const askedIn = (payload: unknown): AskedOfDistribute =>
  payload instanceof Uint8Array ? JSON.parse(new TextDecoder().decode(payload)) : {};

/** Whether it is about the key alone whose target lies in the other cluster. */
const isAboutBeside = ({ secrets = [] }: AskedOfDistribute): boolean =>
  secrets.length > 0 && secrets.every(({ arn }) => arn.includes(`/${BESIDE}-`));

/** What a command of Secrets Manager, Lambda or EKS is called. */
export const awsCall = (command: unknown): Call => {
  const { input, constructor: kind } = command as Command;
  const operation = kind.name.replace(/Command$/, "");
  if (command instanceof InvokeCommand) {
    const { FunctionName = "", InvocationType = "RequestResponse", Payload } = command.input;
    const payload = askedIn(Payload);
    const prefix = isAboutBeside(payload) ? OTHER_CALL : "";
    const name = `${prefix}Invoke ${FunctionName.split("-").at(-1)} ${InvocationType}`;
    return payload.action === "observe" ? { name: `${name} observe`, changes: false } : { name, changes: true };
  }
  const detail = operation === "UpdateSecretVersionStage" ? ` ${labelling(input)}` : "";
  return { name: `${operation}${detail}`, changes: !READING.test(operation) };
};

/** What a request to a vendor is called. */
export const vendorCall = (url: string, method = "GET"): Call => {
  const { pathname } = new URL(url);
  const operation = operationOf(method, pathname);
  const isOther = url.startsWith(OTHER_URL);
  const keyId = keyIdOf(pathname);
  return {
    name: isOther ? `${OTHER_CALL}${operation}` : operation,
    changes: method !== "GET",
    connection: isOther ? "other" : "own",
    ...(keyId === undefined ? {} : { keyId }),
  };
};

/** A call to the vendor of the other connection, or for the other cluster: what it changes there is not the life's. */
export const isOtherCall = ({ name }: Pick<Call, "name">): boolean => name.startsWith(OTHER_CALL);

/** The last part of a resource's path is a name, but of a list. */
const KINDS: Readonly<Record<string, string>> = {
  secrets: "Secret",
  deployments: "Deployment",
  externalsecrets: "ExternalSecret",
  pods: "Pods",
};

/** What a request to a cluster's API server is called, such as `apply Secret`. @param server the life's own by default */
export const clusterCall = ({ method, path, contentType }: ClusterRequest, server = ""): Call => {
  const [, resource = "", name] = /\/namespaces\/[^/]+\/([^/?]+)(?:\/([^/?]+))?/.exec(path) ?? [];
  const verb = method === "GET" ? (name ? "get" : "list") : contentType?.includes("apply-patch") ? "apply" : "patch";
  const prefix = server === OTHER_SERVER ? OTHER_CALL : "";
  return { name: `${prefix}${verb} ${KINDS[resource] ?? resource}`, changes: method !== "GET" };
};

/** What an effect is, in words that are the same in every life with the same seed. */
export const effectText = ({ by, task, name }: Pick<Effect, "by" | "task" | "name">): string =>
  `${by} ${task}: ${name}`;
