import type {
  DescribeSecretResponse,
  GetSecretValueResponse,
  ListSecretsResponse,
  ListSecretVersionIdsResponse,
} from "@aws-sdk/client-secrets-manager";
import { expect } from "vitest";
import {
  createSecretsManager,
  type LambdaInvoker,
  type ModelParameters,
  type RotationEvent,
  type RotationStep,
  type RotationStepEvent,
  ServiceError,
} from "../../../sandbox/secrets-manager/index.ts";
import { VirtualClock } from "../../../sandbox/virtual-clock.ts";

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const LAMBDA_ARN = "arn:aws:lambda:us-east-1:000000000000:function:rotate";

/** NextRotationDate for a window that closes at the end of the day: its last second. */
export const lastSecondOfDay = (ms: number): Date => new Date(Math.floor(ms / DAY_MS) * DAY_MS + DAY_MS - 1000);

/** A version id that is easy to recognize: `token("a")` is thirty-two times the letter. */
export const token = (letter: string): string => letter.repeat(32);

/** Answers in the place of a step; `usual` does what a plain rotation function would. */
type StepScript = (event: RotationStepEvent, usual: () => Promise<void>) => Promise<void> | void;

/** Everything that a test of the model needs: the model on a clock that the test moves, with a rotation function. */
export function aSecretsManager(parameters: Partial<ModelParameters> = {}) {
  const clock = new VirtualClock();
  const delivered: RotationStepEvent[] = [];
  const events: RotationEvent[] = [];
  const script: Partial<Record<RotationStep, StepScript>> = {};
  const lambda: { answer: Awaited<ReturnType<LambdaInvoker["mayInvoke"]>>; isReachable: boolean } = {
    answer: "yes",
    isReachable: true,
  };

  const invoke = async (_arn: string, input: unknown): Promise<{ error?: string }> => {
    const event = input as RotationStepEvent;
    delivered.push(event);
    if (!lambda.isReachable) throw new Error("connection refused");
    const usual = () => usualStep(event);
    try {
      await (script[event.Step as RotationStep] ?? usual)(event, usual);
      return {};
    } catch (error) {
      return { error: String(error) };
    }
  };
  const model = createSecretsManager({
    clock,
    parameters,
    lambda: { mayInvoke: async () => lambda.answer, invoke },
    onEvent: (event) => events.push(event),
  });

  const call = <Answer = Record<string, unknown>>(operation: string, input: object = {}): Promise<Answer> =>
    model.call(operation, input) as Promise<Answer>;
  const describe = (SecretId = "key") => call<DescribeSecretResponse>("DescribeSecret", { SecretId });

  const usualStep = async ({ Step, SecretId, ClientRequestToken: id }: RotationStepEvent): Promise<void> => {
    if (Step === "createSecret") {
      const put = { SecretId, ClientRequestToken: id, SecretString: `value of ${id}`, VersionStages: ["AWSPENDING"] };
      await call("PutSecretValue", put);
    }
    if (Step !== "finishSecret") return;
    const { VersionIdsToStages: stages = {} } = await describe(SecretId);
    const [current] = Object.entries(stages).find(([, labels]) => labels.includes("AWSCURRENT")) ?? [];
    if (current === id) return;
    const move = { SecretId, VersionStage: "AWSCURRENT", MoveToVersionId: id };
    await call("UpdateSecretVersionStage", current ? { ...move, RemoveFromVersionId: current } : move);
  };

  return {
    clock,
    model,
    delivered,
    events,
    script,
    lambda,
    call,
    describe,
    /** `[step, token]` of every delivery. */
    steps: () => delivered.map((event) => [event.Step, event.ClientRequestToken]),
    eventNames: () => events.map((event) => event.detail.eventName),
    stages: async (SecretId = "key") => (await describe(SecretId)).VersionIdsToStages,
    value: (input: object = {}) => call<GetSecretValueResponse>("GetSecretValue", { SecretId: "key", ...input }),
    list: (input: object = {}) => call<ListSecretsResponse>("ListSecrets", input),
    versions: (input: object = {}) =>
      call<ListSecretVersionIdsResponse>("ListSecretVersionIds", { SecretId: "key", ...input }),
    /** The secret `key` with the value `first` under token("a"). */
    create: (input: object = {}) =>
      call<{ ARN: string }>("CreateSecret", {
        Name: "key",
        SecretString: "first",
        ClientRequestToken: token("a"),
        ...input,
      }),
    rotate: (input: object = {}) =>
      call("RotateSecret", {
        SecretId: "key",
        ClientRequestToken: token("r"),
        RotationLambdaARN: LAMBDA_ARN,
        RotationRules: { AutomaticallyAfterDays: 90 },
        ...input,
      }),
    settle: () => clock.run(model.idle()),
  };
}

export type TestedSecretsManager = ReturnType<typeof aSecretsManager>;

/** Expects a refusal with AWS's code, and a text that names the reason. */
export async function expectRefusal(work: Promise<unknown>, code: string, text: string | RegExp = ""): Promise<void> {
  const error = await work.then(
    (answer) => expect.fail(`no refusal, but the answer ${JSON.stringify(answer)}`),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ServiceError);
  const { name, message, statusCode } = error as ServiceError;
  expect({ name, statusCode }).toEqual({ name: code, statusCode: 400 });
  expect(message).toMatch(text);
}
