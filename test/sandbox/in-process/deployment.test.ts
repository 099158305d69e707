import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { SHORT_DELAYS } from "../../../sandbox/delays.ts";
import { createAccount } from "../../../sandbox/in-process/account.ts";
import { deploy } from "../../../sandbox/in-process/deployment.ts";
import type { KeyPlan } from "../../../sandbox/in-process/keys.ts";
import { readSynthesizedStack, type SynthesizedStack } from "../../../sandbox/in-process/synthesized-stack.ts";
import { createPictify } from "../../../sandbox/vendors/pictify.ts";
import { createPictograph } from "../../../sandbox/vendors/pictograph.ts";
import { VirtualClock } from "../../../sandbox/virtual-clock.ts";
import { apiKeysStack } from "../../../stacks/api-keys.ts";
import { sandboxConfiguration } from "../../../stacks/sandbox-configuration.ts";
import { fullSynth, newApp, sharedBundles } from "../../constructs/declare.ts";
import { HOUR_MS, MINUTE_MS, mintedKeys } from "../../lambdas/stand.ts";
import { SANDBOX_ENVIRONMENT } from "../../stacks/environment.ts";

/** The sandbox's stack, deployed into an account of its own. */
const deployed = async () => {
  const clock = new VirtualClock(Date.UTC(2026, 10, 21, 12));
  const delays = { propagationMs: SHORT_DELAYS.propagationMs.pictify, usageDelayMs: SHORT_DELAYS.reportingMs };
  const pictograph = createPictograph({ clock, ...delays });
  const pictify = createPictify({ clock, ...delays });
  const environment = { ...SANDBOX_ENVIRONMENT, PICTOGRAPH_ORGANIZATION_ID: pictograph.organizationId ?? "" };
  const vendors = new Map([
    [environment.PICTOGRAPH_URL as string, pictograph.fetch],
    [environment.PICTIFY_URL as string, pictify.fetch],
  ]);
  const account = createAccount({ clock, vendors, write: () => {} });
  for (const [name, { adminKey }] of Object.entries({ pictograph, pictify }))
    await account.secretsManager.call("CreateSecret", {
      Name: `keyturn/${name}`,
      SecretString: JSON.stringify({ apiKey: adminKey }),
    });
  /** The stack as it is declared with some variables. */
  const declare = (variables: Record<string, string> = {}): SynthesizedStack => {
    const configuration = sandboxConfiguration({ ...environment, ...variables });
    const service = { ...configuration.service, bundles: sharedBundles() };
    const folder = fullSynth(apiKeysStack(newApp(), { ...configuration, service }));
    return readSynthesizedStack(join(folder, "..", ".."), "sandbox");
  };
  const stack = declare();
  const deployment = await clock.run(deploy(account, stack));
  return { clock, pictograph, pictify, account, deployment, stack, declare };
};

const changedIn = (keys: ReadonlyMap<string, KeyPlan>) =>
  [...keys].filter(([, { isChanged }]) => isChanged).map(([id]) => id);

const call = (apiKey: string) =>
  new Request("https://pictify.test/api-keys", { headers: { Authorization: `Bearer ${apiKey}` } });

describe("a stack that is deployed in process", () => {
  test("has its keys made by the provider's own code, and a plan leaves them as they are", async () => {
    const { clock, pictograph, pictify, deployment, stack } = await deployed();

    expect([mintedKeys(pictograph).length, mintedKeys(pictify).length]).toEqual([2, 2]);
    const { changes, keys } = await clock.run(deployment.plan(stack));
    expect([changes, keys.size, changedIn(keys)]).toEqual([[], 4, []]);
  });

  test("shows a key that was revoked behind its back in a plan, and heals it when it is deployed again", async () => {
    const { clock, pictograph, deployment, stack } = await deployed();
    const [revoked] = mintedKeys(pictograph).filter(({ name }) => name.startsWith("sandbox-training-"));
    pictograph.revokeKey(revoked?.id ?? "");

    expect(changedIn((await clock.run(deployment.plan(stack))).keys)).toEqual([expect.stringContaining("Training")]);
    await clock.run(deployment.update(stack));

    expect(changedIn((await clock.run(deployment.plan(stack))).keys)).toEqual([]);
    expect(mintedKeys(pictograph)).toHaveLength(2);
  });

  test("is changed as it is declared now: a name at the vendor, and whatever carries the declaration", async () => {
    const { clock, pictify, account, deployment, declare } = await deployed();
    const [before] = mintedKeys(pictify).filter(({ name }) => name.startsWith("sandbox-webapp-"));
    const renamed = declare({ KEYTURN_WEBAPP_NAME: "sandbox-website" });

    const { changes, keys } = await clock.run(deployment.plan(renamed));
    expect(changedIn(keys)).toEqual([expect.stringContaining("WebApp")]);
    expect(changes).toContainEqual(
      expect.stringMatching(/^aws_secretsmanager_secret\.WebApp\w+: .*tags.* \(update\)$/),
    );
    await clock.run(deployment.update(renamed));

    expect(mintedKeys(pictify)).toContainEqual(
      expect.objectContaining({ id: before?.id, name: expect.stringMatching(/^sandbox-website-kt-/) }),
    );
    const described = await account.secretsManager.call("DescribeSecret", {
      SecretId: "keyturn/sandbox/sandbox-webapp",
    });
    expect((described as { Tags: unknown }).Tags).toContainEqual({ Key: "keyturn:name", Value: "sandbox-website" });
    expect(changedIn((await clock.run(deployment.plan(renamed))).keys)).toEqual([]);
  });

  test("refuses a declaration that has other resources, before it changes anything", async () => {
    const { clock, deployment, stack } = await deployed();
    const declared = { ...stack.declared, aws_sns_topic: {} };

    await expect(clock.run(deployment.update({ ...stack, declared }))).rejects.toThrow(/aws_sns_topic\..*\(delete\)/);
  });

  test("refuses to be destroyed while a key is in use, and is destroyed when it is not any more", async () => {
    const { clock, pictograph, pictify, account, deployment } = await deployed();
    const secret = { SecretId: "keyturn/sandbox/sandbox-webapp" };
    const { SecretString } = (await account.secretsManager.call("GetSecretValue", secret)) as { SecretString: string };
    await clock.advance(MINUTE_MS);
    await pictify.fetch(call(JSON.parse(SecretString).apiKey));
    await clock.advance(SHORT_DELAYS.reportingMs);

    await expect(clock.run(deployment.destroy())).rejects.toThrow(/The key is in use \(IN_USE\): .*sandbox-webapp/s);
    await clock.advance(HOUR_MS);
    await clock.run(deployment.destroy());

    expect([...mintedKeys(pictograph), ...mintedKeys(pictify)]).toEqual([]);
    await expect(account.secretsManager.call("DescribeSecret", secret)).rejects.toThrow();
  });
});
