import { Redacted } from "../../redacted.ts";
import type { Versions } from "../target.ts";
import { ANNOTATIONS, newKeyOf, oldKeyOf } from "./names.ts";
import type { SecretObject } from "./objects.ts";

/** Data keys and their values, in the base64 form that a Secret has them in. */
export type SecretData = Readonly<Record<string, Redacted>>;

const base64Of = (value: Redacted): Redacted => new Redacted(Buffer.from(value.reveal()).toString("base64"));

/**
 * What a Secret is to hold. In the overlap `_OLD` is the replaced value. After it `_OLD` goes, unless a workload does not start
 * without it: then it holds the current value, since the old one is revoked.
 */
export const wantedData = (dataKey: string, { current, retiring }: Versions, isOldRequired: boolean): SecretData => {
  const old = retiring ?? (isOldRequired ? current : undefined);
  return {
    [dataKey]: base64Of(current.apiKey),
    [newKeyOf(dataKey)]: base64Of(current.apiKey),
    ...(old ? { [oldKeyOf(dataKey)]: base64Of(old.apiKey) } : {}),
  };
};

const holds = (data: SecretData, wanted: SecretData, key: string): boolean => {
  const [value, want] = [data[key], wanted[key]];
  return value !== undefined && want !== undefined && value.equals(want);
};

/** Whether readers of the Secret get the wanted value: `_OLD` does not count. */
export const hasCurrentValue = (data: SecretData, wanted: SecretData, dataKey: string): boolean =>
  holds(data, wanted, dataKey) && holds(data, wanted, newKeyOf(dataKey));

/** Whether a Secret of this version holds a value that Keyturn did not put there: pods may have started with it. */
const hasForeignValue = (live: SecretObject, wanted: SecretData, versionId: string, dataKey: string): boolean =>
  live.metadata.annotations[ANNOTATIONS.version] === versionId &&
  [dataKey, newKeyOf(dataKey)].some((key) => live.data[key] !== undefined && !holds(live.data, wanted, key));

/** Whether `_OLD` is as wanted. */
export const hasWantedOld = (data: SecretData, wanted: SecretData, dataKey: string): boolean => {
  const key = oldKeyOf(dataKey);
  return wanted[key] === undefined ? data[key] === undefined : holds(data, wanted, key);
};

/** How much the clocks of two functions may differ. */
const SKEW_MS = 60_000;

/** When the value was put there, as the Secret says. `undefined` where somebody took that away, or wrote what cannot be. */
export const writtenAtMs = ({ metadata }: SecretObject, nowMs: number): number | undefined => {
  const writtenMs = Date.parse(metadata.annotations[ANNOTATIONS.writtenAt] ?? "");
  return writtenMs <= nowMs + SKEW_MS ? writtenMs : undefined;
};

/**
 * The annotations of a Secret that holds `wanted`. What was noted of the same version before is kept, so that applying the same
 * again changes nothing.
 */
export const wantedAnnotations = (
  live: SecretObject | undefined,
  wanted: SecretData,
  versionId: string,
  dataKey: string,
  nowMs: number,
): Readonly<Record<string, string>> => {
  const now = new Date(nowMs).toISOString();
  const before = live?.metadata.annotations ?? {};
  const isSameVersion = before[ANNOTATIONS.version] === versionId;
  const isKept =
    live && isSameVersion && hasCurrentValue(live.data, wanted, dataKey) && writtenAtMs(live, nowMs) !== undefined;
  const repairedAt =
    live && hasForeignValue(live, wanted, versionId, dataKey) ? now : isSameVersion && before[ANNOTATIONS.repairedAt];
  return {
    [ANNOTATIONS.version]: versionId,
    [ANNOTATIONS.writtenAt]: (isKept && before[ANNOTATIONS.writtenAt]) || now,
    ...(repairedAt ? { [ANNOTATIONS.repairedAt]: repairedAt } : {}),
  };
};

/**
 * What a pod template is marked with, so that it is rolled out once for each value: the version, and where a foreign value was
 * replaced under the same version, when that was. Pods that started with the foreign value are replaced by that.
 */
export const stampOf = (annotations: Readonly<Record<string, string>>): string => {
  const version = annotations[ANNOTATIONS.version] ?? "";
  const repairedAt = annotations[ANNOTATIONS.repairedAt];
  return repairedAt === undefined ? version : `${version} ${repairedAt}`;
};
