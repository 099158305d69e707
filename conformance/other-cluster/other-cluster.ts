import type { GrantsFile } from "../../lambdas/contracts/grants.ts";
import { placeGrantOf } from "../../lambdas/contracts/place-grant.ts";
import { targetTags } from "../../lambdas/contracts/target-tags.ts";
import { Redacted } from "../../lambdas/redacted.ts";
import type { ClusterAnswer, ClusterRequest, ClusterWorld } from "../../lambdas/targets/kubernetes/transport.ts";
import { BESIDE, OTHER_SERVER } from "../effects/effect.ts";
import { SERVICE } from "../stage/settings.ts";
import { PLACE } from "../target/target.ts";

/*
 * A second cluster of the service, in trouble for the whole life. A second key of the life's own connection has its target there, and an
 * old generation that is due, so that every pass would have something to learn there.
 */
const CLUSTER = "away";
const OTHER_KUBECONFIG_SECRET = "keyturn/clusters/away";
const TARGET = { kind: "kubernetes", ...PLACE, cluster: CLUSTER } as const;

const hang = ({ signal }: ClusterRequest): Promise<ClusterAnswer> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

const answer = (status: number, body: object, retryAfter?: string) => async (): Promise<ClusterAnswer> => ({
  status,
  retryAfter,
  body: new Redacted(JSON.stringify(body)),
});

const statusOf = (code: number, reason: string) => ({
  kind: "Status",
  apiVersion: "v1",
  status: "Failure",
  code,
  reason,
});

const refuseConnection = async (): Promise<never> => {
  throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
};

interface Trouble {
  readonly what: string;
  readonly send: (request: ClusterRequest) => Promise<ClusterAnswer>;
}

/** What may be the matter with it. */
export const CLUSTER_TROUBLES = {
  hangs: { what: "does not answer", send: hang },
  throttles: { what: "asks for five seconds, each time", send: answer(429, statusOf(429, "TooManyRequests"), "5") },
  fails: { what: "fails with everything", send: answer(500, statusOf(500, "InternalError")) },
  refuses: { what: "knows nobody", send: answer(401, statusOf(401, "Unauthorized")) },
  lies: { what: "answers each request with an object that says nothing", send: answer(200, {}) },
  away: { what: "cannot be reached", send: refuseConnection },
} as const satisfies Readonly<Record<string, Trouble>>;

export type ClusterTroubleName = keyof typeof CLUSTER_TROUBLES;

export const isClusterTrouble = (text: string): text is ClusterTroubleName => text in CLUSTER_TROUBLES;

/** What grants it. */
export const otherClusterGrant = (): NonNullable<GrantsFile["clusters"]> => {
  const place = placeGrantOf(`keyturn/${SERVICE}/${BESIDE}`, TARGET);
  return { [CLUSTER]: { access: { kubeconfigSecret: OTHER_KUBECONFIG_SECRET }, serves: [place] } };
};

/** The secret with its kubeconfig. */
export const otherKubeconfigSecret = () => ({
  Name: OTHER_KUBECONFIG_SECRET,
  SecretString: JSON.stringify({
    "current-context": "away",
    contexts: [{ name: "away", context: { cluster: "away", user: "keyturn" } }],
    clusters: [{ name: "away", cluster: { server: OTHER_SERVER } }],
    users: [{ name: "keyturn", user: { token: "kit-token-of-the-other-cluster" } }],
  }),
});

/** The way to both clusters. */
export const besideOtherCluster = (world: ClusterWorld, trouble: ClusterTroubleName): ClusterWorld => {
  const { send }: Trouble = CLUSTER_TROUBLES[trouble];
  return {
    ...world,
    send: (endpoint, request) => (endpoint.server === OTHER_SERVER ? send(request) : world.send(endpoint, request)),
  };
};

/** The tags of a target that lies there. */
export const otherTargetTags = () => Object.entries(targetTags(TARGET)).map(([Key, Value]) => ({ Key, Value }));
