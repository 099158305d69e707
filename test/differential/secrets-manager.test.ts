import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findPython } from "../../sandbox/aws/python-interpreter.ts";
import { checkPython } from "../../sandbox/prerequisites.ts";
import { describeUnlessMissing } from "../sandbox/describe-unless-missing.ts";
import { type Difference, differencesOf } from "./comparison.ts";
import { type Endpoint, endpointAt } from "./endpoint.ts";
import type { KnownDifference } from "./known-differences/known-difference.ts";
import { KNOWN_DIFFERENCES, rowFor } from "./known-differences/table.ts";
import { prepareMotoEnvironment } from "./moto-environment.ts";
import { createMotoFunction } from "./moto-function.ts";
import { type MotoServer, startMotoServer } from "./moto-server.ts";
import { type OurServer, startOurServer } from "./our-server.ts";
import { randomSequences, unexplainedDifferences } from "./random-sequences.ts";
import { SCENARIOS } from "./script/script.ts";
import type { Step } from "./script/step.ts";

const INSTALL_TIMEOUT_MS = 600_000;
const RANDOM_TIMEOUT_MS = 120_000;
const SEQUENCES = 40;

const missing = checkPython(await findPython());

describeUnlessMissing([missing], "our Secrets Manager and moto's", () => {
  let moto: MotoServer;
  let motos: Endpoint;
  let callsToOurs = 0;
  const shown: Difference[] = [];

  beforeAll(async () => {
    moto = await startMotoServer(await prepareMotoEnvironment());
    motos = endpointAt(moto.url);
  }, INSTALL_TIMEOUT_MS);

  afterAll(async () => {
    console.log(`Differential calls: ${callsToOurs} to our Secrets Manager, ${motos?.count()} to moto's.`);
    await moto?.close();
  });

  const withOurs = async <Result>(work: (ours: Endpoint, server: OurServer) => Promise<Result>): Promise<Result> => {
    const server = await startOurServer();
    const ours = endpointAt(server.url);
    try {
      return await work(ours, server);
    } finally {
      callsToOurs += ours.count();
      await server.close();
    }
  };

  const differencesIn = (steps: readonly Step[]): Promise<Difference[]> =>
    withOurs(async (ours, server) => {
      await moto.reset();
      await createMotoFunction(moto.url);
      const found: Difference[] = [];
      let last: readonly [unknown, unknown] = [undefined, undefined];
      for (const step of steps) {
        const our = await ours.call(step.operation, inputOf(step, last[0]));
        const their = await motos.call(step.operation, inputOf(step, last[1]));
        await server.idle();
        last = [our.raw, their.raw];
        found.push(...differencesOf(step, our, their));
      }
      return found;
    });

  describe("answer the same, or differ as the table says, when", () => {
    test.each(Object.entries(SCENARIOS))("%s", async (_, steps) => {
      const differences = await differencesIn(steps);

      shown.push(...differences);
      expect(differences.filter((difference) => !rowFor(difference))).toEqual([]);
    });

    test(
      "calls come in any order",
      async () => {
        let sequence = 0;
        await withOurs((ours) =>
          fc.assert(
            fc.asyncProperty(randomSequences, async (calls) => {
              const prefix = `sequence-${sequence++}-`;
              expect(await unexplainedDifferences(calls, prefix, { ours, motos })).toEqual([]);
            }),
            { numRuns: SEQUENCES },
          ),
        );
      },
      RANDOM_TIMEOUT_MS,
    );
  });

  test("every row of the table is shown by the script, in each of its situations and fields", () => {
    const shownOf = (row: KnownDifference) => shown.filter((difference) => rowFor(difference) === row);
    const notShown = KNOWN_DIFFERENCES.flatMap((row) => [
      ...row.at.filter((place) => !shownOf(row).some((one) => [one.situation, one.operation].includes(place))),
      ...row.fields.filter((field) => !shownOf(row).some((one) => one.field === field)),
    ]);

    expect(notShown).toEqual([]);
  });
});

describe("the script", () => {
  const steps = Object.values(SCENARIOS).flat();

  test("names every situation once", () => {
    const situations = steps.map(({ situation }) => situation);

    expect(situations.filter((situation, index) => situations.indexOf(situation) < index)).toEqual([]);
  });

  test("calls every operation", async () => {
    const sdk = await import("@aws-sdk/client-secrets-manager");
    const operations = Object.keys(sdk).flatMap((name) => /^([A-Z]\w+)Command$/.exec(name)?.[1] ?? []);

    expect(operations.filter((operation) => steps.every((step) => step.operation !== operation))).toEqual([]);
  });
});

const inputOf = ({ input }: Step, last: unknown): unknown => (typeof input === "function" ? input(last) : input);
