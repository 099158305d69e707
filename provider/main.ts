import { randomBytes } from "node:crypto";
import { writeSync } from "node:fs";
import { systemClock } from "../lambdas/clock.ts";
import { keyturnProvider } from "./keyturn.ts";
import { createLog, shownLevel } from "./plugin/log.ts";
import { serve } from "./plugin/serve.ts";
import { callsOf } from "./protocol/calls.ts";

const log = createLog({
  write: (line) => writeSync(process.stderr.fd, line),
  clock: systemClock,
  least: shownLevel(process.env),
});
const newClaim = (): string => randomBytes(6).toString("hex");
const { env: environment } = process;
serve(callsOf(keyturnProvider({ clock: systemClock, log, newClaim, environment })), log);
