import type { LambdaClientConfig } from "@aws-sdk/client-lambda";

/** A role whose rights the requests to AWS have (AWS STS: "AssumeRole"). Where nothing is said, STS's defaults hold. */
export interface AssumedRole {
  readonly roleArn: string;
  readonly sessionName?: string | undefined;
  readonly externalId?: string | undefined;
  readonly durationSeconds?: number | undefined;
}

/** What clients of AWS have in common here. */
export type ClientSettings = Pick<
  LambdaClientConfig,
  "region" | "profile" | "requestHandler" | "credentialDefaultProvider"
>;

/** STS answered, and gave no session. */
export class RoleRefused extends Error {
  constructor(roleArn: string, cause: Error) {
    super(`AWS STS gave no session of ${roleArn}: ${cause.name}: ${cause.message}`, { cause });
    this.name = "RoleRefused";
  }
}

const DEFAULT_SESSION_NAME = "keyturn-terraform";

const isAnswer = (error: unknown): error is Error =>
  (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode !== undefined;

const requestOf = ({ roleArn, sessionName, externalId, durationSeconds }: AssumedRole) => ({
  RoleArn: roleArn,
  RoleSessionName: sessionName ?? DEFAULT_SESSION_NAME,
  ...(externalId !== undefined && { ExternalId: externalId }),
  ...(durationSeconds !== undefined && { DurationSeconds: durationSeconds }),
});

/**
 * Credentials of sessions of a role, assumed with those that the AWS SDK finds. The SDK asks for the next before one ends.
 * @throws RoleRefused for what STS answers instead; whatever keeps STS from being asked
 */
export const credentialsOf = (role: AssumedRole, settings: ClientSettings) => async () => {
  const { AssumeRoleCommand, STSClient } = await import("@aws-sdk/client-sts");
  const sts = new STSClient(settings);
  try {
    const { Credentials: given } = await sts.send(new AssumeRoleCommand(requestOf(role)));
    if (!given?.AccessKeyId || !given.SecretAccessKey) throw new Error("STS answered without credentials");
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = given;
    const [sessionToken, expiration] = [given.SessionToken, given.Expiration];
    return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }), ...(expiration && { expiration }) };
  } catch (error) {
    throw isAnswer(error) ? new RoleRefused(role.roleArn, error) : error;
  }
};
