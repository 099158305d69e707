import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterFile } from "../setup/after-file.ts";

/** A new folder that is gone when the test file is done. Its name has a space in it: nothing may mind. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "keyturn test-"));
  afterFile(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};
