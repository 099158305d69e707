import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  activeKeyIds,
  activeKeyIdsOfAnyName,
  calmDown,
  currentKeyIds,
  marksLeft,
  type Play,
  play,
  type Script,
  script,
} from "./hostile-script.ts";

/**
 * The same scripts at every run, so that a failure is of the change that was made; KEYTURN_SCRIPTS=1000 plays that many
 * others.
 */
const MORE = process.env.KEYTURN_SCRIPTS;
const EXTENT = MORE ? { numRuns: Number(MORE) } : { numRuns: 60, seed: 20_261_121 };
const LONG_MS = MORE ? 3_600_000 : 120_000;

const always = (property: (given: Script) => Promise<void>) => fc.assert(fc.asyncProperty(script, property), EXTENT);

const issued = ({ stand }: Play): readonly string[] => [
  ...stand.pictify.issuedValues(),
  ...stand.pictograph.issuedValues(),
];

describe("whatever the vendors do, and whenever", () => {
  test(
    "no value and no admin key is in any log line, answer or error",
    async () => {
      await always(async (given) => {
        const played = await play(given);
        const seen = played.seen().join("\n");
        expect(issued(played).filter((value) => seen.includes(value))).toEqual([]);
      });
    },
    LONG_MS,
  );

  test(
    "the key that readers of a secret get is never revoked",
    async () => {
      await always(async (given) => {
        await play(given, async (played) => {
          expect(activeKeyIds(played)).toEqual(expect.arrayContaining([...(await currentKeyIds(played))]));
        });
      });
    },
    LONG_MS,
  );

  test(
    "once they behave again, every active key is a secret's current one, and nothing is left to be done",
    async () => {
      await always(async (given) => {
        const played = await play(given);
        await calmDown(played);
        expect(activeKeyIdsOfAnyName(played).toSorted()).toEqual((await currentKeyIds(played)).toSorted());
        expect(await marksLeft(played)).toEqual([]);
      });
    },
    LONG_MS,
  );
});
