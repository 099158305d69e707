import type { LeftTarget } from "../contracts/key-facts.ts";
import { targetsOf } from "../contracts/target-tags.ts";
import type { TargetDeclaration } from "../contracts/targets.ts";

/** The operator deletes the Secret with the ExternalSecret that owns it (External Secrets: "Lifecycle", `creationPolicy: Owner`). */
const RESOURCES = { kubernetes: "secret", "external-secret": "externalsecret" } as const satisfies Readonly<
  Record<TargetDeclaration["kind"], string>
>;

/**
 * What a key that was ended leaves in its targets: objects with a value that works no more, and how to delete each. Keyturn has no right to
 * delete anything in a cluster.
 */
export const leftTargets = (tags: Readonly<Record<string, string>>): readonly LeftTarget[] =>
  targetsOf(tags).flatMap((one) => {
    if (!("target" in one)) return [];
    const { kind, cluster, namespace, name } = one.target;
    return [{ cluster, command: `kubectl delete ${RESOURCES[kind]} ${name} --namespace ${namespace}` }];
  });
