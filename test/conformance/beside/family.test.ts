import { expect, test } from "vitest";
import { ACTS } from "../../../conformance/beside/acts.ts";
import { besides } from "../../../conformance/beside/family.ts";
import { CHAPTERS } from "../../../conformance/chapters/chapters.ts";
import type { Recorded } from "../../../conformance/effects/recorded.ts";
import { lifeNameText, parseLifeName } from "../../../conformance/life-name.ts";
import { orders } from "../../../conformance/order/family.ts";
import { play } from "../../../conformance/play.ts";
import { twistFrom } from "../../../conformance/twist-kinds.ts";
import { seededRandom } from "../../../sandbox/vendors/random-source.ts";

const recordedOf = async (name: string): Promise<Recorded> => {
  const chapter = CHAPTERS.find((one) => one.name === name);
  if (!chapter) throw new Error(`there is no chapter ${name}`);
  const { effects } = await play({ chapter, vendor: "pictify", seed: 1 });
  return { chapter: name, vendor: "pictify", twists: [], effects };
};

test("everything that there is happens in a rotation in full, beside what changes something", async () => {
  const rotation = await recordedOf("rotation");
  const lives = besides.inFull(rotation);
  const words = new Set(lives.map(({ twists: [first = ""] }) => /^beside=(.*)@/.exec(first)?.[1]));
  // What a vendor's reports do is a matter of Pictograph alone; a target's workload, of a key that has one.
  const ofVendor = rotation.vendor === "pictify" ? ["reports-stand-still"] : [];
  const ofTarget = ["replaced-workload", "replaced-at-once"];
  expect([...words, ...ofVendor, ...ofTarget].sort()).toEqual(Object.keys(ACTS).sort());
  const withTarget = besides.inFull(await recordedOf("distributed-rotation")).map(({ twists: [first = ""] }) => first);
  for (const word of ofTarget) expect(withTarget.some((text) => text.startsWith(`beside=${word}@`))).toBe(true);
  for (const { number } of rotation.effects.filter(({ changes }) => changes))
    expect(lives.some(({ twists }) => twists[0] === `beside=two-looks@${number}`)).toBe(true);
});

test("a life in full is one that can be asked for by its name", async () => {
  const lives = besides.inFull(await recordedOf("rename"));
  expect(lives.length).toBeGreaterThan(20);
  for (const life of lives) {
    expect(parseLifeName(lifeNameText(life))).toEqual(life);
    for (const twist of life.twists) expect(() => twistFrom(twist)).not.toThrow();
  }
});

test("a draw gives what fits, and the same for the same random numbers", async () => {
  const destroy = await recordedOf("destroy");
  const draw = () => {
    const random = seededRandom(3);
    return Array.from({ length: 50 }, () => [besides.draw(destroy, random), orders.draw(destroy, random)]);
  };
  expect(draw()).toEqual(draw());
  expect(JSON.stringify(draw())).not.toMatch(/deploy|put-|move-back|remade/);
});
