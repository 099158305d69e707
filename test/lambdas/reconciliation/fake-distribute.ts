import type { DistributeAnswer, DistributeRequest, TargetResult } from "../../../lambdas/contracts/distribute.ts";
import { targetTags } from "../../../lambdas/contracts/target-tags.ts";
import type { KubernetesSecretDeclaration } from "../../../lambdas/contracts/targets.ts";
import type { Stand } from "../stand.ts";
import { retag } from "./passes.ts";

/*
 * A `distribute` that says what a test wants it to say, where Lambda has the real one. It knows the targets that were given
 * with `addTarget`, and answers for each.
 */
type Says = Partial<Omit<TargetResult, "arn" | "id" | "versionId">>;

export interface FakeDistribute {
  readonly asked: readonly DistributeRequest[];
  /** Declares a target of a key, with tags as a deploy does. It has adopted, until something else is said. */
  addTarget(arn: string, id?: string, cluster?: string): Promise<void>;
  /** What it says of a target from now on; nothing: it does not answer for it. */
  says(arn: string, id: string, what: Says | undefined): void;
  /** Answers in place of all the rest, but where it answers `undefined`; none: as before. */
  answerBy(answer: ((request: DistributeRequest) => Promise<unknown>) | undefined): void;
  /** The secrets that it was asked about in this way, in their order. */
  arnsOf(action: DistributeRequest["action"]): readonly string[];
}

export const placeOf = (id: string): KubernetesSecretDeclaration => ({
  kind: "kubernetes",
  id,
  cluster: "prod",
  namespace: id,
  name: "pictify-credentials",
  dataKey: "api-key",
  restart: [{ kind: "deployment", name: "webapp" }],
  delayMs: 120_000,
});

export const fakeDistribute = (stand: Stand): FakeDistribute => {
  const asked: DistributeRequest[] = [];
  const known = new Map<string, Map<string, Says | undefined>>();
  let instead: ((request: DistributeRequest) => Promise<unknown>) | undefined;

  const targetsOf = ({ secrets }: DistributeRequest): TargetResult[] =>
    secrets.flatMap(({ arn, versionId }) =>
      [...(known.get(arn) ?? [])].flatMap(([id, what]) =>
        what === undefined ? [] : [{ arn, id, versionId, adopted: true, ...what }],
      ),
    );

  stand.account.functions.create({
    name: stand.functions.distribute,
    timeoutMs: 120_000,
    secretsManagerMayInvoke: false,
    handler: async (event) => {
      const request = event as DistributeRequest;
      asked.push(request);
      const said = await instead?.(request);
      if (said !== undefined) return said;
      return { targets: targetsOf(request), failed: [] } satisfies DistributeAnswer;
    },
  });

  const says: FakeDistribute["says"] = (arn, id, what) =>
    void known.set(arn, new Map([...(known.get(arn) ?? []), [id, what]]));
  return {
    asked,
    says,
    answerBy(answer) {
      instead = answer;
    },
    async addTarget(arn, id = "web", cluster = "prod") {
      await retag(stand, arn, targetTags({ ...placeOf(id), cluster }));
      says(arn, id, {});
    },
    arnsOf: (action) =>
      asked.filter((request) => request.action === action).flatMap(({ secrets }) => secrets.map(({ arn }) => arn)),
  };
};
