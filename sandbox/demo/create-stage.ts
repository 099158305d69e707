import { mkdir, rm } from "node:fs/promises";
import { systemClock } from "../../lambdas/clock.ts";
import { makeOwnedFolder, removeAbandonedFolders } from "../aws/owned-folder.ts";
import type { Delays } from "../delays.ts";
import { STATE_FOLDER } from "../environment-files.ts";
import type { StopSignal } from "../stop-signal.ts";
import type { VirtualClock } from "../virtual-clock.ts";
import { createDeployedStage } from "./deployed-stage.ts";
import { createInProcessStage } from "./in-process-stage.ts";
import type { Alongside, ClusterChoice } from "./kubernetes/cluster.ts";
import { findCluster } from "./kubernetes/find-cluster.ts";
import type { Stage } from "./stage.ts";
import type { View } from "./view.ts";

/** How a run is to be. */
export interface Setting {
  readonly inProcess: boolean;
  /** False: a cluster is not even looked for. */
  readonly withCluster: boolean;
  readonly delays: Delays;
  /** One that may be moved, in process with vendors that are simulated; the wall clock else. */
  readonly clock: VirtualClock | undefined;
}

/** A cluster keeps its own time: a clock that moves faster waits for it. */
const alongsideOf = ({ clock }: Setting): Alongside => (clock ? (work) => clock.alongside(work) : (work) => work);

/** The folder that all of the run is written to; it goes when the run is stopped. */
const makeFolder = async (stop: StopSignal): Promise<string> => {
  await mkdir(STATE_FOLDER, { recursive: true });
  await removeAbandonedFolders(STATE_FOLDER, "run");
  const making = makeOwnedFolder(STATE_FOLDER, "run");
  stop.onStop(async () => rm(await making, { recursive: true, force: true }));
  return making;
};

/** What ends with this process anyway is not waited for any longer than this. */
const CLOSING_MS = 10_000;

const openCluster = (setting: Setting, stop: StopSignal): Promise<ClusterChoice> => {
  const { withCluster: isWanted } = setting;
  const opening = findCluster({ isWanted, environment: process.env, alongside: alongsideOf(setting) });
  const close = async () => (await opening).found?.close();
  stop.onStop(async () => void (await Promise.race([close(), systemClock.sleep(CLOSING_MS)])));
  return opening;
};

/** Makes the stage of a run, and what stands on it. What was made goes when the run is stopped, or when this fails. */
export const createStage = async (setting: Setting, view: View, stop: StopSignal): Promise<Stage> => {
  const folder = await makeFolder(stop);
  if (setting.withCluster) view.waiting("looking for a Kubernetes cluster, or starting one");
  const cluster = await openCluster(setting, stop);
  const { inProcess, delays, clock = systemClock } = setting;
  const common = { folder, environment: process.env, delays, cluster };
  try {
    if (inProcess) return await createInProcessStage({ ...common, clock, alongside: alongsideOf(setting) });
    return await createDeployedStage({ ...common, onProgress: view.waiting, onNote: view.line });
  } catch (error) {
    await cluster.found?.close();
    throw error;
  }
};
