import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

const BUILD = fileURLToPath(new URL("build.mjs", import.meta.url));

/**
 * Builds the API server where that was not done yet: about 4 minutes with empty caches, 15 s after a change. Any number of
 * processes may ask at once. What takes time is said on standard error.
 * @returns the path of the binary
 * @throws Error with what the compiler said
 */
export const ensureBinary = (environment: NodeJS.ProcessEnv = process.env): Promise<string> =>
  new Promise((done, fail) => {
    const build = execFile(process.execPath, [BUILD], { env: environment }, (error, stdout, stderr) => {
      if (error) fail(new Error(`the API server cannot be built.\n${stderr.trim()}`, { cause: error }));
      else done(stdout.trim());
    });
    build.stderr?.pipe(process.stderr, { end: false });
  });
