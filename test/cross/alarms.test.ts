import { describe, expect, test } from "vitest";
import { duration } from "../../lambdas/contracts/duration.ts";
import { keyName, serviceId } from "../../lambdas/contracts/key-name.ts";
import { MEASUREMENTS, METRICS, WITHOUT_ALARM } from "../../lambdas/contracts/metrics.ts";
import {
  type Attributes,
  addCluster,
  addWebKey,
  newService,
  newStack,
  resourcesOf,
  webTarget,
} from "../constructs/declare.ts";
import { currentOf, putMark, retag } from "../lambdas/reconciliation/passes.ts";
import {
  createStand,
  DAY_MS,
  declarationOfTest,
  HOUR_MS,
  MINUTE_MS,
  pictographKey,
  SECOND_MS,
  type Stand,
  type StandOptions,
  stagesOf,
} from "../lambdas/stand.ts";
import { changes, stateAt } from "./alarm-model.ts";
import { type DataPoint, dataPoints, watches } from "./embedded-metrics.ts";

const TOPIC = "arn:aws:sns:us-east-1:000000000000:oncall";
const PREFIX = "keyturn-prod-";

const synthesized = (reconcileInterval = "PT5M") => {
  const stack = newStack();
  const service = newService(stack, { name: "prod", alarmTopic: { arn: TOPIC }, reconcileInterval });
  addWebKey(service, [webTarget(addCluster(service))], { overlap: "P3D" });
  return stack;
};

/** The alarms of the service `prod` by their names, without what all of them begin with. */
const alarms = (reconcileInterval?: string): Readonly<Record<string, Attributes>> =>
  Object.fromEntries(
    Object.values(resourcesOf(synthesized(reconcileInterval), "aws_cloudwatch_metric_alarm")).map((alarm) => [
      alarm.alarm_name.slice(PREFIX.length),
      alarm,
    ]),
  );

const alarmNamed = (name: string, reconcileInterval?: string): Attributes => {
  const found = alarms(reconcileInterval)[name];
  if (!found) throw new Error(`there is no alarm ${name}`);
  return found;
};

const look = (stand: Stand) => stand.invoke("reconcile", { revokeStrays: [] });

const unlimited = (options: StandOptions = {}) =>
  createStand({ ...options, pictify: { plan: "enterprise", ...options.pictify } });

/** A stand with a key of the service's name that no version accounts for, and of which the vendor tells no use. */
const withHeldStray = async (options: StandOptions = {}): Promise<{ stand: Stand; strayId: string }> => {
  const stand = await unlimited({ ...options, pictify: { switches: { lastUsed: "missing" } } });
  const arn = stand.account.functions.arnOf("any");
  const name = keyName("web", serviceId("prod", arn), "0123456789");
  const { id } = stand.pictify.issueKey({ name, access: "live" });
  await stand.clock.advance(2 * DAY_MS);
  return { stand, strayId: id };
};

const callWith = (stand: Stand, apiKey: string) =>
  stand.pictify.fetch(new Request("https://pictify.test/api-keys", { headers: { Authorization: `Bearer ${apiKey}` } }));

/** A stand with an old generation that is past its deadline and was just used. */
const withBlockedRetirement = async (options: StandOptions = {}): Promise<{ stand: Stand; apiKey: string }> => {
  const stand = await unlimited({ ...options, floor: { minimum: { deadline: "P2D" } } });
  const arn = await stand.deploy({ deadlineMs: 2 * DAY_MS, quietMs: 6 * HOUR_MS });
  const { apiKey } = await stand.currentKey(arn);
  await stand.rotate(arn);
  for (let hour = 0; hour < 49; hour++) {
    await stand.clock.advance(HOUR_MS);
    await callWith(stand, apiKey);
  }
  await stand.clock.advance(10 * MINUTE_MS);
  return { stand, apiKey };
};

/** A stand whose vendor has no request that revokes, and an old generation that should go. */
const withDebtByHand = async (options: StandOptions = {}): Promise<{ stand: Stand; keyId: string }> => {
  const stand = await unlimited({ ...options, pictify: { switches: { revoke: false, remove: false } } });
  const arn = await stand.deploy();
  const { keyId } = await stand.currentKey(arn);
  await stand.rotate(arn);
  await stand.clock.advance(26 * HOUR_MS);
  return { stand, keyId };
};

/** A stand with a current key that somebody revoked at the vendor. */
const withDeadKey = async (options: StandOptions = {}): Promise<Stand> => {
  const stand = await unlimited(options);
  const arn = await stand.deploy();
  await stand.clock.advance(2 * HOUR_MS);
  stand.pictify.revokeKey((await stand.currentKey(arn)).keyId);
  return stand;
};

/** A stand with two keys, of which lists show those alone that `shows` has. */
const withKeys = async (shows: (n: number) => boolean): Promise<{ stand: Stand; keyIds: readonly string[] }> => {
  const stand = await unlimited({ grants: { maxReplacements: 1 } });
  const keyIds: string[] = [];
  for (const name of ["web", "api"])
    keyIds.push((await stand.currentKey(await stand.deploy({ ...declarationOfTest, name }))).keyId);
  await stand.clock.advance(HOUR_MS);
  const omitted = new Set(keyIds.filter((_, n) => !shows(n)));
  stand.pictify.hostile.next("list", { kind: "list-omits", omits: (keyId) => omitted.has(keyId) }, Infinity);
  return { stand, keyIds };
};

/** A person gives a Pictograph key an end. */
const letExpire = async (stand: Stand, keyId: string, atMs: number): Promise<void> => {
  const request = new Request(`https://pictograph.test/api/v1/api-keys/${keyId}`, {
    method: "PATCH",
    headers: { "X-API-Key": stand.pictograph.adminKey, "content-type": "application/json" },
    body: JSON.stringify({ expires_at: new Date(atMs).toISOString() }),
  });
  const answer = await stand.pictograph.fetch(request);
  if (!answer.ok) throw new Error(`the key did not get an end: ${answer.status} ${await answer.text()}`);
};

const FAILING_TARGET = { "keyturn:target:web": "kubernetes/prod/web/pictify-credentials/api-key" };
/** Its kubeconfig is not there. */
const FAILING_CLUSTER = {
  access: { kubeconfigSecret: "clusters/gone" },
  serves: [
    {
      secret: "keyturn/prod/web",
      kind: "kubernetes" as const,
      namespace: "web",
      name: "pictify-credentials",
      restart: [],
    },
  ],
};

/** A stand with a key whose target lies in a cluster that cannot be reached, and one look at it. */
const withFailingTarget = async (options: StandOptions = {}) => {
  const stand = await createStand({ ...options, grants: { ...options.grants, clusters: { prod: FAILING_CLUSTER } } });
  const arn = await stand.deploy();
  await retag(stand, arn, FAILING_TARGET);
  const versionId = await currentOf(stand, arn);
  const observe = () => stand.invoke("distribute", { action: "observe", secrets: [{ arn, versionId }] });
  return { stand, arn, observe };
};

type Story = Exclude<keyof typeof METRICS, (typeof WITHOUT_ALARM)[number]>;

/** For each metric that calls somebody a story in which a handler writes it; all of them are about the service `prod`. */
const STORIES: Readonly<Record<Story, () => Promise<Stand>>> = {
  async rotationFailed() {
    const stand = await createStand({ parameters: { retryDelaysMs: [], reattemptEveryMs: null } });
    const arn = await stand.deploy();
    stand.pictify.hostile.next("create", "server-error", 99);
    await stand.rotate(arn);
    return stand;
  },
  async rotationOverdue() {
    const stand = await createStand({ parameters: { retryDelaysMs: [], reattemptEveryMs: null } });
    const arn = await stand.deploy();
    const { functions } = stand.account;
    const handler = () => Promise.reject(new Error("throttled"));
    functions.create({ name: stand.functions.rotate, timeoutMs: 1, secretsManagerMayInvoke: true, handler });
    await stand.clock.advance(91 * DAY_MS);
    const { pending: RemoveFromVersionId } = stagesOf(await stand.facts(arn));
    await stand.aws("UpdateSecretVersionStage", { SecretId: arn, VersionStage: "AWSPENDING", RemoveFromVersionId });
    await look(stand);
    return stand;
  },
  async currentKeyDead() {
    const stand = await withDeadKey();
    await look(stand);
    return stand;
  },
  async driftFound() {
    const stand = await createStand();
    const SecretId = await stand.deploy();
    await stand.aws("PutSecretValue", { SecretId, SecretString: "by hand" });
    await look(stand);
    return stand;
  },
  async retirementBlocked() {
    const { stand } = await withBlockedRetirement();
    await look(stand);
    return stand;
  },
  async compromisedAlive() {
    const stand = await createStand();
    const arn = await stand.deploy();
    await stand.aws("CancelRotateSecret", { SecretId: arn });
    await putMark(stand, arn, await currentOf(stand, arn), "compromised");
    await stand.clock.advance(31 * MINUTE_MS);
    await look(stand);
    return stand;
  },
  async straysHeld() {
    const { stand } = await withHeldStray();
    await look(stand);
    return stand;
  },
  async revokeByHand() {
    const { stand } = await withDebtByHand();
    await look(stand);
    return stand;
  },
  async listingNotWhole() {
    const { stand } = await withKeys((n) => n === 0);
    for (let n = 0; n < 3; n++) await look(stand);
    return stand;
  },
  async wrongOrganization() {
    const stand = await createStand();
    await stand.deploy();
    await stand.clock.advance(HOUR_MS);
    const { value: apiKey } = stand.pictify.issueAdminKey("Admin", "another team");
    await stand.aws("PutSecretValue", { SecretId: "keyturn/pictify", SecretString: JSON.stringify({ apiKey }) });
    await look(stand);
    return stand;
  },
  async useNotUnderstood() {
    const stand = await unlimited({ pictify: { switches: { lastUsed: "english" } } });
    const arn = await stand.deploy();
    await callWith(stand, (await stand.currentKey(arn)).apiKey);
    await stand.rotate(arn);
    await stand.clock.advance(26 * HOUR_MS);
    await look(stand);
    return stand;
  },
  async deathsDoubted() {
    const { stand, keyIds } = await withKeys(() => false);
    for (const keyId of keyIds) stand.pictify.revokeKey(keyId);
    await look(stand);
    return stand;
  },
  async keyExpires() {
    const stand = await createStand();
    const { keyId } = await stand.currentKey(await stand.deploy(pictographKey));
    await letExpire(stand, keyId, stand.clock.now() + 30 * DAY_MS);
    await look(stand);
    return stand;
  },
  async requestsRefused() {
    const serves = [{ secret: "keyturn/prod/other", name: "other", type: "live" }];
    const stand = await createStand({ connections: { pictify: { serves } } });
    await stand.declare();
    for (let n = 0; n < 4; n++) {
      await stand.clock.advance(5 * MINUTE_MS);
      await look(stand);
    }
    return stand;
  },
  async targetsFailed() {
    const { stand, observe } = await withFailingTarget();
    await observe();
    await stand.clock.advance(5 * MINUTE_MS);
    await observe();
    return stand;
  },
  async reconcileCompleted() {
    const stand = await createStand();
    await look(stand);
    return stand;
  },
};

const STORY_NAMES = Object.keys(STORIES) as Story[];

describe("the alarm on a metric", () => {
  test.each(STORY_NAMES)("watches %s by the namespace, name and dimensions that a handler wrote", async (name) => {
    const stand = await STORIES[name]();
    const written = dataPoints(stand.lines).filter(({ metricName }) => metricName === METRICS[name]);
    const watching = Object.values(alarms()).filter((alarm) => alarm.metric_name === METRICS[name]);

    expect(written).not.toEqual([]);
    expect(watching).toHaveLength(1);
    for (const point of written) expect(watching.filter((alarm) => watches(alarm, point))).toHaveLength(1);
  });

  test.each(STORY_NAMES)("of %s is up when a handler wrote it, and was not before", async (name) => {
    const stand = await STORIES[name]();
    const points = dataPoints(stand.lines);
    const [alarm] = Object.values(alarms()).filter(({ metric_name }) => metric_name === METRICS[name]);
    if (!alarm) throw new Error(`no alarm watches ${name}`);
    const isSilence = name === "reconcileCompleted";
    const nowMs = stand.clock.now();

    expect(stateAt(alarm, points, nowMs + MINUTE_MS)).toBe(isSilence ? "OK" : "ALARM");
    expect(stateAt(alarm, [], nowMs)).toBe(isSilence ? "ALARM" : "OK");
  });

  test("exists for every metric that any handler wrote in any of these stories", async () => {
    const all = Object.values(alarms());
    const measured = Object.values(MEASUREMENTS).map(({ name }) => name as string);
    const quiet: readonly string[] = [...measured, ...WITHOUT_ALARM.map((name) => METRICS[name])];
    for (const name of STORY_NAMES)
      for (const point of dataPoints((await STORIES[name]()).lines).filter(
        ({ metricName }) => !quiet.includes(metricName),
      ))
        expect(all.filter((alarm) => watches(alarm, point)).map((alarm) => alarm.metric_name)).toEqual([
          point.metricName,
        ]);
  });

  test("of failed invocations names a function of the stack, and every function has one", () => {
    const functions = Object.values(resourcesOf(synthesized(), "aws_lambda_function")).map((one) => one.function_name);
    const addresses = Object.keys(resourcesOf(synthesized(), "aws_lambda_function"));
    const errors = Object.values(alarms()).filter(({ namespace }) => namespace === "AWS/Lambda");
    const names = errors.map(({ dimensions }) => {
      const address = /^\$\{(.+)\.function_name\}$/.exec(dimensions.FunctionName)?.[1];
      return address === undefined ? dimensions.FunctionName : functions[addresses.indexOf(address)];
    });

    expect(names.toSorted()).toEqual(functions.toSorted());
    expect(errors.map(({ metric_name }) => metric_name)).toEqual(errors.map(() => "Errors"));
  });
});

const INTERVALS = ["PT1M", "PT5M", "PT7M", "PT25M", "PT50M", "PT2H"];

test.each([...INTERVALS, "PT1H", "PT6H", "PT24H"])("CloudWatch takes every alarm at an interval of %s", (interval) => {
  for (const { period, evaluation_periods, alarm_name } of Object.values(alarms(interval))) {
    expect(period % 60, alarm_name).toBe(0);
    expect(period * evaluation_periods, alarm_name).toBeLessThanOrEqual(period < 3_600 ? 86_400 : 604_800);
  }
});

/** Passes as their schedule starts them: each a little late, never twice the same. */
const passes = async (stand: Stand, interval: string, lastingMs: number, meanwhile = async () => {}) => {
  const intervalMs = duration.parse(interval);
  const fromMs = stand.clock.now();
  for (let n = 1; n * intervalMs <= lastingMs; n++) {
    const lateMs = ((n * 37) % 50) * SECOND_MS;
    await stand.clock.advance(fromMs + n * intervalMs + lateMs - stand.clock.now());
    await meanwhile();
    await stand.invoke("reconcile", {});
  }
};

const statesOf = (alarm: Attributes, stand: Stand, fromMs: number) =>
  changes(alarm, dataPoints(stand.lines), fromMs, stand.clock.now()).map(({ state }) => state);

describe.each(INTERVALS)("with reconcile at an interval of %s", (interval) => {
  const grants = { reconcileInterval: interval };
  const watchMs = Math.max(12 * HOUR_MS, 6 * duration.parse(interval));

  test("a stray that is held raises one alarm, which stays up, and ends when it is gone", async () => {
    const { stand, strayId } = await withHeldStray({ grants });
    const alarm = alarmNamed("strays-held", interval);
    const fromMs = stand.clock.now();

    await passes(stand, interval, watchMs);
    expect(statesOf(alarm, stand, fromMs)).toEqual(["OK", "ALARM"]);

    stand.pictify.revokeKey(strayId);
    await passes(stand, interval, watchMs);
    expect(statesOf(alarm, stand, fromMs)).toEqual(["OK", "ALARM", "OK"]);
  });

  test("a blocked retirement raises one alarm, which stays up", async () => {
    const { stand, apiKey } = await withBlockedRetirement({ grants });
    const alarm = alarmNamed("retirement-blocked", interval);
    const fromMs = stand.clock.now();

    await passes(stand, interval, watchMs, async () => void (await callWith(stand, apiKey)));
    expect(statesOf(alarm, stand, fromMs)).toEqual(["OK", "ALARM"]);
  });

  test("a key that a person has to revoke raises one alarm, which stays up, and ends when that is done", async () => {
    const { stand, keyId } = await withDebtByHand({ grants });
    const alarm = alarmNamed("revoke-by-hand", interval);
    const fromMs = stand.clock.now();

    await passes(stand, interval, watchMs);
    expect(statesOf(alarm, stand, fromMs)).toEqual(["OK", "ALARM"]);

    stand.pictify.revokeKey(keyId);
    await passes(stand, interval, watchMs);
    expect(statesOf(alarm, stand, fromMs)).toEqual(["OK", "ALARM", "OK"]);
  });

  test("a target that fails raises one alarm at its second look, which stays up, and ends when it is well", async () => {
    const { stand, arn } = await withFailingTarget({ grants });
    const alarm = alarmNamed("targets-failed", interval);
    const fromMs = stand.clock.now();

    await passes(stand, interval, watchMs);
    expect(statesOf(alarm, stand, fromMs)).toEqual(["OK", "ALARM"]);

    await stand.aws("UntagResource", { SecretId: arn, TagKeys: Object.keys(FAILING_TARGET) });
    await passes(stand, interval, watchMs);
    expect(statesOf(alarm, stand, fromMs)).toEqual(["OK", "ALARM", "OK"]);
  });

  test("a target that fails at a single look raises no alarm", async () => {
    const { stand, arn, observe } = await withFailingTarget({ grants });
    const fromMs = stand.clock.now();
    await observe();
    await stand.aws("UntagResource", { SecretId: arn, TagKeys: Object.keys(FAILING_TARGET) });

    await passes(stand, interval, watchMs);
    expect(
      dataPoints(stand.lines).filter(({ metricName, value }) => metricName === "TargetsFailed" && value > 0),
    ).toHaveLength(1);
    expect(statesOf(alarmNamed("targets-failed", interval), stand, fromMs)).toEqual(["OK"]);
  });

  test.each([
    ["asks for less than is granted", { "keyturn:overlap": "PT1S" }, { "keyturn:overlap": "PT24H" }],
    ["asks for what is not granted", { "keyturn:vendor": "other" }, { "keyturn:vendor": "pictify" }],
  ])("a tag that %s for 14 minutes raises no alarm, and one that stays raises one", async (_, wrong, right) => {
    const stand = await unlimited({ grants });
    const arn = await stand.deploy();
    const alarm = alarmNamed("requests-refused", interval);
    const fromMs = stand.clock.now();
    await retag(stand, arn, wrong);
    await passes(stand, interval, Math.max(14 * MINUTE_MS, duration.parse(interval)));
    await retag(stand, arn, right);
    await passes(stand, interval, watchMs);
    expect(statesOf(alarm, stand, fromMs)).toEqual(["OK"]);

    await retag(stand, arn, wrong);
    await passes(stand, interval, watchMs);
    expect(statesOf(alarm, stand, fromMs)).toEqual(["OK", "ALARM"]);

    await retag(stand, arn, right);
    await passes(stand, interval, watchMs);
    expect(statesOf(alarm, stand, fromMs)).toEqual(["OK", "ALARM", "OK"]);
  });

  test("a compromised key that lives too long raises one alarm, which stays up, and ends when it is gone", async () => {
    const stand = await unlimited({ grants });
    const arn = await stand.deploy();
    const { keyId } = await stand.currentKey(arn);
    await stand.aws("CancelRotateSecret", { SecretId: arn });
    await putMark(stand, arn, await currentOf(stand, arn), "compromised");
    const alarm = alarmNamed("compromised-alive", interval);
    const fromMs = stand.clock.now();

    await passes(stand, interval, watchMs);
    expect(statesOf(alarm, stand, fromMs)).toEqual(["OK", "ALARM"]);

    stand.pictify.revokeKey(keyId);
    await passes(stand, interval, watchMs);
    expect(statesOf(alarm, stand, fromMs)).toEqual(["OK", "ALARM", "OK"]);
  });

  test("a dead current key raises one alarm, which ends after it was replaced", async () => {
    const stand = await withDeadKey({ grants });
    const fromMs = stand.clock.now();
    await passes(stand, interval, watchMs);

    expect(statesOf(alarmNamed("current-key-dead", interval), stand, fromMs)).toEqual(["OK", "ALARM", "OK"]);
  });

  test("a reconcile that works raises no alarm, and one that was stopped does", async () => {
    const stand = await createStand({ grants });
    const alarm = alarmNamed("reconcile-silent", interval);
    const startMs = stand.clock.now();
    const windowMs = alarm.period * alarm.evaluation_periods * 1_000;

    await passes(stand, interval, Math.max(watchMs, windowMs + 6 * duration.parse(interval)));
    expect(statesOf(alarm, stand, startMs + windowMs + MINUTE_MS)).toEqual(["OK"]);

    await stand.clock.advance(windowMs + 2 * MINUTE_MS);
    expect(statesOf(alarm, stand, startMs + windowMs + MINUTE_MS)).toEqual(["OK", "ALARM"]);
  });

  test("passes that suddenly take as long as they may are late, not silent", () => {
    const alarm = alarmNamed("reconcile-silent", interval);
    const functions = Object.values(resourcesOf(synthesized(interval), "aws_lambda_function"));
    const timeoutMs = functions.find((one) => one.function_name === `${PREFIX}reconcile`)?.timeout * SECOND_MS;
    const intervalMs = duration.parse(interval);
    const points = Array.from({ length: 60 }, (_, n): DataPoint => {
      const tookMs = n < 30 ? SECOND_MS : timeoutMs - SECOND_MS;
      return { ...completed, atMs: n * intervalMs + tookMs };
    });

    const settledMs = alarm.evaluation_periods * alarm.period * 1_000;
    expect(changes(alarm, points, settledMs, 60 * intervalMs).map(({ state }) => state)).toEqual(["OK"]);
  });

  test("a reconcile that fails at every pass raises one alarm, which stays up", () => {
    const alarm = alarmNamed("errors-reconcile", interval);
    const intervalMs = duration.parse(interval);
    const points = Array.from({ length: 40 }, (_, n): DataPoint => {
      const lateMs = ((n * 37) % 50) * SECOND_MS;
      const { namespace, metric_name: metricName, dimensions } = alarm;
      return { namespace, metricName, dimensions, value: 1, atMs: (n + 1) * intervalMs + lateMs };
    });

    expect(changes(alarm, points, 0, 40 * intervalMs).map(({ state }) => state)).toEqual(["OK", "ALARM"]);
  });
});

const completed = {
  namespace: "Keyturn",
  metricName: METRICS.reconcileCompleted,
  dimensions: { Service: "prod" },
  value: 1,
} as const;

describe("the alarm on failed rotations", () => {
  test("calls somebody once for a rotation that fails, and fails again as AWS tries again within the hour", async () => {
    const retryDelaysMs = [1, 5, 15].map((minutes) => minutes * MINUTE_MS);
    const stand = await createStand({ parameters: { retryDelaysMs, reattemptEveryMs: null } });
    const arn = await stand.deploy();
    stand.pictify.hostile.next("list", "server-error", 99);
    const fromMs = stand.clock.now();
    await stand.rotate(arn);
    await stand.clock.advance(4 * HOUR_MS);

    expect(dataPoints(stand.lines).filter(({ metricName }) => metricName === METRICS.rotationFailed)).toHaveLength(4);
    expect(statesOf(alarmNamed("rotation-failed"), stand, fromMs)).toEqual(["OK", "ALARM", "OK"]);
  });
});
