import { type Access, type AccessKind, accessFields, accessOf } from "../lambdas/contracts/access.ts";
import { type Grant, PRIVILEGED } from "../lambdas/contracts/grants.ts";
import { NAME_FORM } from "../lambdas/contracts/key-name.ts";
import { secretNameOf } from "../lambdas/contracts/secret-name.ts";
import type { Vendor } from "../lambdas/vendors/vendor.ts";
import { literal, received, refuse, secretNameProperty, textProperty } from "./property-checks.ts";

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

/**
 * The grant that an entry of `allow` asks for.
 * @throws KeyturnError BAD_INPUT for a malformed name, an unknown role or type, or a pattern that takes in owners or admins
 */
export const allowedGrant = (where: string, service: string, vendor: Vendor, entry: AllowedKeys): Grant => {
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
  return { secret: allowedSecret(where, service, name, entry.secretName), name, ...accessFields(access) };
};
