import { execFile } from "node:child_process";

/** ministack's own minimum (its package metadata), and boto3's. */
export const MINIMUM_PYTHON = "3.10";

export const HOW_TO_GET_PYTHON =
  "Debian and Ubuntu: apt install python3 python3-venv. macOS: brew install python. Others: python.org/downloads. " +
  "Or name an interpreter in KEYTURN_PYTHON.";

/** What asking one interpreter gave. `version` is like 3.11.7; `canMakeEnvironments` says whether venv and pip are there. */
export interface InterpreterAnswer {
  readonly command: string;
  readonly version: string;
  readonly canMakeEnvironments: boolean;
}

export type PythonChoice = { readonly found: InterpreterAnswer } | { readonly found?: never; readonly problem: string };

const PROBE = `
import importlib.util, platform
able = all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))
print(platform.python_version(), "yes" if able else "no")
`;

const PROBE_TIMEOUT_MS = 20_000;

const ask = (command: string): Promise<InterpreterAnswer | undefined> =>
  new Promise((resolve) => {
    execFile(command, ["-I", "-c", PROBE], { timeout: PROBE_TIMEOUT_MS }, (error, stdout) => {
      const [version, able] = stdout.trim().split(" ");
      resolve(error || !version ? undefined : { command, version, canMakeEnvironments: able === "yes" });
    });
  });

/** The commands that may be a Python, in the order of trying; `KEYTURN_PYTHON`, where set, is the only one. */
export const pythonCandidates = (named: string | undefined): readonly string[] =>
  named ? [named] : ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python"];

const isNewEnough = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 3 || (major === 3 && minor >= 10);
};

const problemOf = (answers: readonly InterpreterAnswer[], named: string | undefined): string => {
  const without = answers.find((answer) => isNewEnough(answer.version));
  if (without) return `${without.command} is Python ${without.version}, but its venv and ensurepip modules are missing`;
  const old = answers[0];
  if (old) return `${old.command} is Python ${old.version}, older than ${MINIMUM_PYTHON}`;
  return named ? `KEYTURN_PYTHON names ${named}, which does not run as a Python` : "no python3 was found on PATH";
};

/** The first interpreter that is new enough and can make virtual environments, or what is wrong with those there are. */
export const choosePython = (answers: readonly InterpreterAnswer[], named: string | undefined): PythonChoice => {
  const found = answers.find((answer) => isNewEnough(answer.version) && answer.canMakeEnvironments);
  return found ? { found } : { problem: problemOf(answers, named) };
};

/**
 * Looks for a Python of at least 3.10 that can make virtual environments.
 * @param environment where `KEYTURN_PYTHON` may name one; default: this process's
 */
export const findPython = async (environment: NodeJS.ProcessEnv = process.env): Promise<PythonChoice> => {
  const named = environment.KEYTURN_PYTHON || undefined;
  const answers: InterpreterAnswer[] = [];
  for (const command of pythonCandidates(named)) {
    const answer = await ask(command);
    if (answer) answers.push(answer);
    const choice = choosePython(answers, named);
    if (choice.found) return choice;
  }
  return choosePython(answers, named);
};
