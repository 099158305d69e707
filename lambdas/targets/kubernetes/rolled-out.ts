import { isDeepStrictEqual } from "node:util";
import * as z from "zod/mini";
import { type Workload, workloadText } from "../../contracts/targets.ts";
import { ANNOTATIONS, type Mark, templateAnnotation } from "./names.ts";
import type { Metadata } from "./objects.ts";
import { heldSinceMs } from "./ownership.ts";
import { CLOCKS_MS } from "./pods.ts";
import type { ObjectPath } from "./rules.ts";
import { stampOf } from "./wanted-data.ts";
import { type LiveWorkload, type SeenWorkload, unmarkedOf } from "./workloads.ts";

/*
 * How often each workload was rolled out with the value that an object of ours holds. It is noted in an annotation of that object,
 * before the pod template is marked: a tool that takes the mark off at each of its syncs would else have all pods replaced at each
 * of ours, for nothing in the cluster remembers that they were (docs/decisions/0050).
 */
const note = z.object({
  /** How many rollouts, one that is about to begin included. */
  times: z.number(),
  /** The workload as it was before the latest of them. Not there: that one was refused, and did not begin. */
  from: z.optional(z.object({ uid: z.string(), generation: z.number() })),
});

/** By workload: `deployment/web`. */
export type Notes = Readonly<Record<string, z.output<typeof note>>>;

const annotation = z.object({
  /** What is rolled out. What was noted of another stamp counts no more. */
  stamp: z.string(),
  /** By the API server's clock: by then the value was there. It is known from the second rollout on. */
  heldSince: z.optional(z.string()),
  workloads: z.record(z.string(), note),
});
type RolledOut = z.output<typeof annotation>;

/** How often one value is rolled out to a workload: once, and once more after a deploy that dropped the mark. */
export const MOST_ROLLOUTS = 2;

/**
 * How long after the first rollout was noted a second one begins: its pods' age then tells them from those which were there before
 * the value. Times of objects are in whole seconds.
 */
export const APART_MS = CLOCKS_MS + 1_000;

/** What cannot be read was not written by Keyturn, and tells nothing. */
const parsed = (text: string): RolledOut | undefined => {
  try {
    return annotation.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

const rolledOutOf = (text: string | undefined, stamp: string): RolledOut => {
  const said = parsed(text ?? "");
  return said?.stamp === stamp ? said : { stamp, workloads: {} };
};

/** What an object notes of a stamp. */
interface Noted {
  readonly stamp: string;
  readonly notes: Notes;
  /** Since when, at the latest, the value is there, by the API server's clock: it was when it was noted that it is rolled out. */
  readonly heldSinceMs?: number;
}

const notedIn = (metadata: Metadata | undefined, stamp: string): Noted => {
  const { workloads, heldSince } = rolledOutOf(metadata?.annotations[ANNOTATIONS.rolledOut], stamp);
  if (!metadata || Object.keys(workloads).length === 0) return { stamp, notes: {} };
  const writtenMs = heldSinceMs(metadata, ["metadata", "annotations", ANNOTATIONS.rolledOut]) ?? 0;
  const sinceMs = heldSince === undefined ? writtenMs : Date.parse(heldSince);
  // A time that is not there, or cannot be read, would be older than any pod.
  return { stamp, notes: workloads, ...(sinceMs > 0 ? { heldSinceMs: sinceMs } : {}) };
};

/** What workloads are to run, and what is known of it. */
export interface WantedRollout extends Omit<Noted, "stamp"> {
  /** The object that holds the value, and the notes. */
  readonly holder: ObjectPath;
  readonly mark: Mark;
}

/**
 * @param metadata of the object that holds the value
 * @param secretName the Secret that workloads read it from
 */
export const wantedRollout = (holder: ObjectPath, metadata: Metadata, secretName: string): WantedRollout => {
  const { stamp, ...noted } = notedIn(metadata, stampOf(metadata.annotations));
  return { holder, mark: { annotation: templateAnnotation(secretName), stamp }, ...noted };
};

/**
 * Whether the noted rollout has not been made yet. The mark is one change of the workload, and its loss another one: until the
 * second, a workload without the mark never had it.
 */
export const isAboutToBegin = (notes: Notes, { workload, object: { metadata } }: LiveWorkload): boolean => {
  const from = notes[workloadText(workload)]?.from;
  if (from === undefined || from.uid !== metadata.uid) return false;
  return metadata.generation === from.generation || metadata.generation === from.generation + 1;
};

/** How often a workload was rolled out, one that is about to begin included. */
export const timesOf = (notes: Notes, workload: Workload): number => notes[workloadText(workload)]?.times ?? 0;

/** Whether a workload without the mark has had it as often as it gets it. */
export const isSpent = (notes: Notes, live: LiveWorkload): boolean =>
  timesOf(notes, live.workload) >= MOST_ROLLOUTS && !isAboutToBegin(notes, live);

/** How long it is too early for another rollout of a workload. */
const tooEarlyMs = (
  { notes, heldSinceMs: sinceMs }: Pick<Noted, "notes" | "heldSinceMs">,
  live: LiveWorkload,
  nowMs: number,
) =>
  sinceMs === undefined || timesOf(notes, live.workload) === 0 || isAboutToBegin(notes, live)
    ? 0
    : Math.min(sinceMs + APART_MS - nowMs, APART_MS);

/** How long it is too early for rollouts of workloads that lack the mark. */
export const earlyMs = (wanted: WantedRollout, seen: readonly SeenWorkload[], nowMs: number): number =>
  Math.max(
    0,
    ...unmarkedOf(seen, wanted.mark)
      .filter((live) => !isSpent(wanted.notes, live))
      .map((live) => tooEarlyMs(wanted, live, nowMs)),
  );

/** What becomes of the notes when an object is written. */
export type ChangeNotes = (noted: Noted) => Notes;

export const asNoted: ChangeNotes = ({ notes }) => notes;

/**
 * Notes that the workloads which lack the mark are rolled out now, but for those that have had it as often as they get it, or a
 * moment ago.
 * @param annotation the mark's name
 */
export const beginning =
  (seen: readonly SeenWorkload[], annotation: string, nowMs: number): ChangeNotes =>
  (noted) => {
    const { stamp, notes } = noted;
    const begun = unmarkedOf(seen, { annotation, stamp })
      .filter((live) => !isSpent(notes, live) && tooEarlyMs(noted, live, nowMs) <= 0)
      .map((live) => {
        const { uid, generation } = live.object.metadata;
        const times = timesOf(notes, live.workload) + (isAboutToBegin(notes, live) ? 0 : 1);
        return [workloadText(live.workload), { times, from: { uid, generation } }] as const;
      });
    return { ...notes, ...Object.fromEntries(begun) };
  };

/** Takes back that these workloads are rolled out, which was refused. */
export const withoutRefused =
  (workloads: readonly Workload[]): ChangeNotes =>
  ({ notes }) => {
    const refused = new Set(workloads.map(workloadText));
    return Object.fromEntries(
      Object.entries(notes).flatMap(([workload, one]) => {
        if (!refused.has(workload)) return [[workload, one]];
        return one.times > 1 ? [[workload, { times: one.times - 1 }]] : [];
      }),
    );
  };

/**
 * The annotation with which an object is written that holds the value of `stamp`. The same notes are the same text, so that
 * applying again changes nothing.
 */
export const rolledOutAnnotation = (
  live: { readonly metadata: Metadata } | undefined,
  stamp: string,
  change: ChangeNotes,
): Readonly<Record<string, string>> => {
  const before = notedIn(live?.metadata, stamp);
  const workloads = change(before);
  const text = live?.metadata.annotations[ANNOTATIONS.rolledOut];
  if (Object.keys(workloads).length === 0) return {};
  if (text !== undefined && isDeepStrictEqual(workloads, before.notes)) return { [ANNOTATIONS.rolledOut]: text };
  const since = before.heldSinceMs === undefined ? {} : { heldSince: new Date(before.heldSinceMs).toISOString() };
  return { [ANNOTATIONS.rolledOut]: JSON.stringify({ stamp, ...since, workloads }) };
};
