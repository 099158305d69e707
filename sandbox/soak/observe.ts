import { secretValueOf } from "../../lambdas/contracts/secret-value.ts";
import { type SecretFacts, secretsOf } from "../../lambdas/secrets.ts";
import type { Baseline, CountedSecret, Observed } from "./census.ts";
import type { SoakStage } from "./stage.ts";

/** The service that the soak's stack declares. */
export const SOAK_SERVICE = "soak";

export const secretsOfSoak = (stage: SoakStage): Promise<readonly SecretFacts[]> =>
  secretsOf(stage).listOfService(SOAK_SERVICE);

const currentKeyId = async (stage: SoakStage, { arn, name }: SecretFacts): Promise<string | undefined> => {
  const text = (await secretsOf(stage).currentValue(arn))?.text;
  return text === undefined ? undefined : secretValueOf(text, name).keyId;
};

const observeSecret = async (stage: SoakStage, arn: string): Promise<CountedSecret> => {
  const facts = await secretsOf(stage).describe(arn);
  if (!facts) throw new Error(`the secret ${arn} is gone`);
  return { ...facts, currentKeyId: await currentKeyId(stage, facts) };
};

/** Looks at secrets, one by one, and at both vendors, past the recorders. */
export const observe = async (stage: SoakStage, secretArns: readonly string[]): Promise<Observed> => {
  const { pictograph, pictify } = stage.vendors;
  const secrets = await Promise.all(secretArns.map((arn) => observeSecret(stage, arn)));
  return {
    secrets,
    listings: {
      pictograph: (await pictograph.vendor.list(pictograph.direct)).keys,
      pictify: (await pictify.vendor.list(pictify.direct)).keys,
    },
  };
};

/** The keys that the vendors have before anything is deployed. */
export const earlierKeys = async (stage: SoakStage): Promise<ReadonlySet<string>> => {
  const listings = await Promise.all(Object.values(stage.vendors).map(({ vendor, direct }) => vendor.list(direct)));
  return new Set(listings.flatMap(({ keys }) => keys.map(({ id }) => id)));
};

export const baselineOf = (earlierKeyIds: ReadonlySet<string>, secrets: readonly SecretFacts[]): Baseline => ({
  earlierKeyIds,
  tags: new Map(secrets.map(({ name, tags }) => [name, tags])),
});
