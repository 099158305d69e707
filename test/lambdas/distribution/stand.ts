import { onTestFinished } from "vitest";
import { type DistributionOptions, type DistributionStand, openDistribution } from "./in-process-distribution.ts";

export {
  CLUSTER,
  type DistributionOptions,
  type DistributionStand,
  secretTarget,
  type TestKey,
} from "./in-process-distribution.ts";

/** What the tests of distribution stand on; it ends with the test. */
export const createDistribution = async (options: DistributionOptions = {}): Promise<DistributionStand> => {
  const stand = await openDistribution(options);
  onTestFinished(() => stand.close());
  return stand;
};

/** A value as Kubernetes has it. */
export const base64 = (text: string): string => Buffer.from(text).toString("base64");
