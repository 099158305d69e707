import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { functionProcessesIn, killProcess, listFunctionProcesses } from "../../../sandbox/soak/function-processes.ts";
import { temporaryFolder } from "../../constructs/temporary-folder.ts";

const worker = (name: string) => `/x y/node /x y/ministack-lambda-${name}-ab12cd_9/_worker.mjs`;

test("the functions' processes are the children of the stand-in that run one, and have not ended", () => {
  const printed = [
    `   10     1 Ss   python ministack_host.py`,
    `   11    10 Sl   ${worker("keyturn-soak-rotate")}`,
    `   12    10 Sl   ${worker("keyturn-soak-reconcile")}`,
    `   13    10 Z    ${worker("keyturn-soak-rotate")}`,
    `   14     9 Sl   ${worker("keyturn-soak-rotate")}`,
    `   15    10 Sl   ${worker("keyturn-other-rotate")}`,
    `   16    10 Sl   sleep 5`,
  ].join("\n");

  expect(functionProcessesIn(printed, 10, "soak")).toEqual([
    { processId: 11, role: "rotate" },
    { processId: 12, role: "reconcile" },
  ]);
});

test("a process is found, killed, and not found any more", async () => {
  const folder = join(temporaryFolder(), "ministack-lambda-keyturn-soak-manage-ab12cd_9");
  mkdirSync(folder);
  writeFileSync(join(folder, "_worker.mjs"), "setInterval(() => {}, 1_000);\n");
  const child = spawn(process.execPath, [join(folder, "_worker.mjs")], { stdio: "ignore" });
  const found = () => listFunctionProcesses(process.pid, "soak");
  await expect.poll(found).toEqual([{ processId: child.pid, role: "manage" }]);

  expect(killProcess(child.pid ?? 0)).toBe(true);
  const [, signal] = await once(child, "exit");

  expect(signal).toBe("SIGKILL");
  expect(await found()).toEqual([]);
  expect(killProcess(child.pid ?? 0)).toBe(false);
});
