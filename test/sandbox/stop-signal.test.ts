import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const FIXTURE = fileURLToPath(new URL("stop-and-wait.ts", import.meta.url));
const STOPPED = 130;
const TIMEOUT_MS = 60_000;

const start = (...arguments_: string[]) => {
  const child = spawn(process.execPath, ["--import", "tsx/esm", FIXTURE, ...arguments_]);
  let printed = "";
  child.stderr.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
  });
  const says = async (text: string): Promise<void> => {
    while (!printed.includes(text)) await once(child.stderr, "data");
  };
  const ended = once(child, "close").then(([code]) => ({ code, lines: printed.trim().split(/\n+/) }));
  return { child, says, ended };
};

test.for(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s ends the process after everything was put away, the last thing first, also when one of them fails",
  { timeout: TIMEOUT_MS },
  async (signal) => {
    const { child, says, ended } = start();
    await says("ready");

    child.kill(signal);

    expect(await ended).toEqual({
      code: STOPPED,
      lines: [
        "ready, stopping: false",
        "stopping …",
        "stopping: true",
        "told",
        "the second cannot be put away",
        "first put away",
      ],
    });
  },
);

test("a second Ctrl-C ends what hangs", { timeout: TIMEOUT_MS }, async () => {
  const { child, says, ended } = start("--hang");
  await says("ready");
  child.kill("SIGINT");
  await says("told");

  const impatient = setInterval(() => child.kill("SIGINT"), 200);

  expect(await ended).toMatchObject({ code: STOPPED });
  clearInterval(impatient);
});

test("a Ctrl-C that arrives twice, as npm passes it on, is one", { timeout: TIMEOUT_MS }, async () => {
  const { child, says, ended } = start();
  await says("ready");

  child.kill("SIGINT");
  child.kill("SIGINT");

  const { lines } = await ended;
  expect(lines.at(-1)).toBe("first put away");
});
