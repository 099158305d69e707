import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { findPython } from "../../sandbox/aws/python-interpreter.ts";
import { checkPython } from "../../sandbox/prerequisites.ts";
import { temporaryFolder } from "../constructs/temporary-folder.ts";
import { describeUnlessMissing } from "../sandbox/describe-unless-missing.ts";
import { runClient } from "./client.ts";
import { type SandboxProcess, START_TIMEOUT_MS, startSandboxProcess } from "./sandbox-process.ts";

const TIMEOUT_MS = 120_000;
const KEY = /^pk_live_.{8,}$/;

/** curl's own settings: what it prints of itself, so that the examples stay as they are. */
const CURLRC = 'silent\nwrite-out = "\\n%{http_code}"\n';

/* The examples of the vendors' documentation, letter by letter. */
const PICTOGRAPH = {
  datasets: `curl https://api.pictograph.io/api/v1/developer/datasets/ \\
  -H "X-API-Key: {{API_KEY}}"`,
  list: `curl "https://api.pictograph.io/api/v1/api-keys/?organization_id={{ORG_ID}}" \\
  -H "X-API-Key: {{API_KEY}}"`,
  create: `curl -X POST "https://api.pictograph.io/api/v1/api-keys/" \\
  -H "X-API-Key: {{API_KEY}}" \\
  -H "Content-Type: application/json" \\
  -d '{
    "organization_id": "{{ORG_ID}}",
    "name": "CI Pipeline",
    "role": "member"
  }'`,
  revoke: `curl -X DELETE "https://api.pictograph.io/api/v1/api-keys/key-uuid" \\
  -H "X-API-Key: {{API_KEY}}"`,
} as const;

const PICTIFY = {
  list: `curl https://api.pictify.io/api-keys \\
  -H "Authorization: Bearer $ADMIN_KEY"`,
  create: `curl -X POST https://api.pictify.io/api-keys \\
  -H "Authorization: Bearer $ADMIN_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"name": "New Production Key", "type": "live"}'`,
  image: `curl -X POST https://api.pictify.io/image \\
  -H "Authorization: Bearer pk_live_abc123..." \\
  -H "Content-Type: application/json" \\
  -d '{"html": "<h1>Hello</h1>"}'`,
} as const;

const hasCurl = (await runClient("curl", ["--version"], {})).code === 0;
const isRequired = process.env.KEYTURN_REQUIRE_ALL === "1";

describeUnlessMissing([checkPython(await findPython())], "curl, as in the vendors' documentation", () => {
  let sandbox: SandboxProcess;
  let curlHome: string;

  /** Runs an example in a shell, with host, key and ids put in. */
  const curl = async (example: string, replaced: Readonly<Record<string, string>>) => {
    const { PICTOGRAPH_URL = "", PICTIFY_URL = "" } = sandbox.variables;
    const all = { "https://api.pictograph.io": PICTOGRAPH_URL, "https://api.pictify.io": PICTIFY_URL, ...replaced };
    const command = Object.entries(all).reduce((text, [from, to]) => text.replaceAll(from, to), example);
    const { stdout } = await runClient("sh", ["-c", command], { CURL_HOME: curlHome });
    const lines = stdout.trim().split("\n");
    const text = lines.slice(0, -1).join("\n");
    return { status: Number(lines.at(-1)), body: text === "" ? undefined : JSON.parse(text) };
  };

  beforeEach(({ skip }) => skip(!hasCurl && !isRequired, "curl is missing"));

  beforeAll(async () => {
    curlHome = temporaryFolder();
    writeFileSync(join(curlHome, ".curlrc"), CURLRC);
    sandbox = await startSandboxProcess();
  }, START_TIMEOUT_MS);

  afterAll(() => sandbox.stop(), TIMEOUT_MS);

  describe("Pictograph", { timeout: TIMEOUT_MS }, () => {
    const admin = () => ({
      "{{API_KEY}}": sandbox.variables.PICTOGRAPH_ADMIN_KEY ?? "",
      "{{ORG_ID}}": sandbox.variables.PICTOGRAPH_ORGANIZATION_ID ?? "",
    });

    test("keys are created, listed, used and revoked", async () => {
      const created = await curl(PICTOGRAPH.create, admin());
      expect(created.body.key).toMatch(KEY);

      const { body } = await curl(PICTOGRAPH.list, admin());
      const { id } = body.api_keys.find(({ name }: { name: string }) => name === "CI Pipeline");

      await expect
        .poll(() => curl(PICTOGRAPH.datasets, { "{{API_KEY}}": created.body.key }), { timeout: TIMEOUT_MS })
        .toMatchObject({ status: 200 });
      expect((await curl(PICTOGRAPH.revoke, { ...admin(), "key-uuid": id })).status).toBeLessThan(300);
      expect(await curl(PICTOGRAPH.datasets, { "{{API_KEY}}": created.body.key })).toMatchObject({
        status: 401,
        body: { error: { code: "invalid_api_key" } },
      });
    });

    test("an invalid key gets 401, in the documented format", async () => {
      expect(await curl(PICTOGRAPH.datasets, { "{{API_KEY}}": "invalid_key" })).toEqual({
        status: 401,
        body: {
          error: { code: "invalid_api_key", message: "The provided API key is invalid or has been revoked." },
        },
      });
    });
  });

  describe("Pictify", { timeout: TIMEOUT_MS }, () => {
    const admin = () => ({ $ADMIN_KEY: sandbox.variables.PICTIFY_ADMIN_KEY ?? "" });

    test("keys are created, listed and used", async () => {
      const created = await curl(PICTIFY.create, admin());
      const value = Object.values(created.body).find((one) => typeof one === "string" && KEY.test(one)) as string;
      expect(value).toMatch(KEY);

      const listed = await curl(PICTIFY.list, admin());
      expect([listed.status, JSON.stringify(listed.body)]).toEqual([
        200,
        expect.stringContaining("New Production Key"),
      ]);

      await expect
        .poll(() => curl(PICTIFY.image, { "pk_live_abc123...": value }), { timeout: TIMEOUT_MS })
        .toMatchObject({ status: 200 });
    });

    test("an invalid key gets 401, in the documented format", async () => {
      expect(await curl(PICTIFY.image, {})).toMatchObject({
        status: 401,
        body: {
          type: "https://docs.pictify.io/errors/invalid-api-key",
          title: "Invalid API Key",
          status: 401,
          detail: "The provided API key is invalid or has been revoked.",
        },
      });
    });
  });
});
