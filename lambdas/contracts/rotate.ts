import * as z from "zod/mini";

export const ROTATION_STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const;
export type RotationStep = (typeof ROTATION_STEPS)[number];

/** The version ids that Secrets Manager takes and gives: opaque, 32 to 64 characters (AWS: ClientRequestToken). */
export const versionId = z.string().check(z.minLength(32), z.maxLength(64));

/** What Secrets Manager sends to a rotation function. More fields may come, a RotationToken among them. */
export const rotateEvent = z.object({
  Step: z.enum(ROTATION_STEPS),
  SecretId: z.string().check(z.startsWith("arn:")),
  ClientRequestToken: versionId,
});
