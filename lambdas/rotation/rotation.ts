import { type Declaration, declarationOf } from "../contracts/declaration.ts";
import { servedKey } from "../contracts/floors.ts";
import type { Connection } from "../contracts/grants.ts";
import { generationOf, keyName, serviceId } from "../contracts/key-name.ts";
import { isDestroyed } from "../contracts/labels.ts";
import type { Asker } from "../contracts/manage.ts";
import { type SecretValue, secretValueOf } from "../contracts/secret-value.ts";
import { KeyturnError } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { isReplica, type SecretFacts } from "../secrets.ts";
import { checkHome } from "../stored.ts";
import type { VendorSession } from "../vendor-session.ts";

/** A managed key that something is to be done for: its secret as it was just described, and what serves it. */
export interface ManagedKey {
  readonly invocation: Invocation;
  readonly secret: SecretFacts;
  /** As it is served: with what is granted where the tags ask for less. */
  readonly declaration: Declaration;
  readonly connection: Connection;
  readonly vendor: VendorSession;
  readonly serviceId: string;
  /** A person moves the connection to another organization, and says so: its listing lacks all that was minted before. */
  readonly acceptsOrganization?: boolean;
  /** Who asks: a mint waits while others come to nothing, unless somebody asks for the first time. @default somebody */
  readonly asker?: Asker;
  /** What the first version says of whose the key is: before it there is nothing that could bear a label. */
  readonly labelOnFirst?: string;
}

/** One generation of a managed key on its way: the version id (token) it is stored under, and its key's name. */
export interface Rotation extends ManagedKey {
  readonly token: string;
  readonly keyName: string;
}

/**
 * What serves a managed secret, as it was just described.
 * @throws KeyturnError NOT_MANAGED, BAD_INPUT, NOT_GRANTED
 */
export const managedKeyOf = (invocation: Invocation, secret: SecretFacts): ManagedKey => {
  if (isReplica(secret))
    throw new KeyturnError("NOT_MANAGED", `${secret.arn} is a replica; ask in ${secret.primaryRegion}, its own region`);
  const asked = declarationOf(secret.tags, secret.name);
  const { declaration, connection } = servedKey(invocation.grants, asked, secret.name);
  const id = serviceId(declaration.service, secret.arn);
  return { invocation, secret, declaration, connection, vendor: invocation.vendors(connection), serviceId: id };
};

/**
 * Describes a managed secret and finds what serves it.
 * @throws KeyturnError NOT_MANAGED, BAD_INPUT, NOT_GRANTED
 */
export const openManagedKey = async (invocation: Invocation, secretId: string): Promise<ManagedKey> => {
  const secret = await invocation.secrets.describe(secretId);
  if (!secret) throw new KeyturnError("NOT_MANAGED", `there is no secret ${secretId}`);
  return managedKeyOf(invocation, secret);
};

/** @throws KeyturnError DESTROYED when the secret is marked for deletion, so that nothing of it can be changed */
export const checkNotDeleted = ({ name, deletedAtMs }: SecretFacts): void => {
  if (deletedAtMs === undefined) return;
  throw new KeyturnError(
    "DESTROYED",
    `the secret ${name} is marked for deletion, so nothing is minted for it; restore it (aws secretsmanager restore-secret), or declare the key with another secret`,
  );
};

/** @throws KeyturnError DESTROYED when the managed key was destroyed or its secret is marked for deletion */
export const checkWanted = (secret: SecretFacts): void => {
  checkNotDeleted(secret);
  if (isDestroyed(secret.stages))
    throw new KeyturnError(
      "DESTROYED",
      `the managed key ${secret.name} was destroyed, so nothing is minted for it; declare it again, which asks manage to ensure it with "revive": true`,
    );
};

/**
 * The generation of a managed key that belongs to `token`.
 * @throws KeyturnError DESTROYED, as `checkWanted`
 */
export const rotationOf = (key: ManagedKey, token: string): Rotation => {
  checkWanted(key.secret);
  return { ...key, token, keyName: keyName(key.declaration.name, key.serviceId, generationOf(token)) };
};

/**
 * The generation that a version of the secret holds; `undefined` when the version has no value.
 * @throws KeyturnError BAD_INPUT when the value is not one of ours, NOT_MANAGED when it was minted elsewhere
 */
export const storedGeneration = async (
  { invocation, secret }: ManagedKey,
  versionId: string,
): Promise<SecretValue | undefined> => {
  const text = await invocation.secrets.value(secret.arn, versionId);
  if (text === undefined) return undefined;
  const value = secretValueOf(text, `version ${versionId} of the secret ${secret.name}`);
  checkHome(secret, versionId, value);
  return value;
};
