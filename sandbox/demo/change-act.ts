import type { WatchedKey } from "./key-watch.ts";
import { showPlan } from "./plan-check.ts";
import { checkOverlap } from "./rotate-keys.ts";
import {
  currentGeneration,
  currentGenerations,
  type Held,
  keyNamed,
  lookAround,
  type Scene,
  seenGeneration,
} from "./scene.ts";
import type { Plan } from "./stage.ts";

interface Wish {
  readonly key: WatchedKey;
  readonly variables: Readonly<Record<string, string>>;
  /** As a plan says it. */
  readonly change: string;
  /** Whether the vendor can do it without another key, as its simulator does. */
  readonly inPlace: boolean;
}

/** A name, a role, and a type. Pictify has no request that changes a type, so that it takes another key. */
const wishes = (scene: Scene): readonly Wish[] => [
  {
    key: keyNamed(scene, "sandbox-webapp"),
    variables: { KEYTURN_WEBAPP_NAME: "sandbox-website" },
    change: "name: sandbox-webapp → sandbox-website",
    inPlace: true,
  },
  {
    key: keyNamed(scene, "sandbox-training"),
    variables: { KEYTURN_TRAINING_ROLE: "viewer" },
    change: "role: member → viewer",
    inPlace: true,
  },
  {
    key: keyNamed(scene, "sandbox-ci"),
    variables: { KEYTURN_CI_TYPE: "live" },
    change: "type: test → live",
    inPlace: false,
  },
];

/** Every change must be an update, and the keys' must be what was wished. */
const checkPlan = ({ problems }: Scene, { changedKeys, changes }: Plan, wished: readonly Wish[]): void => {
  const planned = changedKeys.map((key) => `${key.actions}, ${key.changes.join(", ")}`).sort();
  const expected = wished.map(({ change }) => `update, ${change}`).sort();
  if (planned.join() !== expected.join())
    problems.push(`the plan changes other keys than declared: ${planned.join("; ")}`);
  for (const change of changes.filter((one) => !one.endsWith("(update)"))) problems.push(`the plan has ${change}`);
};

/** @returns the generation that was replaced, where it was */
const checkWish = async (scene: Scene, { key, change, inPlace }: Wish, before: Held): Promise<Held | undefined> => {
  const { stage, view, problems, changes } = scene;
  const now = await currentGeneration(scene, key);
  const { keyName, access } = seenGeneration(now);
  const isSame = now.keyId === before.keyId;
  const { name, declaration } = key;
  view.line(`${change}: ${isSame ? "the same key" : `another key, and ${before.keyId} retires`}`);
  view.line(`${name}: ${key.vendor} lists ${now.keyId} as ${keyName}${access === undefined ? "" : `, ${access}`}`);
  if (!keyName.startsWith(`${name}-kt-`)) problems.push(`${name}: its key is called ${keyName}`);
  if (access !== undefined && access !== declaration.access.value) problems.push(`${name}: its key is ${access}`);
  if (!stage.vendors[key.vendor].isForeign && isSame !== inPlace)
    problems.push(`${name}: ${change} was ${isSame ? "" : "not "}done in place`);
  changes.push({ name, change, how: isSame ? "in place" : "new generation", keyId: now.keyId });
  return isSame ? undefined : before;
};

/**
 * Three keys are declared otherwise; their secrets stay, and whoever reads them notices nothing.
 * @returns the generations that were replaced, because their vendor cannot change them
 */
export const changeKeys = async (scene: Scene): Promise<readonly Held[]> => {
  const { stage, watch, problems } = scene;
  const before = await currentGenerations(scene);
  const wished = wishes(scene);
  stage.declare(Object.assign({}, ...wished.map(({ variables }) => variables)));
  const plan = await stage.plan();
  showPlan(scene, plan);
  checkPlan(scene, plan, wished);

  await stage.deploy();

  await lookAround(scene);
  if (watch.keys.length !== before.length) problems.push(`the changes left ${watch.keys.length} secrets`);
  const replaced: Held[] = [];
  for (const wish of wished) {
    const held = before.find(({ key }) => key === wish.key);
    const old = held && (await checkWish(scene, wish, held));
    if (old) replaced.push(old);
  }
  await checkOverlap(scene, replaced);
  return replaced;
};
