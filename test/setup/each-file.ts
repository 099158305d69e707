import { afterAll, afterEach, expect } from "vitest";
import { endFile } from "./after-file.ts";

declare module "vitest" {
  interface TaskMeta {
    /** How many expectations the test had: what `npm run counts` adds up. */
    expects?: number;
    /** The fault of the code that the test has seen the conformance kit catch. */
    caughtMutant?: string;
  }
}

afterEach(({ task }) => {
  task.meta.expects = expect.getState().assertionCalls;
});

afterAll(endFile);
