import * as fc from "fast-check";
import { CURRENT, isDestroyed, marks, versionWith } from "../../lambdas/contracts/labels.ts";
import type { ModelParameters } from "../../sandbox/secrets-manager/index.ts";
import type { FaultKind, Operation } from "../../sandbox/vendors/hostility.ts";
import { seededRandom } from "../../sandbox/vendors/random-source.ts";
import { createStand, HOUR_MS, MINUTE_MS, mintedKeys, pictographKey, type Stand } from "../lambdas/stand.ts";

/*
 * Random scripts: what a deployment, AWS, a workload and time do to two managed keys, one at each vendor, while the
 * vendors misbehave. Left out: people who revoke keys or move labels, and functions that are killed.
 */
const VENDORS = ["pictify", "pictograph"] as const;
type VendorName = (typeof VENDORS)[number];

const ANYWHERE: readonly FaultKind[] = [
  "silence",
  "commit-then-silence",
  "commit-late",
  "server-error",
  "commit-then-server-error",
  "unavailable",
  "rate-limited",
  "not-json",
  "html",
  "missing-fields",
  "clock-skew",
  "slow",
];

const FAULTS: readonly (readonly [Operation, readonly FaultKind[]])[] = [
  ["create", [...ANYWHERE, "activate-late", "create-twice", "name-truncated", "name-suffixed"]],
  ["list", [...ANYWHERE, "stale-list", "list-items-twice"]],
  ["revoke", [...ANYWHERE, "revoke-not-done"]],
  ["datasets", ANYWHERE],
];

export type Step =
  | {
      readonly do: "fault";
      readonly vendor: VendorName;
      readonly operation: Operation;
      readonly kind: FaultKind;
      readonly times: number;
    }
  | { readonly do: "ensure" | "rotate" | "use"; readonly key: VendorName }
  | { readonly do: "delete"; readonly key: VendorName; readonly force: boolean }
  | { readonly do: "reconcile" }
  | { readonly do: "wait"; readonly minutes: number };

const vendor = fc.constantFrom(...VENDORS);

const fault: fc.Arbitrary<Step> = fc
  .constantFrom(...FAULTS.flatMap(([operation, kinds]) => kinds.map((kind) => ({ operation, kind }))))
  .chain(({ operation, kind }) =>
    fc.record({
      do: fc.constant("fault" as const),
      vendor,
      operation: fc.constant(operation),
      kind: fc.constant(kind),
      times: fc.integer({ min: 1, max: 3 }),
    }),
  );

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fault },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constantFrom("ensure" as const, "rotate" as const, "use" as const), key: vendor }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("delete" as const), key: vendor, force: fc.boolean() }) },
  { weight: 2, arbitrary: fc.constant({ do: "reconcile" as const }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("wait" as const), minutes: fc.constantFrom(1, 4, 7, 20, 90, 600, 1_600) }),
  },
);

/** What AWS does not document, as far as every setting of it must hold. */
const parameters: fc.Arbitrary<Partial<ModelParameters>> = fc.record(
  {
    retryToken: fc.constantFrom("same" as const, "new" as const),
    pendingAfterSuccess: fc.constantFrom("stays" as const, "removed" as const),
    duplicatedSteps: fc.subarray(["createSecret", "setSecret", "testSecret", "finishSecret"] as const),
    duplicateDelivery: fc.constantFrom("in turn" as const, "at once" as const),
    listLagMs: fc.constantFrom(0, 5 * MINUTE_MS),
    firstValueStages: fc.constantFrom(
      "as asked" as const,
      "with AWSCURRENT" as const,
      "with AWSCURRENT unless rotating" as const,
    ),
    putTakesPendingAway: fc.boolean(),
    cancelDropsPending: fc.boolean(),
  },
  { requiredKeys: [] },
);

export interface Script {
  readonly seed: number;
  readonly parameters: Partial<ModelParameters>;
  readonly steps: readonly Step[];
}

export const script: fc.Arbitrary<Script> = fc.record({
  seed: fc.nat(),
  parameters,
  steps: fc.array(step, { minLength: 1, maxLength: 14 }),
});

export interface Play {
  readonly stand: Stand;
  /** The secrets by the vendor of their key. */
  readonly secrets: Readonly<Record<VendorName, string>>;
  /** Everything that somebody outside could read: log lines, answers and errors. */
  readonly seen: () => readonly string[];
}

type Opened = Play & { readonly told: string[] };

const openPlay = async ({ seed, parameters }: Script): Promise<Opened> => {
  const stand = await createStand({
    pictify: { random: seededRandom(seed), plan: "enterprise" },
    pictograph: { random: seededRandom(seed + 1), switches: { keyFormat: seed % 2 ? "base64" : "characters" } },
    connections: { pictify: { plan: "enterprise" } },
    grants: { maxStrayRevocations: 1_000 },
    parameters,
  });
  const secrets = { pictify: await stand.declare(), pictograph: await stand.declare(pictographKey) };
  const told: string[] = [];
  return { stand, secrets, told, seen: () => [...stand.lines, ...told] };
};

const callOf = (vendorName: VendorName, apiKey: string): Request =>
  vendorName === "pictify"
    ? new Request("https://pictify.test/image", {
        method: "POST",
        headers: { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/json" },
        body: JSON.stringify({ html: "<b>hi</b>" }),
      })
    : new Request("https://pictograph.test/api/v1/developer/datasets/", { headers: { "X-API-Key": apiKey } });

/** A workload's call with the current key, if there is one. The vendor's answer is the workload's concern. */
const use = async ({ stand, secrets }: Play, key: VendorName): Promise<void> => {
  const current = versionWith((await stand.facts(secrets[key])).stages, CURRENT);
  if (current === undefined) return;
  const { apiKey } = await stand.currentKey(secrets[key]);
  await stand.clock.run(stand[key].fetch(callOf(key, apiKey)).then(ignore, ignore));
};

const ignore = () => undefined;

const rotate = async ({ stand, secrets, told }: Opened, key: VendorName) => {
  try {
    await stand.aws("RotateSecret", { SecretId: secrets[key] });
    await stand.clock.run(stand.account.secretsManager.idle());
  } catch (error) {
    told.push(String(error));
  }
};

/** As the last part of a deployment does it; one that AWS refuses, because a version is pending, is tried again later. */
const turnRotationsOn = async ({ stand, secrets, told }: Opened): Promise<void> => {
  for (const SecretId of Object.values(secrets)) {
    const { rotationEnabled, stages } = await stand.facts(SecretId);
    if (rotationEnabled || isDestroyed(stages) || versionWith(stages, CURRENT) === undefined) continue;
    try {
      await stand.aws("RotateSecret", {
        SecretId,
        RotationLambdaARN: stand.account.functions.arnOf(stand.functions.rotate),
        RotationRules: { AutomaticallyAfterDays: 90 },
        RotateImmediately: false,
      });
      await stand.clock.run(stand.account.secretsManager.idle());
    } catch (error) {
      told.push(String(error));
    }
  }
};

const doStep = async (play: Opened, step: Step): Promise<void> => {
  const { stand, secrets, told } = play;
  switch (step.do) {
    case "fault":
      return stand[step.vendor].hostile.next(step.operation, step.kind, step.times);
    case "ensure":
      told.push(JSON.stringify(await stand.invoke("manage", { action: "ensure", secretId: secrets[step.key] })));
      return turnRotationsOn(play);
    case "delete": {
      const event = { action: "delete", secretId: secrets[step.key], force: step.force };
      told.push(JSON.stringify(await stand.invoke("manage", event)));
      return;
    }
    case "rotate":
      return rotate(play, step.key);
    case "use":
      return use(play, step.key);
    case "reconcile":
      told.push(JSON.stringify(await stand.invoke("reconcile", { revokeStrays: [] })));
      return;
    case "wait":
      return stand.clock.advance(step.minutes * MINUTE_MS);
  }
};

/** The ids of the current keys of all secrets that were not destroyed. */
export const currentKeyIds = async ({ stand, secrets }: Play): Promise<readonly string[]> => {
  const ids: string[] = [];
  for (const secretId of Object.values(secrets)) {
    const { stages } = await stand.facts(secretId);
    if (isDestroyed(stages) || versionWith(stages, CURRENT) === undefined) continue;
    ids.push((await stand.currentKey(secretId)).keyId);
  }
  return ids;
};

export const activeKeyIds = ({ stand }: Play): readonly string[] =>
  VENDORS.flatMap((name) => mintedKeys(stand[name]).map(({ id }) => id));

/** Every active key that a vendor made at the service's asking, whatever it called it: all but the admin keys. */
export const activeKeyIdsOfAnyName = ({ stand }: Play): readonly string[] =>
  VENDORS.flatMap((name) =>
    stand[name]
      .keys()
      .filter(({ active, id }) => active && id !== stand[name].adminKeyId)
      .map(({ id }) => id),
  );

/**
 * The marks of work to be done that are left on versions: not those of a secret that was destroyed, and not one on the
 * current version, which a person, or a run that came late, may have made current again.
 */
export const marksLeft = async ({ stand, secrets }: Play): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const secretId of Object.values(secrets)) {
    const { stages } = await stand.facts(secretId);
    if (isDestroyed(stages)) continue;
    const labels = Object.values(stages)
      .filter((ones) => !ones.includes(CURRENT))
      .flat();
    found.push(...marks("retiring", labels).map(({ label }) => label));
    found.push(...marks("abandoned", labels).map(({ label }) => label));
  }
  return found;
};

/**
 * Plays a script.
 * @param afterEach is told of every step that is done
 */
export const play = async (
  script: Script,
  afterEach: (play: Play) => Promise<void> = async () => {},
): Promise<Opened> => {
  const opened = await openPlay(script);
  for (const step of script.steps) {
    await doStep(opened, step);
    await afterEach(opened);
  }
  return opened;
};

const CALM_HOURS = 5 * 24;

/** The vendors behave again, and time goes by: longer than any retry, overlap, quiet period and stray age. */
export const calmDown = async (calm: Opened): Promise<void> => {
  const { stand } = calm;
  for (const name of VENDORS) stand[name].hostile.clear();
  for (let hour = 0; hour < CALM_HOURS; hour++) {
    await stand.clock.advance(HOUR_MS);
    await stand.invoke("reconcile", { revokeStrays: [] });
    if (hour === 1) await turnRotationsOn(calm);
  }
};
