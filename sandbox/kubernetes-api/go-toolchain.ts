import { execFile } from "node:child_process";

/** The oldest Go that the API server's module and the module with External Secrets' definitions name in their go.mod. */
export const MINIMUM_GO = "1.25.6";

export const HOW_TO_GET_GO =
  "See go.dev/dl (macOS: brew install go), or name a cluster's kubeconfig in KEYTURN_TEST_KUBECONFIG.";

export type GoChoice =
  | { readonly found: { readonly version: string } }
  | { readonly found?: never; readonly problem: string };

const PROBE_TIMEOUT_MS = 20_000;

const numbersOf = (version: string): readonly number[] => version.split(".").map((part) => Number.parseInt(part, 10));

const isNewEnough = (version: string): boolean => {
  const found = numbersOf(version);
  const difference = numbersOf(MINIMUM_GO).map((number, index) => (found[index] ?? 0) - number);
  return (difference.find((value) => value !== 0) ?? 0) >= 0;
};

/** Reads what `go env GOVERSION` prints, such as `go1.26.1`. */
export const readGoVersion = (stdout: string): GoChoice => {
  const version = /^go(\d+\.\d+(?:\.\d+)?)/.exec(stdout.trim())?.[1];
  if (version === undefined) return { problem: "go does not say its version as Go does" };
  return isNewEnough(version)
    ? { found: { version } }
    : { problem: `go is version ${version}, older than ${MINIMUM_GO}` };
};

/** Looks for `go` on PATH, at least 1.25.6. */
export const findGo = (environment: NodeJS.ProcessEnv = process.env): Promise<GoChoice> =>
  new Promise((resolve) => {
    execFile("go", ["env", "GOVERSION"], { env: environment, timeout: PROBE_TIMEOUT_MS }, (error, stdout) =>
      resolve(error ? { problem: "no go was found on PATH" } : readGoVersion(stdout)),
    );
  });
