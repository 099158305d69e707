import * as z from "zod/mini";

/** What reconcile is asked: everything (`{}`), or a part of it. */
export const reconcileEvent = z.strictObject({
  /** Look at these secrets only, by ARN, and list their vendors whether due or not. */
  only: z.optional(z.array(z.string().check(z.startsWith("arn:")))),
  /** A person's answer to the brake: revoke these strays, by key id, however many they are. */
  revokeStrays: z.optional(z.array(z.string().check(z.minLength(1)))),
  /** A person's answer to the doubt that many current keys died at once: replace these, by the ARNs of their secrets. */
  replaceDead: z.optional(z.array(z.string().check(z.startsWith("arn:")))),
});

export type ReconcileRequest = z.output<typeof reconcileEvent>;

/** Whether a person asked for something, other than a schedule for a pass. */
export const isAskedByPerson = ({ only, revokeStrays, replaceDead }: ReconcileRequest): boolean =>
  [only, revokeStrays, replaceDead].some((part) => part !== undefined);
