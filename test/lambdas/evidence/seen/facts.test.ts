import { describe, expect, test } from "vitest";
import { keysAnswer } from "../../../../lambdas/contracts/inspect.ts";
import { keyAnswer } from "../../../../lambdas/contracts/manage.ts";
import type { Client } from "../../../../provider/client.ts";
import { planKey } from "../../../../provider/key/plan.ts";
import { createKeyReader } from "../../../../provider/key/reader.ts";
import { createKeyResource } from "../../../../provider/key/resource.ts";
import { KEY_SCHEMA } from "../../../../provider/key/schema.ts";
import { factsState } from "../../../../provider/key/state.ts";
import type { Problem } from "../../../../provider/protocol/problem.ts";
import { conform } from "../../../../provider/protocol/schema.ts";
import type { ObjectValue } from "../../../../provider/wire/value.ts";
import type { Fault } from "../../../../sandbox/vendors/hostility.ts";
import { ask, expecting } from "../../management/asking.ts";
import { answerWith } from "../../rotation/begun.ts";
import type { VendorName } from "../../second-connection.ts";
import { HOUR_MS, type Stand } from "../../stand.ts";
import { aliveAt, createsAt, declaredAt, standWith, VENDORS } from "./vendor-keys.ts";

/* What a plan and an apply make of a list that is empty, or lacks keys, for once. */

const inspect = async (stand: Stand, event: object) =>
  keysAnswer.parse((await stand.invoke("inspect", { protocol: 1, ...event })).answer).keys;

/** Reads the state of keys as a plan does, in one process of the provider; and what it warns of. */
const refreshed = async (stand: Stand, states: readonly ObjectValue[]) => {
  const reader = createKeyReader({
    list: () => inspect(stand, { action: "list" }),
    describe: async (secretId) => (await inspect(stand, { action: "describe", secretId }))[0],
  });
  const client = { reader } as Client;
  const warnings: Problem[] = [];
  const read: (ObjectValue | null)[] = [];
  for (const state of states)
    read.push(await createKeyResource().read(client, state, (problem) => void warnings.push(problem)));
  return { read, warnings };
};

/** As many keys as are tried for one plan, and some more; the state that their apply left. */
const FLEET = 23;

const applied = async (vendor: VendorName, count = FLEET) => {
  const stand = await standWith({});
  const states: ObjectValue[] = [];
  const arns: string[] = [];
  for (let n = 0; n < count; n++) {
    const declaration = { ...declaredAt(vendor), name: `web-${n}` };
    const arn = await stand.deploy(declaration);
    const { connection, name, role = null, type = null } = expecting(declaration);
    const facts = keyAnswer.parse((await ask(stand, "ensure", arn)).answer);
    arns.push(arn);
    states.push(conform(KEY_SCHEMA, { secret_id: arn, vendor: connection, name, role, type, ...factsState(facts) }));
  }
  await stand.clock.advance(HOUR_MS);
  const { read } = await refreshed(stand, states);
  return { stand, arns, states: read.map((state) => state ?? {}) };
};

const EMPTY: readonly (readonly [string, Fault | { readonly answers: (known: unknown) => unknown }])[] = [
  ["is empty", { kind: "list-omits" }],
  ["ends after its first key, the admin's", { kind: "list-cut" }],
  ["has half of the keys", { kind: "list-omits", omits: (id) => id.charCodeAt(id.length - 1) % 2 === 0 }],
  [
    "is empty, and says of nothing else",
    { answers: (known) => (Array.isArray(known) ? [] : { apiKeys: [], api_keys: [] }) },
  ],
  ["is none, but an object with a message", { answers: () => ({ message: "OK" }) }],
  ["is null", { answers: () => ({ apiKeys: null, api_keys: null }) }],
];

const spoilLists = (stand: Stand, vendor: VendorName, fault: (typeof EMPTY)[number][1]): (() => void) => {
  if ("kind" in fault) {
    stand[vendor].hostile.next("list", fault, Number.POSITIVE_INFINITY);
    return () => stand[vendor].hostile.clear();
  }
  let isSpoilt = true;
  answerWith(
    stand,
    (url, { method = "GET" }) => isSpoilt && method === "GET" && /\/api-keys\/?(\?|$)/.test(url),
    async (url, init, send) => {
      const answer = await send(url, init);
      return answer.ok ? Response.json(fault.answers(await answer.json())) : answer;
    },
  );
  return () => {
    isSpoilt = false;
  };
};

describe.each(VENDORS)("where a list of %s", (vendor) => {
  describe.each(EMPTY)("%s,", (_, fault) => {
    test("a plan ends well, keeps what the state says, and warns; later it warns no more", async () => {
      const { stand, states } = await applied(vendor);
      const mend = spoilLists(stand, vendor, fault);

      const spoilt = await refreshed(stand, states);
      mend();
      const mended = await refreshed(stand, states);

      expect(spoilt.read).toEqual(states);
      for (const state of spoilt.read)
        expect(planKey(state, state ?? {}, false)).toEqual({ planned: state, replacedBy: [] });
      expect(spoilt.warnings.length).toBeGreaterThan(0);
      expect(mended).toEqual({ read: states, warnings: [] });
    });

    test("an apply makes nothing anew", async () => {
      const { stand, arns } = await applied(vendor, 3);
      const before = aliveAt(stand, vendor);
      spoilLists(stand, vendor, fault);

      for (const arn of arns) await ask(stand, "ensure", arn);
      for (const arn of arns) await ask(stand, "update", arn);

      expect(createsAt(stand, vendor)).toBe(3);
      expect(aliveAt(stand, vendor)).toEqual(before);
    });
  });

  test("is empty, a key that was revoked is told as revoked, and no other one", async () => {
    const { stand, arns, states } = await applied(vendor, 3);
    const [arn = ""] = arns;
    stand[vendor].revokeKey((await stand.currentKey(arn)).keyId);
    stand[vendor].hostile.next("list", { kind: "list-omits" }, Number.POSITIVE_INFINITY);

    const { read, warnings } = await refreshed(stand, states);

    expect(read.map((state) => state?.status)).toEqual(["revoked", "current", "current"]);
    expect(warnings).toHaveLength(2);
  });
});
