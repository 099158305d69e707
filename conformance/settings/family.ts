import { defaultModelParameters, type ModelParameters } from "../../sandbox/secrets-manager/index.ts";
import { drawOne, type Family } from "../family.ts";
import { DAY_MS } from "../stage/settings.ts";
import type { TwistKind } from "../twist.ts";
import { coveringArray } from "./covering.ts";
import { OTHERWISE, type Otherwise } from "./model-settings.ts";

/** One way in which Secrets Manager may work, by its name. */
export interface Setting {
  readonly name: string;
  readonly parameters: Partial<ModelParameters>;
}

const factors = Object.entries(OTHERWISE) as readonly [keyof ModelParameters, readonly Otherwise[]][];

/** Each value other than by default, by itself. */
export const NAMED_SETTINGS: readonly Setting[] = factors.flatMap(([parameter, values]) =>
  values.map(({ setting, value, with: besides }) => ({
    name: setting,
    parameters: { ...besides, [parameter]: value },
  })),
);

/** Settings in which each value of each parameter, the default included, meets each value of each other one. */
export const COMBINED_SETTINGS: readonly Setting[] = coveringArray(factors.map(([, values]) => values.length + 1)).map(
  (row, index) => ({
    name: `row-${index + 1}`,
    parameters: Object.fromEntries(
      factors.map(([parameter, values], factor) => {
        const value = row[factor] ?? 0;
        return [parameter, value === 0 ? defaultModelParameters[parameter] : values[value - 1]?.value];
      }),
    ),
  }),
);

const SETTINGS: readonly Setting[] = [...NAMED_SETTINGS, ...COMBINED_SETTINGS];

const textOf = ({ name }: Setting): string => `setting=${name}`;

/** Texts of the settings under which every crash point is played in a whole run: each pair of values is in one. */
export const SETTINGS_FOR_KILLS: readonly string[] = COMBINED_SETTINGS.map(textOf);

/**
 * A rotation that failed and is not retried may be overdue, or stuck, before reconcile takes it up again: AWS shows no earlier
 * date for it than the end of its day, and the stuck age follows.
 */
const LONGEST_LIFE_MS = 2 * DAY_MS;

/** `setting=<name>`: Secrets Manager works so in that life. */
export const settingTwist: TwistKind = (name) => {
  const found = SETTINGS.find((setting) => setting.name === name);
  if (!found) throw new Error(`there is no setting "${name}"; there are ${SETTINGS.map((one) => one.name).join(", ")}`);
  const { parameters } = found;
  return {
    parameters,
    longestLifeMs: LONGEST_LIFE_MS,
    begin: ({ stage }) => stage.trace.tell(`Secrets Manager works with ${JSON.stringify(parameters)}`),
  };
};

/** What AWS does not document is decided otherwise. */
export const settings: Family = {
  name: "settings",
  what: "Secrets Manager works in another way that its documents allow",
  inFull: ({ chapter, vendor, twists }) =>
    SETTINGS.map((setting) => ({ chapter, vendor, twists: [...twists, textOf(setting)] })),
  draw: (_, random) => ({ twist: textOf(drawOne(SETTINGS, random)) }),
};
