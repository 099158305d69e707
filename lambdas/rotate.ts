import { awsWorld } from "./aws-world.ts";
import { rotateHandler } from "./rotation/rotate.ts";

export const handler = rotateHandler(awsWorld());
