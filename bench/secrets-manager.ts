import { Agent, request } from "node:http";
import { systemClock } from "../lambdas/clock.ts";
import { createSecretsManager, type SecretsManager, serveSecretsManager } from "../sandbox/secrets-manager/index.ts";
import { median } from "./rounds.ts";
import { type Row, told } from "./row.ts";
import { countText, millisecondsText } from "./texts.ts";

const MEASURED_MS = 1_000;
const CALLS_AT_ONCE = 16;
const ROTATIONS_A_ROUND = 10;
const LAMBDA_MS = 20;
const FUNCTION_ARN = "arn:aws:lambda:us-east-1:000000000000:function:rotate";

/** Sends one request of AWS JSON 1.1, and resolves with the answer. Rejects when it is a refusal. */
const call = (agent: Agent, url: string, operation: string, input: object): Promise<unknown> =>
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

async function readsPerSecond(agent: Agent, url: string): Promise<number> {
  await call(agent, url, "CreateSecret", { Name: "read", SecretString: "x".repeat(200), ClientRequestToken: token(0) });
  const endMs = performance.now() + MEASURED_MS;
  let reads = 0;
  const reader = async () => {
    for (; performance.now() < endMs; reads++) await call(agent, url, "GetSecretValue", { SecretId: "read" });
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

/** What each rotation takes beyond its function's own time, in milliseconds. */
const rotationOverheads = async (
  agent: Agent,
  url: string,
  count: number,
  model: Rotating,
): Promise<readonly number[]> => {
  await call(agent, url, "CreateSecret", { Name: "key", SecretString: "x", ClientRequestToken: token(0) });
  const overheadsMs: number[] = [];
  for (let number = 1; number <= count; number++) {
    const succeeded = model.nextSuccess();
    const [beganMs, spentBeforeMs] = [performance.now(), model.spentMs()];
    const input = { SecretId: "key", ClientRequestToken: token(number), RotationLambdaARN: FUNCTION_ARN };
    await call(agent, url, "RotateSecret", input);
    await succeeded;
    overheadsMs.push(performance.now() - beganMs - (model.spentMs() - spentBeforeMs));
  }
  return overheadsMs;
};

interface Rotating {
  readonly manager: SecretsManager;
  /** What the rotation function took in all. */
  spentMs(): number;
  nextSuccess(): Promise<void>;
}

const createRotating = (): Rotating => {
  let onSucceeded = (): void => {};
  const rotationFunction = makeFunction(() => manager);
  const manager = createSecretsManager({
    clock: systemClock,
    lambda: { mayInvoke: async () => "yes", invoke: rotationFunction.invoke },
    onEvent: ({ detail }) => (detail.eventName === "RotationSucceeded" ? onSucceeded() : undefined),
  });
  const nextSuccess = () =>
    new Promise<void>((done) => {
      onSucceeded = done;
    });
  return { manager, spentMs: rotationFunction.spentMs, nextSuccess };
};

/** The sandbox's Secrets Manager over HTTP: fast enough not to be what a demo or a test waits for. */
export const secretsManagerModel: Row = {
  name: "secrets-manager",
  title: "The sandbox's Secrets Manager",
  async measure({ rounds, progress }) {
    const agent = new Agent({ keepAlive: true, maxSockets: CALLS_AT_ONCE });
    const rotating = createRotating();
    const server = await serveSecretsManager(rotating.manager);
    try {
      progress("reads");
      const reads = await readsPerSecond(agent, server.url);
      progress("rotations");
      const overheadsMs = await rotationOverheads(agent, server.url, rounds * ROTATIONS_A_ROUND, rotating);
      return {
        figures: [
          told(`GetSecretValue over HTTP, ${CALLS_AT_ONCE} at once`, `${countText(Math.round(reads))} a second`),
          told("a rotation beyond its function's own time", millisecondsText(median(overheadsMs))),
        ],
        details: [],
      };
    } finally {
      rotating.manager.close();
      await server.close();
      agent.destroy();
    }
  },
};
