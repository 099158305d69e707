import { createHash } from "node:crypto";
import { CURRENT, markLabel, marks, versionWith } from "../contracts/labels.ts";
import { askerOf, type KeyCommandOf } from "../contracts/manage.ts";
import { type SecretValue, secretValueText } from "../contracts/secret-value.ts";
import { KeyturnError } from "../errors.ts";
import { isShown, NOT_SHOWN } from "../evidence/identity.ts";
import type { Invocation } from "../invocation.ts";
import { checkNotDeleted, type ManagedKey, openManagedKey } from "../rotation/rotation.ts";
import { type Adoption, checkAdoptable, openAdoption } from "./adoption.ts";
import { claimAdopted } from "./claims.ts";
import { dropLabel } from "./drop-label.ts";
import { bringAbout } from "./ensure.ts";
import { openAsExpected } from "./expected.ts";
import { unfinished } from "./generation.ts";
import { revive } from "./revive.ts";

const generationFrom = ({ key, value, listed }: Adoption): SecretValue => ({
  apiKey: value.apiKey,
  keyId: listed.id,
  vendor: key.vendor.vendor.name,
  connection: key.declaration.connection,
  ...(key.connection.organizationId === undefined ? {} : { organizationId: key.connection.organizationId }),
  name: listed.name,
  access: { kind: key.declaration.access.kind, value: listed.access ?? key.declaration.access.value },
  issuedAtMs: listed.createdAtMs ?? key.invocation.clock.now(),
});

/** The same for the same adoption, so that one that died is gone on with. */
const adoptionToken = ({ key, current, listed }: Adoption): string =>
  createHash("sha256").update(`${key.secret.arn}\nadopt\n${listed.id}\n${current}`).digest("hex");

const overtaken = (secretName: string, cause?: unknown): KeyturnError =>
  new KeyturnError("CONFLICT", `the secret ${secretName} is being rotated; the next try looks what became of it`, {
    retryable: true,
    cause,
  });

/** Makes the adopted version current, unless another has become so meanwhile. */
const promote = async ({ key, current }: Adoption, token: string): Promise<void> => {
  const { secrets } = key.invocation;
  const { arn, name } = key.secret;
  try {
    await secrets.moveCurrent(arn, token, current);
  } catch (cause) {
    const fresh = await secrets.describe(arn);
    const now = fresh && versionWith(fresh.stages, CURRENT);
    if (now === current) throw cause;
    if (now !== token) throw overtaken(name, cause);
  }
};

/**
 * Writes the value anew in the documented form, as values cannot be changed, and makes that version current. Not as AWSPENDING:
 * that would be a rotation, and what is left of one is revoked. The version before holds the same key, so it gets no mark of a
 * retirement.
 */
const storeDocumented = async (adoption: Adoption): Promise<void> => {
  const { invocation, secret } = adoption.key;
  const { secrets, clock, log } = invocation;
  if (unfinished(secret.stages) !== undefined) throw overtaken(secret.name);
  const token = adoptionToken(adoption);
  await secrets.put(secret.arn, token, secretValueText(generationFrom(adoption)), markLabel("adopting", clock.now()));
  await promote(adoption, token);
  const { value, listed } = adoption;
  log.event("key.adopted", {
    secretName: secret.name,
    versionId: token,
    keyId: listed.id,
    ...(isShown(value.apiKey, listed.prefix) ? {} : { reason: NOT_SHOWN }),
  });
};

const isDocumented = ({ key, value }: Adoption): boolean => value.generation?.vendor === key.vendor.vendor.name;

/** Only a sign of the way: once the version is current it has no meaning. */
const dropMarks = async ({ invocation, secret }: ManagedKey): Promise<void> => {
  for (const [versionId, labels] of Object.entries(secret.stages))
    for (const { label } of marks("adopting", labels)) await dropLabel(invocation, secret.arn, versionId, label);
};

/**
 * Makes a key that people made the current generation: the secret holds its value, and `keyId` is its id at the vendor. It keeps
 * its name there. From then on it is a generation like any other, known by its key id.
 * @returns the ARN of the secret
 * @throws KeyturnError KEY_NOT_FOUND, NO_VALUE, BAD_INPUT, NOT_AS_DECLARED, CONFLICT (retryable); VendorError
 */
export const adopt = async (invocation: Invocation, command: KeyCommandOf<"adopt">): Promise<string> => {
  const found = await openAsExpected(invocation, command);
  checkNotDeleted(found.secret);
  const adoption = await openAdoption(found, command.keyId);
  await checkAdoptable(adoption);
  const key = await revive(await claimAdopted(found, command));
  if (!isDocumented(adoption)) await storeDocumented({ ...adoption, key });
  const adopted = await openManagedKey(invocation, key.secret.arn);
  await dropMarks(adopted);
  await bringAbout({ ...adopted, asker: askerOf(command) });
  return key.secret.arn;
};
