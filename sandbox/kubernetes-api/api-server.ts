import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { ensureBinary } from "./binary.ts";

/*
 * A Kubernetes cluster without machines, as a process: etcd, kube-apiserver and controllers as upstream made them, and
 * nodes that run nothing. What it is made of and leaves out is in server/main.go and server/fake_node.go.
 */

export interface ApiServerOptions {
  /** Where objects and credentials stay for a next start. Default: a temporary folder that goes with the process. */
  readonly dataFolder?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** URL that reviews tokens (TokenReview v1), or the path of a kubeconfig that says how to reach it. Default: none. */
  readonly authenticationWebhook?: string;
  /** Default 3. */
  readonly nodes?: number;
  /** Default: this process's. */
  readonly environment?: NodeJS.ProcessEnv;
}

/** A server that runs. It ends with our process, however that ends. */
export interface ApiServer {
  /** The administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly kubeconfigPath: string;
  /** Where the server's files lie, `tls.crt` and `tls.key` among them. */
  readonly folder: string;
  /** https://127.0.0.1:port */
  readonly url: string;
  readonly processId: number;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
  /** Asks it to end, and waits until it has. */
  stop(): Promise<void>;
  /** Ends it at once (SIGKILL), in the middle of whatever it does. */
  kill(): Promise<void>;
}

const Ready = z.object({ kubeconfig: z.string(), server: z.url() });

const parametersOf = (options: ApiServerOptions): readonly string[] =>
  Object.entries({
    data: options.dataFolder,
    port: options.port,
    "authentication-webhook": options.authenticationWebhook,
    nodes: options.nodes,
  }).flatMap(([flag, value]) => (value === undefined ? [] : [`-${flag}=${value}`]));

/** The one line that the server prints, or what it said where it ended before. */
const readyLine = (server: ChildProcessWithoutNullStreams): Promise<string> => {
  let said = "";
  server.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-8_192);
  });
  return new Promise((done, fail) => {
    createInterface(server.stdout).once("line", done);
    server.once("error", (error) => fail(new Error(`the API server cannot be started: ${error.message}`)));
    server.once("close", (code, signal) =>
      fail(new Error(`the API server ended (${signal ?? code}) before it was ready. It said:\n${said.trim()}`)),
    );
  });
};

/**
 * Starts a server and returns when it is ready, after about 4 s; it builds the binary first where that was not done yet.
 * @throws Error when it cannot be built or does not start, with what it said
 */
export const startApiServer = async (options: ApiServerOptions = {}): Promise<ApiServer> => {
  const env = options.environment ?? process.env;
  const server = spawn(await ensureBinary(env), parametersOf(options), { env });
  const ended = new Promise<void>((done) => server.once("close", () => done()));
  const end = async (signal: NodeJS.Signals) => {
    server.kill(signal);
    await ended;
  };
  const line = await readyLine(server);
  const { kubeconfig: kubeconfigPath, server: url } = Ready.parse(JSON.parse(line));
  return {
    kubeconfig: await readFile(kubeconfigPath, "utf8"),
    kubeconfigPath,
    folder: dirname(kubeconfigPath),
    url,
    processId: server.pid ?? 0,
    ended,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
};
