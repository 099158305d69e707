import { describe, expect, test } from "vitest";
import { markLabel } from "../../lambdas/contracts/labels.ts";
import { rotateHandler } from "../../lambdas/rotation/rotate.ts";
import type { World } from "../../lambdas/world.ts";
import { begun } from "./rotation/begun.ts";
import {
  createStand,
  HOUR_MS,
  MINUTE_MS,
  mintedKeys,
  pictographKey,
  SECOND_MS,
  type Stand,
  stagesOf,
} from "./stand.ts";

const STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const;

describe("the four steps", () => {
  test.each([
    ["Terraform's", "terraform-20261121220000000000000001"],
    ["upper case", "ABCDEF01-2345-6789-ABCD-EF0123456789"],
    ["64 characters", "x".repeat(64)],
  ])("work with a token of %s", async (_, token) => {
    const { stand, arn, step } = await begun({}, {}, undefined, token);
    for (const name of STEPS) expect(await step(name)).toEqual({ answer: undefined });
    expect(stagesOf(await stand.facts(arn)).current).toBe(token);
  });

  test("make two keys for two tokens that share their first 20 characters", async () => {
    const stand = await createStand();
    const arn = await stand.deploy();
    for (const token of ["terraform-20261121220000000000000001", "terraform-20261121220000000000000002"])
      await stand.clock.run(
        stand
          .aws("RotateSecret", { SecretId: arn, ClientRequestToken: token })
          .then(() => stand.account.secretsManager.idle()),
      );
    expect(new Set(mintedKeys(stand.pictify).map((key) => key.name)).size).toBe(3);
  });

  test("may each be repeated, with the same outcome", async () => {
    const { stand, arn, token, step } = await begun();
    for (const name of STEPS) for (let n = 0; n < 3; n++) expect(await step(name)).toEqual({ answer: undefined });
    expect(stagesOf(await stand.facts(arn)).current).toBe(token);
    expect(mintedKeys(stand.pictify)).toHaveLength(2);
  });

  test("do nothing any more when the version is current", async () => {
    const { stand, arn, step } = await begun();
    for (const name of STEPS) await step(name);
    const { stages } = await stand.facts(arn);
    for (const name of STEPS) await step(name);
    expect((await stand.facts(arn)).stages).toEqual(stages);
  });

  test("finishSecret refuses a version without a value", async () => {
    const { stand, arn, step } = await begun();
    const { current } = stagesOf(await stand.facts(arn));
    expect((await step("finishSecret")).error).toMatch(/^NO_VALUE/);
    expect(stagesOf(await stand.facts(arn)).current).toBe(current);
  });

  test("testSecret lets a version without a value pass, as when a rotation is configured", async () => {
    const { step } = await begun();
    expect(await step("testSecret")).toEqual({ answer: undefined });
  });

  test.each(["empty version", "copy of the current value", "label on the current version"] as const)(
    "let AWS test a new configuration with an %s",
    async (configureTest) => {
      const stand = await createStand({ parameters: { configureTest } });
      await stand.deploy();
      expect(stand.lines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
    },
  );

  test("use at most 12 calls to AWS and 4 to the vendor, the admin secret read once", async () => {
    const { stand, step } = await begun();
    const before = stand.account.secretsManager.calls();
    const vendorBefore = stand.pictify.calls();
    for (const name of STEPS) await step(name);
    const total = (calls: readonly { count: number }[]) => calls.reduce((sum, { count }) => sum + count, 0);
    const adminReads = 1;
    expect(total(stand.account.secretsManager.calls()) - total(before) - adminReads).toBeLessThanOrEqual(12);
    expect(total(stand.pictify.calls()) - total(vendorBefore)).toBe(4);
  });
});

describe("createSecret finds a key whose value was lost", () => {
  test("and gets the value back where the vendor repeats its answer", async () => {
    const { stand, step } = await begun();
    stand.pictify.hostile.next("create", "commit-then-silence");
    expect((await step("createSecret")).error).toMatch(/^MINT_UNKNOWN/);
    const [, lost] = mintedKeys(stand.pictify);
    expect(await step("createSecret")).toEqual({ answer: undefined });
    expect(mintedKeys(stand.pictify).map((key) => key.id)).toContain(lost?.id);
    expect(mintedKeys(stand.pictify)).toHaveLength(2);
  });

  test("and waits while another run may still store it", async () => {
    const { stand, step } = await begun({}, pictographKey);
    stand.pictograph.hostile.next("create", "commit-then-silence");
    await step("createSecret");
    await stand.clock.advance(MINUTE_MS);
    expect((await step("createSecret")).error).toMatch(/^VALUE_MAYBE_COMING.*counts as lost/);
    expect(mintedKeys(stand.pictograph)).toHaveLength(2);
  });

  test("and revokes it when it is older than any run can be, then mints anew", async () => {
    const { stand, step } = await begun({}, pictographKey);
    stand.pictograph.hostile.next("create", "commit-then-silence");
    await step("createSecret");
    const lost = mintedKeys(stand.pictograph)[1];
    await stand.clock.advance(11 * MINUTE_MS);
    expect(await step("createSecret")).toEqual({ answer: undefined });
    const minted = mintedKeys(stand.pictograph);
    expect(minted).toHaveLength(2);
    expect(minted.map((key) => key.id)).not.toContain(lost?.id);
  });

  test("and goes by the vendor's clock for its age", async () => {
    const { stand, step } = await begun({ pictograph: { clockSkewMs: 12 * MINUTE_MS } }, pictographKey);
    stand.pictograph.hostile.next("create", "commit-then-silence");
    await step("createSecret");
    await stand.clock.advance(9 * MINUTE_MS);
    expect((await step("createSecret")).error).toMatch(/^VALUE_MAYBE_COMING/);
  });

  test.each([
    ["name", { Key: "keyturn:name", Value: "renamed" }, /^renamed-kt-/],
    ["type", { Key: "keyturn:type", Value: "test" }, /^web-kt-/],
  ])("and does not ask for the value back when the declared %s has changed since", async (_, tag, name) => {
    const { stand, arn, step } = await begun();
    stand.pictify.hostile.next("create", "commit-then-silence");
    await step("createSecret");
    const lost = mintedKeys(stand.pictify)[1];
    await stand.aws("TagResource", { SecretId: arn, Tags: [tag] });
    expect((await step("createSecret")).error).toMatch(/^VALUE_MAYBE_COMING/);
    await stand.clock.advance(11 * MINUTE_MS);
    expect(await step("createSecret")).toEqual({ answer: undefined });
    const minted = mintedKeys(stand.pictify);
    expect(minted.map((key) => key.id)).not.toContain(lost?.id);
    expect(minted[1]?.name).toMatch(name);
  });

  test("and keeps it for a person where the vendor does not tell its age", async () => {
    const { stand, step } = await begun({ pictograph: { switches: { keyFields: "seeds" } } }, pictographKey);
    stand.pictograph.hostile.next("create", "commit-then-silence");
    await step("createSecret");
    await stand.clock.advance(HOUR_MS);
    expect((await step("createSecret")).error).toMatch(/^VALUE_LOST.*revoke it by hand/);
  });
});

describe("createSecret", () => {
  test("never mints twice for one token when two run at once", async () => {
    const { stand, arn, step } = await begun();
    const both = await Promise.all([step("createSecret"), step("createSecret")]);
    expect(both.filter((outcome) => outcome.error)).toEqual([]);
    const stored = await stand.aws<{ SecretString: string }>("GetSecretValue", {
      SecretId: arn,
      VersionStage: "AWSPENDING",
    });
    expect(mintedKeys(stand.pictify).map((key) => key.id)).toContain(JSON.parse(stored.SecretString).keyId);
    expect(mintedKeys(stand.pictify)).toHaveLength(2);
  });

  test("takes its own key back when another run stored one first", async () => {
    const { stand, arn, step } = await begun({}, pictographKey);
    await Promise.all([step("createSecret"), step("createSecret")]);
    const stored = await stand.aws<{ SecretString: string }>("GetSecretValue", {
      SecretId: arn,
      VersionStage: "AWSPENDING",
    });
    const minted = mintedKeys(stand.pictograph);
    expect(minted).toHaveLength(2);
    expect(minted.map((key) => key.id)).toContain(JSON.parse(stored.SecretString).keyId);
  });

  describe("whose value Secrets Manager does not take", () => {
    const refused = async (declaration = {}) => {
      const { stand, step } = await begun({}, declaration);
      const world = stand.worldOf("prod");
      const send = async (command: { constructor: { name: string } }) => {
        if (command.constructor.name === "PutSecretValueCommand")
          throw Object.assign(new Error("no"), { name: "LimitExceededException", $fault: "client" });
        return world.secretsManager.send(command as never);
      };
      const handler = rotateHandler({ ...world, secretsManager: { send } as World["secretsManager"] });
      const name = stand.functions.rotate;
      stand.account.functions.create({ name, timeoutMs: 120_000, secretsManagerMayInvoke: true, handler });
      expect((await step("createSecret")).error).toMatch(/^LimitExceededException/);
      stand.anotherService("prod");
      return { stand, step };
    };

    test("takes its key back at once", async () => {
      const { stand } = await refused(pictographKey);
      expect(mintedKeys(stand.pictograph)).toHaveLength(1);
    });

    test("leaves its key to the next try where a twin may have been given the same one", async () => {
      const { stand, step } = await refused();
      expect(mintedKeys(stand.pictify)).toHaveLength(2);
      for (const name of STEPS) expect(await step(name)).toEqual({ answer: undefined });
      expect(mintedKeys(stand.pictify)).toHaveLength(2);
    });
  });

  test("mints nothing when the plan has no slot left, and says so", async () => {
    const { stand, step } = await begun({ pictify: { plan: "free" }, connections: { pictify: { plan: "free" } } });
    expect((await step("createSecret")).error).toMatch(/^KEY_LIMIT.*allows 2 live keys and 2 are there/);
    expect(mintedKeys(stand.pictify)).toHaveLength(1);
  });

  test("mints nothing while 14 generations wait for their retirement, beside the label that says whose the key is", async () => {
    const { stand, arn, step } = await begun();
    for (let n = 0; n < 14; n++) {
      const version = `older-${n}-`.padEnd(32, "0");
      await stand.aws("PutSecretValue", {
        SecretId: arn,
        ClientRequestToken: version,
        SecretString: `${n}`,
        VersionStages: [markLabel("retiring", n)],
      });
    }
    expect((await step("createSecret")).error).toMatch(/^LABEL_LIMIT.*15 labels/);
    expect(mintedKeys(stand.pictify)).toHaveLength(1);
  });

  test.each(["name-truncated", "name-suffixed"] as const)(
    "takes back a key of which the vendor changed the name (%s)",
    async (fault) => {
      const { stand, step } = await begun();
      stand.pictify.hostile.next("create", fault);
      expect((await step("createSecret")).error).toMatch(/^NOT_AS_ASKED/);
      expect(stand.pictify.keys().filter((key) => key.active)).toHaveLength(2);
    },
  );

  test("tells a person of a key under another name that the vendor does not take back", async () => {
    const { stand, step } = await begun();
    stand.pictify.hostile.next("create", "name-suffixed");
    stand.pictify.hostile.next("revoke", "revoke-not-done", 2);
    await step("createSecret");
    const left = stand.pictify.keys().find((key) => key.active && key.name.endsWith("(2)"));
    expect(stand.lines.join("\n")).toMatch(new RegExp(`key.revoke-by-hand.*${left?.id}`));
    expect(stand.lines.join("\n")).toContain('"RevokeByHand":1');
  });

  test("takes a key under another name back again when the vendor did not do it at first", async () => {
    const { stand, step } = await begun();
    stand.pictify.hostile.next("create", "name-suffixed");
    stand.pictify.hostile.next("revoke", "revoke-not-done");
    await step("createSecret");
    expect(stand.pictify.keys().filter((key) => key.active && key.name.endsWith("(2)"))).toEqual([]);
  });

  test.each([
    ["not JSON", "not-json"],
    ["a web page", "html"],
    ["without its fields", "missing-fields"],
    ["a server error", "commit-then-server-error"],
  ] as const)("keeps nothing and loses nothing when the vendor's answer is %s", async (_, fault) => {
    const { stand, step } = await begun();
    stand.pictify.hostile.next("create", fault);
    expect((await step("createSecret")).error).toMatch(/^MINT_UNKNOWN/);
    for (const name of STEPS) expect(await step(name)).toEqual({ answer: undefined });
    expect(mintedKeys(stand.pictify)).toHaveLength(2);
  });

  test("works at a vendor that answers a mint with the value alone", async () => {
    const { stand, arn, token, step } = await begun({}, pictographKey);
    stand.pictograph.hostile.next("create", { kind: "missing-fields", fields: ["id", "name", "role", "created_at"] });
    for (const name of STEPS) expect(await step(name)).toEqual({ answer: undefined });
    const { keyId } = await stand.currentKey(arn);
    expect(stagesOf(await stand.facts(arn)).current).toBe(token);
    expect(mintedKeys(stand.pictograph).map((key) => key.id)).toContain(keyId);
  });
});

describe("a generation that does not work", () => {
  test("is waited for while its vendor may still spread it", async () => {
    const { stand, arn, token, step } = await begun();
    stand.pictify.hostile.next("create", { kind: "activate-late", delayMs: 50 * SECOND_MS });
    for (const name of STEPS) expect(await step(name)).toEqual({ answer: undefined });
    expect(stagesOf(await stand.facts(arn)).current).toBe(token);
  });

  test("never becomes current", async () => {
    const { stand, arn, token, step } = await begun();
    await step("createSecret");
    const dead = mintedKeys(stand.pictify)[1];
    stand.pictify.revokeKey(dead?.id ?? "");
    expect((await step("testSecret")).error).toMatch(/^NOT_YET_ALIVE/);
    await stand.clock.advance(6 * MINUTE_MS);
    expect((await step("testSecret")).error).toMatch(/^GENERATION_DEAD/);
    const facts = await stand.facts(arn);
    expect(stagesOf(facts)).toMatchObject({ pending: undefined });
    expect(stagesOf(facts).current).not.toBe(token);
    expect(facts.stages[token]?.join()).toMatch(/^keyturn\/abandoned\//);
  });

  test.each(STEPS)(
    "is given up for good once it is marked, also by %s after a run that died in between",
    async (name) => {
      const { stand, arn, token, step } = await begun();
      await step("createSecret");
      const label = markLabel("abandoned", stand.clock.now());
      await stand.aws("UpdateSecretVersionStage", { SecretId: arn, VersionStage: label, MoveToVersionId: token });
      expect((await step(name)).error).toMatch(/^GENERATION_DEAD/);
      expect((await stand.facts(arn)).stages[token]).toEqual([label]);
    },
  );

  test("is given up by createSecret too", async () => {
    const { stand, step } = await begun();
    await step("createSecret");
    stand.pictify.revokeKey(mintedKeys(stand.pictify)[1]?.id ?? "");
    await stand.clock.advance(6 * MINUTE_MS);
    expect((await step("createSecret")).error).toMatch(/^GENERATION_DEAD/);
  });

  test("is given up when the declaration changed while it was rotated", async () => {
    const { stand, arn, step } = await begun({}, pictographKey);
    await step("createSecret");
    await stand.aws("TagResource", { SecretId: arn, Tags: [{ Key: "keyturn:role", Value: "viewer" }] });
    expect((await step("testSecret")).error).toMatch(/^GENERATION_DEAD.*role member, declared is now role viewer/);
  });
});

describe("finishSecret", () => {
  test("starts the overlap anew when an earlier try marked the outgoing version and died", async () => {
    const { stand, arn, step } = await begun();
    const { current = "" } = stagesOf(await stand.facts(arn));
    for (const name of STEPS.slice(0, 3)) await step(name);
    const stale = markLabel("retiring", stand.clock.now() - HOUR_MS);
    await stand.aws("UpdateSecretVersionStage", { SecretId: arn, VersionStage: stale, MoveToVersionId: current });
    await step("finishSecret");
    const marks = (await stand.facts(arn)).stages[current]?.filter((label) => label.startsWith("keyturn/retiring/"));
    expect(marks).toEqual([markLabel("retiring", stand.clock.now())]);
  });

  test("marks the outgoing version before it moves AWSCURRENT", async () => {
    const { stand, arn, token, step } = await begun();
    const { current = "" } = stagesOf(await stand.facts(arn));
    for (const name of STEPS) await step(name);
    const { stages } = await stand.facts(arn);
    expect(stages[current]).toEqual(
      expect.arrayContaining(["AWSPREVIOUS", expect.stringMatching(/^keyturn\/retiring\//)]),
    );
    expect(stages[token]).toContain("AWSCURRENT");
  });
});

describe("the rotation function refuses, and does nothing", () => {
  const untouched = async (stand: Stand) => expect(mintedKeys(stand.pictify)).toHaveLength(1);

  test.each<[string, object, RegExp]>([
    ["a step that does not exist", { Step: "deleteSecret" }, /^BAD_INPUT.*Step: Invalid option/],
    ["an event without a token", { ClientRequestToken: undefined }, /^BAD_INPUT.*ClientRequestToken/],
    ["a token that is too short", { ClientRequestToken: "short" }, /^BAD_INPUT.*ClientRequestToken/],
    ["a secret that is named, not by its ARN", { SecretId: "keyturn/prod/web" }, /^BAD_INPUT.*SecretId/],
    ["a token that is not staged", { ClientRequestToken: "unknown-".padEnd(32, "0") }, /^TOKEN_NOT_STAGED.*no labels/],
    [
      "a secret that does not exist",
      { SecretId: "arn:aws:secretsmanager:us-east-1:000000000000:secret:none-AbCdEf" },
      /^NOT_MANAGED/,
    ],
  ])("%s", async (_, event, error) => {
    const { stand, step } = await begun();
    expect((await step("createSecret", event)).error).toMatch(error);
    await untouched(stand);
  });

  test("a secret without our tags", async () => {
    const { stand, arn, step } = await begun();
    await stand.aws("UntagResource", { SecretId: arn, TagKeys: ["keyturn:service"] });
    expect((await step("createSecret")).error).toMatch(/^NOT_MANAGED.*no tag keyturn:service/);
    await untouched(stand);
  });

  test("a secret that somebody else's function rotates", async () => {
    const stand = await createStand();
    const { functions } = stand.account;
    functions.create({ name: "theirs", timeoutMs: 1, secretsManagerMayInvoke: true, handler: async () => {} });
    const SecretId = await stand.deploy();
    const RotationLambdaARN = functions.arnOf("theirs");
    await stand.aws("RotateSecret", { SecretId, RotationLambdaARN, RotateImmediately: false });
    const event = { Step: "createSecret", SecretId, ClientRequestToken: "0".repeat(32) };
    expect((await stand.invoke("rotate", event)).error).toMatch(/^NOT_ITS_FUNCTION.*is rotated by .*theirs/);
    await untouched(stand);
  });

  test.each<[string, string, RegExp]>([
    ["keyturn:type", "admin", /^NOT_GRANTED.*type admin/],
    ["keyturn:vendor", "acme", /^NOT_GRANTED.*acme key web/],
    ["keyturn:name", "other_name", /^BAD_INPUT.*name: must be 1 to 40/],
    ["keyturn:service", "stage", /^NOT_MANAGED.*belongs to the service stage/],
  ])("what the tag %s = %s asks for", async (Key, Value, error) => {
    const serves = [{ secret: "keyturn/prod/web", name: "web", type: "live" }];
    const { stand, arn, step } = await begun({ connections: { pictify: { serves } } });
    await stand.aws("TagResource", { SecretId: arn, Tags: [{ Key, Value }] });
    expect((await step("createSecret")).error).toMatch(error);
    await untouched(stand);
  });

  test("a vendor that it does not know", async () => {
    const stand = await createStand({ connections: { pictify: { vendor: "acme" } } });
    const arn = await stand.declare();
    expect((await stand.invoke("manage", { action: "ensure", secretId: arn })).error).toMatch(
      /^BAD_INPUT: unknown vendor acme; known are pictify, pictograph/,
    );
  });
});

describe("the admin secret", () => {
  const ensured = async (change: (stand: Stand) => Promise<unknown>) => {
    const stand = await createStand();
    await change(stand);
    const arn = await stand.declare();
    return { stand, ...(await stand.invoke("manage", { action: "ensure", secretId: arn })) };
  };

  test.each<[string, (stand: Stand) => Promise<unknown>, RegExp]>([
    [
      "missing",
      (stand) => stand.aws("DeleteSecret", { SecretId: "keyturn/pictify", ForceDeleteWithoutRecovery: true }),
      /^BAD_INPUT.*keyturn\/pictify does not exist or has no value; store/,
    ],
    [
      "not JSON",
      (stand) => stand.aws("PutSecretValue", { SecretId: "keyturn/pictify", SecretString: "pk_live_naked" }),
      /^BAD_INPUT.*keyturn\/pictify is not JSON \(13 characters\)$/,
    ],
    [
      "without apiKey",
      (stand) => stand.aws("PutSecretValue", { SecretId: "keyturn/pictify", SecretString: "{}" }),
      /^BAD_INPUT.*apiKey/,
    ],
    [
      "with a key that the vendor does not know",
      (stand) =>
        stand.aws("PutSecretValue", { SecretId: "keyturn/pictify", SecretString: '{"apiKey":"pk_live_wrong"}' }),
      /^VENDOR_UNAUTHORIZED.*keyturn\/pictify does not have its rights/,
    ],
    [
      "with a key without the rights",
      async (stand) => {
        const { value } = stand.pictify.issueKey({ name: "small", access: "live", propagationMs: 0 });
        await stand.aws("PutSecretValue", {
          SecretId: "keyturn/pictify",
          SecretString: JSON.stringify({ apiKey: value }),
        });
      },
      /^VENDOR_FORBIDDEN.*needs to be an admin-level key/,
    ],
  ])("that is %s is named, and nothing is minted", async (_, change, error) => {
    const outcome = await ensured(change);
    expect(outcome.error).toMatch(error);
    expect(mintedKeys(outcome.stand.pictify)).toEqual([]);
  });

  test("that was replaced is read again, without a restart", async () => {
    const stand = await createStand();
    const arn = await stand.deploy();
    const { value } = stand.pictify.issueAdminKey("new admin");
    stand.pictify.revokeKey(stand.pictify.keys()[0]?.id ?? "");
    await stand.aws("PutSecretValue", { SecretId: "keyturn/pictify", SecretString: JSON.stringify({ apiKey: value }) });
    const before = await stand.currentKey(arn);
    await stand.rotate(arn);
    expect((await stand.currentKey(arn)).keyId).not.toBe(before.keyId);
  });
});
