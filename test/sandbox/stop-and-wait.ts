/** Waits to be stopped: says `ready`, then puts three things away, the second of which fails, and one of which may hang. */
import { stopSignal } from "../../sandbox/stop-signal.ts";

const stop = stopSignal();
const say = (text: string) => void process.stderr.write(`${text}\n`);

stop.onStop(async () => say("first put away"));
stop.onStop(async () => {
  throw new Error("the second cannot be put away");
});
stop.onStop(async () => {
  say(`stopping: ${stop.isStopping()}`);
  if (process.argv.includes("--hang")) await new Promise(() => setInterval(() => {}, 60_000));
});

say(`ready, stopping: ${stop.isStopping()}`);
const alive = setInterval(() => {}, 60_000);
await stop.stopped;
say("told");
clearInterval(alive);
