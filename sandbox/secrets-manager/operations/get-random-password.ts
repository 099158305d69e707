import type { GetRandomPasswordResponse } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { operation } from "../operation.ts";
import { randomPassword } from "../random-password.ts";

const DEFAULT_LENGTH = 32;

/** Makes a password and stores nothing. @throws InvalidParameterException (see `randomPassword`) */
export const getRandomPassword = operation({
  name: "GetRandomPassword",
  input: z.object({
    PasswordLength: z.number().int().min(1).max(4096).default(DEFAULT_LENGTH),
    ExcludeCharacters: z.string().max(4096).default(""),
    ExcludeNumbers: z.boolean().default(false),
    ExcludePunctuation: z.boolean().default(false),
    ExcludeUppercase: z.boolean().default(false),
    ExcludeLowercase: z.boolean().default(false),
    IncludeSpace: z.boolean().default(false),
    RequireEachIncludedType: z.boolean().default(true),
  }),
  run(model, request): GetRandomPasswordResponse {
    const rules = {
      length: request.PasswordLength,
      excludedCharacters: request.ExcludeCharacters,
      includes: {
        uppercase: !request.ExcludeUppercase,
        lowercase: !request.ExcludeLowercase,
        numbers: !request.ExcludeNumbers,
        punctuation: !request.ExcludePunctuation,
      },
      includesSpace: request.IncludeSpace,
      requiresEachType: request.RequireEachIncludedType,
    };
    return { RandomPassword: randomPassword(rules, model.random) };
  },
});
