import type { Mutant } from "./mutant.ts";
import { withAnswer, withLabelling, withPut } from "./worlds.ts";

/* Faults of what is remembered of mints that came to nothing. */
const isNote = (label: string | undefined): boolean => label?.startsWith("keyturn/in-vain/") ?? false;

type Stages = Readonly<Record<string, readonly string[]>>;

interface Entry {
  readonly VersionIdsToStages?: Stages;
  readonly SecretVersionsToStages?: Stages;
}

type Answer = Entry & { readonly SecretList?: readonly Entry[] };

/** Labels with the latest note alone, so that nobody sees since when. */
const withLatest = (stages: Stages): Stages =>
  Object.fromEntries(
    Object.entries(stages).map(([versionId, labels]) => {
      const latest = labels.filter(isNote).sort().at(-1);
      return [versionId, labels.filter((label) => !isNote(label) || label === latest)];
    }),
  );

const entryWithLatest = (entry: Entry): Entry => ({
  ...entry,
  ...(entry.VersionIdsToStages ? { VersionIdsToStages: withLatest(entry.VersionIdsToStages) } : {}),
  ...(entry.SecretVersionsToStages ? { SecretVersionsToStages: withLatest(entry.SecretVersionsToStages) } : {}),
});

const withoutSince = (answer: Answer): Answer => ({
  ...entryWithLatest(answer),
  ...(answer.SecretList ? { SecretList: answer.SecretList.map(entryWithLatest) } : {}),
});

export const MINT_MUTANTS: readonly Mutant[] = [
  {
    name: "mints-unbraked",
    what: "that mints came to nothing is noted nowhere, so that none waits",
    shownAt: "rotation/pictograph+beside=new-keys-never-work@6",
    change: () => (_, world) =>
      withLabelling(world, (input, make) => (isNote(input.VersionStage) ? Promise.resolve({}) : make())),
  },
  {
    name: "waits-do-not-grow",
    what: "since when mints come to nothing is not seen, so that each waits as long as the first",
    shownAt: "rotation/pictify+beside=new-keys-never-work@6",
    change: () => (by, world) => (by === "reconcile" ? withAnswer(world, withoutSince) : world),
  },
  {
    name: "wording-forgotten",
    what: "nobody remembers that the key before was listed otherwise than it was minted, too",
    shownAt: "rotation/pictify+vendor-kind=access-in-words",
    change: () => (_, world) =>
      withPut(world, (input, make) => {
        input.VersionStages = input.VersionStages?.filter((label) => !label.startsWith("keyturn/listed-otherwise/"));
        return make();
      }),
  },
];
