import { SECRET_NAME } from "../stage/declared.ts";
import type { Life } from "../stage/life.ts";
import { HOUR_MS, MINUTE_MS } from "../stage/settings.ts";
import { type Act, inChapters, notIn, tryOnce } from "./act.ts";

/** How long a person leaves the mistake: longer than the stray age. */
const MISTAKE_MS = HOUR_MS + 40 * MINUTE_MS;

/** The tags of a declaration, each taken off by mistake, and put back when somebody has seen it. */
const NAMES = ["service", "vendor", "name", "access", "overlap", "quiet"] as const;

interface Described {
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

/** A key's access is its role or its type, as its vendor has it. */
const isMeant = (name: string, key: string): boolean =>
  name === "access" ? /^keyturn:(role|type)$/.test(key) : key === `keyturn:${name}`;

const takeOff =
  (name: string) =>
  async (life: Life): Promise<void> => {
    const { stage } = life;
    const { Tags = [] } = await stage.aws<Described>("DescribeSecret", { SecretId: SECRET_NAME });
    const tag = Tags.find(({ Key }) => isMeant(name, Key));
    if (!tag) throw new Error(`the secret has no tag for ${name}`);
    if (!(await tryOnce(life, "UntagResource", { SecretId: SECRET_NAME, TagKeys: [tag.Key] }))) return;
    await stage.clock.sleep(MISTAKE_MS);
    await tryOnce(life, "TagResource", { SecretId: SECRET_NAME, Tags: [tag] });
  };

export const TAGS: Readonly<Record<string, Act>> = Object.fromEntries(
  NAMES.map((name) => [
    `tag-off-${name}`,
    {
      what: `the tag of its ${name} is taken off by mistake, and put back`,
      places: "few",
      // Without this one nobody knows of the secret; without another it is refused, whatever is under way.
      fits: name === "service" ? notIn("stuck", "repair") : inChapters("rotation", "role-change"),
      act: takeOff(name),
    },
  ]),
);
