import { systemClock } from "../../lambdas/clock.ts";
import {
  createSecretsManager,
  type LambdaInvoker,
  type RotationStepEvent,
  serveSecretsManager,
} from "../../sandbox/secrets-manager/index.ts";

export const ACCOUNT_ID = "123456789012";
export const FUNCTION_ARN = `arn:aws:lambda:us-east-1:${ACCOUNT_ID}:function:rotate`;

export interface OurServer {
  readonly url: string;
  /** Resolves when no rotation runs. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Replicas stay in progress, so that no answer depends on how long the test takes. */
const parameters = { replicationDelayMs: 3_600_000 };

/** Serves our model, empty, with a rotation function that puts a value and makes it current. */
export async function startOurServer(): Promise<OurServer> {
  const lambda: LambdaInvoker = {
    mayInvoke: async (arn) => (arn === FUNCTION_ARN ? "yes" : "no such function"),
    invoke: async (_arn, event) => {
      await rotateStep(event as RotationStepEvent);
      return {};
    },
  };
  const model = createSecretsManager({ clock: systemClock, lambda, accountId: ACCOUNT_ID, parameters });
  const server = await serveSecretsManager(model);

  async function rotateStep({ Step, SecretId, ClientRequestToken: id }: RotationStepEvent): Promise<void> {
    if (Step === "createSecret") {
      const put = { SecretId, ClientRequestToken: id, SecretString: `value of ${id}`, VersionStages: ["AWSPENDING"] };
      await model.call("PutSecretValue", put);
    }
    if (Step !== "finishSecret") return;
    const current = (await model.call("GetSecretValue", { SecretId })) as { VersionId: string };
    const move = { VersionStage: "AWSCURRENT", MoveToVersionId: id, RemoveFromVersionId: current.VersionId };
    await model.call("UpdateSecretVersionStage", { SecretId, ...move });
  }

  return {
    url: server.url,
    idle: () => model.idle(),
    async close() {
      model.close();
      await server.close();
    },
  };
}
