import { DEFAULT_MAX_REPLACEMENTS } from "../lambdas/contracts/grants.ts";
import { BUNDLES } from "./functions.ts";
import {
  durationProperty,
  literal,
  nameProperty,
  oneOf,
  received,
  refuse,
  wholeNumberProperty,
} from "./property-checks.ts";
import { type ArnReference, type KeyReference, keyReference } from "./references.ts";
import { type Surroundings, type SurroundingsProps, surroundings } from "./surroundings.ts";

/** How Keyturn's Terraform provider reaches AWS, to ask the service's functions. */
export interface TerraformProviderProps {
  /**
   * The region of the service.
   * @default that of the stack's AWS provider, or of the environment
   */
  readonly region?: string;
  /**
   * A profile of the AWS configuration files.
   * @default that of the stack's AWS provider, or of the environment
   */
  readonly profile?: string;
  /**
   * Another endpoint of the Lambda API.
   * @default that of the stack's AWS provider, or AWS's own
   */
  readonly endpointUrl?: string;
  /**
   * The role whose rights it works with.
   * @default none; that of the stack's AWS provider where `terraformProvider` is not given at all
   */
  readonly assumeRole?: AssumedRoleProps;
}

/** A role that the Terraform provider assumes, with the credentials that it finds. */
export interface AssumedRoleProps {
  /** The role's ARN. */
  readonly roleArn: string;
  /**
   * Name of the session, for CloudTrail.
   * @default "keyturn-terraform"
   */
  readonly sessionName?: string;
  /**
   * What the role's trust policy may ask for.
   * @default none
   */
  readonly externalId?: string;
  /**
   * How long a session lives, from "15m" to "12h".
   * @default "1h"
   */
  readonly duration?: string;
}

export interface KeyRotationServiceProps extends SurroundingsProps {
  /**
   * The service's name: in every tag, in the names of its secrets and functions. At most 30 of a-z, 0-9 and -. It cannot
   * be changed while the service has keys: another name is another service.
   */
  readonly name: string;
  /**
   * The SNS topic that hears of dead keys, failed and overdue rotations, drift, blocked retirements, strays, refused
   * requests, failed functions and a silent reconcile.
   * @default none: no alarms
   */
  readonly alarmTopic?: ArnReference | undefined;
  /**
   * Whether this service may have keys of production, such as Pictify's live keys.
   * @default true
   */
  readonly production?: boolean;
  /**
   * The KMS key that encrypts the service's secrets, where a key does not name another.
   * @default AWS's own key for Secrets Manager
   */
  readonly encryptionKey?: KeyReference | undefined;
  /**
   * How long the functions' logs are kept, in days; one of the numbers that CloudWatch Logs takes.
   * @default 90
   */
  readonly logRetentionDays?: number;
  /**
   * How often reconcile looks, as ISO 8601: whole minutes from PT1M to PT24H.
   * @default PT5M
   */
  readonly reconcileInterval?: string;
  /**
   * How old a vendor key with a name of this service must be before it can count as a stray.
   * @default PT24H
   */
  readonly strayAge?: string;
  /**
   * How long a rotation may be under way, or late, before reconcile begins it anew.
   * @default PT6H
   */
  readonly stuckAge?: string;
  /**
   * What happens to a stray of which the vendor does not say whether it is used: `report` or `revoke`.
   * @default report
   */
  readonly strays?: "report" | "revoke";
  /**
   * How many strays one pass may revoke. When it wants to revoke more, it revokes none and raises an alarm.
   * @default 5
   */
  readonly maxStrayRevocations?: number;
  /**
   * How many current keys of a connection may be found dead in one pass and be replaced at once. Of more, one is replaced first, and
   * the others when its successor works; those that the vendor lists as revoked are replaced as always.
   * @default 5
   */
  readonly maxReplacements?: number;
  /**
   * The functions' instruction set: `x86_64`, or `arm64` where the region has it.
   * @default x86_64
   */
  readonly architecture?: "x86_64" | "arm64";
  /**
   * Concurrency that is reserved for each function. Nothing depends on it but the account's other functions.
   * @default none
   */
  readonly reservedConcurrency?: number;
  /**
   * How Keyturn's Terraform provider reaches AWS.
   * @default as the stack's AWS provider
   */
  readonly terraformProvider?: TerraformProviderProps;
  /**
   * The folder with what `npm run build` makes: the bundles of the functions, and the Terraform provider.
   * @default the package's own
   */
  readonly bundles?: string;
}

/** The props of a service, checked, and with their defaults. Durations in milliseconds. */
export interface ServiceSettings extends Surroundings {
  readonly name: string;
  readonly alarmTopic: ArnReference | undefined;
  readonly production: boolean;
  readonly encryptionKey: ArnReference | undefined;
  readonly logRetentionDays: number;
  readonly reconcileIntervalMs: number;
  readonly strayAgeMs: number;
  readonly stuckAgeMs: number;
  readonly strays: "report" | "revoke";
  readonly maxStrayRevocations: number;
  readonly maxReplacements: number;
  readonly architecture: "x86_64" | "arm64";
  readonly reservedConcurrency: number | undefined;
  readonly terraformProvider: TerraformProviderProps | undefined;
  readonly bundles: string;
}

/** AWS: "PutRetentionPolicy", retentionInDays. */
const RETENTIONS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** A role's name has at most 64 characters; besides this name it holds "keyturn-", the function and the region. */
const LONGEST_NAME = 30;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const serviceName = (where: string, value: string): string => {
  const name = nameProperty(where, "name", value);
  if (name.length <= LONGEST_NAME) return name;
  return refuse(where, `name must have at most ${LONGEST_NAME} characters; ${received(name)} has ${name.length}`);
};

/** Scheduler counts in minutes, and an alarm on silence must be able to wait for three passes. */
const intervalMs = (where: string, value: string): number => {
  const ms = durationProperty(where, "reconcileInterval", value);
  if (ms % MINUTE_MS === 0 && ms <= DAY_MS) return ms;
  return refuse(where, `reconcileInterval must be whole minutes from PT1M to PT24H; received ${received(value)}`);
};

/**
 * Checks a service's props.
 * @param where the path of the service's construct, for messages
 * @throws KeyturnError BAD_INPUT that names the property, the value received and what it must be
 */
export const serviceSettings = (where: string, props: KeyRotationServiceProps): ServiceSettings => ({
  ...surroundings(where, props),
  name: serviceName(where, props.name),
  alarmTopic: props.alarmTopic,
  production: literal(where, "production", props.production ?? true),
  encryptionKey: keyReference(where, "encryptionKey", props.encryptionKey),
  logRetentionDays: oneOf(where, "logRetentionDays", props.logRetentionDays ?? 90, RETENTIONS),
  reconcileIntervalMs: intervalMs(where, props.reconcileInterval ?? "PT5M"),
  strayAgeMs: durationProperty(where, "strayAge", props.strayAge ?? "PT24H"),
  stuckAgeMs: durationProperty(where, "stuckAge", props.stuckAge ?? "PT6H"),
  strays: oneOf(where, "strays", props.strays ?? "report", ["report", "revoke"]),
  maxStrayRevocations: wholeNumberProperty(where, "maxStrayRevocations", props.maxStrayRevocations ?? 5, {
    from: 1,
    to: 1_000,
  }),
  maxReplacements: wholeNumberProperty(where, "maxReplacements", props.maxReplacements ?? DEFAULT_MAX_REPLACEMENTS, {
    from: 1,
    to: 1_000,
  }),
  architecture: oneOf(where, "architecture", props.architecture ?? "x86_64", ["x86_64", "arm64"]),
  reservedConcurrency:
    props.reservedConcurrency === undefined
      ? undefined
      : wholeNumberProperty(where, "reservedConcurrency", props.reservedConcurrency, { from: 1, to: 1_000 }),
  terraformProvider: props.terraformProvider,
  bundles: props.bundles ?? BUNDLES,
});
