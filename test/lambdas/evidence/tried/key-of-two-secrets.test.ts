import { expect, test } from "vitest";
import { ask, expecting, storeByHand } from "../../management/asking.ts";
import { isActive, passes, putMark, retag } from "../../reconciliation/passes.ts";
import { intercept } from "../../rotation/begun.ts";
import { addSecondConnection } from "../../second-connection.ts";
import { createStand, DAY_MS, HOUR_MS, pictographKey, type Stand } from "../../stand.ts";

const ENDLESS = Number.POSITIVE_INFINITY;

/** Two secrets have adopted one key that people made. */
const shared = async (change: (stand: Stand) => void = () => {}) => {
  const stand = await createStand();
  change(stand);
  await addSecondConnection(stand, "pictograph");
  await stand.deploy({ ...pictographKey, name: "other" });
  const { id: keyId, value: apiKey } = stand.pictograph.issueKey({ name: "Production", access: "member" });
  await stand.clock.advance(HOUR_MS);
  const arns: string[] = [];
  for (const name of ["one", "two"]) {
    const arn = await stand.declare({ ...pictographKey, name });
    await storeByHand(stand, arn, { apiKey });
    await ask(stand, "adopt", arn, { keyId, expected: expecting({ ...pictographKey, name }) });
    await stand.turnOn(arn);
    arns.push(arn);
  }
  const [one = "", two = ""] = arns;
  return { stand, one, two, keyId };
};

/** The version that was replaced last. */
const replaced = async (stand: Stand, arn: string): Promise<string> => {
  const { stages } = await stand.facts(arn);
  return Object.keys(stages).find((id) => stages[id]?.some((label) => label.startsWith("keyturn/retiring"))) ?? "";
};

test.each([
  ["stays where it is", undefined],
  ["was moved to another connection, where none can be minted", "pictograph-eu"],
  ["asks for what is not granted", "nowhere"],
])("a compromised key is not revoked while it is the only one of another secret, which %s", async (_, connection) => {
  const { stand, one, two, keyId } = await shared();
  if (connection) await retag(stand, two, { "keyturn:vendor": connection });
  await stand.rotate(one);
  stand.pictograph.hostile.next("create", "server-error", ENDLESS);
  await putMark(stand, one, await replaced(stand, one), "compromised");

  await passes(stand, 6);

  expect((await stand.currentKey(two)).keyId).toBe(keyId);
  expect(isActive(stand.pictograph, keyId)).toBe(true);
});

test("a replaced key is not revoked while another secret, whose value cannot be read now, may have it", async () => {
  let closed = "";
  const { stand, one, two, keyId } = await shared(
    intercept(async (operation, call, input) => {
      const isClosed = operation === "GetSecretValue" && "SecretId" in input && input.SecretId === closed;
      if (isClosed) throw Object.assign(new Error("the KMS key is disabled"), { name: "DecryptionFailure" });
      return call();
    }),
  );
  await stand.rotate(one);
  closed = two;
  stand.anotherService("prod");

  await passes(stand, 12 * 30);

  closed = "";
  expect((await stand.currentKey(two)).keyId).toBe(keyId);
  expect(isActive(stand.pictograph, keyId)).toBe(true);
});

test("the end of one managed key does not revoke what another secret has as its only one", async () => {
  const { stand, one, two, keyId } = await shared();
  await stand.clock.advance(DAY_MS);

  await stand.invoke("manage", { action: "delete", secretId: one });

  expect((await stand.currentKey(two)).keyId).toBe(keyId);
  expect(isActive(stand.pictograph, keyId)).toBe(true);
});
