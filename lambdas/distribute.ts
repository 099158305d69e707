import { EKSClient } from "@aws-sdk/client-eks";
import { awsWorld, BOUNDED } from "./aws-world.ts";
import { distributeHandler } from "./distribution/distribute.ts";
import { sendOverHttps } from "./targets/kubernetes/transport.ts";
import type { World } from "./world.ts";

const eksIn = (region: string): EKSClient => new EKSClient({ ...BOUNDED, region });

const world: World = {
  ...awsWorld(),
  clusters: { send: sendOverHttps, eks: eksIn, credentials: () => eksIn("us-east-1").config.credentials() },
};

export const handler = distributeHandler(world);
