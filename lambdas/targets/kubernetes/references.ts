import type { PodSpec, WorkloadObject } from "./objects.ts";

interface Reference {
  readonly secretName: string;
  readonly key: string;
  readonly optional: boolean;
}

/** By environment variables. One that takes all of a Secret (`envFrom`) takes what is there, and requires no key. */
const byVariables = ({ containers, initContainers }: PodSpec): readonly Reference[] =>
  [...initContainers, ...containers].flatMap(({ env }) =>
    env.flatMap(({ valueFrom }): Reference[] => {
      const found = valueFrom?.secretKeyRef;
      return found ? [{ secretName: found.name, key: found.key, optional: found.optional }] : [];
    }),
  );

/** The Secrets in a pod's volumes, projected ones included. */
const volumeSecrets = ({ volumes }: PodSpec) =>
  volumes.flatMap(({ name: volume, secret, projected }) => [
    ...(secret ? [{ ...secret, name: secret.secretName, volume }] : []),
    ...(projected?.sources ?? []).flatMap((source) => (source.secret ? [{ ...source.secret, volume }] : [])),
  ]);

/** By volumes: their items, or where a volume has all of a Secret, the single files of it that containers mount (`subPath`). */
const byFiles = (pod: PodSpec): readonly Reference[] => {
  const mounts = [...pod.initContainers, ...pod.containers].flatMap(({ volumeMounts }) => volumeMounts);
  return volumeSecrets(pod).flatMap(({ name, volume, items, optional }) => {
    const single = mounts.filter((mount) => mount.name === volume).map(({ subPath }) => subPath);
    const keys = items.length > 0 ? items.map(({ key }) => key) : single;
    return keys.map((key): Reference => ({ secretName: name, key, optional }));
  });
};

/** The variables that `envFrom` makes of a data key of a Secret, in any container. */
export const variablesOf = ({ spec }: WorkloadObject, secretName: string, key: string): readonly string[] =>
  [...spec.template.spec.initContainers, ...spec.template.spec.containers].flatMap(({ envFrom }) =>
    envFrom.flatMap(({ prefix, secretRef }) => (secretRef?.name === secretName ? [`${prefix}${key}`] : [])),
  );

/** Whether the pods of a workload do not start, or lose a file, without a data key of a Secret. */
export const requiresKey = ({ spec }: WorkloadObject, secretName: string, key: string): boolean =>
  [...byVariables(spec.template.spec), ...byFiles(spec.template.spec)].some(
    (reference) => reference.secretName === secretName && reference.key === key && !reference.optional,
  );
