import { type Declaration, declarationOf } from "../contracts/declaration.ts";
import { servedDeclaration } from "../contracts/floors.ts";
import type { Connection } from "../contracts/grants.ts";
import { serviceId } from "../contracts/key-name.ts";
import type { KeyCommandOf } from "../contracts/manage.ts";
import { KeyturnError } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { isReplica, type SecretFacts } from "../secrets.ts";
import { readStored } from "../stored.ts";
import type { Search } from "./own-keys.ts";

type Delete = KeyCommandOf<"delete">;

export interface Removal {
  readonly search: Search;
  readonly declaration: Declaration;
  readonly hasMoved: boolean;
  readonly force: boolean;
}

const notConnected = ({ grants }: Invocation, { name }: SecretFacts, asked: string): KeyturnError =>
  new KeyturnError(
    "NOT_GRANTED",
    `the service ${grants.service} has no vendor connection ${asked}, so that the keys of ${name} cannot be revoked there; it has ${Object.keys(grants.connections).join(", ")}. Where the connection was renamed, write its new name in the secret's tag keyturn:vendor and in the key's argument vendor, and apply; else connect it again under that name, and remove its keys before the connection`,
  );

/** Whether all that the versions hold is of that connection's vendor and organization, so that it is the old one with another name. */
const isRenamed = async (invocation: Invocation, secret: SecretFacts, connection: Connection): Promise<boolean> => {
  if (secret.deletedAtMs !== undefined) return false;
  for (const versionId of Object.keys(secret.stages)) {
    const stored = await readStored(invocation, secret, versionId);
    if (typeof stored !== "object") continue;
    const isSameOrganization = (stored.organizationId ?? connection.organizationId) === connection.organizationId;
    if (stored.vendor !== connection.vendor || !isSameOrganization) return false;
  }
  return true;
};

/**
 * The connection whose keys are to go. One that the service does not have any more, of a key whose tags declare another one, may have been
 * renamed: then the key lives on at that one.
 * @throws KeyturnError NOT_GRANTED
 */
const connectionOf = async (
  invocation: Invocation,
  secret: SecretFacts,
  declaration: Declaration,
  asked: string,
): Promise<string> => {
  const { connections } = invocation.grants;
  if (asked in connections) return asked;
  const declared = connections[declaration.connection];
  if (asked !== declaration.connection && declared && (await isRenamed(invocation, secret, declared)))
    return declaration.connection;
  throw notConnected(invocation, secret, asked);
};

/** @throws KeyturnError NOT_MANAGED, NOT_GRANTED */
export const checkServed = ({ grants }: Invocation, secret: SecretFacts, declaration: Declaration): void => {
  if (isReplica(secret))
    throw new KeyturnError("NOT_MANAGED", `${secret.arn} is a replica; ask in ${secret.primaryRegion}, its own region`);
  if (declaration.service !== grants.service)
    throw new KeyturnError(
      "NOT_GRANTED",
      `the secret ${secret.name} belongs to the service ${declaration.service}, this is ${grants.service}`,
    );
};

/** Unlike minting, revoking needs no grant of the key's own: a key that is taken out of the app must still be revocable. */
export const openRemoval = async (invocation: Invocation, secret: SecretFacts, command: Delete): Promise<Removal> => {
  const declaration = servedDeclaration(invocation.grants, declarationOf(secret.tags, secret.name), secret.name);
  const { expected, force } = command;
  const asked = expected?.connection ?? declaration.connection;
  const connection = await connectionOf(invocation, secret, declaration, asked);
  const hasMoved = asked !== declaration.connection;
  return {
    search: {
      invocation,
      secret,
      serviceId: serviceId(declaration.service, secret.arn),
      names: new Set([declaration.name, ...(expected ? [expected.name] : [])]),
      connection,
      everywhere: !hasMoved,
    },
    declaration,
    hasMoved,
    force: force ?? false,
  };
};
