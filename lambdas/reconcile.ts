import { LambdaClient } from "@aws-sdk/client-lambda";
import { awsWorld, BOUNDED } from "./aws-world.ts";
import { reconcileHandler } from "./reconciliation/reconcile.ts";

export const handler = reconcileHandler(awsWorld(new LambdaClient(BOUNDED)));
