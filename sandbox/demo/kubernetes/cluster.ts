import type { Redacted } from "../../../lambdas/redacted.ts";
import type { Pods } from "./pods.ts";

/** What the service account was refused, and the status of the refusal. */
export interface Refused {
  /** "list Secrets" */
  readonly what: string;
  /** 403, where all is well. */
  readonly status: number;
}

/** A cluster that the demo may use: a namespace of its own in it, with Keyturn's service account and a workload. */
export interface DemoCluster {
  /** Whose it is and where. */
  readonly description: string;
  readonly namespace: string;
  /** The kubeconfig of Keyturn's service account: what the secret in Secrets Manager is to hold. */
  readonly kubeconfig: Redacted;
  /** The file by which a person reaches the cluster. */
  readonly adminKubeconfigPath: string;
  /** The tokens by which it is reached. Secret: only for the search for leaks. */
  tokens(): readonly string[];
  /** Does what `kubectl apply -f` does with the manifest of `rbacManifest()`, and waits until it counts. */
  applyRights(manifest: string): Promise<void>;
  /** Tries, as the service account, what it has no right to. */
  tryForbidden(): Promise<readonly Refused[]>;
  /** Makes the Deployment. @returns what its pods then wait for */
  createWorkload(): Promise<string>;
  /** Deletes the Deployment, and waits until its pods are gone. */
  removeWorkload(): Promise<void>;
  /** Tells `pods` of the Secret and the workload's pods from now on, until the cluster is closed. */
  follow(pods: Pods): Promise<void>;
  /** The names of the Secret's data keys. */
  dataKeys(): Promise<readonly string[]>;
  /**
   * Writes into a folder, to be searched, all that the namespace shows to whoever may not read Secrets (workloads, pods, events,
   * and Secrets without their values), and the API server's own log where it can be had.
   */
  writeShown(folder: string): Promise<void>;
  /** Resolves when nothing is being rolled out any more. */
  atRest(): Promise<void>;
  /** Ends what was started for the demo, and leaves somebody's cluster as it was. Can be called again. */
  close(): Promise<void>;
}

/** A cluster, or a sentence that says what is missing and how to get it. */
export type ClusterChoice =
  | { readonly found: DemoCluster; readonly missing?: never }
  | { readonly found?: never; readonly missing: string };

/** How work that another process does in its own time is waited for, on a clock that may be moved. */
export type Alongside = <Result>(work: Promise<Result>) => Promise<Result>;
