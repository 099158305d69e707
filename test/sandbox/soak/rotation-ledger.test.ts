import { describe, expect, test } from "vitest";
import { deathsIn, invocationsIn } from "../../../sandbox/soak/function-log.ts";
import { createRotationLedger, kindOfFailure } from "../../../sandbox/soak/rotation-ledger.ts";

const DIED = "Runtime.HandlerError: Worker process died";

const ledgerOf = (...secretArns: string[]) => {
  const ledger = createRotationLedger(secretArns);
  const end = (secretArn: string, step: string, error?: string) =>
    ledger.stepEnded({ secretArn, step, ...(error === undefined ? {} : { error }) });
  return { ledger, end };
};

describe("the ledger", () => {
  test("counts a rotation as under way from its start to the end of finishSecret", () => {
    const { ledger, end } = ledgerOf("a", "b");
    ledger.started("a");
    expect([ledger.idle(), ledger.underWay()]).toEqual([["b"], ["a"]]);

    for (const step of ["createSecret", "setSecret", "testSecret", "finishSecret"]) end("a", step);

    expect([ledger.idle(), ledger.underWay()]).toEqual([["a", "b"], []]);
    expect(ledger.counts()).toMatchObject({ started: 1, finished: 1, resumed: 0 });
  });

  test("counts a rotation as resumed when it finished although a step had failed, and tells death from refusal", () => {
    const { ledger, end } = ledgerOf("a");
    ledger.started("a");
    end("a", "createSecret", DIED);
    end("a", "createSecret", "Runtime.HandlerError: pictify's plan allows 50 live keys");
    end("a", "finishSecret");

    expect(ledger.counts()).toMatchObject({
      finished: 1,
      resumed: 1,
      diedIn: { createSecret: 1 },
      failedWith: { "createSecret: pictify's plan allows … live keys": 1 },
    });
  });

  test("takes a start that AWS refused back, and waits for the rotation that is under way", () => {
    const { ledger, end } = ledgerOf("a");
    ledger.started("a");
    ledger.refused("a");
    expect(ledger.counts()).toMatchObject({ started: 0, refused: 1 });
    expect(ledger.underWay()).toEqual(["a"]);

    end("a", "finishSecret");
    expect(ledger.underWay()).toEqual([]);
  });

  test("counts a rotation that it did not start as Keyturn's own", () => {
    const { ledger } = ledgerOf("a");
    ledger.stepStarted({ secretArn: "a", step: "createSecret" });
    ledger.stepStarted({ secretArn: "a", step: "createSecret" });

    expect(ledger.counts()).toMatchObject({ started: 0, startedByKeyturn: 1 });
    expect(ledger.underWay()).toEqual(["a"]);
  });

  test("passes over the test by which a rotation is configured", () => {
    const { ledger, end } = ledgerOf("a");
    ledger.stepStarted({ secretArn: "a", step: "testSecret" });
    end("a", "testSecret", "failed");

    expect([ledger.underWay(), ledger.counts().failedWith]).toEqual([[], {}]);
  });
});

test("failures of one kind are counted together, whatever they name", () => {
  const said = (name: string, id: string, seconds: number) =>
    `Runtime.HandlerError: ${name}-kt-0123abcd-0123456789 (${id}) was minted a moment ago. In ${seconds} s it counts as lost`;
  expect(kindOfFailure(said("a", "key_1", 12))).toBe(kindOfFailure(said("b", "key_2", 299)));
});

test("what a function logged tells how often it was invoked, and how often it died", () => {
  const log = [
    "START RequestId: 1 Version: $LATEST",
    '{"level":"error","errorMessage":"Worker process died in a story"}',
    "Worker process died",
    "END RequestId: 1",
    "START RequestId: 2 Version: $LATEST",
  ].join("\n");
  expect([invocationsIn(log), deathsIn(log), invocationsIn(""), deathsIn("")]).toEqual([2, 1, 0, 0]);
});
