import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Redacted } from "../../../lambdas/redacted.ts";
import { injectedRevision, type SecretRevision } from "../../../sandbox/demo/kubernetes/injected-value.ts";

const revision = (resourceVersion: number, apiKey?: string): SecretRevision => ({
  resourceVersion: `${resourceVersion}`,
  versionId: apiKey,
  value: apiKey === undefined ? undefined : new Redacted(apiKey),
});

const injected = (history: readonly SecretRevision[], firstSeen: number, startedWith?: number): string | undefined =>
  injectedRevision(history, {
    firstSeen: `${firstSeen}`,
    startedWith: startedWith === undefined ? undefined : `${startedWith}`,
  })?.value?.reveal();

const HISTORY = [revision(9, "first"), revision(100, "second"), revision(1_000, "third")];

describe("where the node tells with which revision a pod started, its value is", () => {
  test("that one's, and no newer one's", () => {
    expect(injected(HISTORY, 5, 100)).toBe("second");
  });

  test("not known before that revision was seen", () => {
    expect(injected(HISTORY, 5, 1_001)).toBeUndefined();
  });
});

describe("where the node does not tell, a pod's value is", () => {
  test.for([
    [99, "first"],
    [100, "second"],
    [101, "second"],
    [5_000, "third"],
  ] as const)("the one that was there when it was made: at %i it is the %s", ([firstSeen, expected]) => {
    expect(injected(HISTORY, firstSeen)).toBe(expected);
  });

  test("the first that came, for one that waited for its Secret", () => {
    expect(injected(HISTORY, 3)).toBe("first");
  });

  test("the first with a value after it, for one that waited for the Secret's data key, or for a deleted Secret", () => {
    const history = [revision(9, "first"), revision(50), revision(70), revision(100, "second")];
    expect(injected(history, 60)).toBe("second");
  });

  test("not known before there is one", () => {
    expect(injected([], 10)).toBeUndefined();
    expect(injected([revision(9)], 10)).toBeUndefined();
  });

  test("compared as numbers: 1000 is later than 999, and numbers may be longer than a double is exact", () => {
    expect(injected([revision(999, "first"), revision(1_000, "second")], 999)).toBe("first");
    const long = { ...revision(0, "first"), resourceVersion: "9007199254740993" };
    expect(injectedRevision([long], { firstSeen: "9007199254740992", startedWith: undefined })).toBe(long);
    const later = { ...revision(0, "second"), resourceVersion: "9007199254740994" };
    expect(injectedRevision([long, later], { firstSeen: "9007199254740993", startedWith: undefined })).toBe(long);
  });
});

test("a pod is never credited with a newer value than it can have, and one that was made earlier never with a newer one", () => {
  const histories = fc
    .uniqueArray(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 8 })
    .map((versions) => versions.toSorted((a, b) => a - b).map((version) => revision(version, `${version}`)));
  const moments = fc.tuple(fc.integer({ min: 0, max: 1_100 }), fc.integer({ min: 0, max: 1_100 }));
  fc.assert(
    fc.property(histories, moments, (history, pair) => {
      const [earlier = 0, later = 0] = pair.toSorted((a, b) => a - b);
      const first = Number(history[0]?.resourceVersion);
      const [had, has] = [Number(injected(history, earlier)), Number(injected(history, later))];
      expect(had).toBeLessThanOrEqual(has);
      expect(has).toBeLessThanOrEqual(Math.max(first, later));
    }),
  );
});
