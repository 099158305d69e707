import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { selfSignedCertificate } from "../../provider/plugin/certificate.ts";
import { type ConnectProxy, type ConnectProxyOptions, startConnectProxy } from "./connect-proxy.ts";
import { type FakeLambda, startFakeLambda } from "./fake-lambda.ts";
import { describeTerraform, joined, KEY, present } from "./terraform-stand.ts";

/** What no resolver knows: who reaches it does so through a proxy. */
const HOST = "lambda.example.invalid";
const TARGET = `${HOST}:443`;
const CERTIFICATE = selfSignedCertificate(Date.now(), HOST);
const NO_VARIABLES = { HTTP_PROXY: "", http_proxy: "", HTTPS_PROXY: "", https_proxy: "", NO_PROXY: "", no_proxy: "" };

describeTerraform("the way to AWS under the real Terraform", (stand) => {
  let lambda: FakeLambda | undefined;
  let proxy: ConnectProxy | undefined;
  let bundle = "";

  beforeEach(async () => {
    lambda = await startFakeLambda(stand.service.functions, CERTIFICATE);
    bundle = join(stand.workspace.folder, "bundle.pem");
    writeFileSync(bundle, CERTIFICATE.certificatePem);
  });
  afterEach(async () => {
    await proxy?.close();
    await lambda?.close();
    proxy = undefined;
  });

  /** A home with the profiles `sso`, which has signed in, and `role`. */
  const homeWithProfiles = (): string => {
    const aws = join(stand.workspace.folder, ".aws");
    const cache = join(aws, "sso", "cache");
    mkdirSync(cache, { recursive: true });
    const startUrl = "https://example.awsapps.com/start";
    const account = "sso_account_id = 123456789012\nsso_role_name = deploy";
    writeFileSync(
      join(aws, "config"),
      `[profile sso]\nsso_start_url = ${startUrl}\nsso_region = eu-central-1\n${account}\n
[profile role]\nrole_arn = arn:aws:iam::123456789012:role/deploy\nsource_profile = base\nregion = eu-central-1\n
[profile base]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = example\n`,
    );
    const name = createHash("sha1").update(startUrl).digest("hex");
    writeFileSync(
      join(cache, `${name}.json`),
      JSON.stringify({ startUrl, region: "eu-central-1", accessToken: "token", expiresAt: "2099-01-01T00:00:00Z" }),
    );
    return stand.workspace.folder;
  };
  const startProxy = async (options: Partial<ConnectProxyOptions> = {}): Promise<ConnectProxy> => {
    proxy = await startConnectProxy({ leadsTo: Number(new URL(present(lambda).url).port), ...options });
    return proxy;
  };
  const apply = (environment: NodeJS.ProcessEnv, endpointUrl = `https://${HOST}`) => {
    stand.workspace.write({ web: KEY }, {}, { endpoint_url: endpointUrl });
    return stand.workspace.start(["apply", "-auto-approve", "-no-color"], { ...NO_VARIABLES, ...environment }).done;
  };
  const targets = () => new Set(present(proxy).asked.map(({ target }) => target));

  describe("through a proxy", () => {
    test.each(["HTTPS_PROXY", "https_proxy"])("%s leads to the functions", async (variable) => {
      const { url } = await startProxy();

      const { code, output } = await apply({ [variable]: url, AWS_CA_BUNDLE: bundle });

      expect(code, output).toBe(0);
      expect(targets()).toEqual(new Set([TARGET]));
    });

    test("HTTP_PROXY leads to an endpoint of http", async () => {
      const { url } = await startProxy({ leadsTo: Number(new URL(stand.lambda.url).port) });

      const { code, output } = await apply({ HTTP_PROXY: url }, `http://${HOST}`);

      expect(code, output).toBe(0);
      expect(targets()).toEqual(new Set([`${HOST}:80`]));
    });

    test("user and password of its URL are shown to the proxy, and to nobody else", async () => {
      const { url } = await startProxy({ refusal: 407 });

      const { code, output } = await apply({
        HTTPS_PROXY: url.replace("//", "//user:hunter2%21@"),
        AWS_CA_BUNDLE: bundle,
      });

      expect(code).toBe(1);
      expect(present(proxy).asked[0]?.authorization).toBe(`Basic ${Buffer.from("user:hunter2!").toString("base64")}`);
      expect(output).not.toContain("hunter2");
    });

    test("a proxy that refuses is named, with its variable and what it answered", async () => {
      const { url } = await startProxy({ refusal: 502 });

      const { code, output } = await apply({ HTTPS_PROXY: url });

      expect(code).toBe(1);
      expect(joined(output)).toContain(
        `the proxy ${new URL(url).host}, which HTTPS_PROXY names, answered 502 when it was asked for ${TARGET}`,
      );
    });

    test("a proxy that is not there is named, with its variable", async () => {
      const { url } = await startProxy();
      await present(proxy).close();

      const { code, output } = await apply({ HTTPS_PROXY: url });

      expect(code).toBe(1);
      expect(joined(output)).toContain(`the proxy ${new URL(url).host}, which HTTPS_PROXY names, cannot be reached`);
    });

    test.each([
      ["sso", "portal.sso.eu-central-1.amazonaws.com:443"],
      ["role", "sts.eu-central-1.amazonaws.com:443"],
    ])("the credentials of the profile %s are got through it, too", async (profile, target) => {
      const { url } = await startProxy({ refusal: 502 });
      const home = homeWithProfiles();

      const { code } = await apply({
        ...{ HTTPS_PROXY: url, HOME: home, AWS_PROFILE: profile, AWS_REGION: "eu-central-1" },
        ...{ AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", AWS_CONFIG_FILE: join(home, ".aws", "config") },
      });

      expect(code).toBe(1);
      expect(targets()).toEqual(new Set([target]));
    });

    test("a proxy of another kind is refused before anything is asked", async () => {
      const { code, output } = await apply({ HTTPS_PROXY: "socks5://127.0.0.1:1" });

      expect(code).toBe(1);
      expect(joined(output)).toMatch(/HTTPS_PROXY cannot be used.*socks5:/);
    });
  });

  test.each([
    ["NO_PROXY names the host", HOST],
    ["NO_PROXY names the domain above it", "example.invalid"],
  ])("where %s, the proxy is not asked", async (_, noProxy) => {
    const { url } = await startProxy();

    const { code } = await apply({ HTTPS_PROXY: url, NO_PROXY: noProxy });

    expect(code).toBe(1); // nobody else knows the host
    expect(present(proxy).asked).toEqual([]);
  });

  describe("with a certificate that no authority signed", () => {
    const endpoint = () => present(lambda).url.replace("127.0.0.1", "localhost");
    const trusting = (path: string) => apply({ AWS_CA_BUNDLE: path }, endpoint());

    beforeEach(async () => {
      await present(lambda).close();
      const own = selfSignedCertificate(Date.now());
      lambda = await startFakeLambda(stand.service.functions, own);
      writeFileSync(bundle, own.certificatePem);
    });

    test("AWS_CA_BUNDLE makes it trusted", async () => {
      const { code, output } = await trusting(bundle);

      expect(code, output).toBe(0);
    });

    test("it is refused without, and the variable is named", async () => {
      const { code, output } = await trusting("");

      expect(code).toBe(1);
      expect(joined(output)).toMatch(/The function could not be asked.*certificate.*AWS_CA_BUNDLE/);
    });

    test("a bundle that is not there is named, with the variable", async () => {
      const { code, output } = await trusting(`${bundle}.missing`);

      expect(code).toBe(1);
      expect(joined(output)).toMatch(/AWS_CA_BUNDLE cannot be used.*bundle\.pem\.missing/);
    });
  });
});
