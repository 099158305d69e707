import { describe, expect, test } from "vitest";
import type { GrantsFile } from "../../../lambdas/contracts/grants.ts";
import { placeGrantOf } from "../../../lambdas/contracts/place-grant.ts";
import { targetTags } from "../../../lambdas/contracts/target-tags.ts";
import type { TargetDeclaration } from "../../../lambdas/contracts/targets.ts";
import { HOUR_MS, MINUTE_MS } from "../stand.ts";
import { callWith, isActive, log, look, passes, records, retag, unlimited, written } from "./passes.ts";

const SHORT = {
  "keyturn:overlap": "PT1S",
  "keyturn:quiet": "PT1S",
  "keyturn:deadline": "PT1S",
  "keyturn:on-deadline": "revoke",
};

describe("somebody who may tag a secret, and no more", () => {
  test("cannot have a key revoked that is in use", async () => {
    const stand = await unlimited();
    const arn = await stand.deploy();
    const { apiKey, keyId } = await stand.currentKey(arn);
    await retag(stand, arn, SHORT);
    await stand.rotate(arn);

    for (let hour = 0; hour < 30; hour++) {
      await callWith(stand, apiKey);
      await passes(stand, 2, HOUR_MS / 2);
    }

    expect(isActive(stand.pictify, keyId)).toBe(true);
  });

  test("cannot have a replaced key revoked before the overlap that was granted is over", async () => {
    const stand = await unlimited();
    const arn = await stand.deploy();
    const { keyId } = await stand.currentKey(arn);
    await retag(stand, arn, SHORT);
    await stand.rotate(arn);

    await passes(stand, 23, HOUR_MS);
    expect(isActive(stand.pictify, keyId)).toBe(true);

    await passes(stand, 5, HOUR_MS);
    expect(isActive(stand.pictify, keyId)).toBe(false);
  });

  test("is told of in each pass, with what was asked for and what is granted", async () => {
    const stand = await unlimited();
    await retag(stand, await stand.deploy(), SHORT);

    await look(stand);

    expect(records(stand, "request.raised").at(-1)).toMatchObject({
      secretName: "keyturn/prod/web",
      below: [
        "overlap PT1S (at least PT24H)",
        "quiet PT1S (at least PT1H)",
        "deadline PT1S (at least PT336H)",
        "on-deadline revoke (report)",
      ],
    });
    expect(written(stand, "RequestsRefused").at(-1)).toBe(1);
  });

  test("is told of nothing where the tags ask for more than is granted", async () => {
    const stand = await unlimited();
    await retag(stand, await stand.deploy(), { "keyturn:overlap": "P3D", "keyturn:quiet": "PT2H" });

    await look(stand);

    expect(log(stand)).not.toContain("request.raised");
    expect(written(stand, "RequestsRefused")).toEqual([]);
  });
});

describe("a target's tags", () => {
  const target: TargetDeclaration = {
    kind: "kubernetes",
    id: "web",
    cluster: "prod",
    namespace: "web",
    name: "pictify-credentials",
    dataKey: "api-key",
    restart: [{ kind: "deployment", name: "web" }],
    delayMs: 2 * MINUTE_MS,
  };
  const clusters: GrantsFile["clusters"] = {
    prod: { access: { kubeconfigSecret: "clusters/prod" }, serves: [placeGrantOf("keyturn/prod/web", target)] },
  };
  const tagged = async (changes: Partial<TargetDeclaration>) => {
    const stand = await unlimited({ grants: { clusters } });
    await retag(stand, await stand.deploy(), targetTags({ ...target, ...changes } as TargetDeclaration));
    await look(stand);
    return stand;
  };

  test("that ask for less than is granted are told in each pass", async () => {
    const stand = await tagged({ restart: [], delayMs: 1 });

    expect(records(stand, "request.raised").at(-1)).toMatchObject({
      target: "web",
      below: ["delay PT0.001S (at least PT2M)", "no restart of deployment/web"],
    });
    expect(written(stand, "RequestsRefused").at(-1)).toBe(1);
  });

  test("that ask for another data key are refused and told, and the key itself is served", async () => {
    const stand = await tagged({ dataKey: "other" });

    expect(records(stand, "request.refused").at(-1)).toMatchObject({
      target: "web",
      errorMessage: expect.stringContaining("the data key other"),
    });
    expect(written(stand, "RequestsRefused").at(-1)).toBe(1);
    expect(records(stand, "pass.completed").at(-1)).toMatchObject({ secrets: 1 });
  });

  test("that are as declared are told of nothing", async () => {
    const stand = await tagged({});

    expect(log(stand)).not.toMatch(/request\.(raised|refused)/);
  });
});
