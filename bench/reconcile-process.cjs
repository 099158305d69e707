/*
 * Runs by itself: the bundle of reconcile as it is, its passes one after the other in one container, and what each took.
 * Arguments: the bundle, the function's ARN, the number of passes. Prints one line of JSON.
 */
const [, , bundle, invokedFunctionArn, passes] = process.argv;
const log = console.log;
console.log = () => {};
const { handler } = require(bundle);
const context = { invokedFunctionArn, awsRequestId: "bench", getRemainingTimeInMillis: () => 290_000 };

const run = async () => {
  const measured = [];
  for (let pass = 0; pass < Number(passes); pass++) {
    const [startedMs, before] = [performance.now(), process.cpuUsage()];
    // As a person asks: every connection is listed, whatever the minute of the hour.
    const answer = await handler({ revokeStrays: [] }, context);
    const { user, system } = process.cpuUsage(before);
    measured.push({ durationMs: performance.now() - startedMs, processorMs: (user + system) / 1_000, answer });
  }
  log(JSON.stringify({ passes: measured, peakBytes: process.resourceUsage().maxRSS * 1_024 }));
};

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
