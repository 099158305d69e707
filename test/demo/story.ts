import { callsOf, type ShownSummary } from "./summary-shape.ts";

/* What the play must have shown in the end, on whatever stage, with the sandbox's own vendors. */

/** Its workload starts when its drift was healed. */
export const UNUSED_AT_FIRST = "sandbox-report";

/**
 * Each key was rotated once. The type of one, the drift of another, and the rotation of a third after the refused destroy took
 * a further generation.
 */
export const GENERATIONS: Readonly<Record<string, number>> = {
  "pictify sandbox-ci": 3,
  "pictify sandbox-website": 2,
  "pictograph sandbox-report": 3,
  "pictograph sandbox-training": 3,
};

/** Where there is a cluster: the key that its pods live on was rotated once. */
export const GENERATIONS_WITH_CLUSTER: typeof GENERATIONS = { ...GENERATIONS, "pictify sandbox-worker": 2 };

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

export const generationCounts = ({ keys }: ShownSummary): Record<string, number> =>
  Object.fromEntries(keys.map(({ name, vendor, generations }) => [`${vendor} ${name}`, generations.length]));

/** As many keys are minted as there are generations; all are revoked, but for one that somebody else revoked. */
export const mintsAndRevocations = (summary: ShownSummary) => {
  const called = (operation: string) =>
    sum(["pictograph", "pictify"].map((vendor) => callsOf(summary, vendor, operation)));
  const generations = sum(Object.values(generationCounts(summary)));
  return { minted: called("create key") - generations, revoked: called("revoke key") - generations };
};

export const ALL_BUT_ONE = { minted: 0, revoked: -1 };

export const WORKLOADS = ["sandbox-ci", "sandbox-report", "sandbox-training", "sandbox-webapp"];
export const WORKLOADS_WITH_CLUSTER = ["deployment/pictify-worker", ...WORKLOADS];

export const CHANGES = [
  ["sandbox-report", "revoked at the vendor", "new generation"],
  ["sandbox-website", "name: sandbox-webapp → sandbox-website", "in place"],
  ["sandbox-training", "role: member → viewer", "in place"],
  ["sandbox-ci", "type: test → live", "new generation"],
];

export const shownChanges = ({ changes }: ShownSummary) => changes.map(({ name, change, how }) => [name, change, how]);

const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`;

/** Lines of the story, each a promise. */
export const STORY: readonly RegExp[] = [
  /a call with \S+ gets 401/,
  /the plan after the first deploy: [45] keys were asked for and stay as they are; nothing changes/,
  /plan: sandbox-webapp, update in place: name: sandbox-webapp → sandbox-website/,
  /plan: sandbox-training, update in place: role: member → viewer/,
  /plan: sandbox-ci, update in place: type: test → live/,
  /name: sandbox-webapp → sandbox-website: the same key/,
  /sandbox-website: pictify lists \S+ as sandbox-website-kt-/,
  /role: member → viewer: the same key/,
  /type: test → live: another key, and \S+ retires/,
  /sandbox-report: somebody revokes \S+ at pictograph's console/,
  /plan: sandbox-report, update in place: status: revoked|reconcile was faster than the plan/,
  /sandbox-report: \S+ is dead, the new \S+ is alive/,
  /the plan after the last deploy: [45] keys were asked for and stay as they are; nothing changes/,
  new RegExp(`IN_USE: \\S+ of keyturn/sandbox/sandbox-webapp was used at ${TIME}; try again after ${TIME}`),
  /nothing was revoked: [45] keys work on[\s\S]*sandbox-\w+: \S+ is revoked[\s\S]*9\. Destroy/,
  /pictograph holds 0 keys of ours/,
  /pictify holds 0 keys of ours/,
];

/** What must have shown in a cluster, in this order. */
export const STORY_IN_CLUSTER: readonly RegExp[] = [
  /cluster: .*, https:\S+, namespace \S+/,
  /may write the Secret pictify-credentials and roll out deployment\/pictify-worker; refused: to list Secrets, to read another Secret, to delete this one, to start a pod/,
  /its 2 pods wait: CreateContainerConfigError, secret "pictify-credentials" not found/,
  /the Secret \S+\/pictify-credentials holds key_\w+/,
  /deployment\/pictify-worker: its 2 pods run with the first value/,
  /\n4\. Kubernetes/,
  /sandbox-worker: the rotation starts; the pods run with key_\w+/,
  /the Secret \S+\/pictify-credentials holds key_\w+/,
  /the pod pictify-worker-\S+ starts, with key_\w+/,
  /the pod pictify-worker-\S+ is gone; it had key_\w+ to its end/,
  /adopted, \d+ s after the rotation/,
  /2 of 2 pods run with key_\w+; key_\w+ is alive, for its overlap/,
  /\n8\. Destroy/,
  /sandbox-worker: key_\w+ is revoked/,
  /sandbox-worker: a call with key_\w+ gets 401/,
  /sandbox-worker: key_\w+ was revoked \d+ s after the pods had adopted/,
  /pictify-credentials now has api-key, api-key_NEW, and no api-key_OLD/,
  /no request of a pod failed: \d+ requests, 0 failures/,
  /searched \d+ files of the run for every value that the vendors issued, and for the cluster's tokens: 0 found/,
];

/** The promises of `STORY_IN_CLUSTER` that a text does not keep where they are due. */
export const missingInCluster = (text: string): readonly RegExp[] => {
  let rest = text;
  return STORY_IN_CLUSTER.filter((promise) => {
    const found = promise.exec(rest);
    if (found) rest = rest.slice(found.index + found[0].length);
    return !found;
  });
};
