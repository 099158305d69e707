/**
 * Measures the sandbox's Secrets Manager over HTTP, and prints what it finds: nothing is asserted, since a figure says
 * as much of the machine as of the code. Run: `node --import tsx scripts/bench-secrets-manager.ts`.
 */
import { Agent, request } from "node:http";
import { performance } from "node:perf_hooks";

const MEASURED_MS = 3_000;
const CALLS_AT_ONCE = 16;
const ROTATIONS = 50;
const LAMBDA_MS = 20;
const FUNCTION_ARN = "arn:aws:lambda:us-east-1:000000000000:function:rotate";

const startedMs = performance.now();
const { createSecretsManager, serveSecretsManager } = await import("../sandbox/secrets-manager/index.ts");
const { systemClock } = await import("../lambdas/clock.ts");

const agent = new Agent({ keepAlive: true, maxSockets: CALLS_AT_ONCE });

/** Sends one request of AWS JSON 1.1, and resolves with the answer. Rejects when it is a refusal. */
const call = (url: string, operation: string, input: object): Promise<unknown> =>
  new Promise((done, fail) => {
    const headers = { "x-amz-target": `secretsmanager.${operation}`, "content-type": "application/x-amz-json-1.1" };
    const sent = request(url, { method: "POST", agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const body = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) done(JSON.parse(body));
        else fail(new Error(`${operation} was refused: ${body}`));
      });
    });
    sent.on("error", fail);
    sent.end(JSON.stringify(input));
  });

const token = (number: number): string => `version-${String(number).padStart(32, "0")}`;

async function readsPerSecond(url: string): Promise<number> {
  await call(url, "CreateSecret", { Name: "read", SecretString: "x".repeat(200), ClientRequestToken: token(0) });
  const endMs = performance.now() + MEASURED_MS;
  let reads = 0;
  const reader = async () => {
    for (; performance.now() < endMs; reads++) await call(url, "GetSecretValue", { SecretId: "read" });
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, reader));
  return (reads / MEASURED_MS) * 1_000;
}

/** A rotation function that takes `LAMBDA_MS` a step, and how long all of its invocations took. */
function makeFunction(manager: () => { call(operation: string, input: unknown): Promise<unknown> }) {
  let spentMs = 0;
  const step = async (event: { Step: string; SecretId: string; ClientRequestToken: string }) => {
    await systemClock.sleep(LAMBDA_MS);
    const { SecretId, ClientRequestToken } = event;
    if (event.Step === "createSecret") {
      const put = { SecretId, ClientRequestToken, SecretString: "x", VersionStages: ["AWSPENDING"] };
      await manager().call("PutSecretValue", put);
    }
    if (event.Step !== "finishSecret") return;
    const { VersionId } = (await manager().call("GetSecretValue", { SecretId })) as { VersionId: string };
    const move = { VersionStage: "AWSCURRENT", MoveToVersionId: ClientRequestToken, RemoveFromVersionId: VersionId };
    await manager().call("UpdateSecretVersionStage", { SecretId, ...move });
  };
  return {
    spentMs: () => spentMs,
    invoke: async (_arn: string, event: unknown) => {
      const beganMs = performance.now();
      await step(event as Parameters<typeof step>[0]);
      spentMs += performance.now() - beganMs;
      return {};
    },
  };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

async function main(): Promise<void> {
  let onSucceeded = () => undefined as undefined;
  const rotationFunction = makeFunction(() => manager);
  const manager = createSecretsManager({
    clock: systemClock,
    lambda: { mayInvoke: async () => "yes", invoke: rotationFunction.invoke },
    onEvent: ({ detail }) => (detail.eventName === "RotationSucceeded" ? onSucceeded() : undefined),
  });
  const server = await serveSecretsManager(manager);
  console.log(`Ready after ${(performance.now() - startedMs).toFixed(0)} ms, loading the code included.`);
  console.log(
    `GetSecretValue: ${(await readsPerSecond(server.url)).toFixed(0)} a second over HTTP, ${CALLS_AT_ONCE} at once.`,
  );

  await call(server.url, "CreateSecret", { Name: "key", SecretString: "x", ClientRequestToken: token(0) });
  const overheadsMs: number[] = [];
  for (let number = 1; number <= ROTATIONS; number++) {
    const succeeded = new Promise<void>((done) => {
      onSucceeded = () => void done();
    });
    const [beganMs, spentBeforeMs] = [performance.now(), rotationFunction.spentMs()];
    const input = { SecretId: "key", ClientRequestToken: token(number), RotationLambdaARN: FUNCTION_ARN };
    await call(server.url, "RotateSecret", input);
    await succeeded;
    overheadsMs.push(performance.now() - beganMs - (rotationFunction.spentMs() - spentBeforeMs));
  }
  console.log(
    `A rotation's overhead beyond its Lambda: median ${median(overheadsMs).toFixed(1)} ms, highest ${Math.max(...overheadsMs).toFixed(1)} ms of ${ROTATIONS}.`,
  );
  manager.close();
  await server.close();
  agent.destroy();
}

await main();
