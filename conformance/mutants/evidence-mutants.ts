import type { World } from "../../lambdas/world.ts";
import { vendorCall } from "../effects/effect.ts";
import type { Mutant } from "./mutant.ts";
import { showingOwnCalls, withFetch, withLabelling, withLastUse, withListing, withVerification } from "./worlds.ts";

/* Faults of what is concluded from a vendor's answers: each believes an answer that is well formed and wrong. */
const json = (status: number, body: object): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });

/** Refusals as both vendors word them. */
const refusal = (): Response =>
  json(401, {
    error: { code: "invalid_api_key", message: "revoked" },
    type: "https://vendor.test/errors/invalid-api-key",
    title: "Invalid API Key",
  });
const tooSmall = (): Response =>
  json(403, {
    error: { code: "insufficient_permissions", message: "too small" },
    type: "https://vendor.test/errors/forbidden",
    title: "Forbidden",
  });

const justNow = ({ clock }: World): string => new Date(clock.now()).toISOString();

const isId = (key: object, id: string): boolean => "id" in key && key.id === id;

const isListedActive = (key: object): boolean =>
  ("is_active" in key && key.is_active === true) || ("status" in key && key.status === "Active");

export const EVIDENCE_MUTANTS: readonly Mutant[] = [
  {
    name: "first-page-is-all",
    what: "a list is read to the end of its first page",
    shownAt: "rotation/pictograph+vendor-kind=pages-of-one",
    change: () => (_, world) =>
      withFetch(world, (real) => (url, init) => {
        const { searchParams } = new URL(url);
        const isFurther = searchParams.has("offset") || Number(searchParams.get("page") ?? 1) > 1;
        return isFurther ? Promise.resolve(json(200, { api_keys: [], apiKeys: [] })) : real(url, init);
      }),
  },
  {
    name: "absence-is-gone",
    what: "a key that a list lacks counts as refused, without having been tried",
    shownAt: "rotation/pictograph+vendor=20:omits-all:hour",
    change: ({ simulator }) => {
      const listed = new Set<string>();
      return (by, world) => {
        if (by !== "reconcile") return world;
        const seen = withListing(world, (keys) => {
          listed.clear();
          for (const key of keys) if ("id" in key) listed.add(String(key.id));
          return keys;
        });
        const values = () =>
          new Map(simulator.issuedValues().map((value, index) => [value, simulator.keys()[index]?.id]));
        return withVerification(seen, simulator.adminKey, (answer, apiKey) =>
          listed.has(values().get(apiKey) ?? "") ? answer : refusal(),
        );
      };
    },
  },
  {
    name: "edge-counts-as-alive",
    what: "a web page with the status 403 counts as the proof that a key works",
    shownAt: "rotation/pictograph+vendor=13:edge-403:3",
    change:
      ({ simulator }) =>
      (_, world) =>
        withVerification(world, simulator.adminKey, (answer) =>
          answer.status === 403 && !answer.headers.get("content-type")?.includes("json") ? tooSmall() : answer,
        ),
  },
  {
    name: "refusal-without-control",
    what: "a refusal counts, although the vendor refuses everybody",
    shownAt: "rotation/pictograph+vendor=75:not-revoked+vendor=77:values-refused:3+vendor=81:omits-all:3",
    change:
      ({ simulator }) =>
      (_, world) =>
        withVerification(world, simulator.adminKey, (answer, apiKey) => {
          const newest = simulator.keys().findLastIndex(({ active, name }) => active && name.includes("-kt-"));
          const isControl = apiKey === simulator.adminKey || apiKey === simulator.issuedValues()[newest];
          return answer.status === 401 && isControl ? json(200, []) : answer;
        }),
  },
  {
    name: "accepted-is-revoked",
    what: "a revocation that was accepted counts as done, whether or not the key still works",
    shownAt: "rotation/pictograph+vendor=75:not-revoked",
    change: ({ simulator }) => {
      const accepted = new Set<string>();
      return (_, world) => {
        const asking = withFetch(world, (real) => async (url, init) => {
          const answer = await real(url, init);
          if (vendorCall(url, init.method).name === "revoke key" && answer.ok)
            for (const { id } of simulator.keys()) if (url.includes(id)) accepted.add(id);
          return answer;
        });
        const listing = withListing(asking, (keys) => keys.filter((key) => ![...accepted].some((id) => isId(key, id))));
        return withVerification(listing, simulator.adminKey, (answer, apiKey) => {
          const id = simulator.keys()[simulator.issuedValues().indexOf(apiKey)]?.id;
          return id !== undefined && accepted.has(id) ? refusal() : answer;
        });
      };
    },
  },
  {
    name: "unreadable-is-never",
    what: "a time of last use that cannot be read counts as no use",
    shownAt: "rotation/pictograph+vendor-kind=last-use-in-english+beside=slow-workload@1",
    change: ({ simulator }) => {
      const shown = showingOwnCalls(simulator);
      return (by, world) => (by === "reconcile" ? shown(withLastUse(world, () => null)) : world);
    },
  },
  {
    name: "no-zone-is-utc",
    what: "a local time without a zone is taken for UTC",
    shownAt: "rotation/pictograph+vendor-kind=last-use-without-zone+beside=slow-workload@1",
    change: ({ simulator }) => {
      const shown = showingOwnCalls(simulator);
      const asUtc = (value: unknown) => (typeof value === "string" ? `${value}Z` : value);
      return (by, world) => (by === "reconcile" ? shown(withLastUse(world, asUtc)) : world);
    },
  },
  {
    name: "own-calls-not-noted",
    what: "a call of our own with a key that retires is not written down, so that it counts as somebody's",
    shownAt: "rotation/pictograph",
    change: () => (by, world) =>
      by === "reconcile"
        ? withLabelling(world, (input, make) =>
            input.VersionStage?.startsWith("keyturn/tried") ? Promise.resolve({}) : make(),
          )
        : world,
  },
  {
    name: "day-is-its-beginning",
    what: "a bare date counts as the beginning of its day",
    shownAt: "rotation/pictograph+vendor-kind=last-use-by-day",
    change:
      ({ simulator }) =>
      (by, world) =>
        by === "reconcile"
          ? withLastUse(world, (value, key) => {
              if (isId(key, simulator.adminKeyId)) return justNow(world);
              return typeof value === "string" ? `${value}T00:00:00.000Z` : value;
            })
          : world,
  },
  {
    name: "decision-not-marked",
    what: "the decision to revoke is not written down before the vendor is asked",
    shownAt: "rotation/pictograph+vendor=75:not-revoked",
    change: () => (by, world) =>
      by === "reconcile"
        ? withLabelling(world, (input, make) =>
            input.VersionStage?.startsWith("keyturn/revoking/") ? Promise.resolve({}) : make(),
          )
        : world,
  },
  {
    name: "successor-by-the-list",
    what: "an old key goes because a list calls the current one active, whose value nobody tries",
    shownAt: "rotation/pictify+beside=revoke-current-unseen@22",
    change: ({ simulator }) => {
      const active = new Set<string>();
      return (by, world) => {
        if (by !== "reconcile") return world;
        const seen = withListing(world, (keys) => {
          for (const key of keys)
            if ("id" in key) isListedActive(key) ? active.add(String(key.id)) : active.delete(String(key.id));
          return keys;
        });
        return withVerification(seen, simulator.adminKey, (answer, apiKey) => {
          const id = simulator.keys()[simulator.issuedValues().indexOf(apiKey)]?.id;
          return answer.status === 401 && active.has(id ?? "") ? tooSmall() : answer;
        });
      };
    },
  },
  {
    name: "any-organization",
    what: "an admin key counts as the right one, whatever organization it lists",
    shownAt: "rotation/pictograph+beside=wrong-admin-key@1",
    change:
      ({ simulator }) =>
      (_, world) =>
        withListing(world, (keys) => {
          const ours = simulator.keys().filter(({ name, active }) => active && name.includes("-kt-"));
          return [...keys, ...ours.map(({ id, name }) => ({ id, name, is_active: true }))];
        }),
  },
  {
    name: "own-calls-are-shown",
    what: "a call of our own with a key that retires counts as shown, whatever the list says",
    shownAt: "rotation/pictograph+vendor-kind=last-use-every-two-hours+beside=slow-workload@1",
    change: ({ simulator }) => {
      const shown = showingOwnCalls(simulator);
      return (by, world) => (by === "reconcile" ? shown(world) : world);
    },
  },
];
