import type { DistributeRequest } from "../../lambdas/contracts/distribute.ts";
import { Redacted } from "../../lambdas/redacted.ts";
import type { ClusterAnswer } from "../../lambdas/targets/kubernetes/transport.ts";
import type { World } from "../../lambdas/world.ts";
import { clusterCall } from "../effects/effect.ts";
import type { Mutant } from "./mutant.ts";
import { toJson, toPayload, withAnswer, withCluster, withDescription, withDistribute } from "./worlds.ts";

/* Faults of the code that brings values to targets, and of what is decided from their adoption. */
/** Has every secret look as if it had last been changed earlier than it was. */
const withOlderChanges = (world: World, byMs: number): World => {
  const older = (date: Date | undefined) => date && new Date(date.getTime() - byMs);
  return withAnswer(
    world,
    (answer: { readonly SecretList?: readonly { readonly LastChangedDate?: Date | undefined }[] }) =>
      answer.SecretList
        ? {
            ...answer,
            SecretList: answer.SecretList.map((one) => ({ ...one, LastChangedDate: older(one.LastChangedDate) })),
          }
        : answer,
  );
};

const adopted = ({ secrets }: DistributeRequest, nowMs: number) => ({
  targets: secrets.map((one) => ({ ...one, id: "web", adopted: true, since: new Date(nowMs).toISOString() })),
});

const body = ({ body: text }: ClusterAnswer) => JSON.parse(text.reveal());

type Item = { readonly metadata: { readonly deletionTimestamp?: string } };

/** Further back than the time that a new key is given. */
const FAR_MS = 30 * 60_000;

export const TARGET_MUTANTS: readonly Mutant[] = [
  {
    name: "retire-without-adoption",
    what: "a target counts as adopted as soon as its Secret is written",
    shownAt: "distributed-rotation/pictify",
    change: () => (by, world) =>
      by !== "reconcile"
        ? world
        : withDistribute(world, async (input, make) => {
            const answer = await make();
            if (input.InvocationType === "Event" || answer.FunctionError !== undefined) return answer;
            const { targets } = toJson(answer.Payload) as { targets: { code?: string }[] };
            if (targets.some(({ code }) => code === "BEHIND")) return answer;
            return { ...answer, Payload: toPayload(adopted(toJson(input.Payload), 0)) };
          }),
  },
  {
    name: "lost-answer-counts",
    what: "targets of which nothing is known count as adopted",
    shownAt: "distributed-rotation/pictify/38/after/cold/after-overlap",
    change: () => (by, world) =>
      by !== "reconcile"
        ? world
        : withDistribute(world, async (input, make) => {
            const answer = await make();
            if (answer.FunctionError === undefined) return answer;
            return { Payload: toPayload(adopted(toJson(input.Payload), 0)) };
          }),
  },
  {
    name: "stopping-pods-forgotten",
    what: "pods that are being deleted do not count, although they still run the old value",
    shownAt: "distributed-rotation/pictify",
    change: () => (_, world) =>
      withCluster(world, async (request, make) => {
        const answer = await make();
        if (clusterCall(request).name !== "list Pods") return answer;
        const { items, ...list } = body(answer) as { items: readonly Item[] };
        const left = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
        return { ...answer, body: new Redacted(JSON.stringify({ ...list, items: left })) };
      }),
  },
  {
    name: "workloads-not-restarted",
    what: "pod templates are never marked, so that nothing picks up a new value",
    shownAt: "distributed-rotation/pictograph",
    change: () => (_, world) =>
      withCluster(world, (request, make) =>
        clusterCall(request).name === "patch Deployment"
          ? make({ method: "GET", path: request.path, signal: request.signal })
          : make(),
      ),
  },
  {
    name: "old-value-dropped-early",
    what: "targets hold the new value alone, although the old one is still valid",
    shownAt: "distributed-rotation/pictify",
    change: () => (by, world) =>
      by === "distribute"
        ? withDescription(world, (labels) => labels.filter((label) => !label.startsWith("keyturn/retiring/")))
        : world,
  },
  {
    name: "first-value-at-once",
    what: "reconcile brings a secret's first value to the targets before its key works",
    shownAt: "distributed-first-key/pictograph+beside=remade@50",
    change: () => (by, world) => (by === "reconcile" ? withOlderChanges(world, FAR_MS) : world),
  },
  {
    name: "old-value-left-behind",
    what: "after a retirement nobody takes the old value out of the targets",
    shownAt: "distributed-rotation/pictograph",
    change: () => (by, world) =>
      by === "reconcile"
        ? withDistribute(world, (input, make) => (input.InvocationType === "Event" ? Promise.resolve({}) : make()))
        : world,
  },
];
