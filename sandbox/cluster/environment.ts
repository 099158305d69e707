import type { Container, PodTemplate } from "./deployment-spec.ts";

/** Why a container does not start, as the kubelet says it. */
export interface Waiting {
  readonly reason: string;
  readonly message: string;
}

/** The data of a Secret, in its base64 form; `undefined`: there is no such Secret. */
export type ReadSecretData = (namespace: string, name: string) => Readonly<Record<string, string>> | undefined;

type Read = { readonly environment: Readonly<Record<string, string>> } | { readonly waiting: Waiting };

interface Owner {
  readonly namespace: string;
  readonly template: PodTemplate;
}

const held = (message: string): Read => ({ waiting: { reason: "CreateContainerConfigError", message } });

const variableOf = (
  { namespace }: Owner,
  { name, value, valueFrom }: Container["env"][number],
  readSecretData: ReadSecretData,
): Read => {
  const reference = valueFrom?.secretKeyRef;
  if (!reference) return { environment: { [name]: value } };
  const data = readSecretData(namespace, reference.name);
  const found = data?.[reference.key];
  if (found !== undefined) return { environment: { [name]: Buffer.from(found, "base64").toString() } };
  if (reference.optional) return { environment: {} };
  return data
    ? held(`couldn't find key ${reference.key} in Secret ${namespace}/${reference.name}`)
    : held(`secret "${reference.name}" not found`);
};

/** The variables that a pod's containers start with as of now, or why they do not start. */
export const environmentOf = (owner: Owner, readSecretData: ReadSecretData): Read => {
  const environment: Record<string, string> = {};
  for (const variable of owner.template.spec.containers.flatMap(({ env }) => env)) {
    const read = variableOf(owner, variable, readSecretData);
    if ("waiting" in read) return read;
    Object.assign(environment, read.environment);
  }
  return { environment };
};
