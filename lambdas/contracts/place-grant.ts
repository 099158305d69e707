import { durationText } from "./duration.ts";
import type { PlaceGrantFile } from "./grants.ts";
import { type TargetDeclaration, workloadText } from "./targets.ts";

/** The grant of a declared target: its place, and as the least that is waited for and rolled out what it declares itself. */
export const placeGrantOf = (secret: string, target: TargetDeclaration): PlaceGrantFile => {
  const { kind, namespace, name, dataKey, delayMs } = target;
  const restart = target.restart.map(workloadText).sort();
  return {
    secret,
    kind,
    namespace,
    name,
    dataKey,
    ...(target.kind === "external-secret" ? { store: target.store } : {}),
    restart,
    minimum: { delay: durationText(delayMs), restart },
  };
};
