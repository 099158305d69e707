import { CURRENT, type Stages, versionWith } from "../../lambdas/contracts/labels.ts";
import { SECRET_NAME } from "./declared.ts";
import type { Stage } from "./stage.ts";

/** The managed secret as it truly is, read past every gate. */
export interface SecretView {
  readonly arn: string;
  readonly stages: Stages;
  readonly rotationEnabled: boolean;
  readonly nextRotationMs: number | undefined;
  readonly isDeleted: boolean;
}

interface Described {
  readonly ARN: string;
  readonly VersionIdsToStages?: Record<string, string[]>;
  readonly RotationEnabled?: boolean;
  readonly NextRotationDate?: Date;
  readonly DeletedDate?: Date;
}

/** `undefined` while there is no such secret. */
export const viewSecret = async ({ aws }: Pick<Stage, "aws">): Promise<SecretView | undefined> => {
  try {
    const found = await aws<Described>("DescribeSecret", { SecretId: SECRET_NAME });
    return {
      arn: found.ARN,
      stages: found.VersionIdsToStages ?? {},
      rotationEnabled: found.RotationEnabled ?? false,
      nextRotationMs: found.NextRotationDate?.getTime(),
      isDeleted: found.DeletedDate !== undefined,
    };
  } catch (error) {
    if (error instanceof Error && error.name === "ResourceNotFoundException") return undefined;
    throw error;
  }
};

export interface StoredKey {
  readonly apiKey: string;
  readonly keyId: string;
}

/** There is no such value, or its secret is marked for deletion. */
const WITHOUT_VALUE: ReadonlySet<string> = new Set(["ResourceNotFoundException", "InvalidRequestException"]);

const stored = async ({ aws }: Stage, which: { readonly VersionId?: string }): Promise<StoredKey | undefined> => {
  try {
    const read = { SecretId: SECRET_NAME, ...which };
    return JSON.parse((await aws<{ SecretString: string }>("GetSecretValue", read)).SecretString);
  } catch (error) {
    if (error instanceof Error && WITHOUT_VALUE.has(error.name)) return undefined;
    throw error;
  }
};

/** What a version holds; `undefined`: no value. */
export const storedIn = (stage: Stage, versionId: string): Promise<StoredKey | undefined> =>
  stored(stage, { VersionId: versionId });

/** What whoever reads the secret now gets; `undefined`: nothing yet. Labels may be late. */
export const readNow = (stage: Stage): Promise<StoredKey | undefined> => stored(stage, {});

export const currentIn = (view: SecretView | undefined): string | undefined =>
  view && versionWith(view.stages, CURRENT);
