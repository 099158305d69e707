import { keyName, serviceId } from "../../../lambdas/contracts/key-name.ts";
import type { Mark } from "../../../lambdas/contracts/labels.ts";
import { markLabel } from "../../../lambdas/contracts/labels.ts";
import type { VendorSimulator } from "../../../sandbox/vendors/simulator.ts";
import { createStand, MINUTE_MS, type Stand, type StandOptions, stagesOf } from "../stand.ts";

/*
 * What the tests of reconcile do to a stand, told once: passes, keys at the vendor, labels that people move.
 */

/** A stand whose vendors have no limit of keys. */
export const unlimited = (options: StandOptions = {}): Promise<Stand> =>
  createStand({
    ...options,
    pictify: { plan: "enterprise", ...options.pictify },
    connections: { ...options.connections, pictify: { plan: "enterprise", ...options.connections?.pictify } },
  });

/** One pass that looks at everything. */
export const look = (stand: Stand, request: object = {}) => stand.invoke("reconcile", { revokeStrays: [], ...request });

/** Passes as their schedule starts them. */
export const passes = async (stand: Stand, count: number, everyMs = 5 * MINUTE_MS): Promise<void> => {
  for (let n = 0; n < count; n++) {
    await stand.clock.advance(everyMs);
    await stand.invoke("reconcile", {});
  }
};

/** One pass that looks at everything, and then time for what it started. */
export const lookAndSettle = async (stand: Stand, afterMs = 2 * MINUTE_MS): Promise<void> => {
  await look(stand);
  await stand.clock.advance(afterMs);
};

export const log = (stand: Stand): string => stand.lines.join("\n");

/** The records of one action, the oldest first. */
export const records = (stand: Stand, action: string): readonly Record<string, unknown>[] =>
  stand.lines.map((line) => JSON.parse(line)).filter((record) => record.action === action);

/** How often a count was written, and its sum. */
export const written = (stand: Stand, metric: string): readonly number[] =>
  stand.lines.flatMap((line) => JSON.parse(line)[metric] ?? []);

export const isActive = (vendor: VendorSimulator, keyId: string): boolean | undefined =>
  vendor.keys().find((key) => key.id === keyId)?.active;

/** Leaves a key at the vendor that has a name of the service and that no version accounts for. */
export const leaveStray = (stand: Stand, n = 0, service = "prod") => {
  const id = serviceId(service, stand.account.functions.arnOf("any"));
  return stand.pictify.issueKey({ name: keyName("web", id, `${n}`.padStart(10, "0")), access: "live" });
};

/** A workload's call with a key; the answer's status. */
export const callWith = async (stand: Stand, apiKey: string): Promise<number> => {
  const headers = { Authorization: `Bearer ${apiKey}` };
  return (await stand.pictify.fetch(new Request("https://pictify.test/api-keys", { headers }))).status;
};

/** A person moves AWSCURRENT to a version. */
export const makeCurrent = async (stand: Stand, SecretId: string, versionId: string): Promise<void> => {
  const { current } = stagesOf(await stand.facts(SecretId));
  const RemoveFromVersionId = current;
  await stand.aws("UpdateSecretVersionStage", {
    SecretId,
    VersionStage: "AWSCURRENT",
    MoveToVersionId: versionId,
    ...(RemoveFromVersionId ? { RemoveFromVersionId } : {}),
  });
};

/** Puts a mark of ours on a version, as of now. */
export const putMark = (stand: Stand, SecretId: string, versionId: string, mark: Mark): Promise<unknown> =>
  stand.aws("UpdateSecretVersionStage", {
    SecretId,
    VersionStage: markLabel(mark, stand.clock.now()),
    MoveToVersionId: versionId,
  });

/** The current version's id. */
export const currentOf = async (stand: Stand, secretId: string): Promise<string> =>
  stagesOf(await stand.facts(secretId)).current ?? "";

/** All labels of a secret that are of ours. */
export const ownLabels = async (stand: Stand, secretId: string): Promise<readonly string[]> =>
  Object.values((await stand.facts(secretId)).stages)
    .flat()
    .filter((label) => label.startsWith("keyturn/"));

/** A person changes tags of a secret, as a deploy does. */
export const retag = (stand: Stand, SecretId: string, tags: Readonly<Record<string, string>>): Promise<unknown> =>
  stand.aws("TagResource", { SecretId, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) });
