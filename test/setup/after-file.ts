/*
 * Test files of one project share their modules, so that a hook at the top of a helper would be there for the first file alone
 * that imports it. A helper that has something to end says so here; test/setup/each-file.ts sees to it after each file.
 */
const endings: (() => void)[] = [];

/** Has this done when the test file that is running is over. It may have been done already. */
export const afterFile = (end: () => void): void => {
  endings.push(end);
};

export const endFile = (): void => {
  for (const end of endings.splice(0).reverse()) end();
};
