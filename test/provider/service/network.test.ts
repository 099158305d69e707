import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { selfSignedCertificate } from "../../../provider/plugin/certificate.ts";
import { ProblemError } from "../../../provider/protocol/problem.ts";
import { networkOf } from "../../../provider/service/network.ts";

const problemOf = (environment: NodeJS.ProcessEnv) => {
  try {
    return { network: networkOf(environment) };
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
};

describe("the way to AWS that the environment says", () => {
  test("is none where nothing is set, or NO_PROXY alone", () => {
    expect(networkOf({ HTTPS_PROXY: "", AWS_CA_BUNDLE: "", NO_PROXY: "*" })).toBeUndefined();
  });

  test.each([
    [{ HTTPS_PROXY: "http://proxy.example:3128" }, "http://proxy.example:3128/", "HTTPS_PROXY"],
    [{ https_proxy: "http://proxy.example:3128" }, "http://proxy.example:3128/", "https_proxy"],
    [{ HTTPS_PROXY: "http://one.example", https_proxy: "http://other.example" }, "http://one.example/", "HTTPS_PROXY"],
    [{ HTTPS_PROXY: "proxy.example:3128" }, "http://proxy.example:3128/", "HTTPS_PROXY"],
    [{ HTTPS_PROXY: "https://proxy.example" }, "https://proxy.example/", "HTTPS_PROXY"],
  ])("%o is a proxy for https", (environment, url, variable) => {
    const network = networkOf(environment);

    expect(network?.forHttps).toEqual({ url: new URL(url), variable });
    expect(network?.forHttp).toBeUndefined();
  });

  test.each(["http://user:hunter2@", "socks5://user:hunter2@proxy.example"])(
    "the proxy %s is refused by its variable's name, without its password",
    (value) => {
      const problem = problemOf({ HTTPS_PROXY: value });

      expect(problem).toMatchObject({ summary: "HTTPS_PROXY cannot be used" });
      expect(JSON.stringify(problem)).not.toContain("hunter2");
    },
  );
});

describe("AWS_CA_BUNDLE", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "keyturn-bundle-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const bundle = (text: string): string => {
    const path = join(folder, "bundle.pem");
    writeFileSync(path, text);
    return path;
  };

  test("has all certificates of its file", () => {
    const [one, other] = [selfSignedCertificate(Date.now()), selfSignedCertificate(Date.now())];
    const path = bundle(`# ours\n${one.certificatePem}\n# theirs\n${other.certificatePem}`);

    expect(networkOf({ AWS_CA_BUNDLE: path })?.certificates?.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  });

  test.each([
    ["nothing", ""],
    ["no certificate", "hello"],
    ["half of one", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"],
  ])("that has %s is refused by its name", (_, text) => {
    const path = bundle(text);

    expect(problemOf({ AWS_CA_BUNDLE: path })).toMatchObject({
      summary: "AWS_CA_BUNDLE cannot be used",
      detail: expect.stringContaining(path),
    });
  });

  test("that is not there is refused by its name", () => {
    expect(problemOf({ AWS_CA_BUNDLE: join(folder, "missing") })).toMatchObject({
      summary: "AWS_CA_BUNDLE cannot be used",
    });
  });
});
