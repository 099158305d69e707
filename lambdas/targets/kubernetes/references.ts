import type { PodSpec, WorkloadObject } from "./objects.ts";

interface Reference {
  readonly secretName: string;
  readonly key: string;
  readonly optional: boolean;
}

/** All references of a pod to single data keys of Secrets: by environment variables, and by items of volumes. */
const referencesOf = ({ containers, initContainers, volumes }: PodSpec): readonly Reference[] => {
  const variables = [...initContainers, ...containers].flatMap(({ env }) =>
    env.flatMap(({ valueFrom }): Reference[] => {
      const found = valueFrom?.secretKeyRef;
      return found ? [{ secretName: found.name, key: found.key, optional: found.optional }] : [];
    }),
  );
  const mounted = volumes.flatMap(({ secret, projected }) => [
    ...(secret ? [{ ...secret, name: secret.secretName }] : []),
    ...(projected?.sources ?? []).flatMap((source) => source.secret ?? []),
  ]);
  const files = mounted.flatMap(({ name, items, optional }) =>
    items.map(({ key }): Reference => ({ secretName: name, key, optional })),
  );
  return [...variables, ...files];
};

/** Whether the pods of a workload do not start, or lose a file, without a data key of a Secret. */
export const requiresKey = ({ spec }: WorkloadObject, secretName: string, key: string): boolean =>
  referencesOf(spec.template.spec).some(
    (reference) => reference.secretName === secretName && reference.key === key && !reference.optional,
  );
