import type { z } from "zod";
import { LEFT_OUT_PARAMETERS } from "./left-out.ts";
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
  readonly run: (model: Model, request: z.output<Schema>) => Answer | Promise<Answer>;
}): Operation {
  const { name, input: schema, run } = definition;
  const leftOut = LEFT_OUT_PARAMETERS[name] ?? [];
  return { name, execute: async (model, input) => run(model, readRequest(schema, input, leftOut)) };
}
