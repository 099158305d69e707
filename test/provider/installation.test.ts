import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packIntoMirror } from "../../provider/network-mirror.ts";
import { selfSignedCertificate } from "../../provider/plugin/certificate.ts";
import { pageText } from "../docs/pages.ts";
import { describeTerraform, joined, type TerraformStand } from "./terraform-stand.ts";

const PAGE = "docs/provider/guides/installation.md";

/** The CLI configurations that the page shows, by the word that each has alone. */
const configuration = (word: string): string => {
  const blocks = [...pageText(PAGE).matchAll(/```text\n(provider_installation [\s\S]*?)```/g)].map(
    ([, text = ""]) => text,
  );
  const [found, ...others] = blocks.filter((text) => text.includes(word));
  if (found === undefined || others.length > 0) throw new Error(`not exactly one block of ${PAGE} has ${word}`);
  return found;
};

/** Offers a folder over https, as any web server does. */
const serveFolder = async (folder: string) => {
  const { keyPem, certificatePem } = selfSignedCertificate(Date.now());
  const asked: string[] = [];
  const server = createServer({ key: keyPem, cert: certificatePem }, ({ url = "" }, response) => {
    const path = join(folder, url);
    asked.push(url);
    if (!existsSync(path)) return response.writeHead(404).end();
    const type = url.endsWith(".json") ? "application/json" : "application/zip";
    return response.writeHead(200, { "content-type": type }).end(readFileSync(path));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()).closeAllConnections());
  return { url: `https://localhost:${port}/`, certificatePem, asked, close };
};

/** A folder with the provider nowhere beside it, and the lock file that it had when it was. */
const withoutProvider = ({ workspace }: TerraformStand): string => {
  const lock = workspace.read(".terraform.lock.hcl");
  for (const name of ["terraform.d", ".terraform"]) rmSync(join(workspace.folder, name), { recursive: true });
  return lock;
};

describeTerraform("where the provider is found, as the page says", (stand) => {
  const initWith = (cliConfiguration: string, env: NodeJS.ProcessEnv = {}) => {
    const path = join(stand.workspace.folder, "cli.tfrc");
    writeFileSync(path, cliConfiguration);
    return stand.workspace.start(["init", "-no-color"], { TF_CLI_CONFIG_FILE: path, ...env }).done;
  };

  test("a provider_installation block of one's own finds it beside the configuration", async () => {
    rmSync(join(stand.workspace.folder, ".terraform"), { recursive: true });

    const { code, output } = await initWith(configuration("filesystem_mirror"));

    expect(code, output).toBe(0);
  });

  // Terraform takes further certificates from the environment on Linux alone (Go: "crypto/x509").
  test.runIf(process.platform === "linux")(
    "a network mirror of one's own gives it, with the hash that the lock file had",
    async () => {
      const mirror = join(stand.workspace.folder, "mirror");
      packIntoMirror(mirror, stand.provider);
      const lock = withoutProvider(stand);
      const server = await serveFolder(mirror);
      const trusted = join(stand.workspace.folder, "mirror.pem");
      writeFileSync(trusted, server.certificatePem);

      const served = configuration("network_mirror").replace("https://mirror.example.com/", server.url);
      const { code, output } = await initWith(served, { SSL_CERT_FILE: trusted });
      await server.close();

      expect(code, output).toBe(0);
      expect(server.asked).toContain(`/registry.terraform.io/keyturn/keyturn/${stand.provider.version}.json`);
      expect(stand.workspace.read(".terraform.lock.hcl")).toBe(lock);
      expect((await stand.workspace.run("validate")).code).toBe(0);
    },
  );

  test("the same folder is a filesystem mirror, and keeps the versions that it has", async () => {
    const mirror = join(stand.workspace.folder, "mirror");
    packIntoMirror(mirror, stand.provider);
    packIntoMirror(mirror, { ...stand.provider, version: "0.0.1" });
    const lock = withoutProvider(stand);

    const { code, output } = await initWith(configuration("filesystem_mirror").replace("terraform.d/plugins", mirror));

    expect(code, output).toBe(0);
    expect(stand.workspace.read(".terraform.lock.hcl")).toBe(lock);
  });

  test("other bytes under the version of the lock file are refused", async () => {
    const mirror = join(stand.workspace.folder, "mirror");
    packIntoMirror(mirror, { ...stand.provider, bundle: Buffer.from("#!/usr/bin/env node\n") });
    withoutProvider(stand);

    const { code, output } = await initWith(configuration("filesystem_mirror").replace("terraform.d/plugins", mirror));

    expect(code).toBe(1);
    expect(output).toMatch(/checksum|doesn't match/);
  });

  test("where an execute bit was lost, the page's command brings it back, and the lock file holds", async () => {
    const executables = join("terraform.d", "plugins", "registry.terraform.io", "keyturn", "keyturn");
    execFileSync("find", [executables, "-type", "f", "-exec", "chmod", "644", "{}", "+"], {
      cwd: stand.workspace.folder,
    });
    const lock = stand.workspace.read(".terraform.lock.hcl");
    const [, command = ""] = /```sh\n(chmod [^\n]+)\n```/.exec(pageText(PAGE)) ?? [];

    const lost = await stand.workspace.run("validate");
    execFileSync("sh", ["-c", command], { cwd: stand.workspace.folder });
    const init = await stand.workspace.run("init");
    const found = await stand.workspace.run("validate");

    expect([lost.code, joined(lost.output)]).toEqual([1, expect.stringContaining("permission denied")]);
    expect([init.code, found.code], found.output).toEqual([0, 0]);
    expect(stand.workspace.read(".terraform.lock.hcl")).toBe(lock);
  });
});
