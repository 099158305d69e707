/** What Secrets Manager needs of Lambda. */
export interface LambdaInvoker {
  /** Whether the function exists and lets `secretsmanager.amazonaws.com` invoke it. */
  mayInvoke(functionArn: string): Promise<"yes" | "no such function" | "not permitted">;
  /** Invokes and waits for the end. `error` is there when the function failed (an unhandled error, a timeout). */
  invoke(functionArn: string, event: unknown): Promise<{ error?: string }>;
}

/** The event of one step, as a rotation function receives it (user guide: "Lambda rotation functions"). */
export interface RotationStepEvent {
  readonly Step: string;
  readonly SecretId: string;
  readonly ClientRequestToken: string;
  /** Identifies the source of the request to PutSecretValue; opaque. */
  readonly RotationToken: string;
}
