import * as z from "zod/mini";

/** The version of the contract between `manage` and whoever calls it. */
export const MANAGE_PROTOCOL = 1;

const secretId = z.string().check(z.minLength(1));
const force = z.optional(z.boolean());

const direct = z.strictObject({
  /** ensure: there is one verified current generation. delete: every generation is revoked, none is minted again. */
  action: z.enum(["ensure", "delete"]),
  secretId,
  /** delete only: revoke also what the vendor saw in use within the quiet period. */
  force,
});

/** The event of Terraform's `aws_lambda_invocation` with `lifecycle_scope = "CRUD"`: the input, and a `tf` object. */
const fromTerraform = z.object({
  secretId,
  force,
  tf: z.object({ action: z.enum(["create", "update", "delete"]) }),
});

export const manageEvent = z.union([direct, fromTerraform]);

export interface ManageRequest {
  readonly action: "ensure" | "delete";
  readonly secretId: string;
  readonly force: boolean;
}

export const manageRequestOf = (event: z.output<typeof manageEvent>): ManageRequest => ({
  action: "tf" in event ? (event.tf.action === "delete" ? "delete" : "ensure") : event.action,
  secretId: event.secretId,
  force: event.force ?? false,
});

/** Facts about a managed key, never its value. Times are ISO 8601 UTC. */
export interface ManageAnswer {
  readonly protocol: typeof MANAGE_PROTOCOL;
  readonly secretArn: string;
  readonly name: string;
  readonly status: "current" | "rotating" | "destroyed";
  readonly versionId?: string;
  readonly keyId?: string;
  readonly issuedAt?: string;
}
