import type { Life } from "../stage/life.ts";
import { ACCESSES } from "../stage/vendors.ts";
import { type Act, inChapters, notIn } from "./act.ts";

/*
 * Deploys beside what is under way: plan, tags, ensure, update. What is compromised or destroyed has its own answers.
 */
const tagsNow = ({ declared, stage }: Life) => ({
  name: declared.name,
  [ACCESSES[stage.vendor].first.kind]: declared.access,
});

const deploy = async (life: Life): Promise<void> => {
  await life.person.plan();
  await life.person.retag(tagsNow(life));
  await life.person.ask("ensure", "current");
  await life.person.ask("update", "current");
};

const redeclare = async (life: Life, change: Partial<Life["declared"]>): Promise<void> => {
  life.declared = { ...life.declared, ...change };
  await deploy(life);
};

/** What is wrong with the target is a matter of its own chapters. */
const alive = notIn("destroy", "stuck", "repair");

export const DEPLOYS = {
  deploy: { places: "few", what: "a deploy that changes nothing", fits: alive, act: deploy },
  "two-deploys": {
    runs: true,
    places: "few",
    what: "two deploys that change nothing",
    fits: alive,
    act: async (life) => void (await Promise.all([deploy(life), deploy(life)])),
  },
  "other-access": {
    runs: true,
    places: "few",
    what: "another role or type is declared",
    fits: notIn("destroy", "role-change", "stuck", "repair"),
    act: (life) => redeclare(life, { access: ACCESSES[life.stage.vendor].changed.value }),
  },
  "other-name": {
    places: "few",
    what: "another name is declared",
    fits: notIn("destroy", "rename", "stuck", "repair"),
    act: (life) => redeclare(life, { name: "webshop" }),
  },
  "there-and-back": {
    places: "few",
    what: "another role or type is declared, and at once the first again",
    fits: inChapters("rotation", "rename", "compromise"),
    act: async (life) => {
      const { first, changed } = ACCESSES[life.stage.vendor];
      await life.person.retag({ [changed.kind]: changed.value });
      const asked = life.person.ask("update", undefined);
      await life.person.retag({ [first.kind]: first.value });
      await asked;
      await life.person.ask("update", "current");
    },
  },
} as const satisfies Readonly<Record<string, Act>>;
