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
serve(callsOf(keyturnProvider({ clock: systemClock, log })), log);
