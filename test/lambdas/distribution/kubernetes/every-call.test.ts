import { beforeAll, describe, expect, test } from "vitest";
import { inParallel } from "../../../../lambdas/pool.ts";
import { type ClusterSend, sendOverHttps } from "../../../../lambdas/targets/kubernetes/transport.ts";
import type { TestCluster } from "../../../kubernetes-api/cluster.ts";
import { describeWithKubernetes } from "../../../kubernetes-api/describe-with-kubernetes.ts";
import { installExternalSecrets } from "../../../kubernetes-api/external-secrets.ts";
import { type Fault, startFaultyFront } from "../../../kubernetes-api/faulty-front.ts";
import { startOwnCluster } from "../../../kubernetes-api/own-cluster.ts";
import { callOf, type Played, SCENES, type Scene } from "../scenes.ts";

/** What a call meets, one after the other, each time that it is tried again. */
const FAULTS: readonly Fault[] = [
  { kind: "answer", status: 429, headers: { "Retry-After": "1" } },
  { kind: "answer", status: 503 },
  { kind: "cut" },
  { kind: "lose-answer" },
];
const CONFLICT: Fault = { kind: "answer", status: 409 };

const isWrite = (call: string): boolean => call.startsWith("PATCH");

interface Call {
  readonly scene: Scene;
  readonly call: string;
  readonly index: number;
}

const callsOf = (scene: Scene): readonly Call[] => scene.calls.map((call, index) => ({ scene, call, index }));

/** Each with a namespace of its own, so that they can be played side by side, as they mostly wait. */
const AT_ONCE = 12;

const outcome = async ({ settle, values }: Played) => {
  const rollouts = await settle();
  const [found, wanted] = await values();
  return { rollouts, isRightValue: found === wanted };
};

const expectWellDone = async ({ scene: { title, rollouts }, call, index }: Call, played: Played) => {
  expect(await outcome(played), `${title}: ${call} (call ${index})`).toEqual({ rollouts, isRightValue: true });
};

const onItsWay = expect.stringMatching(/^(ROLLING|adopted)$/);

describeWithKubernetes(
  "an API server that refuses",
  (cluster: () => TestCluster) => {
    beforeAll(() => installExternalSecrets(cluster()), 120_000);

    const begun = async (scene: Scene) => {
      const front = await startFaultyFront(cluster());
      const played = await scene.begin(cluster(), { kubeconfig: front.through(cluster().kubeconfig) });
      await played.reset();
      const from = front.requests.length;
      const calls = () => front.requests.slice(from).map(callOf);
      return {
        played,
        calls,
        decideBy: (of: (n: number) => Fault | undefined) => front.decideBy(({ index }) => of(index - from)),
      };
    };

    describe.each(SCENES)("$title", (scene) => {
      test("is these calls, in this order", async () => {
        const { played, calls } = await begun(scene);
        await played.act();
        expect(calls()).toEqual(scene.calls);
      });

      test("is done, once, whatever happens to any of its calls, again and again", { timeout: 120_000 }, async () => {
        await inParallel(callsOf(scene), AT_ONCE, async (one) => {
          const { played, decideBy } = await begun(scene);
          decideBy((n) => FAULTS[n - one.index]);
          const { adopted, code = "adopted" } = await played.act();
          expect(adopted ? "adopted" : code, `${one.call} (call ${one.index})`).toEqual(onItsWay);
          await expectWellDone(one, played);
        });
      });
    });

    test.each(SCENES.filter(({ calls }) => calls.some(isWrite)))(
      "$title is done, once, when somebody changes what it writes at the same moment",
      async (scene) => {
        const writes = callsOf(scene).filter(({ call }) => isWrite(call));
        await inParallel(writes, AT_ONCE, async (one) => {
          const { played, decideBy } = await begun(scene);
          decideBy((n) => (n === one.index ? CONFLICT : undefined));
          await played.act();
          await expectWellDone(one, played);
        });
      },
    );
  },
  { ownServer: true },
);

interface Moment extends Call {
  /** Whether the call is done, and only its answer does not come. */
  readonly isDone: boolean;
}

/** Every moment of every scene: before each call, and after each that changes something. */
const MOMENTS: readonly Moment[] = SCENES.flatMap(callsOf).flatMap((one) =>
  (isWrite(one.call) ? [false, true] : [false]).map((isDone) => ({ ...one, isDone })),
);

/** A way to a cluster that does what `end` says at a moment, once, when it is armed. */
const endingAt = ({ index, isDone }: Moment, end: () => Promise<never>) => {
  let sent = Number.NaN;
  const send: ClusterSend = async (endpoint, request) => {
    if (sent++ !== index) return sendOverHttps(endpoint, request);
    if (isDone) await sendOverHttps(endpoint, request);
    return end();
  };
  return {
    send,
    isArmed: () => !Number.isNaN(sent),
    arm() {
      sent = 0;
    },
    disarm() {
      sent = Number.NaN;
    },
  };
};

describeWithKubernetes(
  "an API server that is killed and comes back",
  () => {
    test("in the middle of any call is waited for, and all is done once", { timeout: 240_000 }, async () => {
      const own = await startOwnCluster();
      await installExternalSecrets(own);
      let waiting = 0;
      let allWait: () => void = () => {};
      const killed = new Promise<void>((resolve) => {
        allWait = resolve;
      }).then(() => own.kill());
      const plays = await inParallel(MOMENTS, AT_ONCE, async (moment) => {
        const way = endingAt(moment, async () => {
          if (++waiting === MOMENTS.length) allWait();
          await killed;
          throw Object.assign(new Error("the connection broke"), { code: "ECONNRESET" });
        });
        const played = await moment.scene.begin(own, { world: { send: way.send } });
        await played.reset();
        return { moment, way, played };
      });
      const back = killed.then(() => own.start());
      const codes = await Promise.all(
        plays.map(async ({ way, played }) => {
          way.arm();
          const { adopted, code = "adopted" } = await played.act();
          return adopted ? "adopted" : code;
        }),
      );
      await back;
      expect(waiting).toBe(MOMENTS.length);
      expect(codes).toEqual(codes.map(() => onItsWay));
      await inParallel(plays, AT_ONCE, ({ moment, played }) => expectWellDone(moment, played));
    });
  },
  { ownServer: true },
);

describeWithKubernetes("a function that dies", (cluster: () => TestCluster) => {
  beforeAll(() => installExternalSecrets(cluster()), 120_000);

  test.each(SCENES)("at any call of $title leaves nothing that the next one does not finish, once", async (scene) => {
    const moments = MOMENTS.filter((one) => one.scene === scene);
    await inParallel(moments, AT_ONCE, async (moment) => {
      const way = endingAt(moment, () => new Promise(() => {}));
      const timeoutMs = () => (way.isArmed() ? 5_000 : 120_000);
      const played = await scene.begin(cluster(), { world: { send: way.send }, timeoutMs });
      await played.reset();
      way.arm();
      const died = await played.act();
      way.disarm();
      await played.act();
      expect(died).toMatchObject({ adopted: false, code: "TIMEOUT" });
      await expectWellDone(moment, played);
    });
  });
});
