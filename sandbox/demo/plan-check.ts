import type { Scene } from "./scene.ts";
import type { Plan, PlannedKey } from "./stage.ts";

export const keyLine = ({ name, actions, changes }: PlannedKey): string =>
  `plan: ${name}, ${actions === "update" ? "update in place" : actions}: ${changes.join(", ")}`;

/** The changes of a plan by kind: "4 aws_lambda_function, 3 aws_secretsmanager_secret". */
const kinds = (changes: readonly string[]): string => {
  const counts = new Map<string, number>();
  for (const change of changes) {
    const type = change.split(".", 1)[0] ?? change;
    counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return [...counts].map(([type, count]) => `${count} ${type}`).join(", ");
};

/** "1 key stays as it is", "3 keys stay as they are". */
export const staying = ({ unchangedKeys: { length } }: Plan): string =>
  length === 1 ? "1 key stays as it is" : `${length} keys stay as they are`;

/** Shows a plan with changes in it. */
export const showPlan = ({ view }: Scene, plan: Plan): void => {
  const { changedKeys, changes } = plan;
  for (const key of changedKeys) view.line(keyLine(key));
  const besides = changes.length > 0 ? `; besides, for what they declare: ${kinds(changes)}` : "";
  view.line(`plan: ${staying(plan)}${besides}`);
};

/** What a plan has of what the stand-in does not give back is no change, and is named. */
export const showNotGivenBack = ({ view }: Scene, { notGivenBack }: Plan): void => {
  for (const { type, names, attributes } of notGivenBack)
    view.line(`the stand-in for AWS does not give back ${attributes.join(", ")} of ${names.length} ${type}`);
};

/** After a deploy a plan must want nothing. */
export const checkNothingPlanned = async (scene: Scene, after: string): Promise<Plan> => {
  const { stage, view, watch, problems } = scene;
  const plan = await stage.plan();
  const changed = [...plan.changedKeys.map(keyLine), ...plan.changes];
  if (plan.unchangedKeys.length !== watch.keys.length || changed.length > 0)
    problems.push(
      `the plan after ${after} leaves ${plan.unchangedKeys.length} of ${watch.keys.length} keys as they are, and changes: ${changed.join("; ") || "nothing"}`,
    );
  view.line(
    changed.length === 0
      ? `the plan after ${after}: ${plan.unchangedKeys.length} keys were asked for and stay as they are; nothing changes`
      : `the plan after ${after} CHANGES ${changed.join("; ")}`,
  );
  return plan;
};
