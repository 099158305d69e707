import { describe, expect, test } from "vitest";
import { Redacted } from "../../../../lambdas/redacted.ts";
import { endpointOfKubeconfig } from "../../../../lambdas/targets/kubernetes/kubeconfig.ts";

const TOKEN = "a-token-that-nobody-may-see";
const PEM = "-----BEGIN CERTIFICATE-----";

const kubeconfig = (cluster: object, user: object, more: object = {}): Redacted =>
  new Redacted(
    JSON.stringify({
      "current-context": "main",
      contexts: [
        { name: "main", context: { cluster: "c", user: "u" } },
        { name: "lost", context: { cluster: "none", user: "u" } },
      ],
      clusters: [{ name: "c", cluster: { server: "https://cluster.test:6443", ...cluster } }],
      users: [{ name: "u", user }],
      ...more,
    }),
  );
const read = (text: Redacted, context?: string) => endpointOfKubeconfig(text, context, "keyturn/clusters/prod");

describe("a kubeconfig", () => {
  test("as kubectl writes it gives server, authority and token", () => {
    const yaml = `
apiVersion: v1
kind: Config
current-context: main
clusters:
- name: c
  cluster: { server: "https://cluster.test:6443", certificate-authority-data: ${btoa(PEM)}, tls-server-name: api }
contexts:
- name: main
  context: { cluster: c, user: u }
users:
- name: u
  user: { token: ${TOKEN} }
`;
    const { token, ...rest } = read(new Redacted(yaml));
    expect(rest).toEqual({ server: "https://cluster.test:6443", certificateAuthority: PEM, serverName: "api" });
    expect(token?.reveal()).toBe(TOKEN);
  });

  test("with a client certificate gives that", () => {
    const user = { "client-certificate-data": btoa("certificate"), "client-key-data": btoa("key") };
    const { clientCertificate } = read(kubeconfig({}, user));
    expect(clientCertificate?.certificate).toBe("certificate");
    expect(clientCertificate?.key.reveal()).toBe("key");
  });

  test.each([
    ["exec", { exec: { command: "aws" } }, "no command can be run here"],
    ["auth-provider", { "auth-provider": { name: "gcp" } }, "use the token of a service account"],
    ["tokenFile", { tokenFile: "/token" }, "put the token itself into token"],
    ["client-certificate", { "client-certificate": "/file" }, "kubectl config view --flatten"],
    ["username", { username: "u", password: TOKEN }, "no basic authentication any more"],
    ["as", { as: "root", token: TOKEN }, "bind the rights to the user itself"],
  ])("whose user has %s is refused with what to do", (field, user, advice) => {
    const message = new RegExp(`the user u of .*keyturn/clusters/prod has ${field}, .*${advice}`);
    expect(() => read(kubeconfig({}, { token: TOKEN, ...user }))).toThrow(message);
  });

  test.each([
    ["insecure-skip-tls-verify", { "insecure-skip-tls-verify": true }],
    ["proxy-url", { "proxy-url": "https://proxy.test" }],
    ["certificate-authority", { "certificate-authority": "/file" }],
  ])("whose cluster has %s is refused", (field, cluster) => {
    expect(() => read(kubeconfig(cluster, { token: TOKEN }))).toThrow(
      `the cluster c of the kubeconfig in the secret keyturn/clusters/prod has ${field}`,
    );
  });

  test.each([
    ["http", kubeconfig({ server: "http://cluster.test" }, { token: TOKEN }), undefined, "server"],
    ["no credentials", kubeconfig({}, {}), undefined, "has no credentials"],
    ["no context", kubeconfig({}, { token: TOKEN }, { "current-context": "" }), undefined, "has no current-context"],
    ["an unknown context", kubeconfig({}, { token: TOKEN }), "other", "has no context other; it has main, lost"],
    ["an unknown cluster", kubeconfig({}, { token: TOKEN }), "lost", "has no cluster none; it has c"],
    ["a list for an object", new Redacted(`- ${TOKEN}`), undefined, "is not as it must be"],
    ["no YAML", new Redacted(`a: b: "${TOKEN}`), undefined, "is not YAML (line 1)"],
  ])("with %s is refused, and no value of it is told", (_, text, context, message) => {
    const refusal = (() => {
      try {
        return read(text, context);
      } catch (error) {
        return error as Error;
      }
    })();
    expect(refusal).toMatchObject({ code: "BAD_ACCESS", message: expect.stringContaining(message) });
    expect(`${(refusal as Error).message} ${(refusal as Error).cause} ${(refusal as Error).stack}`).not.toContain(
      TOKEN,
    );
  });
});
