import { describe, expect, test } from "vitest";
import { createPlanMemory, type PlanMemory } from "../../../provider/key/plan-memory.ts";
import type { ObjectValue } from "../../../provider/wire/value.ts";

const ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:keyturn/demo/web-AbCdEf";
const OTHER = ARN.replace("web", "other");

const object = (more: ObjectValue = {}): ObjectValue => ({ secret_id: ARN, secret_arn: ARN, claim: "a", ...more });

/** Two ids that look alike are of one secret, as Secrets Manager is told to say. */
const same = async () => true;
const different = async () => false;

const remembering = (work: (memory: PlanMemory) => void): PlanMemory => {
  const memory = createPlanMemory();
  work(memory);
  return memory;
};

describe("a plan that ends an object and makes another one", () => {
  test.each<[string, (memory: PlanMemory) => void]>([
    [
      "the end first",
      (memory) => {
        memory.ends(object());
        memory.makes({ secret_id: ARN });
      },
    ],
    [
      "the beginning first",
      (memory) => {
        memory.makes({ secret_id: ARN });
        memory.ends(object());
      },
    ],
  ])("of one secret renames it, whichever is told first: %s", async (_, tell) => {
    const memory = remembering((one) => {
      one.saw(object());
      tell(one);
    });

    expect(await memory.renamed(different)).toEqual(object());
  });

  test.each([["keyturn/demo/web"], [ARN.slice(0, -7)]])(
    "by another form of the id, %s: Secrets Manager says so",
    async (secret_id) => {
      const memory = remembering((one) => {
        one.saw(object());
        one.ends(object());
        one.makes({ secret_id });
      });

      expect(await memory.renamed(same)).toEqual(object());
      expect(await memory.renamed(different)).toBeUndefined();
    },
  );

  test("of two secrets renames nothing, and nobody is asked", async () => {
    const memory = remembering((one) => {
      one.saw(object());
      one.ends(object());
      one.makes({ secret_id: OTHER });
    });

    expect(await memory.renamed(() => Promise.reject(new Error("asked")))).toBeUndefined();
  });

  test("beside a further object of the secret cannot be told from a replacement", async () => {
    const memory = remembering((one) => {
      one.saw(object());
      one.saw(object({ claim: "b" }));
      one.ends(object());
      one.makes({ secret_id: ARN });
    });

    expect(await memory.renamed(same)).toBeUndefined();
  });

  test("while it is applied is no plan", async () => {
    const memory = remembering((one) => {
      one.saw(object());
      one.applies();
      one.ends(object());
      one.makes({ secret_id: ARN });
    });

    expect(await memory.renamed(same)).toBeUndefined();
  });
});

describe("a plan that ends one object and keeps another of the same secret", () => {
  const both = (ended: ObjectValue, kept: ObjectValue) =>
    remembering((one) => {
      one.keeps(kept);
      one.ends(ended);
    }).sharesUnnamed();

  test("says so where neither has a claim with a name", () => {
    expect(both(object({ claim: null }), object({ claim: null }))).toEqual(object({ claim: null }));
  });

  test("says nothing where either has one, or they are of two secrets", () => {
    expect(both(object(), object({ claim: null }))).toBeUndefined();
    expect(both(object({ claim: null }), object())).toBeUndefined();
    expect(both(object({ claim: null }), object({ claim: null, secret_arn: OTHER }))).toBeUndefined();
  });

  test("says so where the one that is kept was imported, and has no claim yet", () => {
    const memory = (kept: ObjectValue) =>
      remembering((one) => {
        one.ends(object());
        one.keeps(kept);
      });

    expect(memory(object({ claim: "" })).endsBeforeImported()).toEqual(object());
    expect(memory(object({ claim: "b" })).endsBeforeImported()).toBeUndefined();
    expect(memory(object({ claim: "", secret_arn: OTHER })).endsBeforeImported()).toBeUndefined();
  });
});
