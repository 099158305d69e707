import type { KeyFacts } from "../../lambdas/contracts/key-facts.ts";

/** How a reader asks: the whole service at once, or one key. */
export interface KeySource {
  list(): Promise<readonly KeyFacts[]>;
  describe(secretId: string): Promise<KeyFacts | undefined>;
}

export interface KeyReader {
  /**
   * A key's facts; `undefined`: there is no such key any more.
   * @param isExpected whether facts are those that nothing would have to be done about
   */
  read(secretId: string, isExpected: (facts: KeyFacts) => boolean): Promise<KeyFacts | undefined>;
  /** A key was changed by this process: what was listed before is no longer to be believed. */
  changed(): void;
}

const bySecret = (keys: readonly KeyFacts[]): ReadonlyMap<string, KeyFacts> =>
  new Map(keys.flatMap((facts) => [[facts.secretArn, facts] as const, [facts.secretName, facts] as const]));

/**
 * Reads keys with one listing for all: the first read lists, and the others of the process are answered from it, whatever
 * became of it. A listing may lag behind (AWS's ListSecrets does, by up to five minutes), so that what it says is believed
 * only where it says nothing new; bad news and absence are asked for singly before anybody is told.
 */
export const createKeyReader = (source: KeySource): KeyReader => {
  let listing: Promise<ReadonlyMap<string, KeyFacts>> | undefined;
  let isChanged = false;
  return {
    async read(secretId, isExpected) {
      if (isChanged) return source.describe(secretId);
      listing ??= source.list().then(bySecret);
      const listed = (await listing).get(secretId);
      return listed && isExpected(listed) ? listed : source.describe(secretId);
    },
    changed() {
      isChanged = true;
    },
  };
};
