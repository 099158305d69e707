import { LambdaClient } from "@aws-sdk/client-lambda";
import { awsWorld, BOUNDED } from "./aws-world.ts";
import { manageHandler } from "./management/manage.ts";

export const handler = manageHandler(awsWorld(new LambdaClient(BOUNDED)));
