import type { z } from "zod";
import type { Model } from "./model.ts";
import { readRequest } from "./request-validation.ts";

/** One operation of the API, ready to be called with an input that nobody has checked. */
export interface Operation {
  readonly name: string;
  execute(model: Model, input: unknown): Promise<object>;
}

/** Defines an operation: the schema reads the request, `run` does the work and answers in the form of the SDK. */
export function operation<Schema extends z.ZodType, Answer extends object>(definition: {
  readonly name: string;
  readonly input: Schema;
  /** Parameters that AWS knows and this model does not have: a request with one of them is refused. */
  readonly notYet?: readonly string[];
  readonly run: (model: Model, request: z.output<Schema>) => Answer | Promise<Answer>;
}): Operation {
  const { name, input: schema, notYet = [], run } = definition;
  return { name, execute: async (model, input) => run(model, readRequest(schema, input, notYet)) };
}
