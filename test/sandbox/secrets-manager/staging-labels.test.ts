import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ServiceError } from "../../../sandbox/secrets-manager/index.ts";
import { aSecretsManager, expectRefusal, token } from "./a-secrets-manager.ts";

const label = (stage: string, change: { to?: string; from?: string }) => ({
  SecretId: "key",
  VersionStage: stage,
  ...(change.to === undefined ? {} : { MoveToVersionId: token(change.to) }),
  ...(change.from === undefined ? {} : { RemoveFromVersionId: token(change.from) }),
});

const withTwoVersions = async () => {
  const manager = aSecretsManager();
  await manager.create();
  const put = {
    SecretId: "key",
    ClientRequestToken: token("b"),
    SecretString: "second",
    VersionStages: ["AWSPENDING"],
  };
  await manager.call("PutSecretValue", put);
  const relabel = (stage: string, change: { to?: string; from?: string }) =>
    manager.call("UpdateSecretVersionStage", label(stage, change));
  return { ...manager, relabel };
};

describe("UpdateSecretVersionStage", () => {
  test("AWSCURRENT moves, AWSPREVIOUS follows by itself, AWSPENDING stays", async () => {
    const { relabel, stages } = await withTwoVersions();

    await relabel("AWSCURRENT", { to: "b", from: "a" });

    expect(await stages()).toEqual({ [token("a")]: ["AWSPREVIOUS"], [token("b")]: ["AWSCURRENT", "AWSPENDING"] });
  });

  test("moved back, AWSCURRENT and AWSPREVIOUS change places", async () => {
    const { relabel, stages } = await withTwoVersions();
    await relabel("AWSCURRENT", { to: "b", from: "a" });

    await relabel("AWSCURRENT", { to: "a", from: "b" });

    expect(await stages()).toEqual({ [token("a")]: ["AWSCURRENT"], [token("b")]: ["AWSPENDING", "AWSPREVIOUS"] });
  });

  test("a label of one's own is added, moved and taken off", async () => {
    const { relabel, stages } = await withTwoVersions();

    await relabel("mine", { to: "a" });
    expect((await stages())?.[token("a")]).toEqual(["AWSCURRENT", "mine"]);
    await relabel("mine", { to: "b", from: "a" });
    expect((await stages())?.[token("b")]).toEqual(["AWSPENDING", "mine"]);
    await relabel("mine", { from: "b" });
    expect((await stages())?.[token("b")]).toEqual(["AWSPENDING"]);
  });

  test("a label that the version has already is no error", async () => {
    const { relabel, describe } = await withTwoVersions();

    await relabel("AWSPENDING", { to: "b" });

    expect((await describe()).VersionIdsToStages?.[token("b")]).toEqual(["AWSPENDING"]);
  });

  test.each([
    ["AWSCURRENT without naming its version", "AWSCURRENT", { to: "b" }, /RemoveFromVersionId can't be empty/],
    ["AWSCURRENT naming another version", "AWSCURRENT", { to: "b", from: "b" }, "not found in version"],
    ["AWSCURRENT off all versions", "AWSCURRENT", { from: "a" }, "can't be completely removed"],
    ["a label of another version", "AWSPENDING", { to: "a" }, /RemoveFromVersionId can't be empty/],
    ["a label off a version without it", "mine", { from: "a" }, "not found in version"],
    ["a label to a version that is not there", "mine", { to: "z" }, `Not a valid version: ${token("z")}`],
    ["nothing", "mine", {}, "MoveToVersionId"],
  ])("moving %s is refused and changes nothing", async (_, stage, change, text) => {
    const { relabel, stages } = await withTwoVersions();
    const before = await stages();

    await expectRefusal(relabel(stage, change), "InvalidParameterException", text);

    expect(await stages()).toEqual(before);
  });

  test("a version whose last label goes is no longer described", async () => {
    const { relabel, stages } = await withTwoVersions();

    await relabel("AWSPENDING", { from: "b" });

    expect(await stages()).toEqual({ [token("a")]: ["AWSCURRENT"] });
  });

  test("twenty labels are the most over all versions, for a value and a rotation too", async () => {
    const { relabel, stages, call, rotate, describe: describeKey } = await withTwoVersions();
    await relabel("AWSPENDING", { from: "b" });
    for (let number = 0; number < 19; number++) await relabel(`label ${number}`, { to: number % 2 ? "a" : "b" });
    const before = await stages();

    await expectRefusal(relabel("one more", { to: "a" }), "LimitExceededException", "20 staging labels");
    const put = { SecretId: "key", SecretString: "third" };
    await expectRefusal(call("PutSecretValue", put), "LimitExceededException", "20 staging labels");
    await expectRefusal(rotate(), "LimitExceededException", "20 staging labels");
    expect(await describeKey()).not.toHaveProperty("RotationEnabled");

    expect(await stages()).toEqual(before);
  });

  test("AWSCURRENT can go to a version without value, unless the parameter forbids it", async () => {
    for (const currentMayMoveToEmptyVersion of [true, false]) {
      const { create, rotate, script, settle, call, stages } = aSecretsManager({ currentMayMoveToEmptyVersion });
      script.createSecret = () => undefined;
      await create();
      await rotate();
      await settle();

      const move = call("UpdateSecretVersionStage", label("AWSCURRENT", { to: "r", from: "a" }));

      if (currentMayMoveToEmptyVersion) await move;
      else await expectRefusal(move, "InvalidRequestException", "no secret value");
      expect((await stages())?.[token("r")]?.includes("AWSCURRENT")).toBe(currentMayMoveToEmptyVersion);
    }
  });
});

describe("whatever is done to labels and values", () => {
  const letters = fc.constantFrom("a", "b", "c", "d", "e");
  const stage = fc.constantFrom("AWSCURRENT", "AWSPENDING", "one", "two");
  const stageList = fc.option(fc.uniqueArray(stage, { minLength: 1, maxLength: 3 }), { nil: undefined });
  const action = fc.oneof(
    fc.record({ kind: fc.constant("PutSecretValue"), id: letters, VersionStages: stageList }),
    fc.record({ kind: fc.constant("UpdateSecret"), id: letters }),
    fc.record({
      kind: fc.constant("UpdateSecretVersionStage"),
      stage,
      to: fc.option(letters, { nil: undefined }),
      from: fc.option(letters, { nil: undefined }),
    }),
  );
  type Action = { kind: string; id?: string; VersionStages?: string[]; stage?: string; to?: string; from?: string };

  const inputOf = ({ kind, id = "a", VersionStages, stage: name = "one", to, from }: Action): object => {
    if (kind !== "UpdateSecretVersionStage") {
      return { SecretId: "key", ClientRequestToken: token(id), SecretString: `value ${id}`, VersionStages };
    }
    return label(name, { ...(to ? { to } : {}), ...(from ? { from } : {}) });
  };

  const holderOf = (stages: Record<string, string[]> | undefined, name: string) =>
    Object.entries(stages ?? {}).flatMap(([id, labels]) => (labels.includes(name) ? [id] : []));

  test("a label is on one version, AWSPREVIOUS on the last current one, and no value is lost or changed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
        const { call, stages, value } = aSecretsManager({ firstValueStages: "as asked" });
        await call("CreateSecret", { Name: "key" });
        const stored = new Map<string, string>();
        let current: string | undefined;
        let previous: string | undefined;

        for (const step of actions as Action[]) {
          const refused = await call(step.kind, inputOf(step)).then(
            () => false,
            (error: unknown) => error instanceof ServiceError,
          );
          const now = await stages();
          const labels = Object.values(now ?? {}).flat();
          expect(new Set(labels).size).toBe(labels.length);
          const [holder] = holderOf(now, "AWSCURRENT");
          if (current !== undefined) expect(holder).toBeDefined();
          if (holder !== current) previous = current;
          current = holder;
          expect(holderOf(now, "AWSPREVIOUS")).toEqual(previous === undefined ? [] : [previous]);
          if (!refused && step.kind !== "UpdateSecretVersionStage")
            stored.set(token(step.id ?? ""), `value ${step.id}`);
          for (const [VersionId, text] of stored) expect((await value({ VersionId })).SecretString).toBe(text);
        }
      }),
      { numRuns: 200 },
    );
  });
});
