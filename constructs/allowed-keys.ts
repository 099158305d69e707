import { type Access, type AccessKind, accessFields, accessOf } from "../lambdas/contracts/access.ts";
import { DEFAULT_DEADLINE_MS, DEFAULT_OVERLAP_MS, DEFAULT_QUIET_MS } from "../lambdas/contracts/declaration.ts";
import { type GrantFile, PRIVILEGED } from "../lambdas/contracts/grants.ts";
import { NAME_FORM } from "../lambdas/contracts/key-name.ts";
import { secretNameOf } from "../lambdas/contracts/secret-name.ts";
import type { Vendor } from "../lambdas/vendors/vendor.ts";
import { type Floor, floorFields } from "./floor-fields.ts";
import {
  durationProperty,
  literal,
  oneOf,
  received,
  refuse,
  secretNameProperty,
  textProperty,
} from "./property-checks.ts";

/** Keys that a connection serves although another app declares them. Give `role` or `type`, as the vendor has it. */
export interface AllowedKeys {
  /** A key's name, or the beginning of names followed by `*`. */
  readonly name: string;
  /**
   * The name of its secret, where it was renamed and kept its secret; not with a pattern.
   * @default keyturn/<service>/<name>
   */
  readonly secretName?: string;
  /** Pictograph: a role, or `*` for every role but owner and admin. */
  readonly role?: string;
  /** Pictify: a type, or `*` for every type. */
  readonly type?: string;
  /**
   * The least that these keys wait, whatever their tags ask for, as ISO 8601. A tag that asks for less is answered with this.
   * @default a key's own defaults: overlap PT24H, quiet PT1H, deadline P14D
   */
  readonly minimum?: MinimumTimes;
  /**
   * What may happen at the deadline to a generation that still has a reason to stay: `revoke` lets the tags ask for that.
   * @default report
   */
  readonly onDeadline?: "report" | "revoke";
}

/** Times of keys, as ISO 8601; what is not given is a key's own default. */
export interface MinimumTimes {
  readonly overlap?: string;
  readonly quiet?: string;
  readonly deadline?: string;
}

/** A prefix may end in `-`, where a name may not. */
const isPattern = (name: string): boolean => {
  if (!name.endsWith("*")) return NAME_FORM.test(name);
  const prefix = name.slice(0, -1);
  return prefix === "" || NAME_FORM.test(`${prefix}x`);
};

const accessIn = (where: string, entry: AllowedKeys, kind: AccessKind): Access => {
  const access = accessOf(entry);
  if (access?.kind === kind) return { kind, value: literal(where, `allow.${kind}`, access.value) };
  return refuse(where, `allow must give the ${kind} of each entry, and nothing else; received ${received(entry)}`);
};

const allowedSecret = (where: string, service: string, name: string, secretName: string | undefined): string => {
  if (secretName === undefined) return secretNameOf(service, name);
  if (name.endsWith("*"))
    return refuse(
      where,
      `allow must not give a secretName to a pattern of names (${received(name)}): name the one key`,
    );
  return secretNameProperty(where, "allow.secretName", service, secretName);
};

const allowedFloor = (where: string, { minimum = {}, onDeadline }: AllowedKeys): Floor => {
  const time = (property: keyof MinimumTimes, defaultMs: number): number =>
    minimum[property] === undefined
      ? defaultMs
      : durationProperty(where, `allow.minimum.${property}`, minimum[property]);
  return {
    overlapMs: time("overlap", DEFAULT_OVERLAP_MS),
    quietMs: time("quiet", DEFAULT_QUIET_MS),
    deadlineMs: time("deadline", DEFAULT_DEADLINE_MS),
    onDeadline: oneOf(where, "allow.onDeadline", onDeadline ?? "report", ["report", "revoke"] as const),
  };
};

/**
 * The grant that an entry of `allow` asks for.
 * @throws KeyturnError BAD_INPUT for a malformed name, an unknown role or type, or a pattern that takes in owners or admins
 */
export const allowedGrant = (where: string, service: string, vendor: Vendor, entry: AllowedKeys): GrantFile => {
  const name = textProperty(where, "allow.name", entry.name);
  if (!isPattern(name))
    refuse(where, `allow.name must be a key's name, or the beginning of one followed by *; received ${received(name)}`);
  const access = accessIn(where, entry, vendor.accessKind);
  if (access.value !== "*" && !vendor.accessValues.includes(access.value))
    refuse(
      where,
      `allow.${access.kind} must be one of ${vendor.accessValues.join(", ")}, or *; received ${received(access.value)}`,
    );
  if (name.endsWith("*") && PRIVILEGED.has(access.value))
    refuse(
      where,
      `allow must not grant the ${access.kind} ${access.value} by a pattern (${received(name)}): name each key that may have it`,
    );
  return {
    secret: allowedSecret(where, service, name, entry.secretName),
    name,
    ...accessFields(access),
    ...floorFields(allowedFloor(where, entry)),
  };
};
