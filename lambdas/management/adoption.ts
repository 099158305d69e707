import { timeText } from "../clock.ts";
import { generationOf, ownedName } from "../contracts/key-name.ts";
import { CURRENT, versionWith } from "../contracts/labels.ts";
import { KeyturnError } from "../errors.ts";
import { fitsShown } from "../evidence/identity.ts";
import type { ManagedKey } from "../rotation/rotation.ts";
import type { VendorKey } from "../vendors/vendor.ts";
import { works } from "../vendors/verify.ts";
import { type HandMade, handMadeValue } from "./hand-made-value.ts";

/** A key that people made, as the secret and the vendor show it. */
export interface Adoption {
  readonly key: ManagedKey;
  /** The version that is current: it holds what people stored. */
  readonly current: string;
  readonly value: HandMade;
  readonly listed: VendorKey;
}

const notFound = (problem: string): KeyturnError =>
  new KeyturnError("KEY_NOT_FOUND", `nothing was adopted: ${problem}`);

const currentOf = async ({ invocation, secret }: ManagedKey): Promise<Pick<Adoption, "current" | "value">> => {
  const current = versionWith(secret.stages, CURRENT);
  const text = current === undefined ? undefined : await invocation.secrets.value(secret.arn, current);
  if (current !== undefined && text !== undefined)
    return { current, value: handMadeValue(text, `the current value of the secret ${secret.name}`) };
  throw new KeyturnError(
    "NO_VALUE",
    `the secret ${secret.name} has no value to adopt; store {"apiKey": "<the key's value>"} in it and try again`,
  );
};

/** A key that has a name of a service's belongs to that service, and to the secret that has its generation. */
const checkNobodyElses = ({ key, listed }: Adoption): void => {
  const owned = ownedName(listed.name);
  if (!owned) return;
  const isOwn =
    owned.serviceId === key.serviceId &&
    Object.keys(key.secret.stages).some((versionId) => generationOf(versionId) === owned.generation);
  if (isOwn) return;
  throw new KeyturnError(
    "BAD_INPUT",
    `the key ${listed.id} is called ${listed.name}, so that it is a generation of another managed key; adopt a key that people made`,
  );
};

const checkAgreement = async ({ key, value, listed }: Adoption): Promise<void> => {
  const { vendor, secret } = key;
  if (listed.prefix !== undefined && !fitsShown(value.apiKey, listed.prefix))
    throw notFound(
      `${vendor.vendor.name} shows the key ${listed.id} as ${listed.prefix}, and the value in ${secret.name} is another; store the value of that very key`,
    );
  if (await vendor.isAdminKey(value.apiKey))
    throw new KeyturnError(
      "BAD_INPUT",
      `the value in ${secret.name} is the admin key of the vendor connection, which must not be rotated by itself; make a key of its own for the workload`,
    );
  const check = await vendor.verify(value.apiKey);
  if (works(check)) return;
  if (check === "unclear")
    throw new KeyturnError(
      "UNCONFIRMED",
      `whether ${vendor.vendor.name} takes the value in ${secret.name} cannot be told, so nothing was adopted; try again later`,
      { retryable: true },
    );
  throw notFound(
    `${vendor.vendor.name} does not take the value in ${secret.name}; store the value of the key ${listed.id}`,
  );
};

/** A key that ends by itself has to live until its replacement is everywhere. */
const SPARE_MS = 3_600_000;

/** @throws KeyturnError EXPIRES for a key that ends before it could be replaced */
const checkExpiry = ({ key, listed }: Adoption): void => {
  const { expiresAtMs, id } = listed;
  if (expiresAtMs === undefined) return;
  const { clock, log } = key.invocation;
  const isLate = typeof expiresAtMs === "number" && expiresAtMs < clock.now() + key.declaration.overlapMs + SPARE_MS;
  const expires = typeof expiresAtMs === "number" ? `at ${timeText(expiresAtMs)}` : "at a time that is not understood";
  if (isLate)
    throw new KeyturnError(
      "EXPIRES",
      `the key ${id} ends by itself ${expires}, before it could be replaced within its overlap, so it was not adopted; take its expiry off at ${key.vendor.vendor.name}, or make another key`,
    );
  const facts = { secretName: key.secret.name, keyId: id, expires };
  log.event("key.expires", { ...facts, reason: "it is replaced before, if its rotation is on" });
};

/**
 * Looks at what is to be adopted.
 * @throws KeyturnError NO_VALUE, BAD_INPUT, KEY_NOT_FOUND; VendorError
 */
export const openAdoption = async (key: ManagedKey, keyId: string): Promise<Adoption> => {
  const { vendor, secret } = key;
  const { current, value } = await currentOf(key);
  if (value.keyId !== undefined && value.keyId !== keyId)
    throw notFound(
      `the current value of ${secret.name} is that of the key ${value.keyId}, not of ${keyId}; store the value of ${keyId}, or name the other`,
    );
  const listed = (await vendor.list()).keys.find((one) => one.active && one.id === keyId);
  if (!listed)
    throw notFound(`${vendor.vendor.name} lists no active key ${keyId} in the organization of this connection`);
  return { key, current, value, listed };
};

/**
 * Makes sure that id and value are of one active key, as far as a vendor lets anybody see that, and that it is nobody else's.
 * @throws KeyturnError KEY_NOT_FOUND, BAD_INPUT, EXPIRES, UNCONFIRMED (retryable); VendorError
 */
export const checkAdoptable = async (adoption: Adoption): Promise<void> => {
  checkNobodyElses(adoption);
  checkExpiry(adoption);
  await checkAgreement(adoption);
};
