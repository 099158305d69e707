import { hash } from "node:crypto";
import { KeyturnError } from "../errors.ts";

const hex = (text: string, length: number): string => hash("sha256", text, "hex").slice(0, length);

/** The form of a managed key's name. 40 characters at most, so that a minted key's name stays within 64. */
export const NAME_FORM = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

const ARN_FORM = /^arn:[\w-]+:\w+:([\w-]+):(\d{12}):/;

/**
 * The short id of a service: 8 hex digits that stand for its account, region and name.
 * @param arn any ARN of the account and region that the service is deployed in
 * @throws KeyturnError BAD_INPUT when that is not an ARN with a region and an account
 */
export const serviceId = (service: string, arn: string): string => {
  const [, region, account] = ARN_FORM.exec(arn) ?? [];
  if (!region || !account) throw new KeyturnError("BAD_INPUT", `not an ARN with region and account: ${arn}`);
  return hex(`${account}/${region}/${service}`, 8);
};

/** The generation that a version's key carries in its name: 10 hex digits of the (opaque) version id's hash. */
export const generationOf = (versionId: string): string => hex(versionId, 10);

/** What a minted key is called at the vendor: `<name>-kt-<service id>-<generation>`. */
export const keyName = (name: string, service: string, generation: string): string =>
  `${name}-kt-${service}-${generation}`;

export interface OwnedName {
  readonly name: string;
  readonly serviceId: string;
  readonly generation: string;
  /** What somebody put behind it, such as ` (2)`; mostly nothing. It does not change whose the key is. */
  readonly addition: string;
}

const OWNED = /^(.+)-kt-([0-9a-f]{8})-([0-9a-f]{10})(|[^0-9a-z].*)$/;

/** Reads a key's name at the vendor back; `undefined` when no service of Keyturn gave it. */
export const ownedName = (text: string): OwnedName | undefined => {
  const [, name, service, generation, addition = ""] = OWNED.exec(text) ?? [];
  return name && service && generation ? { name, serviceId: service, generation, addition } : undefined;
};

/**
 * Whether a key is the generation of one of these versions, by what no rename changes: service id and generation.
 * @param generations as `generationOf` gives them
 */
export const isGenerationOf = (text: string, service: string, generations: ReadonlySet<string>): boolean => {
  const owned = ownedName(text);
  return owned?.serviceId === service && generations.has(owned.generation);
};

/**
 * Whether a key was minted for this very version of a secret, and by the service of another region or account: then the secret is a copy of
 * that service's, such as a replica that was promoted, and its keys are that service's to end. A key that was adopted has the generation of
 * no version here.
 */
export const isMintedElsewhere = (text: string, versionId: string, service: string): boolean => {
  const owned = ownedName(text);
  return owned !== undefined && owned.generation === generationOf(versionId) && owned.serviceId !== service;
};

const CUT_OFF = /-kt-([0-9a-f]{8})(?:-[0-9a-f]{0,9})?$/;

/** Whether a key has a name of that service that a vendor cut off: it does not say any more which generation it is. */
export const isCutOff = (text: string, service: string): boolean => CUT_OFF.exec(text)?.[1] === service;
