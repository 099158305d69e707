import { isDeepStrictEqual } from "node:util";
import type { ExternalSecretDeclaration } from "../../contracts/targets.ts";
import type { Versions } from "../target.ts";
import { ANNOTATIONS, newKeyOf, oldKeyOf } from "./names.ts";
import type { ExternalSecretObject } from "./objects.ts";

/*
 * What an ExternalSecret of ours asks of the External Secrets Operator. Written from the operator's documentation, v1.3 (API:
 * ExternalSecret; Provider: AWS Secrets Manager).
 */
interface Entry {
  readonly secretKey: string;
  readonly remoteRef: { readonly key: string; readonly property: string; readonly version: string };
}

export interface ExternalSecretSpec {
  readonly refreshInterval: string;
  readonly secretStoreRef: ExternalSecretDeclaration["store"];
  readonly target: { readonly name: string; readonly creationPolicy: "Owner" };
  readonly data: readonly Entry[];
}

/** Versions are named by their ids: by a label the operator could still get the one before, and would not look again for long. */
const entriesOf = (
  secretName: string,
  dataKey: string,
  { current, retiring }: Versions,
  isOldRequired: boolean,
): readonly Entry[] => {
  const entry = (secretKey: string, versionId: string): Entry => ({
    secretKey,
    remoteRef: { key: secretName, property: "apiKey", version: `uuid/${versionId}` },
  });
  const old = retiring ?? (isOldRequired ? current : undefined);
  return [
    entry(dataKey, current.versionId),
    entry(newKeyOf(dataKey), current.versionId),
    ...(old ? [entry(oldKeyOf(dataKey), old.versionId)] : []),
  ];
};

/** @param secretName the name of the secret in Secrets Manager */
export const wantedSpec = (
  secretName: string,
  { store, name, refreshMs, dataKey }: ExternalSecretDeclaration,
  versions: Versions,
  isOldRequired: boolean,
): ExternalSecretSpec => ({
  refreshInterval: `${refreshMs / 1_000}s`,
  secretStoreRef: store,
  target: { name, creationPolicy: "Owner" },
  data: entriesOf(secretName, dataKey, versions, isOldRequired),
});

/** Whether `live` has all that is wanted; the API server adds defaults, and others may add fields of their own. */
const contains = (live: unknown, wanted: unknown): boolean => {
  if (typeof wanted !== "object" || wanted === null) return isDeepStrictEqual(live, wanted);
  if (typeof live !== "object" || live === null) return false;
  if (Array.isArray(wanted) && (!Array.isArray(live) || live.length !== wanted.length)) return false;
  return Object.entries(wanted).every(([field, value]) => contains((live as Record<string, unknown>)[field], value));
};

export const isAsWanted = ({ spec }: ExternalSecretObject, wanted: ExternalSecretSpec): boolean =>
  contains(spec, wanted);

/** Whether somebody had the operator write another value under the same version: pods may have started with it. */
const hadForeignValue = (live: ExternalSecretObject, wanted: ExternalSecretSpec, dataKey: string): boolean => {
  const ofCurrent = ({ secretKey }: { readonly secretKey: string }) => secretKey !== oldKeyOf(dataKey);
  return !contains(live.spec.data.filter(ofCurrent), wanted.data.filter(ofCurrent));
};

/** The annotations of an ExternalSecret for a version. Those of the same version before are kept, as a Secret's are. */
export const externalSecretAnnotations = (
  live: ExternalSecretObject | undefined,
  wanted: ExternalSecretSpec,
  versionId: string,
  dataKey: string,
  nowMs: number,
): Readonly<Record<string, string>> => {
  const before = live?.metadata.annotations ?? {};
  const isSameVersion = before[ANNOTATIONS.version] === versionId;
  const isForeign = live !== undefined && isSameVersion && hadForeignValue(live, wanted, dataKey);
  const repairedAt = isForeign ? new Date(nowMs).toISOString() : isSameVersion && before[ANNOTATIONS.repairedAt];
  return {
    [ANNOTATIONS.version]: versionId,
    [ANNOTATIONS.forceSync]: versionId,
    ...(repairedAt ? { [ANNOTATIONS.repairedAt]: repairedAt } : {}),
  };
};
