import { readFileSync } from "node:fs";
import * as z from "zod";
import type { Finding } from "./checkov.ts";
import { STACKS, type StackName } from "./stacks.ts";

/** A finding in one of the stacks. */
export interface FoundIn extends Finding {
  readonly stack: StackName;
}

const accepted = z.record(
  z.string().regex(/^CKV2?_[A-Z]+_\d+$/),
  z.strictObject({
    /** Why it is no weakness here, or whose decision it is. */
    reason: z.string().min(20),
    /** Where it is found. */
    stacks: z.array(z.enum(Object.keys(STACKS) as [StackName, ...StackName[]])).min(1),
    /** The resources that it is accepted of, by what is in their addresses. Not there: all of them. */
    resources: z.array(z.string()).optional(),
  }),
);
export type Accepted = z.output<typeof accepted>;

/** @throws ZodError that names what is wrong in it */
export const acceptedOf = (value: unknown): Accepted => accepted.parse(value);

export const readAccepted = (): Accepted =>
  acceptedOf(JSON.parse(readFileSync(new URL("accepted.json", import.meta.url), "utf8")));

const isAccepted = ({ stack, check, resource }: FoundIn, list: Accepted): boolean => {
  const entry = list[check];
  return (
    entry?.stacks.includes(stack) === true &&
    (entry.resources === undefined || entry.resources.some((part) => resource.includes(part)))
  );
};

export interface Compared {
  /** What nobody has accepted. */
  readonly open: readonly FoundIn[];
  /** What is accepted and not found any more, in words. */
  readonly needless: readonly string[];
}

/** Holds what was found against what is accepted. Pure. */
export const compared = (found: readonly FoundIn[], list: Accepted): Compared => ({
  open: found.filter((one) => !isAccepted(one, list)),
  needless: Object.entries(list).flatMap(([check, { stacks }]) =>
    stacks
      .filter((stack) => !found.some((one) => one.stack === stack && one.check === check))
      .map((stack) => `accepted.json has ${check} for the stack ${stack}, where it is not found any more; take it out`),
  ),
});
