import { RotateSecretCommand } from "@aws-sdk/client-secrets-manager";
import type { Draw } from "../draw.ts";
import { START_EVERY_MS } from "./delays.ts";
import type { RotationLedger } from "./rotation-ledger.ts";
import type { SoakStage } from "./stage.ts";

/** RotateSecret's answer while a rotation is under way, or AWSPENDING is left over of one. */
const isRefusal = (error: unknown): boolean => error instanceof Error && error.name === "InvalidRequestException";

const start = async ({ secretsManager }: SoakStage, ledger: RotationLedger, secretArn: string): Promise<void> => {
  ledger.started(secretArn); // before the first step can be seen
  try {
    await secretsManager.send(new RotateSecretCommand({ SecretId: secretArn }));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    ledger.refused(secretArn);
  }
};

/** Starts one rotation after the other, each on a key of which none is under way, until it is told to stop. */
export const startRotations = async (
  stage: SoakStage,
  ledger: RotationLedger,
  draw: Draw,
  signal: AbortSignal,
): Promise<void> => {
  for (;;) {
    await stage.clock.sleep(draw.between(START_EVERY_MS.from, START_EVERY_MS.to), signal);
    if (signal.aborted) return;
    const secretArn = draw.oneOf(ledger.idle());
    if (secretArn !== undefined) await start(stage, ledger, secretArn);
  }
};
