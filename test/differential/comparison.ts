import type { Outcome } from "./outcome.ts";

/** One thing in which two answers to the same call differ. */
export interface Difference {
  readonly operation: string;
  readonly situation: string;
  /** `result`, or the path of a field in the answer: `SecretList[].Tags`. */
  readonly field: string;
  readonly ours: unknown;
  readonly motos: unknown;
}

/** Compared as a whole: sets of labels, by themselves or by version id. */
const WHOLE = new Set(["VersionIdsToStages", "SecretVersionsToStages", "VersionStages"]);

/** Every difference between two outcomes of the same call. Where the results differ, the answers are not looked at. */
export function differencesOf(
  call: { readonly operation: string; readonly situation: string },
  ours: Outcome,
  motos: Outcome,
): readonly Difference[] {
  const { operation, situation } = call;
  if (ours.result !== motos.result) {
    return [{ operation, situation, field: "result", ours: ours.result, motos: motos.result }];
  }
  return [...between("", ours.answer, motos.answer)].map((found) => ({ operation, situation, ...found }));
}

type Found = Pick<Difference, "field" | "ours" | "motos">;

function* between(field: string, ours: unknown, motos: unknown): Generator<Found> {
  if (JSON.stringify(ours) === JSON.stringify(motos)) return;
  const lastName = field.split(".").at(-1) ?? "";
  if (WHOLE.has(lastName)) yield { field, ours, motos };
  else if (Array.isArray(ours) && Array.isArray(motos) && ours.length === motos.length) {
    for (const [index, item] of ours.entries()) yield* between(`${field}[]`, item, motos[index]);
  } else if (isRecord(ours) && isRecord(motos)) {
    for (const name of new Set([...Object.keys(ours), ...Object.keys(motos)])) {
      yield* between(field === "" ? name : `${field}.${name}`, ours[name], motos[name]);
    }
  } else yield { field, ours, motos };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
