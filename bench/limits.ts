import { join } from "node:path";
import { App } from "cdktf";
import type { AwsLimitName } from "../constructs/aws-limits.ts";
import { checkPrerequisites, missingLine } from "../sandbox/prerequisites.ts";
import { withFolder } from "./child-process.ts";
import { declareManyKeys } from "./many-keys.ts";
import { atMost, type DetailTable, type Figure, type MeasureOptions, notMeasured, type Row, told } from "./row.ts";
import { withManyKeys } from "./sandboxed-terraform.ts";
import { limitOf, type Measure, measureStack, share } from "./stack-size.ts";
import { countText, megabytesText, secondsText } from "./texts.ts";

const [SMALL, LARGE] = [100, 1_000] as const;

/** What each limit counts, as the table says it. */
const WHAT: Readonly<Record<AwsLimitName, string>> = {
  inlinePoliciesOfRole: "all inline policies of a role",
  trustPolicyOfRole: "a role's trust policy",
  roleName: "a role's name",
  roles: "roles of an account",
  functionName: "a function's name",
  environmentOfFunction: "a function's environment variables",
  resourcePolicyOfFunction: "a function's permissions",
  zipOfFunction: "a function's zip",
  answerOfFunction: "what inspect answers a plan",
  secrets: "secrets of an account and region",
  secretName: "a secret's name",
  tagsOfSecret: "tags of a secret",
  tagKey: "a tag's key",
  tagValue: "a tag's value",
  schedules: "schedules of an account and region",
};

/** One limit, and how its use grows with the keys. */
export interface Growing extends Measure {
  readonly perKey: number;
}

const measureKeys = (folder: string, keys: number): readonly Measure[] => {
  const outdir = join(folder, String(keys));
  const app = new App({ outdir });
  declareManyKeys(app, { keys });
  app.synth();
  return measureStack(join(outdir, "stacks", "many-keys"));
};

/** What a stack of `large` keys uses of each limit, and what each key more adds, by a stack of `small`. */
export const measureGrowth = (small: number, large: number): Promise<readonly Growing[]> =>
  withFolder(async (folder) => {
    const before = new Map(measureKeys(folder, small).map(({ limit, measured }) => [limit, measured]));
    return measureKeys(folder, large).map((one) => ({
      ...one,
      perKey: (one.measured - (before.get(one.limit) ?? 0)) / (large - small),
    }));
  });

/** With how many keys a limit is reached. */
const keysUntil = (one: Growing): number => Math.floor(LARGE + (limitOf(one).most - one.measured) / one.perKey);

const perKeyText = ({ perKey }: Growing): string => countText(Math.round(perKey));

const table = (all: readonly Growing[]): DetailTable => ({
  title: `What a stack of ${countText(LARGE)} keys asks of AWS`,
  head: ["of", "a stack of 1,000 keys", "each key more", "AWS's limit", "from"],
  rows: all.map((one) => {
    const { most, unit, page } = limitOf(one);
    const name = page.split("/").at(-1) ?? page;
    return [
      WHAT[one.limit],
      countText(one.measured),
      perKeyText(one),
      `${countText(most)} ${unit}`,
      `[${name}](${page})`,
    ];
  }),
});

const planFigures = async ({ progress }: MeasureOptions): Promise<readonly Figure[]> => {
  const what = `a first plan of ${countText(LARGE)} keys, by the real AWS provider against the sandbox`;
  const missing = await checkPrerequisites();
  if (missing.length > 0) return notMeasured(what, missing.map(missingLine).join(" ")).figures;
  return withFolder((folder) =>
    withManyKeys({ folder, keys: LARGE, onProgress: progress }, async ({ terraform }) => {
      const { durationMs, terraformBytes, providerBytes, output } = await terraform(
        "plan",
        "-input=false",
        "-no-color",
      );
      const planned = /^Plan: .*$/m.exec(output)?.[0] ?? "nothing planned";
      return [
        told(what, secondsText(durationMs), planned),
        told(
          "memory of Terraform for it, and of the providers",
          `${megabytesText(terraformBytes)} and ${megabytesText(providerBytes)}`,
        ),
      ];
    }),
  );
};

/** Whether AWS takes a stack of many keys, and which of its limits is the first to be met. */
export const limits: Row = {
  name: "limits",
  title: "AWS's limits",
  async measure(options) {
    options.progress(`stacks of ${SMALL} and ${countText(LARGE)} keys`);
    const all = await measureGrowth(SMALL, LARGE);
    const growing = all.filter(({ perKey }) => perKey > 0).toSorted((a, b) => keysUntil(a) - keysUntil(b));
    const [first] = growing;
    return {
      figures: [
        atMost({
          what: `limits of AWS that a stack of ${countText(LARGE)} keys is past, of ${all.length}`,
          value: all.filter((one) => share(one) > 1).length,
          atMost: 0,
          text: countText,
          reason: `only these grow with the keys: ${growing.map(({ limit }) => WHAT[limit]).join(", ")}`,
        }),
        ...(first
          ? [told("keys of one service until the first limit is met", countText(keysUntil(first)), WHAT[first.limit])]
          : []),
        ...(await planFigures(options)),
      ],
      details: [table(all)],
    };
  },
};
