import { describe, expect, test } from "vitest";
import { carryOut, type Result } from "../../../conformance/assignment.ts";
import { ACTS } from "../../../conformance/beside/acts.ts";
import { beside, besideText } from "../../../conformance/beside/beside.ts";
import { twistFrom } from "../../../conformance/twist-kinds.ts";

const played = (chapter: string, ...twists: readonly string[]): Promise<Result> =>
  carryOut({ chapter, vendor: "pictograph", seed: 1, twists }, true);

/** What happens right before an effect is made. */
const indexOf = (trace: readonly string[], text: string): number => trace.findIndex((line) => line.includes(text));

describe("what happens beside an effect", () => {
  test("goes as far as it can without time passing, before the effect is made", async () => {
    const { trace } = await played("rotation", "beside=look@7");
    const [begun, made] = [indexOf(trace, "BESIDE #7"), indexOf(trace, "  #7  ")];
    expect(begun).toBeGreaterThan(0);
    expect(trace.slice(begun, made).filter((line) => line.includes("reconcile pass")).length).toBeGreaterThan(1);
  });

  test("happens in any case: a life that has no such effect yet waits for it", async () => {
    const { trace, violations } = await played("rename", "beside=look@30");
    expect(violations).toEqual([]);
    expect(indexOf(trace, "BESIDE #30")).toBeGreaterThan(0);
  });

  test("is told by what and where, and another text is refused with all there is", () => {
    expect(besideText("deploy", 12)).toBe("beside=deploy@12");
    expect(twistFrom("beside=deploy@12").isOver?.()).toBe(false);
    for (const text of ["deploy", "deploy@0", "lunch@12"])
      expect(() => beside(text)).toThrow(/is nothing that happens beside an effect; .*beside=deploy@12.*move-back/);
  });
});

/** One life for each act, beside an effect at which it has a meaning. */
const REPRESENTATIVES: Readonly<Record<string, readonly [chapter: string, effect: number]>> = {
  "step-late": ["rotation", 15],
  "pending-off": ["rotation", 12],
  "move-back": ["rotation", 20],
  "move-back-and-forward": ["rotation", 20],
  "revoke-pending": ["rotation", 10],
  "revoke-previous": ["rotation", 20],
  "there-and-back": ["rotation", 6],
  "put-and-adopt": ["rename", 3],
  "replaced-workload": ["distributed-rotation", 1],
  "replaced-at-once": ["distributed-rotation", 28],
};

describe("the production handlers keep every promise while", () => {
  test.each(Object.entries(ACTS))("%s: $what", async (word) => {
    const [chapter, effect] = REPRESENTATIVES[word] ?? ["rotation", 6];
    const { violations, trace } = await played(chapter, besideText(word, effect));
    expect(violations).toEqual([]);
    expect(indexOf(trace, `BESIDE #${effect}`)).toBeGreaterThan(0);
  });
});

describe("an exception is asserted as such:", () => {
  test("a current key that a person revoked at the vendor has another one in its place within a look", async () => {
    const { violations, trace } = await played("rotation", "beside=revoke-current@20");
    expect(violations).toEqual([]);
    expect(trace.join("\n")).toMatch(/a person revokes [\s\S]*reconcile pass .*RotateSecret[\s\S]*is current now/);
  });

  test("AWSCURRENT that is moved back while its key is being revoked has it replaced in the same minute", async () => {
    const calm = await played("rotation");
    const asked = calm.trace.find((line) => line.includes("  revoke key"))?.match(/#(\d+)/)?.[1];
    const { violations, trace } = await played("rotation", `beside=move-back@${asked}`);
    expect(violations).toEqual([]);
    const revoked = indexOf(trace, "is revoked now");
    expect(
      trace
        .slice(revoked)
        .find((line) => line.includes("RotateSecret"))
        ?.slice(0, 11),
    ).toBe(trace[revoked]?.slice(0, 11));
  });

  test("what a deleted secret leaves is held and told of, until a person has revoked it", async () => {
    const { violations, trace } = await played("rotation", "beside=remade@20");
    expect(violations).toEqual([]);
    expect(trace.filter((line) => line.includes("which was held")).length).toBeGreaterThan(0);
  });

  test("a value of a person's own stays current, and is told of, until they rotate", async () => {
    const { violations, trace } = await played("rotation", "beside=put-and-rotate@20");
    expect(violations).toEqual([]);
    const put = indexOf(trace, "PutSecretValue");
    const rotated = trace.findIndex((line, index) => index > put && line.includes("a person calls RotateSecret"));
    expect(trace.slice(put, rotated).join("\n")).not.toContain("+AWSCURRENT");
  });
});

test("the old key of a workload that a tool replaces for hours goes meanwhile, once its pods are young enough", async () => {
  const { violations, trace } = await played("distributed-rotation", "beside=replaced-workload@1");
  const told = trace.slice(0, indexOf(trace, "a person has the tool leave the mark"));
  expect(violations).toEqual([]);
  expect(told.some((line) => line.includes("revoke key"))).toBe(true);
});

test("a fault of the code is caught by a workload that never looks again", async () => {
  const twists = ["beside=slow-workload@3"];
  const { violations } = await carryOut({
    chapter: "rotation",
    vendor: "pictograph",
    seed: 1,
    twists,
    mutant: "retire-by-timer",
  });
  expect(violations.map(({ what }) => what).join("\n")).toContain("the workload that never looks");
});

test("a second service whose keys were touched would be told", async () => {
  const twists = ["beside=neighbour@6"];
  const life = { chapter: "rotation", vendor: "pictograph", seed: 1, twists };
  const { trace } = await carryOut(life, true);
  // Both services rotate keys of one name in one organization: the old ones of both go, each by its own.
  expect(trace.filter((line) => line.includes("is revoked now"))).toHaveLength(2);
});
