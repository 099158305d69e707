import { HANDLERS } from "../../sandbox/in-process/handlers.ts";
import { OTHER_URL, vendorCall } from "../effects/effect.ts";
import { BASE_URLS } from "../stage/vendors.ts";
import type { Mutant } from "./mutant.ts";
import { toPayload, withAnswer, withCommand, withDistribute, withFetch, withLabelling } from "./worlds.ts";

/* Faults by which trouble does not stay where it is, and of what is asked while it lasts. */
const isOther = (url: string): boolean => url.startsWith(OTHER_URL);

const withHeaders = async (answer: Response, change: (headers: Headers) => void): Promise<Response> => {
  const headers = new Headers(answer.headers);
  change(headers);
  return new Response(answer.status === 204 ? null : await answer.text(), { status: answer.status, headers });
};

type Stages = Readonly<Record<string, readonly string[]>>;
type Described = { readonly VersionIdsToStages?: Stages };
type InList = { readonly SecretVersionsToStages?: Stages };
type Listed = { readonly SecretList?: readonly InList[] };

const LONGEST_PASS_MS = 5 * 60_000;
const RETIRING = "keyturn/retiring/2026-01-01T00:00:00.000Z";

/** Labels as they were before a revocation was decided some minutes ago. */
const asBeforeIt = (nowMs: number, stages: Stages): Stages => {
  const isYoung = (label: string): boolean =>
    nowMs - Date.parse(/^keyturn\/revoking\/(.*)$/.exec(label)?.[1] ?? "") < LONGEST_PASS_MS;
  const changed = Object.entries(stages).map(([id, labels]): [string, readonly string[]] => {
    const left = labels.filter((label) => !isYoung(label));
    const isHidden = left.length < labels.length && !left.some((label) => label.startsWith("keyturn/retiring/"));
    return [id, isHidden ? [...left, RETIRING] : left];
  });
  return Object.fromEntries(changed);
};

const listedAs =
  (change: (stages: Stages) => Stages) =>
  (one: InList): InList => ({ ...one, SecretVersionsToStages: change(one.SecretVersionsToStages ?? {}) });

export const LANE_MUTANTS: readonly Mutant[] = [
  {
    name: "one-error-for-all",
    what: "what one connection fails with ends what is asked of the others in that pass",
    shownAt: "rotation/pictograph+other=pictify:fails",
    change: () => (by, world) => {
      if (by !== "reconcile") return world;
      let hasFailed: Promise<boolean> | undefined;
      return withFetch(world, (real) => async (url, init) => {
        if (!isOther(url)) return (await hasFailed) ? new Response(null, { status: 503 }) : real(url, init);
        const answer = real(url, init);
        hasFailed ??= answer.then(({ ok }) => !ok);
        return answer;
      });
    },
  },
  {
    name: "dead-is-not-told",
    what: "a current key that is dead is replaced, and nobody is told",
    shownAt: "rotation/pictograph+other=pictify:fails+beside=revoke-current@20",
    change: () => (by, world) =>
      by === "reconcile"
        ? {
            ...world,
            write: (line) => {
              if (!line.includes('"action":"key.dead"')) world.write(line);
            },
          }
        : world,
  },
  {
    name: "dead-waits-its-turn",
    what: "a current key that is dead is replaced when its schedule says so, after the passes that saw it",
    shownAt: "rotation/pictograph+other=pictify:fails+beside=revoke-current@20",
    change: () => {
      let left = 4;
      return (by, world) =>
        by === "reconcile"
          ? withCommand(world, "RotateSecret", (make) => (left-- > 0 ? Promise.resolve({}) : make()))
          : world;
    },
  },
  {
    name: "one-cluster-for-all",
    what: "targets are not known as long as one cluster does not answer",
    shownAt: "distributed-rotation/pictograph+cluster=hangs",
    change: () => (by, world) => {
      if (by !== "reconcile") return world;
      return withDistribute(world, async (input, make) =>
        input.InvocationType === "Event"
          ? make()
          : { FunctionError: "Unhandled", Payload: toPayload({ errorMessage: "one of them hangs" }) },
      );
    },
  },
  {
    name: "plans-take-the-reserve",
    what: "a plan does not hear how little of a vendor's limit is left",
    shownAt: "rotation/pictify+plans=500",
    change: () => (by, world) =>
      by === "inspect"
        ? withFetch(
            world,
            (real) => async (url, init) =>
              withHeaders(await real(url, init), (headers) => {
                for (const name of [...headers.keys()]) if (name.includes("ratelimit")) headers.delete(name);
              }),
          )
        : world,
  },
  {
    name: "memory-lost",
    what: "no pass knows what another one asked for, and what it cost",
    shownAt: "rotation/pictograph+day=own:fails-to-revoke",
    handlers: { reconcile: (world) => (event, context) => HANDLERS.reconcile(world)(event, context) },
  },
  {
    name: "decision-overlooked",
    what: "a pass does not look whether another one has decided meanwhile",
    shownAt: "rotation/pictograph+overlap=1",
    change: () => (by, world) => {
      if (by !== "reconcile") return world;
      const { clock } = world;
      const before = (stages: Stages): Stages => asBeforeIt(clock.now(), stages);
      const blind = withAnswer(world, (answer: Described & Listed) => ({
        ...answer,
        ...(answer.VersionIdsToStages ? { VersionIdsToStages: before(answer.VersionIdsToStages) } : {}),
        ...(answer.SecretList ? { SecretList: answer.SecretList.map(listedAs(before)) } : {}),
      }));
      return withLabelling(blind, (input, make) => (input.VersionStage === RETIRING ? Promise.resolve({}) : make()));
    },
  },
  {
    name: "revoked-where-declared",
    what: "a key is revoked at the connection that its secret is declared at now, wherever it was minted",
    shownAt: "compromise/pictograph+moved=pictograph:fails:other@20",
    change: () => (by, world) =>
      by === "manage" || by === "reconcile"
        ? withFetch(world, (real) => (url, init) => {
            const isRevocation = vendorCall(url, init.method).name === "revoke key";
            return real(isRevocation ? url.replace(BASE_URLS.pictograph, OTHER_URL) : url, init);
          })
        : world,
  },
];
