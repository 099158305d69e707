import { createHash } from "node:crypto";
import * as z from "zod";
import type { JsonObject } from "./json.ts";

/* The parts of a Deployment that its controller and the nodes read, with Kubernetes' defaults (API reference, v1.35). */
const texts = z.record(z.string(), z.string()).default({});

const reference = z.object({ name: z.string(), key: z.string(), optional: z.boolean().default(false) });

const variable = z.object({
  name: z.string(),
  value: z.string().default(""),
  valueFrom: z.object({ secretKeyRef: reference.optional() }).optional(),
});

const container = z.object({ name: z.string(), image: z.string().default(""), env: z.array(variable).default([]) });
export type Container = z.output<typeof container>;

const template = z.object({
  metadata: z.object({ labels: texts, annotations: texts }),
  spec: z.object({ containers: z.array(container), terminationGracePeriodSeconds: z.number().default(30) }),
});
export type PodTemplate = z.output<typeof template>;

const numberOrShare = z.union([z.number(), z.string().regex(/^\d+%$/)]).default("25%");

const spec = z.object({
  replicas: z.number().default(1),
  paused: z.boolean().default(false),
  progressDeadlineSeconds: z.number().default(600),
  strategy: z
    .object({ rollingUpdate: z.object({ maxSurge: numberOrShare, maxUnavailable: numberOrShare }).prefault({}) })
    .prefault({}),
  template,
});

export interface DeploymentSpec {
  readonly replicas: number;
  readonly paused: boolean;
  readonly progressDeadlineMs: number;
  /** How many pods there may be above `replicas`, and how many may be unavailable. */
  readonly surge: number;
  readonly unavailable: number;
  readonly template: PodTemplate;
  /** What tells pods of this template from others. */
  readonly templateHash: string;
}

/** Kubernetes rounds a share of the surge up, and one of the unavailable down. */
const countOf = (value: number | string, replicas: number, round: (share: number) => number): number =>
  typeof value === "number" ? value : round((replicas * Number(value.slice(0, -1))) / 100);

const read = new WeakMap<JsonObject, DeploymentSpec>();

/** @throws ZodError for a Deployment that the controller could not work with */
export const deploymentSpecOf = (object: JsonObject): DeploymentSpec => {
  const found = read.get(object) ?? readSpec(object);
  read.set(object, found);
  return found;
};

const readSpec = (object: JsonObject): DeploymentSpec => {
  const { replicas, paused, progressDeadlineSeconds, strategy, template: pods } = spec.parse(object.spec);
  const surge = countOf(strategy.rollingUpdate.maxSurge, replicas, Math.ceil);
  const unavailable = countOf(strategy.rollingUpdate.maxUnavailable, replicas, Math.floor);
  return {
    replicas,
    paused,
    progressDeadlineMs: progressDeadlineSeconds * 1_000,
    surge,
    // Both 0 would be a rollout that never begins: Kubernetes then takes one away.
    unavailable: surge + unavailable === 0 ? 1 : unavailable,
    template: pods,
    templateHash: createHash("sha256").update(JSON.stringify(pods)).digest("hex").slice(0, 10),
  };
};
