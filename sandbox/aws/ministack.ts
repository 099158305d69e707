/**
 * "The rest of AWS": ministack (from PyPI, MIT), a stand-in for Lambda, IAM, EventBridge, Scheduler, SNS, SQS,
 * CloudWatch, Logs, KMS and STS, as a child process on loopback. Nothing persists: every start is an empty account.
 * Its own Secrets Manager does not rotate truly and is not used. POSIX only (process groups).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { open, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { HostChannel, type ServiceEvents } from "./host-channel.ts";
import { ministackEnvironment } from "./ministack-environment.ts";
import { type MinistackPlaces, makeMinistackPlaces } from "./ministack-places.ts";
import { type PythonEnvironment, preparePythonEnvironment } from "./python-environment.ts";

export interface MinistackOptions {
  /** Where its log and its temporary files go. Default `.sandbox`. */
  readonly stateFolder?: string;
  /** Environment variables that it and every Lambda get besides its own. Default: none. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The virtual environment to run in. Default: the state folder's, made when it is missing. */
  readonly pythonEnvironment?: PythonEnvironment;
  readonly onProgress?: (message: string) => void;
}

export interface Ministack {
  /** Such as `http://127.0.0.1:40123`. */
  readonly endpoint: string;
  readonly processId: number;
  /** What it and the Lambdas log: the place to look when something fails. */
  readonly logFile: string;
  /** Puts events of AWS services on the event bus, which PutEvents over HTTP refuses. */
  putServiceEvents(events: ServiceEvents): Promise<void>;
  /** Resolves when the process has ended, whoever ended it. */
  readonly ended: Promise<void>;
  /** Ends it and the Lambda processes that it started, and removes its temporary files. Can be called again. */
  close(): Promise<void>;
}

const HOST = fileURLToPath(new URL("ministack_host.py", import.meta.url));
const START_TIMEOUT_MS = 60_000;
const HEALTH_INTERVAL_MS = 50;
const CLOSE_TIMEOUT_MS = 5_000;

interface Host {
  readonly child: ChildProcess;
  readonly channel: HostChannel;
  readonly ended: Promise<void>;
}

const spawnHost = async (python: string, environment: Record<string, string>, logFile: string): Promise<Host> => {
  // A file and not a pipe: whoever is busy or blocked in this process must never stop ministack from logging.
  const log = await open(logFile, "w", 0o600);
  try {
    const child = spawn(python, [HOST], { env: environment, stdio: ["pipe", "pipe", log.fd], detached: true });
    const ended = new Promise<void>((done) => child.once("exit", () => done()));
    const channel = new HostChannel(child); // before anything is waited for, or the end of a short life goes unheard
    await once(child, "spawn");
    return { child, channel, ended };
  } finally {
    await log.close();
  }
};

const endGroup = (child: ChildProcess): void => {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
};

/** Closing stdin is how it is told to end; the group is ended from here too, should the host itself be gone or stuck. */
const stop = async (child: ChildProcess, ended: Promise<void>): Promise<void> => {
  child.stdin?.end();
  await Promise.race([ended, setTimeout(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
  endGroup(child);
  await ended;
};

const isHealthy = async (endpoint: string): Promise<boolean> => {
  const answer = await fetch(`${endpoint}/_ministack/health`).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.status === 200;
};

const untilHealthy = async (endpoint: string, hasEnded: () => boolean): Promise<void> => {
  const giveUpMs = Date.now() + START_TIMEOUT_MS;
  while (!(await isHealthy(endpoint))) {
    if (hasEnded()) throw new Error("it ended before it answered");
    if (Date.now() > giveUpMs) throw new Error(`it did not answer within ${START_TIMEOUT_MS / 1000} s`);
    await setTimeout(HEALTH_INTERVAL_MS);
  }
};

interface Launch {
  readonly python: string;
  readonly places: MinistackPlaces;
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
}

const launch = async ({ python, places, environment, logFile }: Launch): Promise<Ministack> => {
  const { child, channel, ended } = await spawnHost(
    python,
    ministackEnvironment(places, process.env, environment),
    logFile,
  );
  try {
    const endpoint = `http://127.0.0.1:${await channel.port}`;
    await untilHealthy(endpoint, () => child.exitCode !== null || child.signalCode !== null);
    const putServiceEvents = (events: ServiceEvents) => channel.put(events);
    return { endpoint, processId: child.pid ?? 0, logFile, putServiceEvents, ended, close: () => stop(child, ended) };
  } catch (error) {
    await stop(child, ended);
    throw error;
  }
};

/**
 * Starts ministack on a free port of loopback and resolves when it answers. It ends with this process, however that
 * ends (also by SIGKILL), and so do the Lambda processes.
 * @throws when Python or the packages cannot be had, or it does not start (the error names its log)
 */
export const startMinistack = async (options: MinistackOptions = {}): Promise<Ministack> => {
  const stateFolder = resolve(options.stateFolder ?? ".sandbox");
  const { onProgress, environment = {} } = options;
  const { python } =
    options.pythonEnvironment ?? (await preparePythonEnvironment({ stateFolder, ...(onProgress && { onProgress }) }));
  const places = await makeMinistackPlaces(stateFolder);
  const logFile = join(stateFolder, "ministack.log");
  const tidy = () => rm(places.runFolder, { recursive: true, force: true });
  try {
    const ministack = await launch({ python, places, environment, logFile });
    return { ...ministack, close: () => ministack.close().then(tidy) };
  } catch (error) {
    await tidy();
    throw new Error(`The AWS stand-in did not start; its log is ${logFile}`, { cause: error });
  }
};
