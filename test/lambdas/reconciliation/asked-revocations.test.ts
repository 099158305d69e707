import { describe, expect, test } from "vitest";
import { markLabel } from "../../../lambdas/contracts/labels.ts";
import { forgetOld, noteAsked } from "../../../lambdas/reconciliation/asked-revocations.ts";
import type { AskedRevocations } from "../../../lambdas/reconciliation/container-memory.ts";
import { connectionsDue } from "../../../lambdas/reconciliation/due.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../stand.ts";
import { type Given, NOW, observed } from "./observed.ts";

const INTERVAL = 5 * MINUTE_MS;
/** Away from the full hour, at which every vendor is listed. */
const THEN = NOW + 20 * MINUTE_MS;

/** Whether the vendor is listed `laterMs` after an overlap's end, by a container that asked for the revocation then. */
const isDue = (laterMs: number, asks: boolean, overlapMs = DAY_MS, declaration: Given["declaration"] = {}): boolean => {
  const labels = ["AWSPREVIOUS", markLabel("retiring", THEN - overlapMs)];
  const { key } = observed({ stages: { v: labels }, listed: [], declaration: { overlapMs, ...declaration } });
  const asked: AskedRevocations = new Map();
  if (asks) noteAsked(asked, key.secret.arn, "v", THEN);
  return connectionsDue([key], ["pictify"], {}, THEN + laterMs, INTERVAL, asked).has("pictify");
};

describe("a revocation that this container asked for", () => {
  test("is worth no listing of its own within the hour", () => {
    expect(isDue(INTERVAL, true)).toBe(false);
    expect(isDue(25 * MINUTE_MS, true)).toBe(false);
  });

  test("is looked for by a container that knows nothing of it", () => {
    expect(isDue(INTERVAL, false)).toBe(true);
  });

  test("is seen in the listing that the hour brings", () => {
    expect(isDue(40 * MINUTE_MS, true)).toBe(true);
  });

  test("waits no longer than half a short overlap", () => {
    expect(isDue(4 * MINUTE_MS, true, 10 * MINUTE_MS)).toBe(false);
    expect(isDue(5 * MINUTE_MS, true, 10 * MINUTE_MS)).toBe(true);
  });

  test("is forgotten after an hour", () => {
    const asked: AskedRevocations = new Map();
    noteAsked(asked, "arn", "old", THEN - HOUR_MS);
    noteAsked(asked, "arn", "new", THEN - HOUR_MS + 1);
    forgetOld(asked, THEN);
    expect([...asked.keys()]).toEqual(["arn new"]);
  });
});
