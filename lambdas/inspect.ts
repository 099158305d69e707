import { awsWorld } from "./aws-world.ts";
import { inspectHandler } from "./inspection/inspect.ts";

export const handler = inspectHandler(awsWorld());
