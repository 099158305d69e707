import { awsWorld } from "./aws-world.ts";
import { manageHandler } from "./management/manage.ts";

export const handler = manageHandler(awsWorld());
