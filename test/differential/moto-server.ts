import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface MotoServer {
  /** Such as `http://127.0.0.1:40123`. */
  readonly url: string;
  /** Empties every service. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** moto's server runs until its parent, whose pipe this reads, has gone. */
const HOST = `
import os, sys, threading
def end_with_parent():
    sys.stdin.read()
    os._exit(0)
threading.Thread(target=end_with_parent, daemon=True).start()
from moto.server import main
main(["-H", "127.0.0.1", "-p", "0"])
`;

/** Starts moto's server on a free port of loopback, with Lambda functions that succeed without being run. */
export async function startMotoServer(python: string): Promise<MotoServer> {
  const child = spawn(python, ["-c", HOST], { stdio: ["pipe", "ignore", "pipe"], env: { PATH: process.env.PATH } });
  const url = await listeningUrl(child);
  const post = async (path: string, body?: string): Promise<void> => {
    const response = await fetch(`${url}${path}`, { method: "POST", ...(body && { body }) });
    if (!response.ok) throw new Error(`moto refused ${path} with ${response.status}`);
  };
  await post("/moto-api/config", JSON.stringify({ lambda: { use_docker: false } }));
  return { url, reset: () => post("/moto-api/reset"), close: () => end(child) };
}

function listeningUrl(child: ChildProcess): Promise<string> {
  if (!child.stderr) throw new Error("moto's server was started without pipes");
  const lines = createInterface({ input: child.stderr });
  const heard: string[] = [];
  return new Promise((done, fail) => {
    lines.on("line", (line) => {
      heard.push(line);
      const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
      if (found) done(found);
    });
    lines.on("close", () => fail(new Error(`moto's server ended before it listened:\n${heard.join("\n")}`)));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.stdin?.end();
  await ended;
}
