import { LambdaClient } from "@aws-sdk/client-lambda";
import { awsWorld, BOUNDED } from "./aws-world.ts";
import { rotateHandler } from "./rotation/rotate.ts";

export const handler = rotateHandler(awsWorld(new LambdaClient(BOUNDED)));
