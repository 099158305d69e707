export { serveSecretsManager } from "./http-server.ts";
export { LEFT_OUT, LEFT_OUT_PARAMETERS, type LeftOut } from "./left-out.ts";
export { defaultModelParameters, type ModelParameters } from "./model-parameters.ts";
export type { LambdaInvoker, RotationStepEvent } from "./rotation/lambda-invoker.ts";
export type { RotationStep } from "./rotation/rotation-attempt.ts";
export type { RotationEvent, RotationEventName } from "./rotation/rotation-events.ts";
export { asSecretsManagerClient } from "./sdk-client.ts";
export { createSecretsManager, type SecretsManager, type SecretsManagerOptions } from "./secrets-manager.ts";
export { ServiceError } from "./service-error.ts";
