import * as z from "zod";
import { changesOfKey, KEY_TYPE } from "./planned-keys.ts";
import type { NotGivenBack, Plan } from "./stage.ts";

/** What `terraform show -json` tells of a plan, as far as it is read here. */
const plan = z.object({
  resource_changes: z
    .array(
      z.object({
        address: z.string(),
        type: z.string(),
        change: z.object({
          actions: z.array(z.string()),
          before: z.unknown(),
          after: z.unknown(),
          after_unknown: z.unknown().optional(),
        }),
      }),
    )
    .default([]),
});

/**
 * Attributes that the stand-in for the rest of AWS takes and does not give back, by kind of resource, each with what a
 * refresh finds in its place: a plan then wants to set them again. With real AWS they show no change.
 */
export const NOT_GIVEN_BACK: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  aws_cloudwatch_metric_alarm: {
    actions_enabled: false,
    alarm_actions: [],
    alarm_description: "",
    dimensions: {},
    period: 0,
    statistic: "",
    treat_missing_data: "missing",
  },
};

type Attributes = Readonly<Record<string, unknown>>;

const attributesOf = (value: unknown): Attributes => (value ?? {}) as Attributes;

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** What a plan does not know before it is applied has `true` somewhere in its `after_unknown`. */
const isUnknown = (value: unknown): boolean =>
  typeof value === "object" && value !== null ? Object.values(value).some(isUnknown) : value === true;

const changedAttributes = (before: Attributes, after: Attributes, unknown: Attributes): readonly string[] =>
  [...new Set([before, after, unknown].flatMap(Object.keys))].filter(
    (name) => isUnknown(unknown[name]) || !same(before[name], after[name]),
  );

/** An attribute that changed from anything but what stands for "not given back" did change. */
const isNotGivenBack = (type: string, before: Attributes, name: string): boolean => {
  const known = NOT_GIVEN_BACK[type];
  return known !== undefined && name in known && (before[name] == null || same(before[name], known[name]));
};

interface Changed {
  readonly address: string;
  readonly type: string;
  readonly actions: string;
  readonly attributes: readonly string[];
  readonly isKnown: boolean;
}

type ResourceChange = z.output<typeof plan>["resource_changes"][number];

const changedIn = (resourceChanges: readonly ResourceChange[]): readonly Changed[] =>
  resourceChanges
    .map(({ address, type, change }) => {
      const before = attributesOf(change.before);
      const unknown = attributesOf(change.after_unknown);
      const attributes = changedAttributes(before, attributesOf(change.after), unknown);
      const actions = change.actions.join(" and ");
      const isKnown =
        actions === "update" &&
        attributes.length > 0 &&
        attributes.every((name) => !isUnknown(unknown[name]) && isNotGivenBack(type, before, name));
      return { address, type, actions, attributes, isKnown };
    })
    .filter(({ actions }) => actions !== "no-op" && actions !== "read");

const grouped = (changed: readonly Changed[]): readonly NotGivenBack[] => {
  const groups = new Map<string, { type: string; attributes: readonly string[]; names: string[] }>();
  for (const { address, type, attributes } of changed) {
    const id = `${type} ${attributes.join()}`;
    const group = groups.get(id) ?? { type, attributes, names: [] };
    group.names.push(address.slice(type.length + 1));
    groups.set(id, group);
  }
  return [...groups.values()];
};

/** Tells what a plan would change: the keys, what only the stand-in makes look changed, and everything else. */
export const plannedChanges = (planJson: string): Plan => {
  const { resource_changes: all } = plan.parse(JSON.parse(planJson));
  const changed = changedIn(all);
  const changedKeys = all
    .filter(({ address, type }) => type === KEY_TYPE && changed.some((one) => one.address === address))
    .map(({ address, change }) => ({
      address,
      actions: change.actions.join(" and "),
      ...changesOfKey(attributesOf(change.before), attributesOf(change.after)),
    }));
  return {
    notGivenBack: grouped(changed.filter(({ isKnown }) => isKnown)),
    changedKeys,
    unchangedKeys: all
      .filter(({ address, type }) => type === KEY_TYPE && !changed.some((one) => one.address === address))
      .map(({ address }) => address),
    changes: changed
      .filter(({ type, isKnown }) => !isKnown && type !== KEY_TYPE)
      .map(({ address, attributes, actions }) => `${address}: ${attributes.join(", ")} (${actions})`),
  };
};
