import type { Clock } from "../../lambdas/clock.ts";
import type { ClusterAnswer, ClusterRequest, ClusterSend } from "../../lambdas/targets/kubernetes/transport.ts";
import { applied, conflictsOf, updated } from "./field-owners.ts";
import { isObject, type Json, type JsonObject, leavesOf, merged } from "./json.ts";
import { fieldsOf, type ObjectStore, type Place, type Stored } from "./object-store.ts";
import { renderPod } from "./pod-rendering.ts";
import type { Pods } from "./pods.ts";
import {
  answerOf,
  changedMeanwhile,
  fieldConflict,
  namespaceNotFound,
  noSuchPath,
  notFound,
  unauthorized,
} from "./status.ts";

export interface ApiServerOptions {
  readonly clock: Clock;
  readonly store: ObjectStore;
  readonly pods: Pods;
  readonly namespaces: ReadonlySet<string>;
  /** What it serves besides pods: the plural of each kind, by the beginning of its path. */
  readonly resources: Readonly<Record<string, string>>;
  /** Whether somebody with this bearer token may ask. */
  readonly knows: (token: string | undefined) => boolean;
}

interface Target extends Place {
  readonly query: URLSearchParams;
}

const PATH = /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)\/namespaces\/([^/]+)\/([^/]+)(?:\/([^/]+))?$/;

const targetOf = ({ path }: ClusterRequest): (Target & { readonly root: string }) | undefined => {
  const { pathname, searchParams: query } = new URL(path, "https://cluster.invalid");
  const [, root, namespace, resource, name = ""] = PATH.exec(pathname) ?? [];
  if (root === undefined || namespace === undefined || resource === undefined) return undefined;
  return { root, namespace, resource, name, query };
};

/** @throws Error for what a selector of equalities does not say */
const selects = (labelSelector: string): ((labels: Readonly<Record<string, string>>) => boolean) => {
  const wanted = labelSelector.split(",").map((text) => {
    const [, key = "", value = ""] = /^([^=!\s]+)=([^=\s]*)$/.exec(text) ?? [];
    if (key === "") throw new Error(`this cluster knows selectors such as app=web, not "${text}"`);
    return [key, value] as const;
  });
  return (labels) => wanted.every(([key, value]) => labels[key] === value);
};

const EMPTY = { leaves: new Map<string, Json>(), owners: [] };

const textIn = (body: JsonObject, field: string): string | undefined => {
  const { metadata } = body;
  const value = isObject(metadata) ? metadata[field] : body[field];
  return typeof value === "string" ? value : undefined;
};

/** The API server: what Keyturn asks of one, and no more. */
export const createApiServer = ({
  clock,
  store,
  pods,
  namespaces,
  resources,
  knows,
}: ApiServerOptions): ClusterSend => {
  const listPods = ({ namespace, query }: Target): ClusterAnswer => {
    const isWanted = selects(query.get("labelSelector") ?? "");
    const found = pods
      .all()
      .filter(({ namespace: its, template }) => its === namespace && isWanted(template.metadata.labels));
    return answerOf(200, { kind: "PodList", apiVersion: "v1", metadata: {}, items: found.map(renderPod) });
  };

  const answerFor = (target: Target, stored: Stored | undefined, status = 200): ClusterAnswer =>
    stored ? answerOf(status, store.render(target, stored)) : notFound(target);

  const apply = (target: Target, body: JsonObject): ClusterAnswer => {
    const live = store.get(target);
    if (!live && !namespaces.has(target.namespace)) return namespaceNotFound(target);
    const manager = target.query.get("fieldManager") ?? "unknown";
    const wanted = leavesOf(fieldsOf(body));
    const conflicts = live && target.query.get("force") !== "true" ? conflictsOf(live, wanted, manager) : [];
    if (conflicts.length > 0) return fieldConflict(conflicts);
    const expected = textIn(body, "resourceVersion");
    if (live && expected !== undefined && expected !== String(live.resourceVersion)) return changedMeanwhile(target);
    const next = applied(live ?? EMPTY, wanted, { manager, nowMs: clock.now() });
    const type = { apiVersion: String(body.apiVersion), kind: String(body.kind) };
    return answerFor(target, store.write(target, type, next), live ? 200 : 201);
  };

  const merge = (target: Target, patch: JsonObject): ClusterAnswer => {
    const live = store.get(target);
    if (!live) return notFound(target);
    const expected = textIn(patch, "resourceVersion");
    if (expected !== undefined && expected !== String(live.resourceVersion)) return changedMeanwhile(target);
    const manager = target.query.get("fieldManager") ?? "unknown";
    const next = updated(live, merged(live.leaves, fieldsOf(patch)), { manager, nowMs: clock.now() });
    return answerFor(target, store.write(target, live, next));
  };

  const patch = (target: Target, { contentType, body }: ClusterRequest): ClusterAnswer => {
    const sent = JSON.parse(body?.reveal() ?? "{}") as JsonObject;
    if (contentType === "application/apply-patch+yaml") return apply(target, sent);
    if (contentType === "application/merge-patch+json") return merge(target, sent);
    throw new Error(`this cluster knows server-side apply and merge patches, not ${contentType}`);
  };

  return async ({ token }, request) => {
    if (!knows(token?.reveal())) return unauthorized();
    const target = targetOf(request);
    if (!target) return noSuchPath();
    if (target.resource === "pods" && target.name === "" && request.method === "GET") return listPods(target);
    if (resources[target.resource] !== target.root || target.name === "") return noSuchPath();
    return request.method === "GET" ? answerFor(target, store.get(target)) : patch(target, request);
  };
};
