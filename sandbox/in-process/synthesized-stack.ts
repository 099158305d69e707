import { readFileSync } from "node:fs";
import { join } from "node:path";
import { unzipSync } from "fflate";
import * as z from "zod";
import type { ServiceFunctions } from "../../provider/service/service.ts";
import type { ObjectValue } from "../../provider/wire/value.ts";

/*
 * What a synthesized stack declares, read from its JSON: the resources that Keyturn's constructs make, as far as they
 * have an effect on keys. Roles, log groups, alarms and topics are named and passed over; a kind of resource that is
 * not known is an error, so that nothing new is passed over in silence.
 */
const ref = z.string();

/** Its arguments are the provider's to read. */
const apiKey = z
  .looseObject({ provider: z.string(), secret_id: ref })
  .transform(({ provider, depends_on: _order, lifecycle: _lifecycle, ...config }) => ({
    /** The block that it belongs to: `keyturn.<alias>`. */
    provider,
    config: config as ObjectValue,
  }));

const keyturnProvider = z.object({ alias: z.string(), inspect_function: z.string(), manage_function: z.string() });

const resources = z.strictObject({
  aws_secretsmanager_secret: z.record(
    z.string(),
    z.object({ name: z.string(), tags: z.record(z.string(), z.string()), description: z.string().optional() }),
  ),
  aws_lambda_function: z.record(
    z.string(),
    z.object({
      function_name: z.string(),
      filename: z.string(),
      timeout: z.number(),
      environment: z.object({ variables: z.record(z.string(), ref) }).optional(),
    }),
  ),
  keyturn_api_key: z.record(z.string(), apiKey),
  aws_secretsmanager_secret_rotation: z.record(
    z.string(),
    z.object({
      secret_id: ref,
      rotation_lambda_arn: ref,
      rotation_rules: z.object({ automatically_after_days: z.number() }),
      rotate_immediately: z.literal(false),
    }),
  ),
  aws_lambda_permission: z.record(z.string(), z.object({ function_name: ref, principal: z.string() })),
  aws_scheduler_schedule: z.record(
    z.string(),
    z.object({
      schedule_expression: z.string(),
      target: z.object({ arn: ref, input: z.string() }),
    }),
  ),
  aws_cloudwatch_log_group: z.unknown(),
  aws_cloudwatch_metric_alarm: z.unknown(),
  aws_iam_role: z.unknown(),
  aws_iam_role_policy: z.unknown(),
  aws_lambda_function_event_invoke_config: z.unknown(),
  aws_sns_topic: z.unknown(),
});

export type StackResources = z.output<typeof resources>;

/** Every resource as it is declared, by type, id and argument. */
export type DeclaredResources = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;

export interface SynthesizedStack {
  readonly resources: StackResources;
  /** The same, and all that is passed over. */
  readonly declared: DeclaredResources;
  /** The functions that each block of Keyturn's Terraform provider asks, by `keyturn.<alias>`. */
  readonly providers: ReadonlyMap<string, ServiceFunctions>;
  /** What the functions of the stack grant: the `grants.json` in their zips. */
  readonly grants: unknown;
}

const grantsIn = (zipFile: string): unknown => {
  const files = unzipSync(readFileSync(zipFile));
  const grants = files["grants.json"];
  if (!grants) throw new Error(`there is no grants.json in ${zipFile}`);
  return JSON.parse(new TextDecoder().decode(grants));
};

const functionsOf = ({ alias, inspect_function, manage_function }: z.output<typeof keyturnProvider>) =>
  [`keyturn.${alias}`, { inspectFunction: inspect_function, manageFunction: manage_function }] as const;

/** @throws Error when the stack has resources that are not known here */
export const readSynthesizedStack = (outputFolder: string, stackName: string): SynthesizedStack => {
  const folder = join(outputFolder, "stacks", stackName);
  const stack = JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8"));
  const read = resources.parse(stack.resource);
  const [first] = Object.values(read.aws_lambda_function);
  if (!first) throw new Error(`the stack ${stackName} has no function`);
  const providers = z
    .array(keyturnProvider)
    .parse(stack.provider?.keyturn ?? [])
    .map(functionsOf);
  const declared = stack.resource as DeclaredResources;
  return { resources: read, declared, providers: new Map(providers), grants: grantsIn(join(folder, first.filename)) };
};
