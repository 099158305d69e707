import { Annotations, TerraformResource } from "cdktf";
import type { IConstruct } from "constructs";
import { envFromText, isVariableName } from "../lambdas/contracts/variable-name.ts";
import type { KeyTarget } from "./kubernetes-target.ts";
import { resolved } from "./resolved.ts";

/** What a workload's container takes all of: in the provider's form, or in that of a manifest. */
interface EnvFrom {
  readonly prefix?: unknown;
  readonly secret_ref?: unknown;
  readonly secretRef?: unknown;
}

const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

const isObject = (value: unknown): value is Record<string, unknown> => value !== null && typeof value === "object";

/** All that any container in a resource takes by `envFrom`, however deep it lies. */
const envFromIn = (value: unknown): readonly EnvFrom[] => {
  if (!isObject(value)) return [];
  const here = Array.isArray(value) ? [] : [...listOf(value.env_from), ...listOf(value.envFrom)].filter(isObject);
  return [...here, ...Object.values(value).flatMap(envFromIn)];
};

const takes = ({ secret_ref, secretRef }: EnvFrom, secretName: string): boolean =>
  [...listOf(secret_ref), ...listOf(secretRef)].some((one) => isObject(one) && one.name === secretName);

const isMisnamed = ({ prefix }: EnvFrom, dataKey: string): boolean =>
  !isVariableName(`${typeof prefix === "string" ? prefix : ""}${dataKey}`);

const isWorkload = (node: IConstruct): node is TerraformResource =>
  TerraformResource.isTerraformResource(node) && node.terraformResourceType.startsWith("kubernetes_");

/**
 * Warns of workloads of the same app that take all of a target's Secret as environment variables, where its data key is no name
 * of one. To be asked for in a validation. What another tool declares is seen by `distribute`.
 */
export const warnOfEnvFrom = (scope: IConstruct, { declaration: { name, dataKey } }: KeyTarget): void => {
  if (isVariableName(dataKey)) return;
  const workloads = scope.node.root.node.findAll().filter(isWorkload);
  for (const workload of workloads)
    if (
      envFromIn(resolved(workload, workload.toTerraform())).some((one) => takes(one, name) && isMisnamed(one, dataKey))
    )
      Annotations.of(scope).addWarning(
        `${workload.node.path} takes all of the Secret ${name}: ${envFromText(dataKey)}`,
      );
};
