import type { Grants } from "../../contracts/grants.ts";
import type { ReconcileRequest } from "../../contracts/reconcile.ts";
import type { Observation, ObservedKey } from "./observation.ts";

/** What a lane decides on. */
export interface Scope {
  /** The ARNs of its keys' secrets. */
  readonly secretIds: ReadonlySet<string>;
  /** The connection whose strays and whose listing it speaks for. Not there: those of none. */
  readonly speaksFor?: string;
}

/** What the whole of a decision has before it. */
export interface Pass {
  readonly observation: Observation;
  readonly grants: Grants;
  readonly request: ReconcileRequest;
  /** @default all keys, and the strays of all listings */
  readonly scope?: Scope;
}

export const isInScope = ({ scope }: Pick<Pass, "scope">, secretId: string): boolean =>
  scope?.secretIds.has(secretId) ?? true;

/** A labelled version of a managed key's secret, in a pass. */
export interface Version {
  readonly pass: Pass;
  readonly key: ObservedKey;
  readonly versionId: string;
  readonly labels: readonly string[];
}

export const versionsOf = (pass: Pass, key: ObservedKey): readonly Version[] =>
  Object.entries(key.secret.stages)
    .filter(([, labels]) => labels.length > 0)
    .map(([versionId, labels]) => ({ pass, key, versionId, labels }));

/** A run that began before a label was put may still act on what it saw then; past this it is dead. */
export const twinsAreDead = ({ pass }: Pick<Version, "pass">, atMs: number): boolean =>
  pass.observation.nowMs >= atMs + pass.grants.mintTimeout;
