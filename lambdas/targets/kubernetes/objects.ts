import * as z from "zod/mini";
import { Redacted } from "../../redacted.ts";

/*
 * The parts of Kubernetes' objects that Keyturn reads, as schemas. Everything else in them is ignored. Written from the
 * Kubernetes API reference, v1.35, and from External Secrets' CRD, v1.3.
 */
const text = z.string();
const count = z.optional(z.number());
const texts = z._default(z.record(text, text), {});

const ownerReference = z.object({ kind: text, name: text });

/** Who holds which fields. `fieldsV1` is a tree whose keys are `f:` and a field's name. */
const managedField = z.object({
  manager: z._default(text, "unknown"),
  operation: z._default(text, "Update"),
  time: z.optional(text),
  fieldsV1: z.optional(z.unknown()),
});
export type ManagedField = z.output<typeof managedField>;

const metadata = z.object({
  name: text,
  namespace: z._default(text, ""),
  uid: z._default(text, ""),
  resourceVersion: z._default(text, ""),
  generation: z._default(z.number(), 0),
  labels: texts,
  annotations: texts,
  ownerReferences: z._default(z.array(ownerReference), []),
  managedFields: z._default(z.array(managedField), []),
  creationTimestamp: z.optional(text),
  deletionTimestamp: z.optional(text),
});
export type Metadata = z.output<typeof metadata>;

/** A data value in its base64 form, as it stands in the object. */
const dataValue = z.pipe(
  text,
  z.transform((base64: string) => new Redacted(base64)),
);

export const secretObject = z.object({
  metadata,
  immutable: z._default(z.boolean(), false),
  data: z._default(z.record(text, dataValue), {}),
});
export type SecretObject = z.output<typeof secretObject>;

const keyReference = z.object({ name: z._default(text, ""), key: text, optional: z._default(z.boolean(), false) });

const container = z.object({
  name: text,
  env: z._default(
    z.array(z.object({ valueFrom: z.optional(z.object({ secretKeyRef: z.optional(keyReference) })) })),
    [],
  ),
  envFrom: z._default(
    z.array(
      z.object({ prefix: z._default(text, ""), secretRef: z.optional(z.object({ name: z._default(text, "") })) }),
    ),
    [],
  ),
  volumeMounts: z._default(z.array(z.object({ name: text, subPath: z._default(text, "") })), []),
});

const secretItems = {
  optional: z._default(z.boolean(), false),
  items: z._default(z.array(z.object({ key: text })), []),
};

const volume = z.object({
  name: text,
  secret: z.optional(z.object({ secretName: z._default(text, ""), ...secretItems })),
  projected: z.optional(
    z.object({
      sources: z._default(
        z.array(z.object({ secret: z.optional(z.object({ name: z._default(text, ""), ...secretItems })) })),
        [],
      ),
    }),
  ),
});

const podSpec = z.object({
  containers: z._default(z.array(container), []),
  initContainers: z._default(z.array(container), []),
  volumes: z._default(z.array(volume), []),
});
export type PodSpec = z.output<typeof podSpec>;

const selector = z.object({
  matchLabels: texts,
  matchExpressions: z._default(
    z.array(z.object({ key: text, operator: text, values: z._default(z.array(text), []) })),
    [],
  ),
});
export type Selector = z.output<typeof selector>;

const condition = z.object({
  type: text,
  status: text,
  reason: z._default(text, ""),
  message: z._default(text, ""),
  lastTransitionTime: z.optional(z.nullable(text)),
});
export type Condition = z.output<typeof condition>;

/** A Deployment, StatefulSet or DaemonSet: what one of them lacks is not there. */
export const workloadObject = z.object({
  metadata,
  spec: z.object({
    replicas: count,
    paused: z._default(z.boolean(), false),
    selector,
    updateStrategy: z.optional(
      z.object({ type: z.optional(text), rollingUpdate: z.optional(z.object({ partition: count })) }),
    ),
    template: z.object({
      metadata: z._default(z.object({ annotations: texts }), { annotations: {} }),
      spec: podSpec,
    }),
  }),
  status: z._default(
    z.object({
      observedGeneration: count,
      replicas: count,
      updatedReplicas: count,
      availableReplicas: count,
      desiredNumberScheduled: count,
      updatedNumberScheduled: count,
      numberAvailable: count,
      conditions: z._default(z.array(condition), []),
    }),
    { conditions: [] },
  ),
});
export type WorkloadObject = z.output<typeof workloadObject>;

const containerStatus = z.object({
  name: text,
  state: z.optional(
    z.object({ waiting: z.optional(z.object({ reason: z._default(text, ""), message: z._default(text, "") })) }),
  ),
});

export const podObject = z.object({
  metadata,
  status: z._default(
    z.object({
      phase: z._default(text, ""),
      conditions: z._default(z.array(condition), []),
      containerStatuses: z._default(z.array(containerStatus), []),
      initContainerStatuses: z._default(z.array(containerStatus), []),
    }),
    { phase: "", conditions: [], containerStatuses: [], initContainerStatuses: [] },
  ),
});
export type PodObject = z.output<typeof podObject>;

export const podList = z.object({
  metadata: z._default(z.object({ continue: z._default(text, "") }), { continue: "" }),
  items: z.array(podObject),
});

export const externalSecretObject = z.object({
  metadata,
  spec: z.looseObject({ data: z._default(z.array(z.looseObject({ secretKey: text })), []) }),
  status: z._default(z.object({ conditions: z._default(z.array(condition), []) }), { conditions: [] }),
});
export type ExternalSecretObject = z.output<typeof externalSecretObject>;

/** Kubernetes' own answer to what went wrong (API conventions, "Response Status Kind"). */
export const statusObject = z.object({
  reason: z._default(text, ""),
  message: z._default(text, ""),
  details: z._default(
    z.object({
      kind: z._default(text, ""),
      name: z._default(text, ""),
      retryAfterSeconds: count,
      causes: z._default(
        z.array(z.object({ reason: z._default(text, ""), message: z._default(text, ""), field: z._default(text, "") })),
        [],
      ),
    }),
    { kind: "", name: "", causes: [] },
  ),
});
export type StatusObject = z.output<typeof statusObject>;
