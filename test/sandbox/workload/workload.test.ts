import { describe, expect, test } from "vitest";
import { VirtualClock } from "../../../sandbox/virtual-clock.ts";
import { startWorkload } from "../../../sandbox/workload/workload.ts";

const SECOND_MS = 1_000;

type Answer = () => Response | Promise<Response>;
const ok: Answer = () => new Response("{}");

/** A workload that calls every second and keeps its key for five; `answers` are the vendor's, the last one repeats. */
const start = (answers: readonly Answer[] = [ok], readKey?: () => Promise<string>) => {
  const clock = new VirtualClock();
  const startMs = clock.now();
  const calls: string[] = [];
  const told: (string | undefined)[] = [];
  let reads = 0;
  const workload = startWorkload({
    clock,
    everyMs: SECOND_MS,
    cacheMs: 5 * SECOND_MS,
    readKey: readKey ?? (async () => `key ${++reads}`),
    async request(apiKey) {
      const answer = answers[Math.min(calls.length, answers.length - 1)] ?? ok;
      calls.push(`${(clock.now() - startMs) / SECOND_MS} s: ${apiKey}`);
      return answer();
    },
    onCounts: (_, failure) => told.push(failure),
  });
  return { clock, workload, calls, told };
};

describe("a workload", () => {
  test("calls its vendor again and again", async () => {
    const { clock, workload, calls } = start();
    await clock.advance(3 * SECOND_MS);
    expect(calls).toEqual(["0 s: key 1", "1 s: key 1", "2 s: key 1", "3 s: key 1"]);
    expect(workload.counts()).toEqual({ requests: 4, failures: 0, throttled: 0 });
  });

  test("keeps the key that it read for a while, then reads it again", async () => {
    const { clock, calls } = start();
    await clock.advance(10 * SECOND_MS);
    expect(calls.slice(4, 7)).toEqual(["4 s: key 1", "5 s: key 2", "6 s: key 2"]);
    expect(calls.at(-1)).toBe("10 s: key 3");
  });

  test("does not read its secret again because it is refused: the refusal is a failure", async () => {
    const { clock, workload, calls, told } = start([ok, () => new Response("", { status: 401 }), ok]);
    await clock.advance(2 * SECOND_MS);
    expect(calls).toEqual(["0 s: key 1", "1 s: key 1", "2 s: key 1"]);
    expect(workload.counts()).toEqual({ requests: 3, failures: 1, throttled: 0 });
    expect(told).toEqual([undefined, "answered 401", undefined]);
  });

  test("counts a vendor that cannot be reached as a failure, and goes on", async () => {
    const { clock, workload, told } = start([() => Promise.reject(new Error("connection refused")), ok]);
    await clock.advance(SECOND_MS);
    expect(workload.counts()).toEqual({ requests: 1, failures: 1, throttled: 0 });
    expect(told).toEqual(["connection refused", undefined]);
  });

  test("counts a secret that cannot be read as a failure, and goes on", async () => {
    const { clock, workload, calls } = start([ok], () => Promise.reject(new Error("no such secret")));
    await clock.advance(2 * SECOND_MS);
    expect(calls).toEqual([]);
    expect(workload.counts()).toEqual({ requests: 0, failures: 3, throttled: 0 });
  });
});

describe("a vendor's limit", () => {
  const limited =
    (headers: Record<string, string>): Answer =>
    () =>
      new Response("", { status: 429, headers });

  test("is waited for as long as the vendor asks, and counted apart", async () => {
    const { clock, workload, calls } = start([limited({ "Retry-After": "7" }), ok]);
    await clock.advance(8 * SECOND_MS);
    expect(calls).toEqual(["0 s: key 1", "8 s: key 2"]);
    expect(workload.counts()).toEqual({ requests: 1, failures: 0, throttled: 1 });
  });

  test("that is told without a time is waited for a second", async () => {
    const { clock, calls } = start([limited({}), ok]);
    await clock.advance(2 * SECOND_MS);
    expect(calls).toEqual(["0 s: key 1", "2 s: key 1"]);
  });
});

describe("a workload that is stopped", () => {
  test("makes no further call", async () => {
    const { clock, workload, calls } = start();
    await clock.advance(SECOND_MS);
    await workload.stop();
    await clock.advance(60 * SECOND_MS);
    expect(calls).toHaveLength(2);
  });

  test("ends after the request that is under way, which counts", async () => {
    let answer: (response: Response) => void = () => {};
    const { clock, workload } = start([() => new Promise<Response>((resolve) => (answer = resolve))]);
    await clock.advance(0);
    const stopped = workload.stop();
    answer(new Response("{}"));
    await stopped;
    expect(workload.counts()).toEqual({ requests: 1, failures: 0, throttled: 0 });
  });

  test("does not wait for a limit first", async () => {
    const { clock, workload } = start([() => new Response("", { status: 429, headers: { "Retry-After": "3600" } })]);
    await clock.advance(SECOND_MS);
    await workload.stop();
    expect(workload.counts()).toEqual({ requests: 0, failures: 0, throttled: 1 });
  });
});
