import type { V1PolicyRule } from "@kubernetes/client-node";
import type { PolicyRule } from "../../lambdas/targets/kubernetes/rules.ts";

/** Rules as the client takes them: its types have nothing that is read-only. */
export const policyRules = (rules: readonly PolicyRule[]): V1PolicyRule[] =>
  structuredClone(rules) as readonly PolicyRule[] as V1PolicyRule[];

/** The rules without the right to do one thing with one kind of object. */
export const rulesWithout = (rules: readonly PolicyRule[], verb: string, resource: string): readonly PolicyRule[] =>
  rules
    .map((rule) =>
      rule.resources.includes(resource) ? { ...rule, verbs: rule.verbs.filter((one) => one !== verb) } : rule,
    )
    .filter(({ verbs }) => verbs.length > 0);
