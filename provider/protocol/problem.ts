import { redactText } from "../../lambdas/redacted.ts";
import type { MessageOf } from "../wire/protobuf.ts";
import type { ObjectValue } from "../wire/value.ts";
import { type Diagnostic, SEVERITY } from "./messages.ts";

/** Something that a user is told. The summary says what is wrong in one line, the detail what to do next. */
export interface Problem {
  readonly severity: "error" | "warning";
  readonly summary: string;
  readonly detail: string;
  /** The attribute that is wrong, with the way to it: `["timeouts", "create"]`. None: the whole resource. */
  readonly attribute?: readonly string[];
}

/** Carries a problem up to where the answer is written. */
export class ProblemError extends Error {
  readonly problem: Problem;
  /** The state of an object that was made, but not to its end: Terraform keeps it, and replaces it with the next apply. */
  readonly unfinished?: ObjectValue;

  constructor(problem: Problem, options: ErrorOptions & { readonly unfinished?: ObjectValue } = {}) {
    super(problem.summary, options);
    this.name = "ProblemError";
    this.problem = problem;
    if (options.unfinished) this.unfinished = options.unfinished;
  }
}

export const errorProblem = (summary: string, detail: string, ...attribute: readonly string[]): Problem => ({
  severity: "error",
  summary,
  detail,
  ...(attribute.length > 0 && { attribute }),
});

/** Something that a user should know of what went well. */
export const warningProblem = (summary: string, detail: string): Problem => ({ severity: "warning", summary, detail });

/** Takes what a user should know. */
export type Warn = (problem: Problem) => void;

/** The problem that an error stands for. One that nobody foresaw is said to be a mistake of the provider's. */
export const problemOf = (error: unknown): Problem => {
  if (error instanceof ProblemError) return error.problem;
  const message = error instanceof Error ? error.message : String(error);
  return errorProblem(
    "The Keyturn provider failed",
    `${message}\n\nThis is a mistake in the provider; please report it.`,
  );
};

export const attributePath = (names: readonly string[]) => ({
  steps: names.map((attributeName) => ({ attributeName })),
});

/** The problem as Terraform asks for it. Texts of others may be in it, so what looks like a key is taken out. */
export const diagnosticOf = (problem: Problem): Partial<MessageOf<typeof Diagnostic>> => ({
  severity: SEVERITY[problem.severity],
  summary: redactText(problem.summary),
  detail: redactText(problem.detail),
  ...(problem.attribute && { attribute: attributePath(problem.attribute) }),
});
