import {
  CancelRotateSecretCommand,
  DescribeSecretCommand,
  type Filter,
  GetSecretValueCommand,
  type GetSecretValueCommandOutput,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  type SecretListEntry,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { type Claims, claimLabelCount, claimsOf, stagesWithoutClaims } from "./contracts/claims.ts";
import { TAG_PREFIX } from "./contracts/declaration.ts";
import { CURRENT, ownLabelCount, PREVIOUS, type Stages } from "./contracts/labels.ts";
import { KeyturnError } from "./errors.ts";
import type { World } from "./world.ts";

/** What Secrets Manager tells of a secret without its values. Times are in milliseconds since the Unix epoch. */
export interface SecretFacts {
  readonly arn: string;
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The labels of each version, but those of claims, which say nothing of the version that they lie on. */
  readonly stages: Stages;
  /** Whose objects hold the key. */
  readonly held: Claims;
  readonly rotationEnabled: boolean;
  readonly rotationFunctionArn: string | undefined;
  readonly createdAtMs: number | undefined;
  /** When anything of it was changed last, its labels and tags included. */
  readonly lastChangedAtMs?: number | undefined;
  readonly nextRotationAtMs: number | undefined;
  /** When it was marked for deletion; its values cannot be read any more. */
  readonly deletedAtMs: number | undefined;
  /** The region it was replicated from, for a replica. */
  readonly primaryRegion: string | undefined;
}

/** Replicas in other regions carry the same tags; what is done, is done in the primary's region. */
export const isReplica = ({ arn, primaryRegion }: SecretFacts): boolean =>
  primaryRegion !== undefined && arn.split(":")[3] !== primaryRegion;

/** How many labels of ours a secret has, those of claims included: AWS counts them all. */
export const labelCount = ({ stages, held }: Pick<SecretFacts, "stages" | "held">): number =>
  ownLabelCount(stages) + claimLabelCount(held);

/** Whether a version has a label, be it a claim's. */
export const hasLabel = ({ stages, held }: SecretFacts, versionId: string, label: string): boolean =>
  (stages[versionId]?.includes(label) ?? false) ||
  [...held.claims, ...(held.unclaimed ? [held.unclaimed] : [])].some(
    (one) => one.versionId === versionId && one.label === label,
  );

/** The text of a version, and when it was made, where AWS tells it. */
export interface CurrentValue {
  readonly text: string;
  readonly createdAtMs: number | undefined;
}

/** The operations of Secrets Manager that Keyturn uses, each one call, with their answers as plain facts. */
export interface Secrets {
  /**
   * `undefined` when there is no such secret.
   * @throws KeyturnError ACCESS_DENIED: a policy that goes by a secret's tag denies what is not there, too
   */
  describe(secretId: string): Promise<SecretFacts | undefined>;
  /** The text of one version; `undefined` when the version has no value, or does not exist. */
  value(secretId: string, versionId: string): Promise<string | undefined>;
  /** The version that has AWSCURRENT, and when it was made; `undefined` when there is no such secret, or it has no value. */
  currentValue(secretId: string): Promise<CurrentValue | undefined>;
  /** When the version that has AWSPREVIOUS was made; `undefined` when there is none, or AWS does not say. */
  previousCreatedAtMs(secretId: string): Promise<number | undefined>;
  /** Stores a value under labels, such as AWSPENDING. `exists` when the version already has another value. */
  put(secretId: string, versionId: string, text: string, ...labels: readonly string[]): Promise<"stored" | "exists">;
  addLabel(secretId: string, versionId: string, label: string): Promise<void>;
  removeLabel(secretId: string, versionId: string, label: string): Promise<void>;
  /** Moves AWSCURRENT; AWSPREVIOUS follows by itself. @param from the version that has it, if any */
  moveCurrent(secretId: string, to: string, from: string | undefined): Promise<void>;
  /** Ids of all versions, those without a label included. */
  allVersionIds(secretId: string): Promise<readonly string[]>;
  /** When each version was made, those without a label included; `undefined` where AWS does not say. */
  versionTimes(secretId: string): Promise<ReadonlyMap<string, number | undefined>>;
  /**
   * All secrets with the tag of a service, those marked for deletion included. May lag by minutes.
   * @param isEnough ends it early, asked after each page of 100
   */
  listOfService(
    service: string,
    isEnough?: (found: readonly SecretFacts[]) => boolean,
  ): Promise<readonly SecretFacts[]>;
  /** All secrets whose names begin with `prefix`, whatever their tags, those marked for deletion included. May lag too. */
  listUnder(prefix: string): Promise<readonly SecretFacts[]>;
  startRotation(secretId: string): Promise<void>;
  cancelRotation(secretId: string): Promise<void>;
}

const PAGE = 100;

const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;

const notFoundAsUndefined = async <Answer>(call: Promise<Answer>): Promise<Answer | undefined> => {
  try {
    return await call;
  } catch (error) {
    if (isNamed(error, "ResourceNotFoundException")) return undefined;
    throw error;
  }
};

const accessDenied = (secretId: string, cause: unknown): KeyturnError =>
  new KeyturnError(
    "ACCESS_DENIED",
    `the function may not read ${secretId}: it does not exist, lies outside the service's names, or has no tag keyturn:service of this service; look at its name and tags. Right after a first deploy its role may need a minute`,
    { retryable: true, cause },
  );

const factsOf = (entry: SecretListEntry, stages: Record<string, string[]> = {}): SecretFacts => ({
  arn: entry.ARN ?? "",
  name: entry.Name ?? "",
  tags: Object.fromEntries((entry.Tags ?? []).map((tag) => [tag.Key ?? "", tag.Value ?? ""])),
  stages: stagesWithoutClaims(stages),
  held: claimsOf(stages),
  rotationEnabled: entry.RotationEnabled ?? false,
  rotationFunctionArn: entry.RotationLambdaARN,
  createdAtMs: entry.CreatedDate?.getTime(),
  lastChangedAtMs: entry.LastChangedDate?.getTime(),
  nextRotationAtMs: entry.NextRotationDate?.getTime(),
  deletedAtMs: entry.DeletedDate?.getTime(),
  primaryRegion: entry.PrimaryRegion,
});

type Client = World["secretsManager"];

const versionTimes = async (client: Client, secretId: string): Promise<ReadonlyMap<string, number | undefined>> => {
  const times = new Map<string, number | undefined>();
  let next: string | undefined;
  do {
    const page = await client.send(
      new ListSecretVersionIdsCommand({
        SecretId: secretId,
        IncludeDeprecated: true,
        MaxResults: PAGE,
        ...(next === undefined ? {} : { NextToken: next }),
      }),
    );
    for (const { VersionId, CreatedDate } of page.Versions ?? [])
      if (VersionId !== undefined) times.set(VersionId, CreatedDate?.getTime());
    next = page.NextToken;
  } while (next !== undefined);
  return times;
};

const listSecrets = async (
  client: Client,
  filters: Filter[],
  isEnough: (found: readonly SecretFacts[]) => boolean = () => false,
): Promise<readonly SecretFacts[]> => {
  const found: SecretFacts[] = [];
  let next: string | undefined;
  do {
    const page = await client.send(
      new ListSecretsCommand({
        Filters: filters,
        IncludePlannedDeletion: true,
        MaxResults: PAGE,
        ...(next === undefined ? {} : { NextToken: next }),
      }),
    );
    found.push(...(page.SecretList ?? []).map((entry) => factsOf(entry, entry.SecretVersionsToStages)));
    next = page.NextToken;
  } while (next !== undefined && !isEnough(found));
  return found;
};

/** A value is a text, put as one or as its bytes; bytes that are none are a value all the same. */
const textOf = (answer?: Pick<GetSecretValueCommandOutput, "SecretString" | "SecretBinary">): string | undefined =>
  answer?.SecretString ?? (answer?.SecretBinary && new TextDecoder().decode(answer.SecretBinary));

export const secretsOf = ({ secretsManager: client }: Pick<World, "secretsManager">): Secrets => ({
  async describe(secretId) {
    try {
      const answer = await notFoundAsUndefined(client.send(new DescribeSecretCommand({ SecretId: secretId })));
      return answer && factsOf(answer, answer.VersionIdsToStages);
    } catch (cause) {
      throw isNamed(cause, "AccessDeniedException") ? accessDenied(secretId, cause) : cause;
    }
  },

  async value(secretId, versionId) {
    const command = new GetSecretValueCommand({ SecretId: secretId, VersionId: versionId });
    return textOf(await notFoundAsUndefined(client.send(command)));
  },

  async currentValue(secretId) {
    const answer = await notFoundAsUndefined(client.send(new GetSecretValueCommand({ SecretId: secretId })));
    const text = textOf(answer);
    return text === undefined ? undefined : { text, createdAtMs: answer?.CreatedDate?.getTime() };
  },

  async previousCreatedAtMs(secretId) {
    const asked = new GetSecretValueCommand({ SecretId: secretId, VersionStage: PREVIOUS });
    return (await notFoundAsUndefined(client.send(asked)))?.CreatedDate?.getTime();
  },

  async put(secretId, versionId, text, ...labels) {
    try {
      await client.send(
        new PutSecretValueCommand({
          SecretId: secretId,
          ClientRequestToken: versionId,
          SecretString: text,
          VersionStages: [...labels],
        }),
      );
      return "stored";
    } catch (error) {
      if (isNamed(error, "ResourceExistsException")) return "exists";
      throw error;
    }
  },

  async addLabel(secretId, versionId, label) {
    await client.send(
      new UpdateSecretVersionStageCommand({ SecretId: secretId, VersionStage: label, MoveToVersionId: versionId }),
    );
  },

  async removeLabel(secretId, versionId, label) {
    await client.send(
      new UpdateSecretVersionStageCommand({ SecretId: secretId, VersionStage: label, RemoveFromVersionId: versionId }),
    );
  },

  async moveCurrent(secretId, to, from) {
    await client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: secretId,
        VersionStage: CURRENT,
        MoveToVersionId: to,
        ...(from === undefined ? {} : { RemoveFromVersionId: from }),
      }),
    );
  },

  async allVersionIds(secretId) {
    return [...(await versionTimes(client, secretId)).keys()];
  },

  versionTimes: (secretId) => versionTimes(client, secretId),

  async listOfService(service, isEnough) {
    const filters: Filter[] = [
      { Key: "tag-key", Values: [`${TAG_PREFIX}service`] },
      { Key: "tag-value", Values: [service] },
    ];
    const found = await listSecrets(client, filters, isEnough);
    return found.filter((facts) => facts.tags[`${TAG_PREFIX}service`] === service);
  },

  async listUnder(prefix) {
    const found = await listSecrets(client, [{ Key: "name", Values: [prefix] }]);
    return found.filter((facts) => facts.name.startsWith(prefix));
  },

  async startRotation(secretId) {
    await client.send(new RotateSecretCommand({ SecretId: secretId }));
  },

  async cancelRotation(secretId) {
    await client.send(new CancelRotateSecretCommand({ SecretId: secretId }));
  },
});

/** True for an answer of AWS that says for sure that nothing was done. */
export const isDefiniteRefusal = (error: unknown): boolean =>
  error instanceof Error && (error as { $fault?: unknown }).$fault === "client";
