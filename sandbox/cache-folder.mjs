import { join, resolve } from "node:path";

/**
 * Where what is costly to make is kept from one checkout to the next: what KEYTURN_CACHE names, else `keyturn` in the user's
 * cache folder. It need not exist. Plain JavaScript that needs no package, as its readers run before anything is installed.
 * @returns undefined where there is none: KEYTURN_CACHE is empty, or nobody's home is known
 */
export const cacheFolder = (env = process.env) => {
  if (env.KEYTURN_CACHE !== undefined) return env.KEYTURN_CACHE === "" ? undefined : resolve(env.KEYTURN_CACHE);
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, "keyturn");
  return env.HOME ? join(env.HOME, ".cache", "keyturn") : undefined;
};
