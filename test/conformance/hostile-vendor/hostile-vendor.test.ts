import { describe, expect, test } from "vitest";
import { carryOut } from "../../../conformance/assignment.ts";
import { hostileVendor } from "../../../conformance/hostile-vendor/family.ts";
import { hostileVendorTwist } from "../../../conformance/hostile-vendor/hostile-vendor.ts";

const played = async (place: string, ...twists: readonly string[]) => {
  const [chapter = "", vendor = ""] = place.split("/");
  return carryOut({ chapter, vendor, seed: 1, twists, isRecorded: true }, true);
};

const blows = (trace: readonly string[]) => trace.filter((line) => line.includes("the vendor, at "));

describe("the vendor is hostile", () => {
  test("to the very call that is the effect, and to no other", async () => {
    const { trace } = await played("rotation/pictograph", "vendor=7:commits-then-silence");
    const at = trace.findIndex((line) => line.includes("the vendor, at create key: commits-then-silence"));
    expect(blows(trace)).toHaveLength(1);
    expect(trace[at + 1]).toMatch(/#7 {2}rotate createSecret .* create key {2}-> /);
  });

  test("to three calls of that operation, where it is to last so long", async () => {
    const { trace } = await played("rotation/pictify", "vendor=7:error:3");
    expect(blows(trace)).toHaveLength(3);
    expect(blows(trace).every((line) => line.includes("at create key"))).toBe(true);
  });

  test("for an hour, and then no more", async () => {
    const { trace } = await played("rotation/pictify", "vendor=7:error:hour");
    const times = blows(trace).map((line) => Date.parse(`2026-${line.slice(0, 14)}Z`));
    expect(times.length).toBeGreaterThan(3);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeLessThan(3_600_000);
    expect(trace.some((line) => line.includes("is current now"))).toBe(true);
  });

  test("to the next call that the fault fits, where the effect is none such", async () => {
    const { trace } = await played("rotation/pictify", "vendor=1:created-twice");
    expect(blows(trace)).toEqual([expect.stringContaining("at create key: created-twice")]);
  });
});

test("every fault of a family in full does happen", async () => {
  const { effects = [] } = await played("rotation/pictify");
  const lives = hostileVendor.inFull({ chapter: "rotation", vendor: "pictify", twists: [], effects });
  const some = lives.filter((_, n) => n % 12 === 0);
  expect(some.length).toBeGreaterThan(10);
  for (const { twists } of some) {
    const { trace, violations } = await played("rotation/pictify", ...twists);
    const count = blows(trace).length;
    const isMeant = twists[0]?.endsWith(":hour") ? count >= 1 : count === 1;
    expect([twists, isMeant, violations]).toEqual([twists, true, []]);
  }
});

describe("a promise is kept where it must have an exception:", () => {
  test("a key that the vendor made unasked is revoked, although it took a slot too many", async () => {
    const { trace, violations } = await played("rotation/pictograph", "vendor=7:created-twice");
    expect(violations).toEqual([]);
    expect(trace.filter((line) => line.includes("is revoked now"))).toHaveLength(2);
  });

  test("a name that the vendor changed while a function died is told", async () => {
    const point = {
      chapter: "role-change",
      vendor: "pictograph",
      effect: 6,
      moment: "before",
      module: "cold",
      retry: "at-once",
    } as const;
    const { violations } = await carryOut({ ...point, point, seed: 1, twists: ["vendor=5:name-suffixed"] });
    expect(violations).toEqual([]);
  });
});

test.each(["", "6", "0:error", "6:wrong", "6:error:2", "6:error:3:4"])(
  '"%s" is refused with an example',
  (argument) => {
    expect(() => hostileVendorTwist(argument)).toThrow("such as 6:silence:3");
  },
);
