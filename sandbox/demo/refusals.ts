import type { Refusal } from "./stage.ts";

/** Terraform's frame around an error, and the stack's name that the cdktf CLI puts before every line. */
const FRAME = /^(?:\S+ +)?[╷│╵] ?/;

/** What `manage` says of a key in use (docs/errors.md, IN_USE). */
const IN_USE =
  /\bthe key (\S+) of (\S+) was used at (\S+), so nothing was revoked; stop its workloads and try again after (\S+?), or say force/g;

/** The keys whose destroy was refused because they are in use, as a destroy's output tells. Its lines may be wrapped. */
export const refusalsIn = (output: string): readonly Refusal[] => {
  const unwrapped = output
    .split("\n")
    .map((line) => line.trim().replace(FRAME, "").trim())
    .join(" ");
  const found = [...unwrapped.matchAll(IN_USE)].map(([, keyId = "", secretName = "", usedAt = "", tryAfter = ""]) => ({
    keyId,
    secretName,
    usedAt,
    tryAfter,
  }));
  return [...new Map(found.map((refusal) => [refusal.keyId, refusal])).values()];
};
