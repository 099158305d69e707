import { TargetError } from "../target-error.ts";
import type { Selector } from "./objects.ts";

const OPERATORS: Readonly<Record<string, (key: string, values: string) => string>> = {
  In: (key, values) => `${key} in (${values})`,
  NotIn: (key, values) => `${key} notin (${values})`,
  Exists: (key) => key,
  DoesNotExist: (key) => `!${key}`,
};

/** A workload's selector in the form of a list's `labelSelector`. */
export const selectorText = ({ matchLabels, matchExpressions }: Selector): string => {
  const labels = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  const expressions = matchExpressions.map(({ key, operator, values }) => {
    const write = OPERATORS[operator];
    if (!write)
      throw new TargetError("INVALID", `a selector has the operator ${operator}, which Kubernetes does not have`);
    return write(key, values.join(","));
  });
  return [...labels, ...expressions].join(",");
};
