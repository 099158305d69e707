import { expect, test } from "vitest";
import { FunctionError, UNREACHABLE } from "../../../provider/service/function-error.ts";
import { NotFinished, type Try, untilDone } from "../../../provider/service/patience.ts";
import { serviceProblem } from "../../../provider/service/problems.ts";
import { VirtualClock } from "../../../sandbox/virtual-clock.ts";

const failure = (code: string): FunctionError => new FunctionError(code, "manage", `it failed: ${code}`);

/** Runs through some tries; the last one repeats. */
const run = async (
  tries: readonly (Try<string> | Error)[],
  { timeoutMs = 60_000, stopped = new AbortController().signal } = {},
) => {
  const clock = new VirtualClock(0);
  const logged: string[] = [];
  let asked = 0;
  const ask = async (): Promise<Try<string>> => {
    const next = tries[Math.min(asked++, tries.length - 1)];
    if (next instanceof Error) throw next;
    if (next) return next;
    throw new Error("no try given");
  };
  const log = (_: string, message: string) => void logged.push(message);
  const work = untilDone(ask, { clock, log, stopped, timeoutMs, what: "ensure of the key web" });
  const result = await clock.run(work).then(
    (done) => ({ done, error: undefined }),
    (error: unknown) => ({ done: undefined, error }),
  );
  return { ...result, asked, logged, clock };
};

test("what is done at once is not waited for", async () => {
  expect(await run([{ done: "facts" }])).toMatchObject({ done: "facts", asked: 1, logged: [] });
});

test("failures that pass and answers that are not there yet are waited through, with a word in the log", async () => {
  const result = await run([failure("VENDOR_TIMEOUT"), { waitingFor: "it is rotating" }, { done: "facts" }]);

  expect(result).toMatchObject({ done: "facts", asked: 3 });
  expect(result.logged).toEqual(["ensure of the key web goes on", "ensure of the key web goes on"]);
});

test.each(["IN_USE", "KEY_LIMIT", "NOT_GRANTED", "AccessDeniedException", "SomethingNew"])(
  "%s does not pass by itself",
  async (code) => {
    expect(await run([failure(code)])).toMatchObject({ error: { code }, asked: 1 });
  },
);

test("what cannot be reached is tried three times", async () => {
  expect(await run([failure(UNREACHABLE)])).toMatchObject({ error: { code: UNREACHABLE }, asked: 3 });
});

test("a key that does not work is made anew once, since each takes a slot", async () => {
  expect(await run([failure("GENERATION_DEAD")])).toMatchObject({ error: { code: "GENERATION_DEAD" }, asked: 2 });
  expect(await run([failure("MINT_UNKNOWN")])).toMatchObject({ error: { code: "MINT_UNKNOWN" }, asked: 3 });
});

test("the end of the time says what was waited for last", async () => {
  const { error } = await run([{ waitingFor: "it is rotating" }], { timeoutMs: 10_000 });

  expect(error).toBeInstanceOf(NotFinished);
  expect(serviceProblem(error, "update")).toMatchObject({
    summary: "Not finished within 10 seconds",
    detail: expect.stringMatching(/it is rotating[\s\S]*next apply goes on/),
    attribute: ["timeouts", "update"],
  });
});

test("a Terraform that is told to stop waits no more", async () => {
  const { error, asked } = await run([{ waitingFor: "it is rotating" }], { stopped: AbortSignal.abort() });

  expect([asked, error]).toMatchObject([1, { why: "stopped" }]);
});

test.each([
  ["NOT_MANAGED", "secret_id"],
  ["IN_USE", "force_destroy"],
  ["KEY_NOT_FOUND", "adopt_key_id"],
])("%s is said at the attribute %s", (code, attribute) => {
  expect(serviceProblem(failure(code))).toMatchObject({
    summary: expect.stringContaining(`(${code})`),
    detail: expect.stringContaining(`it failed: ${code}`),
    attribute: [attribute],
  });
});

test("an error that nobody knows is passed on with its code", () => {
  expect(serviceProblem(failure("SomethingNew")).summary).toBe("The Keyturn service failed (SomethingNew)");
});
