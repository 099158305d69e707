import { describe, expect, test } from "vitest";
import type { GrantsFile } from "../../../../lambdas/contracts/grants.ts";
import { ask, retag } from "../../management/asking.ts";
import { currentOf, isActive, ownLabels, passes, putMark, records, written } from "../../reconciliation/passes.ts";
import { addSecondConnection, secondConnectionOf, type VendorName } from "../../second-connection.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, type Stand } from "../../stand.ts";
import { aliveAt, createsAt, declaredAt, standWith, VENDORS } from "./vendor-keys.ts";

/* The admin secret holds the key of another account. */
const FOREIGN = "22222222-2222-4222-8222-222222222222";

const storeAdminKey = async (stand: Stand, vendor: VendorName, apiKey: string): Promise<void> => {
  await stand.aws("PutSecretValue", { SecretId: `keyturn/${vendor}`, SecretString: JSON.stringify({ apiKey }) });
  await stand.clock.advance(20 * MINUTE_MS); // past the time for which a container keeps an admin key
};

/** Three keys of the connection, made a day ago. */
const fleet = async (vendor: VendorName) => {
  const stand = await standWith({ organizationChecked: false });
  const arns: string[] = [];
  for (const name of ["a", "b", "c"]) arns.push(await stand.deploy({ ...declaredAt(vendor), name }));
  await stand.clock.advance(DAY_MS);
  const [arn = ""] = arns;
  return { stand, arns, arn, before: aliveAt(stand, vendor) };
};

/** The same, and then a wrong admin key is stored. */
const swapped = async (vendor: VendorName) => {
  const made = await fleet(vendor);
  await storeAdminKey(made.stand, vendor, made.stand[vendor].issueAdminKey("Admin", FOREIGN).value);
  return made;
};

const foreignKeys = (stand: Stand, vendor: VendorName) =>
  stand[vendor].keys().filter(({ organizationId, name }) => organizationId === FOREIGN && name.includes("-kt-"));

describe.each(VENDORS)("with the admin key of another account of %s", (vendor) => {
  test("no key is made by a deploy, and none by its schedule, and somebody is told", async () => {
    const { stand, arns, before } = await swapped(vendor);

    for (const arn of arns) expect((await ask(stand, "ensure", arn)).error).toMatch(/^WRONG_ORGANIZATION/);
    for (const arn of arns) await stand.rotate(arn);
    await passes(stand, 12);

    expect(aliveAt(stand, vendor)).toEqual(before);
    expect(foreignKeys(stand, vendor)).toEqual([]);
    expect(written(stand, "WrongOrganization").length).toBeGreaterThan(0);
  });

  test("a key that is declared newly is not made either", async () => {
    const { stand } = await swapped(vendor);
    const arn = await stand.declare({ ...declaredAt(vendor), name: "new" });

    expect((await ask(stand, "ensure", arn)).error).toMatch(/^WRONG_ORGANIZATION/);
    expect(foreignKeys(stand, vendor)).toEqual([]);
  });

  test.each(["compromised", "compromised-first"] as const)("a key that is %s is not replaced there", async (mark) => {
    const { stand, arn, before } = await swapped(vendor);
    await putMark(stand, arn, await currentOf(stand, arn), mark);

    await passes(stand, 12);

    expect(aliveAt(stand, vendor)).toEqual(before);
    expect(foreignKeys(stand, vendor)).toEqual([]);
    expect(await ownLabels(stand, arn)).toHaveLength(1);
  });

  test("no key is destroyed, as nobody can see whether it is used", async () => {
    const { stand, arn, before } = await swapped(vendor);

    expect((await ask(stand, "delete", arn)).error).toMatch(/^UNCONFIRMED/);
    expect(aliveAt(stand, vendor)).toEqual(before);
    expect(await ownLabels(stand, arn)).toEqual([]);
  });

  test("a replaced key stays, and goes when the right one is back", async () => {
    const { stand, arn } = await fleet(vendor);
    const old = await stand.currentKey(arn);
    await stand.rotate(arn);
    await storeAdminKey(stand, vendor, stand[vendor].issueAdminKey("Admin", FOREIGN).value);

    await stand.clock.advance(DAY_MS);
    await passes(stand, 24);
    expect(isActive(stand[vendor], old.keyId)).toBe(true);
    expect(await ownLabels(stand, arn)).toHaveLength(1);
    await storeAdminKey(stand, vendor, stand[vendor].adminKey);
    await passes(stand, 36);

    expect(isActive(stand[vendor], old.keyId)).toBe(false);
    expect(await ownLabels(stand, arn)).toEqual([]);
    expect(foreignKeys(stand, vendor)).toEqual([]);
  });

  test("a key is made there where a person says that the move is meant", async () => {
    const { stand, arn } = await swapped(vendor);

    const { answer, error } = await ask(stand, "ensure", arn, { newOrganization: true });

    expect(error).toBeUndefined();
    expect(foreignKeys(stand, vendor).map(({ id }) => id)).toEqual([answer?.keyId]);
  });
});

/** The app calls the connection otherwise; nothing else of it is changed. */
const renameConnection = async (stand: Stand, vendor: VendorName, arns: readonly string[]): Promise<void> => {
  const name = `${vendor}-main`;
  const open = stand.account.world;
  const world: typeof open = (grants, environment) => {
    const { connections, ...rest } = grants as GrantsFile;
    const { [vendor]: renamed, ...others } = connections;
    return open({ ...rest, connections: { ...others, ...(renamed ? { [name]: renamed } : {}) } }, environment);
  };
  Object.assign(stand.account, { world });
  stand.anotherService("prod");
  for (const arn of arns) await retag(stand, arn, { vendor: name });
};

describe.each(VENDORS)("where a connection to %s was given another name since its keys were made", (vendor) => {
  test("they stay as they are, and a wrong admin key is still found to be one", async () => {
    const { stand, arns, arn, before } = await fleet(vendor);

    await renameConnection(stand, vendor, arns);
    for (const one of arns) expect((await ask(stand, "ensure", one)).answer?.status).toBe("current");
    await passes(stand, 12);
    expect(createsAt(stand, vendor)).toBe(arns.length);
    await storeAdminKey(stand, vendor, stand[vendor].issueAdminKey("Admin", FOREIGN).value);
    expect((await ask(stand, "ensure", arn)).error).toMatch(/^WRONG_ORGANIZATION/);
    await stand.rotate(arn);
    await passes(stand, 12);

    expect(aliveAt(stand, vendor)).toEqual(before);
    expect(foreignKeys(stand, vendor)).toEqual([]);
    expect(written(stand, "WrongOrganization").length).toBeGreaterThan(0);
  });

  test("a key that has moved to a second one is made there", async () => {
    const { stand, arns, arn } = await fleet(vendor);
    await renameConnection(stand, vendor, arns);
    await addSecondConnection(stand, vendor);
    await retag(stand, arn, { vendor: secondConnectionOf(vendor) });

    const { answer, error } = await ask(stand, "ensure", arn);

    expect([error, answer?.connection, answer?.status]).toEqual([undefined, secondConnectionOf(vendor), "current"]);
    expect(createsAt(stand, vendor)).toBe(arns.length + 1);
  });
});

describe.each(VENDORS)("with another admin key of the same account of %s", (vendor) => {
  test("all goes on as before", async () => {
    const { stand, arn, arns } = await fleet(vendor);
    await storeAdminKey(stand, vendor, stand[vendor].issueAdminKey("next").value);

    await stand.rotate(arn);
    for (const one of arns) expect((await ask(stand, "ensure", one)).answer?.status).toBe("current");
    await passes(stand, 3, HOUR_MS);

    expect(createsAt(stand, vendor)).toBe(arns.length + 1);
    expect(written(stand, "WrongOrganization")).toEqual([]);
    expect(written(stand, "RotationFailed")).toEqual([]);
  });
});

describe.each(VENDORS)("a list of %s that lacks a key which was made with the very admin key", (vendor) => {
  test("is not whole, and not another account's: a scheduled rotation waits, and is made after half of the stuck age", async () => {
    const { stand, arn } = await fleet(vendor);
    stand[vendor].hostile.next("list", { kind: "list-omits" }, Number.POSITIVE_INFINITY);

    await stand.rotate(arn);
    expect(createsAt(stand, vendor)).toBe(3);
    await stand.clock.advance(2 * HOUR_MS);
    expect(createsAt(stand, vendor)).toBe(3);
    await stand.clock.advance(4 * HOUR_MS);

    expect(createsAt(stand, vendor)).toBe(4);
    expect(records(stand, "mint.without-whole-listing")).toHaveLength(1);
    expect(written(stand, "WrongOrganization")).toEqual([]);
  });
});

describe.each(VENDORS)("the first key of all at %s", (vendor) => {
  test("is made, and it is said that the account could not be checked", async () => {
    const stand = await standWith({});

    await stand.deploy(declaredAt(vendor));

    expect(records(stand, "listing.unchecked")).toHaveLength(1);
    expect(createsAt(stand, vendor)).toBe(1);
  });
});
