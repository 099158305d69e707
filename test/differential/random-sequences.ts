import fc from "fast-check";
import { type Difference, differencesOf } from "./comparison.ts";
import type { Endpoint } from "./endpoint.ts";
import { rowForAnySituation } from "./known-differences/table.ts";
import type { Outcome } from "./outcome.ts";

/** One call of a random sequence; `secret` is the number of the secret that it is about. */
export interface RandomCall {
  readonly operation: string;
  readonly secret: number;
  readonly input: object;
}

const SECRETS = 3;
const POLICY = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Deny", Principal: "*", Action: "secretsmanager:DeleteSecret", Resource: "*" }],
});

const token = fc.constantFrom(..."abcde").map((letter) => letter.repeat(32));
const value = fc.constantFrom(
  { SecretString: "one" },
  { SecretString: "two" },
  { SecretBinary: Buffer.from("three").toString("base64") },
);
const label = fc.constantFrom("AWSCURRENT", "AWSPENDING", "AWSPREVIOUS", "mine", "yours");
const labels = fc.uniqueArray(label, { minLength: 1, maxLength: 3 });
const tag = fc.record({ Key: fc.constantFrom("k1", "k2", "k3"), Value: fc.constantFrom("", "v") });
const optional = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });

const inputs: Readonly<Record<string, fc.Arbitrary<object>>> = {
  BatchGetSecretValue: fc.constant({}),
  CancelRotateSecret: fc.constant({}),
  CreateSecret: fc
    .tuple(token, optional(value), optional(fc.constant("text")))
    .map(([ClientRequestToken, content, Description]) => ({ ClientRequestToken, ...content, Description })),
  DeleteResourcePolicy: fc.constant({}),
  DeleteSecret: fc.constantFrom(
    {},
    { RecoveryWindowInDays: 7 },
    { RecoveryWindowInDays: 31 },
    { ForceDeleteWithoutRecovery: true },
  ),
  DescribeSecret: fc.constant({}),
  GetResourcePolicy: fc.constant({}),
  GetSecretValue: fc.record({ VersionId: optional(token), VersionStage: optional(label) }),
  ListSecretVersionIds: fc.constant({ IncludeDeprecated: true }),
  ListSecrets: fc.record({ IncludePlannedDeletion: fc.boolean() }),
  PutResourcePolicy: fc.constant({ ResourcePolicy: POLICY }),
  PutSecretValue: fc
    .tuple(token, value, optional(labels))
    .map(([ClientRequestToken, content, VersionStages]) => ({ ClientRequestToken, ...content, VersionStages })),
  RestoreSecret: fc.constant({}),
  TagResource: fc.record({ Tags: fc.uniqueArray(tag, { selector: ({ Key }) => Key, minLength: 1 }) }),
  UntagResource: fc.record({ TagKeys: fc.uniqueArray(fc.constantFrom("k1", "k2", "k3"), { minLength: 1 }) }),
  UpdateSecret: fc
    .tuple(token, optional(value), optional(fc.constantFrom("other", "text")))
    .map(([ClientRequestToken, content, Description]) => ({ ClientRequestToken, ...content, Description })),
  UpdateSecretVersionStage: fc.record({
    VersionStage: label,
    MoveToVersionId: optional(token),
    RemoveFromVersionId: optional(token),
  }),
};

const READING = /^(Get|List|Describe|Batch)/;
const OFTEN = new Set(["CreateSecret", "PutSecretValue", "UpdateSecretVersionStage", "GetSecretValue"]);

/** Sequences of calls about three secrets. */
export const randomSequences: fc.Arbitrary<readonly RandomCall[]> = fc.array(
  fc.oneof(
    ...Object.entries(inputs).map(([operation, input]) => ({
      weight: OFTEN.has(operation) ? 4 : 1,
      arbitrary: fc.record({ operation: fc.constant(operation), secret: fc.nat(SECRETS - 1), input }),
    })),
  ),
  { minLength: 15, maxLength: 40 },
);

/** Both calls succeeded, or both were refused, be it with another status or code. */
const haveSameEnd = (ours: Outcome, motos: Outcome): boolean => ours.result[0] === motos.result[0];

/**
 * Runs a sequence against both servers, on secrets whose names begin with `prefix`. Once a known difference has made a
 * secret differ, it is left alone until it is deleted by force.
 * @returns the differences that no row of the table explains
 */
export async function unexplainedDifferences(
  sequence: readonly RandomCall[],
  prefix: string,
  servers: { readonly ours: Endpoint; readonly motos: Endpoint },
): Promise<readonly Difference[]> {
  const apart = new Set<string>();
  const unexplained: Difference[] = [];

  const compare = async (operation: string, input: object, name: string): Promise<readonly [Outcome, Outcome]> => {
    const ours = shownOf(await servers.ours.call(operation, input), apart);
    const motos = shownOf(await servers.motos.call(operation, input), apart);
    for (const difference of differencesOf({ operation, situation: JSON.stringify(input) }, ours, motos)) {
      const row = rowForAnySituation(difference);
      if (!row) unexplained.push(difference);
      if (row?.diverges) apart.add(name);
    }
    return [ours, motos];
  };

  for (const { operation, secret, input } of sequence) {
    const name = `${prefix}${secret}`;
    const isForced = Reflect.get(input, "ForceDeleteWithoutRecovery") === true;
    if (apart.has(name) && !isForced && operation !== "ListSecrets") continue;
    const [ours, motos] = await compare(operation, requestFor(operation, input, name, prefix), name);
    if (READING.test(operation)) continue;
    if (isForced && haveSameEnd(ours, motos)) apart.delete(name);
    else if (!haveSameEnd(ours, motos)) apart.add(name);
    else await compare("DescribeSecret", { SecretId: name }, name);
    // moto's GetSecretValue goes on reading the version that AWSCURRENT has left: a row of the table.
    if (operation === "UpdateSecretVersionStage" && Reflect.get(input, "VersionStage") === "AWSCURRENT")
      apart.add(name);
  }
  return unexplained;
}

function requestFor(operation: string, input: object, name: string, prefix: string): object {
  if (operation === "CreateSecret") return { Name: name, ...input };
  if (operation === "BatchGetSecretValue") return { SecretIdList: [name] };
  if (operation === "ListSecrets") return { ...input, Filters: [{ Key: "name", Values: [prefix] }] };
  return { SecretId: name, ...input };
}

/** A list without the secrets that are known to differ. */
function shownOf(outcome: Outcome, apart: ReadonlySet<string>): Outcome {
  const { answer } = outcome;
  if (typeof answer !== "object" || answer === null) return outcome;
  const list = Reflect.get(answer, "SecretList");
  if (!Array.isArray(list)) return outcome;
  return { ...outcome, answer: { ...answer, SecretList: list.filter(({ Name }) => !apart.has(Name)) } };
}
