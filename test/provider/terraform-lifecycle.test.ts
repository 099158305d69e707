import { expect, test } from "vitest";
import { arnOf } from "./fake-service.ts";
import { describeTerraform, joined, KEY, SECRET } from "./terraform-stand.ts";

describeTerraform("a key's life under the real Terraform", (stand) => {
  test("an apply makes a key, its facts are in the state, and the next plan is empty", async () => {
    await stand.applied();

    expect(stand.workspace.state("web")).toMatchObject({
      ...KEY,
      secret_arn: arnOf(SECRET),
      key_id: "key-1",
      key_prefix: "pk_live_s3c…",
      status: "current",
      live_generations: 1,
      debt: [],
      last_used_at: null,
    });
    expect((await stand.workspace.run("plan", "-detailed-exitcode")).code).toBe(0);
    expect(stand.service.calls).toEqual(["ensure", "claim", "list"]);
  });

  test("a rename and a changed type are updates in place, whose facts are known after the apply", async () => {
    await stand.applied();
    stand.workspace.write({ web: { ...KEY, name: "web-two", type: "test" } });

    const [change] = await stand.workspace.plan();
    const { code } = await stand.workspace.apply("plan");

    expect(change).toMatchObject({ actions: ["update"], unknown: { key_id: true, version_id: true, status: true } });
    expect(change?.unknown.secret_arn).toBeUndefined();
    expect(code).toBe(0);
    expect(stand.workspace.state("web")).toMatchObject({ name: "web-two", type: "test", key_id: "key-2" });
    expect(stand.service.commands.at(-1)).toMatchObject({
      action: "update",
      expected: { name: "web-two", type: "test" },
    });
  });

  test("another vendor or secret replaces the key", async () => {
    await stand.applied();

    stand.workspace.write({ web: { ...KEY, vendor: "pictify-eu" } });
    const [otherVendor] = await stand.workspace.plan();
    stand.workspace.write({ web: { ...KEY, secret_id: arnOf("keyturn/demo/other") } });
    const [otherSecret] = await stand.workspace.plan();

    expect(otherVendor?.actions).toEqual(["delete", "create"]);
    expect(otherSecret?.actions).toEqual(["delete", "create"]);
  });

  test("a replacement ends the key of the old vendor and makes one at the new", async () => {
    await stand.applied();

    await stand.applied({ ...KEY, vendor: "pictify-eu" });

    expect(stand.service.commands.slice(2)).toMatchObject([
      { action: "delete", secretId: arnOf(SECRET), expected: { connection: "pictify" } },
      { action: "ensure", secretId: arnOf(SECRET), expected: { connection: "pictify-eu" } },
      { action: "claim", secretId: arnOf(SECRET) },
    ]);
    expect(stand.workspace.state("web")).toMatchObject({ vendor: "pictify-eu", key_id: "key-2" });
  });

  test("the secret's name in place of its ARN is no other secret", async () => {
    await stand.applied();
    stand.workspace.write({ web: { ...KEY, secret_id: SECRET } });

    const [change] = await stand.workspace.plan();

    expect(change).toMatchObject({ actions: ["update"], after: { key_id: "key-1" } });
  });

  test("a key revoked behind our back is planned to be healed, and the apply heals it", async () => {
    await stand.applied();
    stand.service.alter(SECRET, { status: "revoked", liveGenerations: 0 });

    const [change] = await stand.workspace.plan();
    const { code } = await stand.workspace.apply("plan");

    expect(change).toMatchObject({ actions: ["update"], before: { status: "revoked" }, unknown: { key_id: true } });
    expect(code).toBe(0);
    expect(stand.workspace.state("web")).toMatchObject({ key_id: "key-2", status: "current" });
    expect((await stand.workspace.run("plan", "-detailed-exitcode")).code).toBe(0);
  });

  test("access changed at the vendor shows as a change back to the configured one", async () => {
    await stand.applied();
    stand.service.alter(SECRET, { type: "test" });

    const [change] = await stand.workspace.plan();

    expect(change).toMatchObject({ actions: ["update"], before: { type: "test" }, after: { type: "live" } });
  });

  test("a scheduled rotation is no change to plan", async () => {
    await stand.applied();
    stand.service.alter(SECRET, { keyId: "key-9", versionId: "v".repeat(32), status: "rotating" });

    expect((await stand.workspace.run("plan", "-detailed-exitcode")).code).toBe(0);
  });

  test("a key that is gone is planned to be made again", async () => {
    await stand.applied();
    stand.service.alter(SECRET, { status: "destroyed" });

    const [change] = await stand.workspace.plan();

    expect(change?.actions).toEqual(["create"]);
  });

  test("a key is imported by its secret's name, and by its ARN; nothing but a claim is to be written", async () => {
    stand.service.mint(SECRET, { name: "web", connection: "pictify", type: "live" });
    stand.workspace.write({ web: KEY });

    const byName = await stand.workspace.run("import", "keyturn_api_key.web", SECRET);
    const [change] = await stand.workspace.plan();
    const applied = await stand.workspace.apply("plan");
    const afterName = await stand.workspace.run("plan", "-detailed-exitcode");
    await stand.workspace.run("state rm", "keyturn_api_key.web");
    const byArn = await stand.workspace.run("import", "keyturn_api_key.web", arnOf(SECRET));

    expect(change).toMatchObject({ actions: ["update"], after: KEY, unknown: { claim: true } });
    expect(Object.keys(change?.unknown ?? {})).not.toContain("key_id");
    expect([byName.code, applied.code, afterName.code, byArn.code], applied.output).toEqual([0, 0, 0, 0]);
    expect(stand.service.commands.map(({ action }) => action)).toEqual(["claim"]);
    expect(stand.workspace.state("web")).toMatchObject({ ...KEY, key_id: "key-1", claim: "" });
  });

  test("an import of what is not there says so", async () => {
    stand.workspace.write({ web: KEY });

    const { code, output } = await stand.workspace.run("import", "keyturn_api_key.web", "keyturn/demo/none");

    expect(code).toBe(1);
    expect(joined(output)).toContain("There is no such managed key");
  });

  test("a key that is already in use is adopted instead of minted", async () => {
    await stand.applied({ ...KEY, adopt_key_id: "hand-made" });

    expect(stand.service.commands[0]).toMatchObject({ action: "adopt", keyId: "hand-made" });
    expect(stand.workspace.state("web")).toMatchObject({ key_id: "hand-made" });
    stand.service.alter(SECRET, { keyId: "key-7" });
    expect((await stand.workspace.run("plan", "-detailed-exitcode")).code).toBe(0);
  });
});
