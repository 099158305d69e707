import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { grantsOf, placeFor } from "../../lambdas/contracts/grants.ts";
import { targetsOf } from "../../lambdas/contracts/target-tags.ts";
import { secretsOf } from "../../lambdas/secrets.ts";
import { asSecretsManagerClient } from "../../sandbox/secrets-manager/index.ts";
import { PICTIFY_DEFAULTS, type PictifySwitches } from "../../sandbox/vendors/pictify-options.ts";
import { zipFiles } from "../constructs/declare.ts";
import { createStand, MINUTE_MS } from "../lambdas/stand.ts";
import { blocksIn, pageText, ROOT } from "./pages.ts";
import { APPS, EXAMPLES, ensureBundles, type WrittenExamples, writeExamples } from "./typescript-examples.ts";

let written: WrittenExamples;

beforeAll(async () => {
  await ensureBundles();
  written = writeExamples();
});
afterAll(() => written.remove());

const load = (name: string) => import(/* @vite-ignore */ written.path(name));

/** Runs an example that is an app, and gives what it synthesized: one stack. */
const synthesize = async (
  name: string,
): Promise<{ resource: Record<string, Record<string, unknown>>; folder: string }> => {
  const outdir = join(written.folder, `${name}.out`);
  vi.stubEnv("CDKTF_OUTDIR", outdir);
  await load(name).finally(() => vi.unstubAllEnvs());
  const [stack = ""] = readdirSync(join(outdir, "stacks"));
  const folder = join(outdir, "stacks", stack);
  return { ...JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8")), folder };
};

test("every example has a name of its own", () => {
  expect(new Set(EXAMPLES.map(({ name }) => name)).size).toBe(EXAMPLES.length);
});

test("every guide has an example that is run, or a policy that is checked", () => {
  const isGuide = (name: string): boolean => name.endsWith(".md") && name !== "glossary.md";
  const guides = readdirSync(join(ROOT, "docs")).filter(isGuide);
  const withExample = new Set([...EXAMPLES, ...blocksIn("json")].map(({ page }) => page));
  expect(guides.filter((name) => !withExample.has(`docs/${name}`))).toEqual([]);
});

test("every example passes the project's type check", { timeout: 120_000 }, async () => {
  const run = promisify(execFile);
  const compiler = join(ROOT, "node_modules", ".bin", "tsc");
  const { stdout } = await run(compiler, ["-p", written.folder]).catch((error) => error);
  expect(stdout).toBe("");
});

describe("an example that is an app", () => {
  test.each(APPS.map(({ name, page }) => [name, page]))("synthesizes: %s of %s", { timeout: 60_000 }, async (name) => {
    const { resource } = await synthesize(name);
    expect(Object.keys(resource).length).toBeGreaterThan(0);
  });
});

describe("what an example promises, it does:", () => {
  test("the service grants what its connection allows, and nothing more", async () => {
    const { folder } = await synthesize("service");
    const grants = JSON.parse(zipFiles(folder, "platform-prod", "rotate")["grants.json"] ?? "{}");
    expect(grants.connections.pictify.serves).toEqual([
      { name: "ci-*", secret: "keyturn/platform-prod/ci-*", type: "test" },
      { name: "web-shop", secret: "keyturn/platform-prod/web-shop", type: "live" },
    ]);
  });

  test("the keys have the tags of their declaration, and those of their own", async () => {
    const { resource } = await synthesize("keys");
    const secrets = Object.values(resource.aws_secretsmanager_secret ?? {}) as { name: string; tags: object }[];
    const tagsOf = (name: string) => secrets.find((secret) => secret.name === `keyturn/platform-prod/${name}`)?.tags;
    expect(tagsOf("prod-dashboard")).toMatchObject({ "keyturn:role": "viewer", "keyturn:overlap": "PT24H" });
    expect(tagsOf("prod-nightly-report")).toMatchObject({ "keyturn:overlap": "PT48H", team: "reports" });
  });

  test("the targets are in the key's tags and the service's grants, and the rights lie beside the stack", async () => {
    const { resource, folder } = await synthesize("targets");
    const [secret] = Object.values(resource.aws_secretsmanager_secret ?? {}) as { tags: Record<string, string> }[];
    const grants = grantsOf(JSON.parse(zipFiles(folder, "platform-prod", "distribute")["grants.json"] ?? "{}"));
    const targets = targetsOf(secret?.tags ?? {});
    expect(targets.map(({ id }) => id)).toEqual(["billing", "reports", "web"]);
    for (const one of targets)
      if ("target" in one) placeFor(grants, one.target, "keyturn/platform-prod/prod-webapp").cluster;
      else throw new Error(one.problem);
    for (const cluster of ["prod", "on-prem"])
      expect(readFileSync(join(folder, "assets", "keyturn-platform-prod", `rbac-${cluster}.json`), "utf8")).toContain(
        "RoleBinding",
      );
    expect(Object.keys(resource.aws_eks_access_entry ?? {})).toHaveLength(1);
  });

  test("who is given a key of another app may read it, and nothing else", async () => {
    const { resource } = await synthesize("existing-key");
    const [policy] = Object.values(resource.aws_iam_role_policy ?? {}) as { role: string; policy: string }[];
    expect(policy?.role).toBe("webapp");
    expect(JSON.parse(policy?.policy ?? "{}").Statement.map(({ Action }: { Action: string[] }) => Action)).toEqual([
      ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
    ]);
  });

  test("the reader gives the current key, and reads it again after five minutes", async () => {
    const { keyReader } = await load("reader");
    const stand = await createStand();
    const arn = await stand.deploy();
    const client = asSecretsManagerClient(stand.account.secretsManager) as Pick<SecretsManagerClient, "send">;
    const now = vi.spyOn(Date, "now").mockReturnValue(0);
    const read = keyReader(client, arn);
    const first = await read();
    await stand.rotate(arn);
    now.mockReturnValue(4 * MINUTE_MS);
    expect(await read()).toBe(first);
    now.mockReturnValue(5 * MINUTE_MS);
    expect(await read()).toBe((await stand.currentKey(arn)).apiKey);
    expect(await read()).not.toBe(first);
    now.mockRestore();
  });

  test("one rotation leaves two keys for the overlap, and one after it", async () => {
    const { rotateOnce } = await load("rotation");
    const { before, after, inOverlap, afterOverlap } = await rotateOnce();
    expect(inOverlap).toEqual([before.keyId, after.keyId]);
    expect(afterOverlap).toEqual([after.keyId]);
  });

  test("after a roll-back the old key stays, and the new one goes after an overlap of its own", async () => {
    const { rollBack } = await load("run-book");
    const { old, inOverlap, left } = await rollBack();
    expect(inOverlap).toBe(2);
    expect(left).toEqual([old]);
  });

  test("a key that is used stays for 70 minutes more, and one without evidence as long after its overlap", async () => {
    const { verdict } = await load("retirement");
    const hours = (count: number) => count * 60 * MINUTE_MS;
    expect(verdict(hours(24), "never").retire).toBe(true);
    expect(verdict(hours(24) - 1, "never").retire).toBe(false);
    expect(verdict(hours(30), hours(30)).retire).toBe(false);
    expect(verdict(hours(30) + 70 * MINUTE_MS, hours(30)).retire).toBe(true);
    expect(verdict(hours(24) + 70 * MINUTE_MS - 1, "not told").retire).toBe(false);
    expect(verdict(hours(24) + 70 * MINUTE_MS, "not told").retire).toBe(true);
    expect(verdict(hours(14 * 24), hours(14 * 24))).toMatchObject({ retire: false, pastDeadline: true });
  });

  test("the refusal is the one that the page prints", async () => {
    const { refusal } = await load("refusal");
    const { code, message } = refusal();
    expect(code).toBe("BAD_INPUT");
    expect(pageText("docs/errors.md")).toContain(`\n${message}\n`);
  });

  test("no secret is left in the line of the log", async () => {
    const { line } = await load("redaction");
    expect(JSON.parse(line())).toEqual({
      action: "example",
      apiKey: "[redacted]",
      typed: "[redacted]",
      said: "the key [redacted] is revoked",
    });
  });

  test("a simulator by its seeds alone has no request that revokes, and by its defaults it has", async () => {
    const { revokeOverHttp } = await load("simulator");
    const defaults: PictifySwitches = PICTIFY_DEFAULTS;
    expect(await revokeOverHttp()).toBe(404);
    expect(await revokeOverHttp(defaults)).toBe(200);
  });

  test("the plans of a vendor are what the table says", async () => {
    const { liveKeys, grantable } = await load("vendor");
    for (const [plan, live] of [
      ["free", 2],
      ["pro", 10],
      ["business", 50],
      ["enterprise", undefined],
    ] as const) {
      expect(liveKeys(plan)).toBe(live);
      expect(pageText("docs/vendors.md")).toContain(`| \`${plan}\` | ${live ?? "no limit"} |`);
    }
    for (const value of [...grantable("pictograph"), ...grantable("pictify")])
      expect(pageText("docs/vendors.md")).toContain(`\`${value}\``);
  });

  test("the new vendor lists, verifies, and concludes nothing from the revocation of what is gone", async () => {
    const { acme } = await load("new-vendor");
    const { createHttp } = await import("../../lambdas/vendors/http.ts");
    const { Redacted } = await import("../../lambdas/redacted.ts");
    const { VirtualClock } = await import("../../sandbox/virtual-clock.ts");
    const answer = (url: string, { method }: RequestInit) => {
      if (method === "DELETE") return new Response("", { status: 404 });
      if (url.endsWith("/me"))
        return Response.json({ error: { code: "invalid_key", message: "No." } }, { status: 401 });
      return Response.json({ keys: [{ id: "1", name: "one", last_used_at: null }] });
    };
    const fetch = (async (url: string, init: RequestInit) => answer(url, init)) as typeof globalThis.fetch;
    const http = createHttp({ fetch, clock: new VirtualClock(), remainingMs: () => 60_000 });
    const connection = { baseUrl: acme.defaultBaseUrl, http, adminKey: new Redacted("admin") };
    expect((await acme.list(connection)).keys).toMatchObject([{ id: "1", active: true, lastUse: "never" }]);
    expect(await acme.verify(connection, new Redacted("dead"))).toBe("refused");
    expect(await acme.revoke(connection, "1")).toBe("unclear");
  });

  test("a destroyed key has the label that the pages name", async () => {
    const stand = await createStand();
    const arn = await stand.deploy();
    await stand.invoke("manage", { action: "delete", secretId: arn, force: true });
    const facts = await secretsOf({ secretsManager: asSecretsManagerClient(stand.account.secretsManager) }).describe(
      arn,
    );
    expect(Object.values(facts?.stages ?? {}).flat()).toContainEqual(expect.stringMatching(/^keyturn\/destroyed\//));
  });

  test("a rotation asks AWS no more than the page says", async () => {
    const { awsCalls } = await load("performance");
    expect(await awsCalls()).toBeLessThanOrEqual(12);
  });

  test("what an organization is asked for in a day is what the table says", async () => {
    const { requestsOfDay } = await load("scale");
    const page = pageText("docs/scale.md");
    for (const keys of [1_000, 10_000, 50_000, 100_000]) {
      const requests: number = requestsOfDay(keys);
      const share = (100 * requests) / (300 * 60 * 24);
      const shown = share < 1 ? share.toFixed(1) : share.toFixed(0);
      expect(page).toContain(`| ${keys.toLocaleString("en")} | ${requests.toLocaleString("en")} | ${shown} % |`);
    }
  });

  test("each region has a service and keys of its own, and the replica is on the one key that asks for it", async () => {
    await synthesize("regions");
    const stackOf = (region: string) =>
      JSON.parse(readFileSync(join(written.folder, "regions.out", "stacks", `keys-${region}`, "cdk.tf.json"), "utf8"));
    const secretsOf = (region: string) =>
      Object.values(stackOf(region).resource.aws_secretsmanager_secret) as { name: string; replica?: object[] }[];
    expect(secretsOf("us-east-1").map(({ name, replica }) => [name, replica])).toEqual([
      ["keyturn/platform-prod/shop", undefined],
    ]);
    expect(secretsOf("eu-central-1").map(({ name, replica }) => [name, replica])).toEqual([
      ["keyturn/platform-prod/billing", [{ region: "eu-west-1" }]],
      ["keyturn/platform-prod/shop", undefined],
    ]);
    const functions = Object.values(stackOf("eu-central-1").resource.aws_lambda_function) as {
      function_name: string;
      memory_size: number;
    }[];
    expect(functions.find(({ function_name }) => function_name.endsWith("-reconcile"))?.memory_size).toBe(512);
  });

  test("a list that lacks a key is not whole, and a call of ours proves quiet where it is shown as the last one", async () => {
    const { notWhole, trial } = await load("evidence");
    expect(notWhole).toEqual({ kind: "not whole", missing: ["key_2"] });
    expect([-6, 0, 6].map(trial)).toEqual(["standing still", "proven", "due"]);
  });

  test("a mint waits for twice as long as the last ones came to nothing, and for a day at most", async () => {
    const { nextTry } = await load("mints-in-vain");
    expect([0, 1, 60, 48 * 60].map(nextTry)).toEqual([5, 6, 180, 72 * 60]);
  });

  test("a rotation that dies right after its mint breaks no promise", async () => {
    const { killedAfterTheMint } = await load("conformance");
    const { killed, violations, trace } = await killedAfterTheMint();
    expect(killed).toBe("rotate createSecret: create key");
    expect(violations).toEqual([]);
    expect(trace.join("\n")).toMatch(/create key {2}KILLED after it/);
  });
});
