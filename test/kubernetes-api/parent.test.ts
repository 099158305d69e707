import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { isAlive } from "../../sandbox/aws/owned-folder.ts";
import { startApiServer } from "../../sandbox/kubernetes-api/api-server.ts";
import { describeWithKubernetes } from "./describe-with-kubernetes.ts";
import { eventually } from "./eventually.ts";

const STARTER = fileURLToPath(new URL("start-and-wait.ts", import.meta.url));

/** Another process that has started a server. */
const startInAnotherProcess = async () => {
  const starter = spawn(process.execPath, ["--import", "tsx", STARTER], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface(starter.stdout), "line")) as [string];
  const server = JSON.parse(line) as { readonly folder: string; readonly processId: number };
  return { starter, server };
};

describeWithKubernetes(
  "the process of an API server",
  () => {
    test("ends with the process that started it, even if that is killed, and leaves no file", async () => {
      const { starter, server } = await startInAnotherProcess();
      const wasThere = isAlive(server.processId) && existsSync(server.folder);

      starter.kill("SIGKILL");

      await eventually("the server has ended", async () => !isAlive(server.processId));
      expect(wasThere).toBe(true);
      expect(existsSync(server.folder)).toBe(false);
    });

    test("ends when it is asked to, and leaves no file", async () => {
      const server = await startApiServer();

      await server.stop();

      expect(isAlive(server.processId)).toBe(false);
      expect(existsSync(server.folder)).toBe(false);
    });

    test("says why it does not start", async () => {
      const server = await startApiServer();
      const port = Number(new URL(server.url).port);

      const second = startApiServer({ port });

      await expect(second).rejects.toThrow(/before it was ready(.|\n)*address already in use/);
      await server.stop();
    });
  },
  { ownServer: true },
);
