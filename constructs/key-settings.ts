import type { Access } from "../lambdas/contracts/access.ts";
import {
  DEFAULT_DEADLINE_MS,
  DEFAULT_OVERLAP_MS,
  DEFAULT_QUIET_MS,
  type Declaration,
} from "../lambdas/contracts/declaration.ts";
import { durationText } from "../lambdas/contracts/duration.ts";
import { secretNameOf } from "../lambdas/contracts/secret-name.ts";
import {
  durationProperty,
  literal,
  nameProperty,
  oneOf,
  refuse,
  secretNameProperty,
  textProperty,
  wholeNumberProperty,
} from "./property-checks.ts";
import { type ArnReference, type KeyReference, keyReference } from "./references.ts";
import { daysUntilRotation, defaultSpreadDays } from "./rotation-spread.ts";
import type { VendorConnection } from "./vendor-connection.ts";

/** As ISO 8601, each PT20M where it is not given. */
export interface KeyTimeouts {
  readonly create?: string;
  readonly update?: string;
  readonly delete?: string;
}

/** What every managed key has, whoever its vendor. */
export interface ApiKeyProps {
  /** The connection that mints the key: what `KeyRotationService.addVendor` returned. */
  readonly vendor: VendorConnection;
  /**
   * The key's name: 1 to 40 of a-z, 0-9 and -. Changing it renames the key where the vendor can, and rotates it where it
   * cannot; give `secretName` with it, or the secret is another one as well, and the key with it.
   */
  readonly name: string;
  /**
   * The name of the secret that holds the key: `keyturn/<service>/`, and 1 to 40 of a-z, 0-9 and -. Changing it makes
   * another key before this one is revoked.
   * @default keyturn/<service>/<name>
   */
  readonly secretName?: string;
  /**
   * How many days a generation is used at most before it is replaced: 1 to 1000.
   * @default 90
   */
  readonly rotateAfterDays?: number;
  /**
   * Over how many days the rotations of a service's keys are spread, so that keys which were deployed on one day do not fall due
   * on one: by its name, a key is replaced up to so many days before `rotateAfterDays`. 0: none is.
   * @default a tenth of rotateAfterDays, rounded down: 9 of 90
   */
  readonly spreadDays?: number;
  /**
   * How long the old and the new generation are both valid, as ISO 8601; shorter than the rotation period.
   * @default PT24H
   */
  readonly overlap?: string | undefined;
  /**
   * How long the vendor must have seen no call with the old generation before it is revoked, as ISO 8601.
   * @default PT1H
   */
  readonly quiet?: string | undefined;
  /**
   * How long after its replacement an old generation may stay before somebody is told, as ISO 8601.
   * @default P14D
   */
  readonly deadline?: string | undefined;
  /**
   * What happens at the deadline to a generation that still has a reason to stay: `report` or `revoke`.
   * @default report
   */
  readonly onDeadline?: "report" | "revoke";
  /**
   * How many days AWS keeps the secret after it is destroyed, 7 to 30, or 0 for none. Its name is taken until then. Its
   * keys are revoked at once in either case.
   * @default 30
   */
  readonly recoveryWindowInDays?: number;
  /**
   * Whether a destroy revokes the key even when the vendor saw it used just before.
   * @default false: such a destroy fails, and says so
   */
  readonly forceDestroy?: boolean;
  /**
   * The vendor's id of a key that people made by hand, and whose value they have put into the secret: it is taken over
   * instead of minting the first generation.
   * @default none: the first generation is minted
   */
  readonly adoptKeyId?: string;
  /**
   * How long a deploy waits for the key to be made, changed or destroyed.
   * @default PT20M each
   */
  readonly timeouts?: KeyTimeouts;
  /**
   * The KMS key that encrypts the secret.
   * @default the service's
   */
  readonly encryptionKey?: KeyReference | undefined;
  /**
   * The secret's description.
   * @default the vendor, the role or type, and the name
   */
  readonly description?: string;
  /**
   * Tags of the secret besides those that carry its declaration.
   * @default none
   */
  readonly tags?: Readonly<Record<string, string>>;
}

/** The props of a key, checked, and with their defaults. */
export interface KeySettings {
  readonly declaration: Declaration;
  readonly secretName: string;
  /** The user's own. */
  readonly ownTags: Readonly<Record<string, string>>;
  /** What is declared to AWS: `rotateAfterDays`, less what spreads the keys. */
  readonly rotateAfterDays: number;
  readonly recoveryWindowInDays: number;
  readonly forceDestroy: boolean;
  readonly adoptKeyId: string | undefined;
  readonly encryptionKey: ArnReference | undefined;
  /** In Terraform's form. */
  readonly timeouts: Readonly<Record<string, string>> | undefined;
}

const DAY_MS = 24 * 3_600_000;
/** AWS: "RotateSecret", AutomaticallyAfterDays. */
const LONGEST_PERIOD_DAYS = 1_000;

const optionalDuration = (where: string, property: string, value: string | undefined, defaultMs: number): number =>
  value === undefined ? defaultMs : durationProperty(where, property, value);

const checkTimes = (where: string, declaration: Declaration, rotateAfterDays: number, spreadDays: number): void => {
  const { overlapMs, deadlineMs } = declaration;
  if (overlapMs >= rotateAfterDays * DAY_MS)
    refuse(
      where,
      `overlap must be shorter than the rotation period (rotateAfterDays ${rotateAfterDays}); received ${durationText(overlapMs)}`,
    );
  if (overlapMs >= (rotateAfterDays - spreadDays) * DAY_MS)
    refuse(
      where,
      `overlap must be shorter than the rotation period, which the spread makes up to ${spreadDays} days shorter (rotateAfterDays ${rotateAfterDays}, spreadDays ${spreadDays}); received ${durationText(overlapMs)}; give spreadDays: 0`,
    );
  if (deadlineMs <= overlapMs)
    refuse(
      where,
      `deadline must be longer than the overlap (${durationText(overlapMs)}), before whose end nothing is due; received ${durationText(deadlineMs)}`,
    );
};

const spreadProperty = (where: string, value: number | undefined, rotateAfterDays: number): number =>
  value === undefined || value === 0
    ? (value ?? defaultSpreadDays(rotateAfterDays))
    : wholeNumberProperty(where, "spreadDays (0 for none)", value, { from: 1, to: rotateAfterDays - 1 });

const terraformTimeouts = (where: string, timeouts: KeyTimeouts): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(timeouts).map(([operation, value]) => {
      const ms = durationProperty(where, `timeouts.${operation}`, value);
      return [operation, `${ms / 1_000}s`];
    }),
  );

const recoveryWindow = (where: string, value: number): number =>
  value === 0 ? 0 : wholeNumberProperty(where, "recoveryWindowInDays (0 for none)", value, { from: 7, to: 30 });

const declarationFor = (where: string, access: Access, props: ApiKeyProps): Declaration => {
  const { vendor, accessKind, accessValues } = { ...props.vendor.settings, ...props.vendor.settings.vendor };
  return {
    service: props.vendor.service.name,
    connection: props.vendor.connection,
    name: nameProperty(where, "name", props.name),
    access: { kind: accessKind, value: oneOf(where, `${vendor.name}'s ${accessKind}`, access.value, accessValues) },
    overlapMs: optionalDuration(where, "overlap", props.overlap, DEFAULT_OVERLAP_MS),
    quietMs: optionalDuration(where, "quiet", props.quiet, DEFAULT_QUIET_MS),
    deadlineMs: optionalDuration(where, "deadline", props.deadline, DEFAULT_DEADLINE_MS),
    onDeadline: oneOf(where, "onDeadline", props.onDeadline ?? "report", ["report", "revoke"]),
  };
};

/**
 * Checks a key's props.
 * @param where the path of the key's construct, for messages
 * @throws KeyturnError BAD_INPUT that names the property, the value received and what it must be
 */
export const keySettings = (where: string, access: Access, props: ApiKeyProps): KeySettings => {
  const declaration = declarationFor(where, access, props);
  const rotateAfterDays = wholeNumberProperty(where, "rotateAfterDays", props.rotateAfterDays ?? 90, {
    from: 1,
    to: LONGEST_PERIOD_DAYS,
  });
  const spreadDays = spreadProperty(where, props.spreadDays, rotateAfterDays);
  checkTimes(where, declaration, rotateAfterDays, spreadDays);
  return {
    declaration,
    secretName: secretNameProperty(
      where,
      "secretName",
      declaration.service,
      props.secretName ?? secretNameOf(declaration.service, declaration.name),
    ),
    ownTags: props.tags ?? {},
    rotateAfterDays: daysUntilRotation(declaration, rotateAfterDays, spreadDays),
    recoveryWindowInDays: recoveryWindow(
      where,
      literal(where, "recoveryWindowInDays", props.recoveryWindowInDays ?? 30),
    ),
    forceDestroy: literal(where, "forceDestroy", props.forceDestroy ?? false),
    adoptKeyId: props.adoptKeyId === undefined ? undefined : textProperty(where, "adoptKeyId", props.adoptKeyId),
    encryptionKey:
      keyReference(where, "encryptionKey", props.encryptionKey) ?? props.vendor.service.settings.encryptionKey,
    timeouts: props.timeouts && terraformTimeouts(where, props.timeouts),
  };
};
