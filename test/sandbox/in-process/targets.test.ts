import { join } from "node:path";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic/index.js";
import { expect, test } from "vitest";
import { Redacted } from "../../../lambdas/redacted.ts";
import { createAccount } from "../../../sandbox/in-process/account.ts";
import { deploy } from "../../../sandbox/in-process/deployment.ts";
import { readSynthesizedStack } from "../../../sandbox/in-process/synthesized-stack.ts";
import { createPictify } from "../../../sandbox/vendors/pictify.ts";
import { VirtualClock } from "../../../sandbox/virtual-clock.ts";
import { addCluster, addWebKey, fullSynth, newService, newStack, webTarget } from "../../constructs/declare.ts";
import { MINUTE_MS } from "../../lambdas/stand.ts";

const KUBECONFIG = JSON.stringify({
  "current-context": "one",
  contexts: [{ name: "one", context: { cluster: "one", user: "one" } }],
  clusters: [{ name: "one", cluster: { server: "https://cluster.test" } }],
  users: [{ name: "one", user: { token: "a-token" } }],
});

/** A stack whose key has a target, deployed into an account, and what its cluster is asked. */
const deployed = async () => {
  const stack = newStack();
  const service = newService(stack, { alarmTopic: new SnsTopic(stack, "Topic") });
  addWebKey(service, [webTarget(addCluster(service), { restart: [] })]);
  const clock = new VirtualClock(Date.UTC(2026, 10, 21, 12));
  const pictify = createPictify({ clock });
  const asked: string[] = [];
  const none = (): never => {
    throw new Error("there is no EKS here");
  };
  const account = createAccount({
    clock,
    vendors: new Map([["https://api.pictify.io", pictify.fetch]]),
    write: () => {},
    clusters: {
      eks: none,
      credentials: none,
      async send({ server }, { method, path }) {
        asked.push(`${method} ${server}${path}`);
        return { status: 401, retryAfter: undefined, body: new Redacted("") };
      },
    },
  });
  const secrets = { "keyturn/pictify": JSON.stringify({ apiKey: pictify.adminKey }), "clusters/prod": KUBECONFIG };
  for (const [Name, SecretString] of Object.entries(secrets))
    await account.secretsManager.call("CreateSecret", { Name, SecretString });
  const folder = fullSynth(stack);
  await clock.run(deploy(account, readSynthesizedStack(join(folder, "..", ".."), "stack")));
  return { account, clock, asked };
};

test("a stack with a target that is deployed in process brings a first value and a rotated one to its cluster", async () => {
  const { account, clock, asked } = await deployed();
  await clock.advance(MINUTE_MS);
  const secret = "GET https://cluster.test/api/v1/namespaces/web/secrets/pictify-credentials";
  expect(asked).toContain(secret);
  asked.length = 0;

  await clock.run(
    account.secretsManager
      .call("RotateSecret", { SecretId: "keyturn/platform-prod/webapp" })
      .then(() => account.secretsManager.idle()),
  );
  await clock.advance(MINUTE_MS);

  expect(asked).toContain(secret);
  account.close();
});
